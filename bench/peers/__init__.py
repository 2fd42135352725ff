"""Servers that answer the thread page as Parley does, each in its own way."""

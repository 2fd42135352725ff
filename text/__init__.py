"""Converts Markdown to safe HTML and plain text, and finds the quotes, mentions and post links in it."""

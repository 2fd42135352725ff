"""The peers written in Python."""

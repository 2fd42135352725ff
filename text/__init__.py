"""Markdown to safe HTML and plain words, with the quotes, mentions and post links that stand in it."""

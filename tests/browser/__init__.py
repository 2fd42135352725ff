"""The page and GraphiQL, driven in a real browser."""

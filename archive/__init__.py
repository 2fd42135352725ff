"""A whole forum as a file: export and import."""

"""The rows and statements themselves, on both databases."""

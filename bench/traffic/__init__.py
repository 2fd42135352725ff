"""The bench of pages that are read while others write."""

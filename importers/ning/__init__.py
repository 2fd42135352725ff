"""Moves a Ning community in: its archive of JSON files or its saved pages."""

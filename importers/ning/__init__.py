"""Imports a Ning community: its archive of JSON files or its saved pages."""

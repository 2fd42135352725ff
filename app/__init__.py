"""Composition: settings, the lifespan of a server process, and the command line."""

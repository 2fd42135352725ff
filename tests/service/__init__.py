"""Parley as its users see it: everything asked over HTTP of a running server, on both backends."""

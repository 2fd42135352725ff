"""One process: its settings, what lives as long as it, and the command line."""

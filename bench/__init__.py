"""What Parley costs, measured side by side with other ways to serve the same page."""

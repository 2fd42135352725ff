"""What comes from elsewhere: other platforms and the demo data."""

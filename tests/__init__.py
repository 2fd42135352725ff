"""What the house promises, tried through its doors on real servers."""

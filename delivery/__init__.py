"""What leaves the house and may fail: readers of the log that send what they read elsewhere."""

"""The deployment files, as far as a machine without containers can run them."""

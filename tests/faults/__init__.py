"""The fault run: servers are broken while people write and follow, and a checker looks for what is lost."""

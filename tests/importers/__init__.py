"""Archives of other forums, whole and broken."""

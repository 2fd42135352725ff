"""The use cases and the rules: what people do here, one subject a module."""

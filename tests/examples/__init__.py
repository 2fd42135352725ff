"""The examples, each built and run against a real server behind a connection that is cut."""

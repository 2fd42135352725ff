"""Where everything is kept: tables, rows, statements, the event log, and the rules that go with each write."""

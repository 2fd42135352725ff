"""What clients can cause does not fill the log."""

import logging

from app.logs import OncePerSecond


def record(line: int) -> logging.LogRecord:
    return logging.LogRecord("uvicorn.error", logging.WARNING, "protocol.py", line, "Said again.", (), None)


def test_a_line_is_logged_once_per_second() -> None:
    now = 100.0
    once = OncePerSecond(lambda: now)
    passed = []
    for moment, line in ((100.0, 1), (100.5, 1), (100.9, 2), (101.0, 1), (101.5, 1), (101.8, 2), (101.9, 2)):
        now = moment
        passed.append(once.filter(record(line)))
    assert passed == [True, False, True, True, False, False, True]

"""Logging to standard error, one line per record."""

import logging
import sys
from collections.abc import Callable
from time import monotonic

import structlog

SILENCE_SECONDS = 1.0


class OncePerSecond(logging.Filter):
    """Passes one record of each line of code per second: what clients can cause must not fill the log."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._last: dict[tuple[str, int], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        place, now = (record.pathname, record.lineno), self._clock()
        if now - self._last.get(place, -SILENCE_SECONDS) < SILENCE_SECONDS:
            return False
        self._last[place] = now
        return True


def set_up_logging() -> None:
    """Configures logging: one line per record on standard error, followed by the traceback of an exception."""
    logging.getLogger("uvicorn.error").addFilter(OncePerSecond())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # Plain tracebacks: rich ones show the values of variables, and so what people wrote.
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s [%(levelname)s] %(name)s: %(message)s")

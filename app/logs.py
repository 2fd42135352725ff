"""Logging to standard error: one line per record, as text or as JSON."""

import logging
import sys
from collections.abc import Callable
from time import monotonic
from typing import Any, Literal

import structlog
from structlog.typing import EventDict, Processor

from transports import request_ids

SILENCE_SECONDS = 1.0
LogFormat = Literal["text", "json"]


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


class _Handler(logging.StreamHandler[Any]):
    """Ours, which a second call replaces."""


def set_up_logging(log_format: LogFormat) -> None:
    """Configures logging: one line per record on standard error, with the id of the request that it belongs to.

    As text, a line is followed by the traceback of an exception; as JSON, the line has it as `exception`. Records of
    libraries are written in the same way, from the level of warnings on.
    """
    logging.getLogger("uvicorn.error").addFilter(OncePerSecond())
    shared: list[Processor] = [
        _with_request_id,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    # Plain tracebacks: rich ones show the values of variables, and so what people wrote.
    written: list[Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if log_format == "json"
        else [
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
        ]
    )
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, *shared, *written],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    handler = _Handler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *written],
        )
    )
    root = logging.getLogger()
    for former in root.handlers[:]:
        if isinstance(former, _Handler):
            root.removeHandler(former)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)


def _with_request_id(_logger: object, _method: str, event: EventDict) -> EventDict:
    if (request_id := request_ids.current.get()) is not None:
        event["request_id"] = request_id
    return event

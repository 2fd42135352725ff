"""Faults of ours: told to the log in full, and to clients by their place in it."""

from typing import Any
from uuid import uuid4

import structlog

from execution.operation import request_error

log = structlog.get_logger(__name__)


def masked(what: str) -> dict[str, Any]:
    """Logs the exception being handled, and gives the GraphQL error that stands for it; call it in an except clause."""
    reference = str(uuid4())
    log.exception(what, error_id=reference)
    error = request_error("INTERNAL", f"Something went wrong here; the log has it under {reference}.")
    error["extensions"]["errorId"] = reference
    return error

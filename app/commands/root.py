"""The root of the command line, and how a command runs."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import typer
from sqlalchemy.exc import DBAPIError

from app.settings import fail
from db.drivers import DRIVER_ERRORS
from db.migrate import DatabaseUnusable
from forum.errors import DomainError
from importers.ning import archive

HELP = """Parley: discussions, nested replies and quotes over GraphQL, with every new reply pushed live.

Without a command it serves. Settings are environment variables that begin with PARLEY_ (docs/operating/settings.md).
"""

commands = typer.Typer(
    no_args_is_help=False, add_completion=False, help=HELP, rich_markup_mode=None, pretty_exceptions_enable=False
)


def run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Runs the work of a command. Expected errors end the program with one line."""
    try:
        asyncio.run(work())
    except (OSError, LookupError, ValueError, DatabaseUnusable, archive.ArchiveNotFoundError, DomainError) as error:
        fail(str(error))
    except DRIVER_ERRORS as error:
        fail(f"The database reported an error: {error}")
    except DBAPIError as error:
        fail(f"The database reported an error: {error.orig}")

"""Reads the fields of a Ning record: strings, dates and paths in all forms that archives contain."""

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

TITLE_CHARACTERS: Final = 60
"""The maximum length of a title that is made from the first words of the text."""

_TAG = re.compile(r"<[^<>]*>")

Warn = Callable[[str, str | None], None]
"""Reports a problem: its message, and the id of the post or member."""


def text(value: object) -> str:
    """Returns a string, also for a number written without quotation marks; "" for anything else."""
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def one_line(text: str) -> str:
    """Returns HTML-escaped text as plain text with single blanks."""
    return " ".join(html.unescape(text).split())


def first_words(body: str) -> str:
    """Returns a title made from the first words of a body."""
    words = one_line(_TAG.sub(" ", body))
    if len(words) <= TITLE_CHARACTERS:
        return words
    cut = words[: TITLE_CHARACTERS - 1]
    return f"{cut.rpartition(' ')[0] or cut}…"


def date(value: dict[str, Any], name: str, identifier: str, warn: Warn | None) -> datetime | None:
    """Returns the date, in UTC if it has no zone. Reports an unreadable one and returns None."""
    written = value.get(name)
    try:
        if isinstance(written, int | float) and not isinstance(written, bool):
            # JavaScript counts milliseconds.
            return datetime.fromtimestamp(written / 1000 if written > 1e11 else written, UTC)
        moment = datetime.fromisoformat(text(written))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        if warn:
            shown = f"{str(written)[:40]!r} is no date" if written is not None else "There is no date"
            warn(f"{shown} for {name}.", identifier)
        return None


def path(value: object) -> str | None:
    """Returns a path in the archive's folder without its query, or an address unchanged."""
    written = text(value)
    return (written if "://" in written else written.partition("?")[0]) or None


def paths(value: object) -> tuple[str, ...]:
    """Returns the paths of attachments, which are strings or objects with a path."""
    return tuple(found for each in (value if isinstance(value, list) else [value]) if (found := path(_attached(each))))


def _attached(value: object) -> object:
    if isinstance(value, dict):
        return next((value[key] for key in ("path", "url", "file", "name") if value.get(key)), None)
    return value

"""The fields of a Ning record: strings, dates and paths as the archive happens to write them."""

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

TITLE_CHARACTERS: Final = 60
"""A title that is made of the first words of the text is no longer than this."""

_TAG = re.compile(r"<[^<>]*>")

Tell = Callable[[str, str | None], None]
"""Takes what is wrong, and the id of what it is wrong with."""


def text(value: object) -> str:
    """A string, also of what should be one: numbers are written without quotation marks sometimes."""
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def one_line(text: str) -> str:
    """Plain text of escaped text, white space made single blanks."""
    return " ".join(html.unescape(text).split())


def first_words(body: str) -> str:
    """What stands for a title that is missing."""
    words = one_line(_TAG.sub(" ", body))
    if len(words) <= TITLE_CHARACTERS:
        return words
    cut = words[: TITLE_CHARACTERS - 1]
    return f"{cut.rpartition(' ')[0] or cut}…"


def date(value: dict[str, Any], name: str, identifier: str, tell: Tell | None) -> datetime | None:
    """The moment, in UTC where no zone is given; None, and told, where it can't be read."""
    written = value.get(name)
    try:
        if isinstance(written, int | float) and not isinstance(written, bool):
            # JavaScript counts milliseconds.
            return datetime.fromtimestamp(written / 1000 if written > 1e11 else written, UTC)
        moment = datetime.fromisoformat(text(written))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        if tell:
            shown = f"{str(written)[:40]!r} is no date" if written is not None else "There is no date"
            tell(f"{shown} for {name}.", identifier)
        return None


def path(value: object) -> str | None:
    """A path in the archive's folder, without the query it may carry, or an address as it is."""
    written = text(value)
    return (written if "://" in written else written.partition("?")[0]) or None


def paths(value: object) -> tuple[str, ...]:
    """Attachments: paths, or objects that hold one."""
    return tuple(found for each in (value if isinstance(value, list) else [value]) if (found := path(_attached(each))))


def _attached(value: object) -> object:
    if isinstance(value, dict):
        return next((value[key] for key in ("path", "url", "file", "name") if value.get(key)), None)
    return value

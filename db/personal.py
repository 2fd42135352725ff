"""What becomes of personal data when a person is erased: each column of db.tables that may hold some declares it.

A column that refers to `users`, or that holds free text, carries one of these as its `info`; a test fails for one that
does not, and another one fills them, erases a person and looks for what is left. An export holds every column of every
table that archive.records does not leave out, so it holds what erasure has left, and nothing more.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Column

_KEY = "personal"


class OnErasure(StrEnum):
    """What erasing a person does to a column."""

    BLANKED = "blanked"
    """In the person's rows it becomes null, empty or "[erased]"."""
    REWRITTEN = "rewritten"
    """As blanked, and in the rows of others the person's names, and quotes of the person, are removed."""
    DELETED = "deleted"
    """The rows of the person are deleted."""
    KEPT = "kept"
    """It stays, for the reason that is declared with it."""


@dataclass(frozen=True, slots=True)
class PersonalData:
    """The declaration of one column."""

    on_erasure: OnErasure
    reason: str = ""
    """Why it is kept; empty for all others."""


def _info(on_erasure: OnErasure, reason: str = "") -> dict[str, Any]:
    return {_KEY: PersonalData(on_erasure, reason)}


BLANKED = _info(OnErasure.BLANKED)
REWRITTEN = _info(OnErasure.REWRITTEN)
DELETED = _info(OnErasure.DELETED)


def kept(reason: str) -> dict[str, Any]:
    """Returns the `info` of a column that erasure leaves as it is."""
    return _info(OnErasure.KEPT, reason)


def declared(column: Column[Any]) -> PersonalData | None:
    """Returns the declaration of a column, or None if it has none."""
    found: PersonalData | None = column.info.get(_KEY)
    return found

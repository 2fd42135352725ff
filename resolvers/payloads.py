"""Rows of payloads: what mutations return, which the payload's fields then read like any other row."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from db.database import Position
from db.rows import ReplyRow
from forum.errors import DomainError
from forum.use_cases import Outcome


class ErrorRow:
    """A domain error as an item of `errors`: an exception itself would be a failed field."""

    __slots__ = ("_error", "path")

    def __init__(self, error: DomainError, path: Sequence[str] | None = None) -> None:
        """`path`: the part of the arguments that is wrong, as clients name it."""
        self._error = error
        self.path = path

    @property
    def graphql_type(self) -> str:
        return self._error.code.graphql_type

    def __getattr__(self, name: str) -> Any:
        return getattr(self._error, name)


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewerRow:
    """The viewer."""

    user_id: int
    role: str
    """An access.viewer.Role but anonymous."""
    token_expires_at: datetime

    @property
    def is_guest(self) -> bool:
        return self.role == "guest"

    @property
    def is_moderator(self) -> bool:
        return self.role == "moderator"

    @property
    def id(self) -> str:
        return f"viewer-{self.user_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PayloadRow:
    """What a mutation returns: ids of what it wrote, or why it wrote nothing."""

    client_mutation_id: str | None = None
    errors: Sequence[ErrorRow] = ()
    discussion_id: int | None = None
    post_id: int | None = None
    user_id: int | None = None
    """Whose rights were changed."""
    reply: ReplyRow | None = None
    """The reply `post_id`, where it need not be read."""
    position: Position | None = None
    """That of its event in the log of the discussion."""
    body_changed: bool = False
    repeated: bool = False
    dropped_quote_ids: Sequence[str] = ()
    review_item_id: int | None = None
    reported: bool = False
    held_id: int | None = None
    """The held post that it became, or is about."""
    token: str | None = None
    viewer: ViewerRow | None = None
    category_id: int | None = None
    audit_entry_id: int | None = None
    posts: int = 0
    discussions: int = 0
    replies_of_others: int = 0


def of_edit(written: Outcome) -> PayloadRow:
    """What an edit returns."""
    return PayloadRow(
        discussion_id=written.discussion_id,
        post_id=written.post_id,
        body_changed=written.body_changed,
        held_id=written.held_id,
        dropped_quote_ids=[f"Q_{quote}" for quote in written.dropped_quotes],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewRow:
    """What a body would look like; None if it would be refused."""

    body: str | None = None
    body_html: str | None = None
    errors: Sequence[ErrorRow] = field(default=())

"""Rows as the drivers give them: one declaration each, read by attribute on both databases.

A declared row becomes two classes, one on asyncpg's `Record` and one on `sqlite3.Row`, with a property per column, so
that reading a leaf is `attrgetter` and nothing is copied. SQLite keeps moments as text and booleans as numbers; their
properties convert. Attributes that are not columns are plain properties of the declaration.
"""

import sqlite3
from collections.abc import Callable, Collection
from datetime import datetime
from operator import itemgetter
from types import new_class
from typing import Any, ClassVar, NamedTuple, Self, cast, get_type_hints

import asyncpg

from db import paths


class Row:
    """What every row shares: its columns in order, and its class for each driver."""

    __slots__ = ()

    columns: ClassVar[tuple[str, ...]] = ()
    postgresql: ClassVar[type[asyncpg.Record]]
    sqlite: ClassVar[type[sqlite3.Row]]

    def __init_subclass__(cls, *, made_for_a_driver: bool = False, lacks: Collection[str] = ()) -> None:
        if made_for_a_driver:
            return
        hints = {
            name: hint
            for ancestor in reversed(cls.__mro__)
            for name, hint in get_type_hints(ancestor).items()
            if name in getattr(ancestor, "__annotations__", {}) and ancestor is not Row and name not in lacks
        }
        cls.columns = tuple(hints)
        cls.postgresql = type(
            cls.__name__,
            (asyncpg.Record, cls),
            _postgresql(hints),
            made_for_a_driver=True,
        )
        cls.sqlite = type(cls.__name__, (sqlite3.Row, cls), _sqlite(hints), made_for_a_driver=True)

    @classmethod
    def without(cls, *names: str) -> type[Self]:
        """The same row for statements that leave these columns out; to read one of them is an AttributeError."""
        return cast(
            type[Self], new_class(cls.__name__, (cls,), {"lacks": names}, lambda body: body.update(__slots__=()))
        )


def _postgresql(hints: dict[str, Any]) -> dict[str, Any]:
    return {"__slots__": ()} | {name: property(itemgetter(at)) for at, name in enumerate(hints)}


def _sqlite(hints: dict[str, Any]) -> dict[str, Any]:
    readers = {name: _sqlite_reader(at, hint) for at, (name, hint) in enumerate(hints.items())}
    return {"__slots__": ()} | {name: property(reader) for name, reader in readers.items()}


def _sqlite_reader(at: int, hint: object) -> Callable[[Any], Any]:
    if hint is bool:
        return lambda row: bool(row[at])
    if hint is datetime:
        return lambda row: datetime.fromisoformat(row[at])
    if hint == datetime | None:
        return lambda row: None if row[at] is None else datetime.fromisoformat(row[at])
    return itemgetter(at)


class PostRow(Row):
    """What the opening post of a discussion and a reply have in common."""

    __slots__ = ()

    post_id: int
    discussion_id: int
    sequence: int
    author_id: int | None
    """None for a tombstone, and once the account is erased."""
    body: str
    body_html: str
    body_text: str
    version: int
    created_at: datetime
    last_edited_at: datetime | None
    deleted_at: datetime | None
    legacy_id: str | None

    @property
    def state(self) -> str:
        return "VISIBLE" if self.deleted_at is None else "DELETED"


class DiscussionRow(PostRow):
    """A discussion with its opening post, its counts, and where its log stood when the row was read."""

    __slots__ = ()

    title: str
    category_id: int | None
    locked: bool
    tag: bytes
    log_floor: int
    """The cursor below which the log has been trimmed."""
    last_event: int
    last_tag: bytes | None
    """The tag of the last event; None while there is none."""
    reply_count: int
    participant_count: int
    last_activity_at: datetime
    view_count: int

    @property
    def node_id(self) -> str:
        return f"D_{self.discussion_id}"

    @property
    def id(self) -> int:
        return self.discussion_id

    @property
    def number(self) -> int:
        return self.discussion_id


class ReplyRow(PostRow):
    """A reply in its place, with the counts of what is below it."""

    __slots__ = ()

    reply_to_id: int | None
    path_bytes: bytes
    depth: int
    reply_count: int
    descendant_count: int

    @property
    def node_id(self) -> str:
        return f"R_{self.post_id}"

    @property
    def id(self) -> int:
        return self.post_id

    @property
    def path(self) -> list[int]:
        return paths.sequences(self.path_bytes)

    @property
    def cursor(self) -> str:
        """Its place in any page of replies: it names the reply, so it holds under every order."""
        return f"r{self.sequence}"

    @property
    def node(self) -> "ReplyRow":
        """Itself: in a thread that hides nothing, a reply is its own edge."""
        return self

    @property
    def hidden_descendant_count(self) -> int:
        return 0


class AuthoredReplyRow(ReplyRow):
    """A reply with who wrote it; without an author these columns are null."""

    __slots__ = ()

    author_handle: str
    author_name: str
    author_avatar_url: str | None
    author_is_guest: bool
    author_created_at: datetime

    @property
    def author(self) -> "Speaker | None":
        if self.author_id is None:
            return None
        return Speaker(
            self.author_id,
            self.author_handle,
            self.author_name,
            self.author_avatar_url,
            self.author_is_guest,
            self.author_created_at,
        )


SOURCES = ("body", "body_text")
"""The columns of a post that a page can do without, since it shows the HTML: two thirds of its bytes."""
REPLY_ROWS: dict[tuple[bool, bool], type[ReplyRow]] = {
    (False, False): ReplyRow.without(*SOURCES),
    (False, True): AuthoredReplyRow.without(*SOURCES),
    (True, False): ReplyRow,
    (True, True): AuthoredReplyRow,
}
"""The rows of replies by whether they hold their SOURCES, and their authors."""


class PlaceRow(Row):
    """Where a reply stands in its discussion, for pages that begin or end at it."""

    __slots__ = ()

    post_id: int
    discussion_id: int
    sequence: int
    path_bytes: bytes
    newest_path: bytes
    created_at: datetime
    deleted_at: datetime | None
    author_id: int | None


class QuoteRow(Row):
    """Words of one post inside another, with what is needed to say whether the source still says so."""

    __slots__ = ()

    id: int
    post_id: int
    parent_id: int | None
    ordinal: int
    """The place of its blockquote among all blockquotes of the body, outer before inner."""
    depth: int
    source_id: int | None
    source_version: int | None
    attributed_name: str
    body_html: str
    body_text: str
    own_text: str
    """Its words without the quotes inside it."""
    verbatim: bool
    """Whether the source's quoted version holds these words; a fact that never changes."""
    current_version: int | None
    """The source's version when this row was read."""
    source_discussion_id: int | None
    source_sequence: int | None
    source_deleted_at: datetime | None
    changed_body: str | None
    """The source as it is, where it is not the version quoted."""
    speaker_id: int | None
    """Who wrote the source, or whom an unresolved quote names."""
    speaker_handle: str
    speaker_name: str
    speaker_avatar_url: str | None
    speaker_is_guest: bool
    speaker_created_at: datetime

    @property
    def node_id(self) -> str:
        return f"Q_{self.id}"

    @property
    def speaker(self) -> "Speaker | None":
        if self.speaker_id is None:
            return None
        return Speaker(
            self.speaker_id,
            self.speaker_handle,
            self.speaker_name,
            self.speaker_avatar_url,
            self.speaker_is_guest,
            self.speaker_created_at,
        )


class MentionRow(Row):
    """A person named in a body, by the place of the name in UTF-16 units."""

    __slots__ = ()

    post_id: int
    ordinal: int
    user_id: int | None
    attributed_name: str
    start: int
    length: int


class RevisionRow(Row):
    """One version of a post, the present one included."""

    __slots__ = ()

    post_id: int
    version: int
    editor_id: int | None
    title: str | None
    body: str
    created_at: datetime

    @property
    def node_id(self) -> str:
        return f"V_{self.post_id}_{self.version}"


class UserRow(Row):
    """A person."""

    __slots__ = ()

    id: int
    handle: str
    name: str
    avatar_url: str | None
    is_guest: bool
    created_at: datetime

    @property
    def node_id(self) -> str:
        return f"U_{self.id}"


class Speaker(NamedTuple):
    """A person as the row of a reply or a quote has them: the same attributes as a UserRow."""

    id: int
    handle: str
    name: str
    avatar_url: str | None
    is_guest: bool
    created_at: datetime

    @property
    def node_id(self) -> str:
        return f"U_{self.id}"


class CategoryRow(Row):
    """A named shelf of discussions."""

    __slots__ = ()

    id: int
    slug: str
    name: str
    description: str | None

    @property
    def node_id(self) -> str:
        return f"C_{self.id}"


class EventRow(Row):
    """One entry of a discussion's log: ids and versions, never content."""

    __slots__ = ()

    discussion_id: int
    event_number: int
    tag: bytes
    kind: str
    """The name of its GraphQL type, or DiscussionDeleted, which clients see as a DiscussionUpdated."""
    post_id: int | None
    version: int
    actor_id: int | None
    client_mutation_id: str | None
    occurred_at: datetime


class HeadRow(Row):
    """Where a discussion's log stands."""

    __slots__ = ()

    discussion_id: int
    last_event: int
    last_reply: int


class IdRow(Row):
    """One number, for statements that only tell which."""

    __slots__ = ()

    id: int


class CountRow(Row):
    """How many there are of each parent."""

    __slots__ = ()

    parent: int
    total: int

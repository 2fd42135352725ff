"""Rows as the drivers give them: one declaration each, read by attribute on both databases.

A declared row becomes two classes, one on asyncpg's `Record` and one on `sqlite3.Row`, with a property per column, so
that reading a leaf of one row is `attrgetter` and nothing is copied. SQLite keeps moments as text and booleans as
numbers; their properties convert. Attributes that are not columns are plain properties of the declaration.

Each class also says in `in_columns` how its attributes are read off many rows at once.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from operator import itemgetter
from types import new_class
from typing import Any, ClassVar, NamedTuple, Self, cast, get_type_hints

import asyncpg
import orjson

from db import paths
from db.kinds import DiscussionChange, PostState

Columns = Sequence[Sequence[Any]]
"""Rows, transposed: one sequence of values for each column."""
InColumns = Mapping[str, Callable[[Columns], Sequence[Any]] | None]
"""How attributes are read off rows that were transposed, by name; None for one that is the row itself."""


class PrefixedId(property):
    """The id of a row: a prefix and one of its numbers, as in `R_12`."""

    def __init__(self, prefix: str, column: str) -> None:
        super().__init__(lambda row: f"{prefix}{getattr(row, column)}")
        self.prefix = prefix
        self.column = column

    def at(self, column: int) -> "PrefixedColumn":
        """What reads it off transposed rows whose number is in this column."""
        return PrefixedColumn(self.prefix, column)


class PrefixedColumn:
    """Reads ids off transposed rows. Who knows the class may do it by itself: the prefix before what the column has."""

    __slots__ = ("column", "prefix")

    def __init__(self, prefix: str, column: int) -> None:
        self.prefix = prefix
        self.column = column

    def __call__(self, columns: Columns) -> list[str]:
        return [f"{self.prefix}{number}" for number in columns[self.column]]


class Itself(property):
    """An attribute that is the row itself."""

    def __init__(self) -> None:
        super().__init__(lambda row: row)


class JoinedPart(NamedTuple):
    """The author in rows of a class: see execution.plan.Part."""

    kind: type
    columns: Sequence[int]
    needs: Sequence[int]


class JoinedAuthor:
    """The author in the row of a reply or a quote: what the type User shows of a UserRow.

    Each such row has a class of its own for it, which lacks what the row lacks.
    """

    __slots__ = ()
    graphql_type = "User"

    id: int
    handle: str
    name: str
    avatar_url: str | None
    is_guest: bool
    role: str
    created_at: datetime

    node_id = PrefixedId("U_", "id")


class Row:
    """What every row shares: its columns in order, and its class for each driver."""

    __slots__ = ()

    columns: ClassVar[tuple[str, ...]] = ()
    in_columns: ClassVar[InColumns]
    authors: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """Attributes of the type that are the author in the row, unless one of these columns is null."""
    postgresql: ClassVar[type[asyncpg.Record]]
    sqlite: ClassVar[type[sqlite3.Row]]
    _plain: ClassVar[type[tuple[Any, ...]]]
    joined: ClassVar[tuple[Callable[[Any], tuple[Any, ...]], Callable[[tuple[Any, ...]], JoinedAuthor]]]
    """Of the driver's class, if it has an author: what takes their columns, and what makes a JoinedAuthor of these."""

    def __init_subclass__(cls, *, made_for_a_driver: bool = False, lacks: frozenset[str] = frozenset()) -> None:
        if made_for_a_driver:
            return
        hints = {
            name: hint
            for ancestor in reversed(cls.__mro__)
            for name, hint in get_type_hints(ancestor).items()
            if name in getattr(ancestor, "__annotations__", {})
            and ancestor is not Row
            and name not in {*lacks, "authors"}
        }
        cls.columns = tuple(hints)
        cls.postgresql = _for_driver(cls, hints, asyncpg.Record)
        cls.sqlite = _for_driver(cls, hints, sqlite3.Row)
        cls._plain = _for_driver(cls, hints, tuple)

    @classmethod
    def like_read(cls, values: Sequence[Any], *, sqlite: bool) -> Self:
        """A row that was not read: of these values, as the database keeps them."""
        # asyncpg makes its records itself.
        return cast(Self, cls.sqlite(_cursor(), tuple(values))) if sqlite else cls.of_values(values)

    @classmethod
    def of_values(cls, values: Sequence[Any]) -> Self:
        """A row that was not read, of the values that its attributes give."""
        return cast(Self, cls._plain(values))

    @classmethod
    def without(cls, names: frozenset[str]) -> type[Self]:
        """The same row for statements that leave these columns out; to read one of them is an AttributeError.

        One class for the same names, kept for good: use few different ones.
        """
        return cast(type[Self], _without(cls, names)) if names else cls  # type: ignore[arg-type]


def _for_driver(row: Any, hints: Mapping[str, Any], record: type) -> Any:
    """Returns the class of a declared row for a driver with this class of records."""
    made = type(row.__name__, (record, row), _body(row, hints, record), made_for_a_driver=True)
    author = [name for name in hints if name.startswith("author_")]
    if len(author) > 1:
        fields = {name.removeprefix("author_"): hints[name] for name in author}
        joined = type("JoinedAuthor", (tuple, JoinedAuthor), _body(JoinedAuthor, fields, record))
        columns = list(map(list(hints).index, author))
        made.joined = itemgetter(*columns), joined  # type: ignore[attr-defined]
        made.parts = {  # type: ignore[attr-defined]
            name: JoinedPart(joined, columns, list(map(list(hints).index, needs)))
            for name, needs in row.authors.items()
            if hints.keys() >= set(needs)
        }
    return made


def _body(row: Any, hints: Mapping[str, Any], record: type) -> dict[str, Any]:
    """Returns the attributes of a class of tuples with these columns, as such records have them."""
    readers = {name: _readers(at, hint, record) for at, (name, hint) in enumerate(hints.items())}
    in_columns = {name: of_rows for name, (_, of_rows) in readers.items()}
    return {name: property(of_row) for name, (of_row, _) in readers.items()} | {
        "__slots__": (),
        "in_columns": {**in_columns, **_named(row, list(hints))},
    }


@cache
def _cursor() -> sqlite3.Cursor:
    return sqlite3.connect(":memory:", check_same_thread=False).cursor()


@cache
def _without(row: type[Row], names: frozenset[str]) -> type[Row]:
    return cast(type[Row], new_class(row.__name__, (row,), {"lacks": names}, lambda body: body.update(__slots__=())))


def _named(row: Any, columns: Sequence[str]) -> InColumns:
    found = {name: value for each in reversed(row.__mro__) for name, value in vars(each).items()}
    named: dict[str, Callable[[Columns], Sequence[Any]] | None] = {}
    for name, value in found.items():
        if isinstance(value, PrefixedId) and value.column in columns:
            named[name] = value.at(columns.index(value.column))
        elif isinstance(value, Itself):
            named[name] = None
    return named


def _readers(at: int, hint: object, record: type) -> tuple[Callable[[Any], Any], Callable[[Columns], Sequence[Any]]]:
    """What reads a column off one record, and off transposed ones."""
    convert: Callable[[Any], Any]
    if record is not sqlite3.Row:
        return itemgetter(at), itemgetter(at)
    if hint is bool:
        convert = bool
    elif hint is datetime:
        convert = datetime.fromisoformat
    elif hint == datetime | None:
        convert = _moment_or_none
    else:
        return itemgetter(at), itemgetter(at)
    return lambda row: convert(row[at]), lambda columns: list(map(convert, columns[at]))


def _moment_or_none(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


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
    last_event: int
    """The number of the last event that changed what is shown of it; 0 if none has since the upgrade to such events."""

    @property
    def state(self) -> PostState:
        return PostState.VISIBLE if self.deleted_at is None else PostState.DELETED


class DiscussionRow(PostRow):
    """A discussion with its opening post, its counts, and where its log stood when the row was read."""

    __slots__ = ()
    graphql_type = "Discussion"

    title: str
    category_id: int | None
    locked: bool
    pinned: bool
    epoch: bytes
    log_floor: int
    """The cursor below which the log has been trimmed."""
    event_number: int
    """The number of the last event of its log when the row was read."""
    last_epoch: bytes
    """The epoch of that event; that of the log while there is none."""
    reply_count: int
    participant_count: int
    last_activity_at: datetime
    view_count: int

    node_id = PrefixedId("D_", "discussion_id")

    @property
    def id(self) -> int:
        return self.discussion_id

    @property
    def number(self) -> int:
        return self.discussion_id


class ReplyRow(PostRow):
    """A reply in its place, with the counts of what is below it."""

    __slots__ = ()
    graphql_type = "Reply"

    reply_to_id: int | None
    path_bytes: bytes
    depth: int
    reply_count: int
    descendant_count: int

    node_id = PrefixedId("R_", "post_id")

    @property
    def id(self) -> int:
        return self.post_id

    @property
    def path(self) -> list[int]:
        return paths.sequences(self.path_bytes)

    cursor = PrefixedId("r", "sequence")
    """Its place in any page of replies: it names the reply, so it holds under every order."""

    node = Itself()
    """In a thread that hides nothing, a reply is its own edge."""

    @property
    def hidden_descendant_count(self) -> int:
        return 0


class ReplyCountsRow(Row):
    """The counts of a reply, whether it is listed, and what it answers."""

    __slots__ = ()
    graphql_type = "ReplyCounts"

    post_id: int
    reply_to_id: int | None
    listed: bool
    reply_count: int
    descendant_count: int

    node_id = PrefixedId("R_", "post_id")


class AuthoredReplyRow(ReplyRow):
    """A reply with who wrote it; without an author these columns are null."""

    __slots__ = ()

    authors: ClassVar = {"author": ("author_id",)}

    author_handle: str
    author_name: str
    author_avatar_url: str | None
    author_is_guest: bool
    author_role: str
    author_created_at: datetime


class PlaceRow(Row):
    """The place of a reply in its discussion, for pages that begin or end at it."""

    __slots__ = ()

    post_id: int
    discussion_id: int
    sequence: int
    path_bytes: bytes
    newest_path: bytes
    created_at: datetime
    deleted_at: datetime | None
    author_id: int | None
    listed: bool


class QuoteRow(Row):
    """Words of one post inside another, with what is needed to say whether the source still says so."""

    __slots__ = ()
    graphql_type = "Quote"

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
    said: str | None
    """Its words as they are compared with the source's; None until they are known."""
    comparison: str
    """A Comparison: whether the source's quoted version says these words, a fact that never changes."""
    current_version: int | None
    """The source's version when this row was read."""
    source_discussion_id: int | None
    source_sequence: int | None
    source_deleted_at: datetime | None
    changed_said: str | None
    """What the source says, where it is not the version quoted, and that is short; None if it has to be read."""
    author_id: int | None
    """Who wrote the source, or whom an unresolved quote names."""
    author_handle: str
    author_name: str
    author_avatar_url: str | None
    author_is_guest: bool
    author_role: str
    author_created_at: datetime

    node_id = PrefixedId("Q_", "id")
    authors: ClassVar = {"attributed_to": ("source_id", "author_id")}


class SourceRow(Row):
    """A post as the source of a quote: what its present version says."""

    __slots__ = ()

    post_id: int
    discussion_id: int
    sequence: int
    author_id: int | None
    version: int
    written_at: datetime
    """When this version was written."""
    deleted_at: datetime | None
    said: str | None
    """None for a tombstone, and until it is known."""
    unread_body: str | None
    """Its Markdown while what it says is not known."""


class WordsRow(Row):
    """What one version of a post says."""

    __slots__ = ()

    post_id: int
    version: int
    written_at: datetime
    said: str | None


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
    graphql_type = "Revision"

    post_id: int
    version: int
    editor_id: int | None
    title: str | None
    body: str
    kept_html: str | None
    """Its HTML; None until a new renderer has read the body."""
    created_at: datetime
    retitled_by_id: int | None
    """The moderator who made this version by giving it a title; None for one of the author."""

    @property
    def node_id(self) -> str:
        return f"V_{self.post_id}_{self.version}"


class UserRow(Row):
    """A person."""

    __slots__ = ()
    graphql_type = "User"

    id: int
    handle: str
    name: str
    avatar_url: str | None
    is_guest: bool
    role: str
    """An AuthorRole."""
    created_at: datetime

    node_id = PrefixedId("U_", "id")


class AccountRow(UserRow):
    """A person, and what they may do."""

    __slots__ = ()

    role_is_of_token: bool
    """Whether a token gave the role."""
    role_given_at: datetime | None
    """Since when they have it; None for who never had another one."""
    premoderated: bool
    suspended_at: datetime | None
    is_erased: bool


class RightsRow(Row):
    """What a person may do."""

    __slots__ = ()

    id: int
    is_guest: bool
    role: str
    """An AuthorRole."""
    suspended_at: datetime | None
    is_erased: bool


def joined_authors(rows: Sequence[AuthoredReplyRow | QuoteRow]) -> list[JoinedAuthor]:
    """Returns the author in each of these rows, which are of one class and all have one."""
    if not rows:
        return []
    columns, author = rows[0].joined
    return list(map(author, map(columns, rows)))


class CategoryRow(Row):
    """A named group of discussions."""

    __slots__ = ()
    graphql_type = "Category"

    id: int
    slug: str
    name: str
    description: str | None
    position: int
    premoderated: bool

    node_id = PrefixedId("C_", "id")


class EventRow(Row):
    """One entry of a log: ids and versions, never content."""

    __slots__ = ()

    log_id: int
    event_number: int
    epoch: bytes
    kind: str
    """An EventKind, which is also its GraphQL type."""
    post_id: int | None
    version: int
    actor_id: int | None
    category_id: int | None
    """The category of the discussion then; of CategoryChanged, the category itself."""
    user_id: int | None
    """Whom an event of the site is about."""
    change_names: str | None
    """What changed in a discussion: names of DiscussionChange with blanks between; None for earlier events."""
    client_mutation_id: str | None
    occurred_at: datetime

    @property
    def graphql_type(self) -> str:
        return self.kind

    @property
    def discussion_id(self) -> int:
        """The discussion whose log it is."""
        return self.log_id

    @property
    def changes(self) -> list[DiscussionChange]:
        return [DiscussionChange(name) for name in (self.change_names or "").split()]


class FeedRow(EventRow):
    """One entry of the feed, which is a log of its own: `event_number` and `epoch` are its position's.

    It is an event of the log `log_id`, with whom and what it concerned when it happened.
    """

    __slots__ = ()
    graphql_type = "FeedItem"

    number: int
    """The event's number in its log."""
    number_epoch: bytes
    """The event's own epoch."""
    author_id: int | None
    """Who wrote the post."""
    answered_id: int | None
    """Who wrote the post that it answers."""
    former_category_id: int | None
    """The category that the discussion was moved out of."""
    people_ids: str | None
    """Who is quoted or mentioned in the post: ids with commas between; None for nobody."""

    def is_to(self, user_id: int) -> bool:
        """Whether the post answers, quotes or mentions this person."""
        return user_id == self.answered_id or str(user_id) in (self.people_ids or "").split(",")


class AuditEntryRow(Row):
    """What a moderator did."""

    __slots__ = ()
    graphql_type = "AuditEntry"

    id: int
    action: str
    """An AuditAction."""
    actor_id: int | None
    at: datetime
    user_id: int | None
    discussion_id: int | None
    post_id: int | None
    category_id: int | None
    review_item_id: int | None
    held_post_id: int | None
    reason: str | None
    former_json: str | None
    event_number: int | None
    undoes: int | None
    total: int | None
    done: int | None
    skipped: int | None

    node_id = PrefixedId("A_", "id")

    @property
    def former(self) -> dict[str, Any]:
        """What an undo goes back to."""
        return dict(orjson.loads(self.former_json or "{}"))


class ReviewItemRow(Row):
    """What a moderator has to decide."""

    __slots__ = ()
    graphql_type = "ReviewItem"

    id: int
    kind: str
    """A ReviewKind."""
    state: str
    """A ReviewState."""
    post_id: int | None
    held_post_id: int | None
    post_version: int | None
    """The version of the post that was reported first since it was opened."""
    discussion_id: int | None
    author_id: int | None
    version: int
    claimed_by_id: int | None
    claim_ends_at: datetime | None
    decision_id: int | None
    created_at: datetime
    """When it was opened, the last time."""
    updated_at: datetime

    node_id = PrefixedId("I_", "id")


class ReportRow(Row):
    """What somebody says against a post."""

    __slots__ = ()
    graphql_type = "Report"

    id: int
    review_item_id: int
    reporter_id: int | None
    post_version: int
    reason: str
    """A ReportReason."""
    note: str | None
    at: datetime

    node_id = PrefixedId("P_", "id")


class ModerationRow(Row):
    """One entry of the log of moderation: an audit entry, or a change of a review item."""

    __slots__ = ()

    log_id: int
    """AUDIT or REVIEW: see db.logs."""
    event_number: int
    """The position in the log of moderation, as is the epoch."""
    epoch: bytes
    kind: str
    """A ModerationKind, which is also its GraphQL type."""
    subject_id: int
    """The id of the audit entry or of the review item."""
    action: str | None
    """The AuditAction of an entry."""
    user_id: int | None
    """Whom the act of an entry concerns."""
    version: int
    """That of the review item after the change; 0 for an entry."""
    occurred_at: datetime

    @property
    def graphql_type(self) -> str:
        return self.kind


class ViewerEventRow(Row):
    """One entry of the log of a person."""

    __slots__ = ()

    user_id: int
    event_number: int
    epoch: bytes
    kind: str
    """A ViewerEventKind, which is also its GraphQL type."""
    source_log_id: int
    """The log of what it is about: AUDIT, for an entry of the audit log."""
    source_number: int
    occurred_at: datetime

    @property
    def graphql_type(self) -> str:
        return self.kind


class HeadRow(Row):
    """The head of a log, locked."""

    __slots__ = ()

    log_id: int
    last_event: int
    last_reply: int


class LockedHeadRow(HeadRow):
    """The head of a log, locked, and what the first of the new events follows."""

    __slots__ = ()

    epoch_before: bytes
    """The epoch of the last event before the transaction; that of the log if it has none."""


class IdRow(Row):
    """One number, for statements that only say which."""

    __slots__ = ()

    id: int


class CountRow(Row):
    """How many there are of each parent."""

    __slots__ = ()

    parent: int
    total: int

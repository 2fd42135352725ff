"""The index that finds people by the beginning of their handle or of a word of their name.

Its keys are made by `text.search`, so both databases find the same people. Whoever is suspended or erased has none. A
migration that empties the table makes every server fill it again: one is needed when the keys are made in another way.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, bindparam, column, delete, exists, func, select, true, union
from sqlalchemy.dialects import postgresql, sqlite

from db.database import Transaction
from db.rows import Row, UserRow
from db.snapshots import Reader
from db.statements import Dialect, Statement, WriteStatement, each_text
from db.tables import posts, user_search_keys, users
from db.user_columns import columns
from text.search import MAX_NAME_KEYS, name_keys

MAX_LATEST_POSTS = 500
"""Of how many posts of a discussion, the latest, the authors come first."""
_LAST_CHARACTER = "\U0010ffff"


class UnindexedRow(Row):
    """A person without keys."""

    __slots__ = ()

    id: int
    handle: str
    name: str


unindexed = Statement(
    select(users.c.id, users.c.handle, users.c.name)
    .where(
        users.c.id > bindparam("after"),
        users.c.suspended_at.is_(None),
        ~exists().where(user_search_keys.c.user_id == users.c.id),
    )
    .order_by(users.c.id)
    .limit(bindparam("limit")),
    UnindexedRow,
)
"""People who were made by a version that had no index, after the id `after`."""


def _put_sql(dialect: Dialect) -> Any:
    keys, key = each_text(dialect, "keys")
    chosen = (
        select(users.c.id, key)
        .select_from(users.join(keys, true()))
        .where(
            users.c.id == bindparam("user"),
            users.c.handle == bindparam("handle"),
            users.c.name == bindparam("name"),
            users.c.suspended_at.is_(None),
        )
        # Nobody is renamed or suspended meanwhile.
        .with_for_update(read=True, of=users)
    )
    made = (postgresql if dialect == "postgresql" else sqlite).insert(user_search_keys)
    return made.from_select(["user_id", "key"], chosen).on_conflict_do_nothing()


_put = WriteStatement(_put_sql)
remove = WriteStatement(delete(user_search_keys).where(user_search_keys.c.user_id == bindparam("user")))

_is_wanted = (user_search_keys.c.key >= bindparam("begin")) & (user_search_keys.c.key < bindparam("end"))
_first_keys = (
    select(user_search_keys.c.user_id, user_search_keys.c.key)
    .where(_is_wanted)
    .order_by(user_search_keys.c.key, user_search_keys.c.user_id)
    .limit(bindparam("keys"))
    .subquery("first_keys")
)
_latest = (
    select(posts.c.author_id, posts.c.deleted_at)
    .where(posts.c.discussion_id == bindparam("discussion"))
    .order_by(posts.c.sequence.desc())
    .limit(MAX_LATEST_POSTS)
    .subquery("latest")
)
_authors = union(
    select(_latest.c.author_id).where(_latest.c.deleted_at.is_(None)),
    select(posts.c.author_id).where(
        posts.c.discussion_id == bindparam("discussion"), posts.c.sequence == 0, posts.c.deleted_at.is_(None)
    ),
).subquery("authors")


def _people(found: Select[Any]) -> Select[Any]:
    """The people of ids and keys, in the order of the keys."""
    chosen = found.order_by(column("key"), column("user_id")).limit(bindparam("limit")).subquery("chosen")
    return select(*columns()).join(chosen, chosen.c.user_id == users.c.id).order_by(chosen.c.key, users.c.id)


_of_all = Statement(
    _people(
        select(_first_keys.c.user_id, func.min(_first_keys.c.key).label("key")).group_by(_first_keys.c.user_id),
    ),
    UserRow,
)
# Looked up for each author: all keys in the range may be many more.
_key_of_author = (
    select(func.min(user_search_keys.c.key))
    .where(user_search_keys.c.user_id == _authors.c.author_id, _is_wanted)
    .scalar_subquery()
)
_keys_of_authors = select(_authors.c.author_id.label("user_id"), _key_of_author.label("key")).subquery("of_authors")
_of_discussion = Statement(
    _people(select(_keys_of_authors.c.user_id, _keys_of_authors.c.key).where(_keys_of_authors.c.key.is_not(None))),
    UserRow,
)


async def put(tx: Transaction, user_id: int, *, handle: str, name: str) -> None:
    """Indexes a person by their handle and name, in place of those of before, unless suspended or renamed meanwhile."""
    await tx.run(remove, user=user_id)
    await tx.run(_put, user=user_id, handle=handle, name=name, keys=name_keys(handle, name))


async def starting_with(database: Reader, prefix: str, *, discussion_id: int | None, limit: int) -> Sequence[UserRow]:
    """Returns the people with a key that begins with a prefix, in the order of the keys.

    Those who wrote the discussion's opening post or one of its MAX_LATEST_POSTS latest posts come first.
    """
    wanted: dict[str, Any] = {"begin": prefix, "end": prefix + _LAST_CHARACTER, "limit": limit}
    found: list[UserRow] = []
    if discussion_id is not None:
        found += await database.rows(_of_discussion, discussion=discussion_id, **wanted)
    if len(found) < limit:
        # So many keys are of `limit` people at least.
        others = await database.rows(_of_all, keys=limit * MAX_NAME_KEYS, **wanted)
        known = {row.id for row in found}
        found += [row for row in others if row.id not in known][: limit - len(found)]
    return found

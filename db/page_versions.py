"""What a page or feed shows, in one small statement without the words: it is equal as long as the page is.

The number of a discussion's last event says whether its posts changed. What changes without an event is named beside
it: the people's names, and the renderer of the posts.
"""

from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, Text, and_, bindparam, cast, func, literal_column, select
from sqlalchemy.sql.expression import FromClause

from db.rows import Row
from db.statements import Dialect, Statement
from db.tables import discussion_counts, discussion_heads, discussions, events, posts, users

Order = Literal["thread", "newest"]
"""Whether a page shows the first replies of the thread, or the newest ones."""


class DiscussionVersionRow(Row):
    """The version of what a page shows of one discussion."""

    __slots__ = ()

    id: int
    last_event: int
    last_epoch: bytes | None
    deleted: bool
    shown: str | None
    """The versions, renderers and authors of the opening post and of the replies that are shown."""


def _shown(dialect: Dialect, order: Order, replies: int) -> Any:
    """The opening post and so many replies of the discussion of the enclosing statement, as one text."""

    def listed(*conditions: Any, by: Any, limit: int) -> Select[Any]:
        part = (
            select(posts.c.id, posts.c.version, posts.c.renderer, users.c.name)
            .select_from(posts.outerjoin(users, users.c.id == posts.c.author_id))
            .where(posts.c.discussion_id == discussions.c.id, *conditions)
            .order_by(by)
            .limit(limit)
            .correlate(discussions)
        )
        return select(part.subquery())

    by = posts.c.path if order == "thread" else posts.c.sequence.desc()
    opening = listed(posts.c.sequence == 0, by=posts.c.sequence, limit=1)
    rows = opening.union_all(listed(posts.c.sequence > 0, by=by, limit=replies)).subquery()
    columns = [func.coalesce(cast(rows.c[name], Text), "") for name in ("id", "version", "renderer", "name")]
    line: ColumnElement[str] = columns[0]
    for column in columns[1:]:
        line = line.concat(literal_column("'\n'")).concat(column)
    joined = func.string_agg if dialect == "postgresql" else func.group_concat
    return select(joined(line, literal_column("'\n'"), type_=Text())).select_from(rows).scalar_subquery()


_LAST_EVENT = discussions.join(discussion_heads, discussion_heads.c.discussion_id == discussions.c.id).outerjoin(
    events, and_(events.c.discussion_id == discussions.c.id, events.c.number == discussion_heads.c.last_event)
)


def _versions(dialect: Dialect, order: Order, replies: int, base: FromClause = _LAST_EVENT) -> Select[Any]:
    return select(
        discussions.c.id,
        discussion_heads.c.last_event,
        events.c.epoch.label("last_epoch"),
        discussions.c.deleted_at.is_not(None).label("deleted"),
        _shown(dialect, order, replies).label("shown"),
    ).select_from(base)


def of_discussion(order: Order, replies: int) -> Statement[DiscussionVersionRow]:
    """The discussion with the number `id`, and that many of its replies."""
    return Statement(
        lambda dialect: _versions(dialect, order, replies).where(discussions.c.id == bindparam("id")),
        DiscussionVersionRow,
    )


def of_latest(count: int, replies: int) -> Statement[DiscussionVersionRow]:
    """The discussions with the latest activity, and so many of the newest replies of each."""
    return Statement(
        lambda dialect: (
            _versions(
                dialect,
                "newest",
                replies,
                _LAST_EVENT.join(discussion_counts, discussion_counts.c.discussion_id == discussions.c.id),
            )
            .where(discussions.c.deleted_at.is_(None))
            .order_by(discussion_counts.c.last_activity_at.desc(), discussion_counts.c.discussion_id.desc())
            .limit(count)
        ),
        DiscussionVersionRow,
    )

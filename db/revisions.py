"""The versions of posts: those that were superseded are kept apart, the present one is in `posts`."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, and_, bindparam, func, insert, or_, select, tuple_, union_all, update
from sqlalchemy.sql.expression import FromClause

from db.rows import CountRow, RevisionRow, Row, WordsRow
from db.statements import Statement, WriteStatement, among
from db.tables import discussions, posts, revisions


class StaleVersionRow(Row):
    """A superseded version that an earlier renderer made."""

    __slots__ = ()

    post_id: int
    discussion_id: int
    version: int
    body: str


_retitled_by = (
    select(discussions.c.retitled_by_id)
    .where(discussions.c.id == posts.c.discussion_id, posts.c.sequence == 0)
    .correlate(posts)
    .scalar_subquery()
)
keep = WriteStatement(
    insert(revisions).from_select(
        [
            *("post_id", "version", "editor_id", "title", "body", "body_html", "said", "renderer", "created_at"),
            "retitled_by_id",
        ],
        select(
            posts.c.id,
            posts.c.version,
            posts.c.author_id,
            bindparam("title"),
            posts.c.body,
            posts.c.body_html,
            posts.c.said,
            posts.c.renderer,
            func.coalesce(posts.c.last_edited_at, posts.c.created_at),
            _retitled_by,
        ).where(among(posts.c.id, "ids")),
    )
)
"""Keeps the present versions of the posts `ids` before they change; `title` is a discussion's."""

words = Statement(
    select(
        revisions.c.post_id, revisions.c.version, revisions.c.created_at.label("written_at"), revisions.c.said
    ).where(revisions.c.post_id == bindparam("post"), among(revisions.c.version, "versions")),
    WordsRow,
)
"""What superseded versions of a post say."""

stale = Statement(
    select(revisions.c.post_id, posts.c.discussion_id, revisions.c.version, revisions.c.body)
    .join(posts, posts.c.id == revisions.c.post_id)
    .where(
        tuple_(revisions.c.post_id, revisions.c.version) > tuple_(bindparam("post"), bindparam("version")),
        revisions.c.renderer < bindparam("renderer"),
        or_(posts.c.deleted_at.is_(None), revisions.c.body != ""),
    )
    .order_by(revisions.c.post_id, revisions.c.version)
    .limit(bindparam("limit")),
    StaleVersionRow,
)
"""Superseded versions whose HTML an earlier renderer made, after a version; of deleted posts, until they are purged."""

rerender = WriteStatement(
    update(revisions)
    .where(
        revisions.c.post_id == bindparam("post"),
        revisions.c.version == bindparam("version"),
        # Words that must be gone leave a version.
        revisions.c.body == bindparam("body"),
    )
    .values(body_html=bindparam("body_html"), said=bindparam("said"), renderer=bindparam("renderer"))
)


_Condition = Callable[[ColumnElement[Any], ColumnElement[Any]], ColumnElement[bool]]


def _versions(*conditions: _Condition, beside: CTE | None = None) -> Select[Any]:
    """All versions, the present ones included, that fulfil conditions on (post, version); each half uses its index.

    `beside` is joined by its `post_id`.
    """

    def joined(base: FromClause, post: ColumnElement[Any]) -> FromClause:
        return base if beside is None else base.join(beside, beside.c.post_id == post)

    past = (
        select(
            revisions.c.post_id,
            revisions.c.version,
            revisions.c.editor_id,
            revisions.c.title,
            revisions.c.body,
            revisions.c.body_html.label("kept_html"),
            revisions.c.created_at,
            revisions.c.retitled_by_id,
        )
        .select_from(joined(revisions, revisions.c.post_id))
        .where(*[condition(revisions.c.post_id, revisions.c.version) for condition in conditions])
    )
    of_discussion = and_(discussions.c.id == posts.c.discussion_id, posts.c.sequence == 0)
    present = (
        select(
            posts.c.id,
            posts.c.version,
            posts.c.author_id,
            discussions.c.title,
            posts.c.body,
            posts.c.body_html,
            func.coalesce(posts.c.last_edited_at, posts.c.created_at),
            discussions.c.retitled_by_id,
        )
        .select_from(joined(posts, posts.c.id).outerjoin(discussions, of_discussion))
        .where(*[condition(posts.c.id, posts.c.version) for condition in conditions])
    )
    every = union_all(past, present).subquery("versions")
    return select(*every.c).order_by(every.c.post_id, every.c.version)


_of_post = select(func.count()).where(revisions.c.post_id == posts.c.id).correlate(posts).scalar_subquery()
# Those that were tombstones have no revision.
_missing = (
    select(posts.c.id.label("post_id"), (posts.c.version - 1 - _of_post).label("missing"))
    .where(among(posts.c.id, "parents"))
    .cte("missing")
)

versions = Statement(
    _versions(
        lambda post, _version: among(post, "parents"),
        lambda _post, version: version > bindparam("low"),
        lambda _post, version: version <= bindparam("low") + bindparam("limit") + _missing.c.missing,
        beside=_missing,
    ),
    RevisionRow,
)
"""At least a page of the versions of each of the posts `parents`, the present one included."""

counted = Statement(
    select(posts.c.id.label("parent"), (_of_post + 1).label("total")).where(among(posts.c.id, "parents")), CountRow
)
"""How many versions each of the posts `parents` has."""

exact_versions = Statement(
    _versions(lambda post, _version: among(post, "ids"), lambda _post, version: among(version, "versions")),
    RevisionRow,
)

"""The versions of posts: those that were superseded are kept apart, the present one is in `posts`."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, insert, select, tuple_, union_all, update

from db.rows import RevisionRow, Row, WordsRow
from db.statements import Statement, WriteStatement, among
from db.tables import discussions, posts, revisions


class StaleVersionRow(Row):
    """A superseded version that an earlier renderer made."""

    __slots__ = ()

    post_id: int
    version: int
    body: str


keep = WriteStatement(
    insert(revisions).from_select(
        ["post_id", "version", "editor_id", "title", "body", "body_html", "said", "renderer", "created_at"],
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
    select(revisions.c.post_id, revisions.c.version, revisions.c.body)
    .join(posts, posts.c.id == revisions.c.post_id)
    .where(
        tuple_(revisions.c.post_id, revisions.c.version) > tuple_(bindparam("post"), bindparam("version")),
        revisions.c.renderer < bindparam("renderer"),
        posts.c.deleted_at.is_(None),
    )
    .order_by(revisions.c.post_id, revisions.c.version)
    .limit(bindparam("limit")),
    StaleVersionRow,
)
"""Superseded versions whose HTML an earlier renderer made, after a version. Nobody reads those of deleted posts."""

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


def _versions(*conditions: Callable[[ColumnElement[Any], ColumnElement[Any]], ColumnElement[bool]]) -> Select[Any]:
    """All versions, the present ones included, that fulfil conditions on (post, version); each half uses its index."""
    past = select(
        revisions.c.post_id,
        revisions.c.version,
        revisions.c.editor_id,
        revisions.c.title,
        revisions.c.body,
        revisions.c.body_html.label("kept_html"),
        revisions.c.created_at,
    ).where(*[condition(revisions.c.post_id, revisions.c.version) for condition in conditions])
    present = (
        select(
            posts.c.id,
            posts.c.version,
            posts.c.author_id,
            discussions.c.title,
            posts.c.body,
            posts.c.body_html,
            func.coalesce(posts.c.last_edited_at, posts.c.created_at),
        )
        .select_from(
            posts.outerjoin(discussions, and_(discussions.c.id == posts.c.discussion_id, posts.c.sequence == 0))
        )
        .where(*[condition(posts.c.id, posts.c.version) for condition in conditions])
    )
    every = union_all(past, present).subquery("versions")
    return select(*every.c).order_by(every.c.post_id, every.c.version)


versions = Statement(
    _versions(
        lambda post, _version: among(post, "parents"),
        lambda _post, version: version > bindparam("low"),
        lambda _post, version: version <= bindparam("low") + bindparam("limit"),
    ),
    RevisionRow,
)
"""A page of the versions of each of the posts `parents`, the present one included; versions are dense."""

exact_versions = Statement(
    _versions(lambda post, _version: among(post, "ids"), lambda _post, version: among(version, "versions")),
    RevisionRow,
)

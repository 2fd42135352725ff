"""The versions of posts: those that were superseded are kept apart, the present one is in `posts`."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, insert, select, union_all

from db.rows import RevisionRow
from db.statements import Statement, WriteStatement, among
from db.tables import discussions, posts, revisions

keep = WriteStatement(
    insert(revisions).from_select(
        ["post_id", "version", "editor_id", "title", "body", "created_at"],
        select(
            posts.c.id,
            posts.c.version,
            posts.c.author_id,
            bindparam("title"),
            posts.c.body,
            func.coalesce(posts.c.last_edited_at, posts.c.created_at),
        ).where(among(posts.c.id, "ids")),
    )
)
"""Keeps the present versions of the posts `ids` before they change; `title` is a discussion's."""

superseded = Statement(
    select(
        revisions.c.post_id,
        revisions.c.version,
        revisions.c.editor_id,
        revisions.c.title,
        revisions.c.body,
        revisions.c.created_at,
    ).where(among(revisions.c.post_id, "ids")),
    RevisionRow,
)
"""The superseded versions of the posts `ids`."""


def _versions(*conditions: Callable[[ColumnElement[Any], ColumnElement[Any]], ColumnElement[bool]]) -> Select[Any]:
    """All versions, the present ones included, that fulfil conditions on (post, version); each half uses its index."""
    past = select(
        revisions.c.post_id,
        revisions.c.version,
        revisions.c.editor_id,
        revisions.c.title,
        revisions.c.body,
        revisions.c.created_at,
    ).where(*[condition(revisions.c.post_id, revisions.c.version) for condition in conditions])
    present = (
        select(
            posts.c.id,
            posts.c.version,
            posts.c.author_id,
            discussions.c.title,
            posts.c.body,
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

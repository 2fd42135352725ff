"""What fills the deletion of a post."""

from collections.abc import Sequence

import db.deletions
from db import rows
from db.deletions import DeletionRow
from forum.deletions import may_read_words, may_restore
from resolvers.context import Context


async def of_posts(posts: Sequence[rows.PostRow], context: Context) -> Sequence[DeletionRow | None]:
    """How each post was deleted, if it was."""
    ids = [post.post_id for post in posts if post.deleted_at is not None]
    found = await context.database.rows(db.deletions.of_posts, ids=ids) if ids else []
    by_post = {row.post_id: row for row in found}
    return [by_post.get(post.post_id) for post in posts]


def reasons(deletions: Sequence[DeletionRow], context: Context) -> Sequence[str | None]:
    """The reason of each, for the author and moderators."""
    is_moderator = context.viewer.role == "moderator"
    return [row.reason if is_moderator or context.viewer.is_(row.author_id) else None for row in deletions]


async def bodies(deletions: Sequence[DeletionRow], context: Context) -> Sequence[str | None]:
    """What each post said, for those who may read it."""
    is_moderator = context.viewer.role == "moderator"
    ids = [
        row.post_id
        for row in deletions
        if may_read_words(row, is_author=context.viewer.is_(row.author_id), is_moderator=is_moderator)
    ]
    found = await context.database.rows(db.deletions.words, ids=ids) if ids else []
    body_of = {row.post_id: row.body for row in found}
    return [body_of.get(row.post_id) for row in deletions]


async def viewer_can_restore(posts: Sequence[rows.PostRow], context: Context) -> Sequence[bool]:
    """Whether the viewer may restore each post."""
    if context.viewer.role in ("anonymous", "suspended"):
        return [False] * len(posts)
    is_moderator = context.viewer.role == "moderator"
    return [
        row is not None and may_restore(row, is_author=context.viewer.is_(row.author_id), is_moderator=is_moderator)
        for row in await of_posts(posts, context)
    ]

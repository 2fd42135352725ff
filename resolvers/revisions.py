"""What fills the versions of a post."""

import re
from collections.abc import Sequence
from html import escape
from operator import attrgetter

from strawberry import UNSET

import db.revisions
from db import rows
from resolvers import errors, pages
from resolvers.context import Context
from text.links import absolute

_CURSOR = re.compile(r"v([0-9]{1,9})", re.ASCII)


def may_read(post: rows.PostRow, context: Context) -> bool:
    """A post's versions are for its author and moderators, and for nobody once it is deleted."""
    return post.deleted_at is None and (context.viewer.role == "moderator" or context.viewer.is_(post.author_id))


async def of_posts(
    posts: Sequence[rows.PostRow], context: Context, *, first: int | None = UNSET, after: str | None = UNSET
) -> Sequence[pages.Page[rows.RevisionRow]]:
    """The versions of each post, a page each; empty to those who may not read them."""
    window = pages.window(first, after)
    low = 0
    if window.after is not None:
        place = _CURSOR.fullmatch(window.after)
        if place is None:
            raise errors.bad_cursor(window.after, "a list of versions")
        low = int(place[1])
    readable = [post for post in posts if may_read(post, context)]
    found = (
        await context.database.rows(
            db.revisions.versions, parents=[post.post_id for post in readable], low=low, limit=window.limit + 1
        )
        if readable
        else []
    )
    groups = pages.grouped(found, by=attrgetter("post_id"))
    return [
        pages.page(
            groups.get(post.post_id, []),
            window,
            lambda revision: f"v{revision.version}",
            pages.Count(db.revisions.counted, post.post_id) if may_read(post, context) else 0,
        )
        for post in posts
    ]


def html(revisions: Sequence[rows.RevisionRow], context: Context) -> Sequence[str]:
    """Each version as HTML: as it is kept, or its source as it is, until a new renderer has read that."""
    public_url = context.services.site.public_url
    return [
        f"<pre>{escape(revision.body)}</pre>\n"
        if revision.kept_html is None
        else absolute(revision.kept_html, public_url)
        for revision in revisions
    ]

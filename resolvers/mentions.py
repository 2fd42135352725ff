"""What fills the mentions of a post."""

from collections.abc import Sequence
from operator import attrgetter

import db.mentions
from db import rows
from resolvers import pages
from resolvers.context import Context
from text.mentions import MAX_MENTIONS


async def of_posts(posts: Sequence[rows.PostRow], context: Context) -> Sequence[Sequence[rows.MentionRow]]:
    """The people each post names, in order of appearance."""
    # A tombstone may have its mentions yet, if it is deleted with its discussion.
    living = {post.post_id for post in posts if post.body_html}
    found = await context.database.rows(db.mentions.of_posts, ids=list(living))
    groups = pages.grouped(found, by=attrgetter("post_id"))
    for group in groups.values():
        # Posts of earlier versions of the server may have more.
        del group[MAX_MENTIONS:]
    return [groups.get(post.post_id, []) for post in posts]

"""Addresses from before an import, and the posts that they lead to now."""

import db.discussions
import db.posts
from db import rows
from resolvers.context import Context
from text import normal
from text.legacy import legacy_key, legacy_reference

CUT_SLUG_LENGTH = 40
"""The old forum cut slugs after a whole word, at some sixty characters: a shorter one is whole."""


async def discussion(context: Context, link: str) -> rows.DiscussionRow | None:
    """The discussion that an old address names, by its old id or by the title in the address."""
    key = legacy_key(link)
    if key is not None:
        post = await context.database.row(db.posts.by_legacy_id, legacy_id=key)
        if post is None:
            return None
        return await context.database.row(db.discussions.by_ids, ids=[post.discussion_id])
    reference = legacy_reference(link)
    if reference is None or normal.invalid(reference.value):
        return None
    found = await context.database.row(db.discussions.by_legacy_slug, slug=reference.value)
    if found is None and len(reference.value) >= CUT_SLUG_LENGTH:
        found = await context.database.row(db.discussions.by_cut_legacy_slug, slug=reference.value)
    return found

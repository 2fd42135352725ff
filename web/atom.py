"""Atom feeds of a discussion and of the whole site, with all earlier posts in archives. Sources: RFC 4287, RFC 5005.

A feed is cut into blocks of BLOCK keys. Its document has the newest two blocks, of which the last may be incomplete,
and leads to the archive of the block before them, and so on to the first. So the posts of an archive never change,
except that they are edited or deleted, and no post is in two documents. A block too large for one document goes on in
the next.
"""

import html
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from jinja2 import Environment

from web.source import Data, FeedPost

MEDIA_TYPE = "application/atom+xml"
BLOCK = 50
"""How many keys a block has. A feed's document has 50 to 99 posts, less those that were deleted."""
MAX_POSTS = 2 * BLOCK
"""How many posts are read for a document: those of two blocks, and the next one before them."""
MAX_BYTES = 2**20
"""Of the entries of a document, unless a single one is larger."""
TAG_YEAR = "2026"
"""The year in the feeds' tag URIs: one in which the host was already the site's own (RFC 4151)."""
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 does not allow (section 2.2)."""


@dataclass(frozen=True, slots=True)
class Feed:
    """What the documents of one feed have in common."""

    title: str
    id: str
    page: str
    """The path of the page that shows the same."""
    path: str


def of_document(posts: list[FeedPost], until: int | None) -> list[FeedPost]:
    """Returns the posts of a document, of which the HTML alone may be too large; at least one that was not deleted.

    `posts` are MAX_POSTS up to `until`, newest first, or the newest ones for None: then the document is the feed's.
    """
    if not posts:
        return []
    newest = posts[0].key if until is None else until - 1
    low = max(newest // BLOCK - (until is None), 0) * BLOCK
    chosen: list[FeedPost] = []
    size = 0
    for post in posts:
        # The opening post of a discussion has the key 0.
        if post.key <= low and low:
            break
        size += 0 if post.deleted else post.size
        if size > MAX_BYTES and any(not before.deleted for before in chosen):
            break
        chosen.append(post)
    return chosen


def until_of_previous(posts: list[FeedPost], shown: int) -> int | None:
    """Returns `until` of the archive that the first `shown` of these posts lead to; None if there is none."""
    if shown >= len(posts):
        return None
    following = posts[shown].key
    end_of_block = -(-following // BLOCK) * BLOCK
    # A block that was too large for one document goes on in the next.
    return end_of_block if end_of_block < posts[shown - 1].key else following


def document(
    templates: Environment, feed: Feed, posts: list[FeedPost], found: list[Data | None], until: int | None, base: str
) -> bytes:
    """Returns the document of the posts that were found, None for each that was deleted, and that fit.

    `posts` are those that were read, of which `found` are the first. `base` is the public URL.
    """
    tag = f"tag:{urlsplit(base).hostname or 'localhost'},{TAG_YEAR}"
    entry = templates.get_template("entry.atom")
    entries: list[str] = []
    shown: list[Data] = []
    size, taken = 0, 0
    for post in found:
        if post is not None:
            # Known much sooner than by rendering: what does not fit may be most of it.
            if entries and len(html.escape(post["bodyHtml"], quote=False)) > MAX_BYTES - size:
                break
            text = _NOT_XML.sub("", entry.render(post=post, tag=tag))
            length = len(text.encode())
            if entries and length > MAX_BYTES - size:
                break
            size += length
            entries.append(text)
            shown.append(post)
        taken += 1
    values = {"feed": feed, "entries": entries, "posts": shown, "tag": tag, "until": until}
    text = templates.get_template("feed.atom").render(previous=until_of_previous(posts, taken), **values)
    return _NOT_XML.sub("", text).encode()

"""Atom feeds of a discussion and of the whole site. Source: RFC 4287."""

import html
import re
from urllib.parse import urlsplit

from jinja2 import Environment

from web.pages import address
from web.source import Data

MEDIA_TYPE = "application/atom+xml"
MAX_ENTRIES = 50
MAX_BYTES = 2**20
"""Of the entries of a feed. Entries are whole: the newest that fit, and those older ones that fit beside them."""
TAG_YEAR = "2026"
"""The year in the feeds' tag URIs: one in which the host was already the site's own (RFC 4151)."""
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 does not allow (section 2.2)."""


def site_feed(templates: Environment, discussions: list[Data], *, public_url: str, site_name: str) -> bytes:
    """The newest posts of all discussions."""
    posts = [post for discussion in discussions for post in _posts(discussion)]
    return _feed(templates, posts, public_url, title=site_name, feed_id="site", page="/", path="/feed.atom")


def discussion_feed(templates: Environment, discussion: Data, *, public_url: str) -> bytes:
    """The opening post and the newest replies of a discussion."""
    return _feed(
        templates,
        _posts(discussion),
        public_url,
        title=discussion["title"],
        feed_id=f"discussion-{discussion['number']}",
        page=address(discussion),
        path=f"/d/{discussion['number']}/feed.atom",
    )


def _posts(discussion: Data) -> list[Data]:
    posts = [discussion | {"sequence": 0}, *discussion["replies"]["nodes"]]
    return [post | {"discussion": discussion} for post in posts if post["state"] == "VISIBLE"]


def _feed(templates: Environment, posts: list[Data], public_url: str, **about: str) -> bytes:
    newest = sorted(posts, key=lambda post: str(post["createdAt"]), reverse=True)[:MAX_ENTRIES]
    tag = f"tag:{urlsplit(public_url).hostname or 'localhost'},{TAG_YEAR}"
    entry = templates.get_template("entry.atom")
    entries, shown, size = [], [], 0
    for post in newest:
        # Known much sooner than by rendering: what does not fit may be most of them.
        if len(html.escape(post["bodyHtml"], quote=False)) > MAX_BYTES - size:
            continue
        text = _NOT_XML.sub("", entry.render(post=post, tag=tag))
        if (length := len(text.encode())) <= MAX_BYTES - size:
            size += length
            entries.append(text)
            shown.append(post)
    feed = templates.get_template("feed.atom").render(entries=entries, posts=shown, tag=tag, **about)
    return _NOT_XML.sub("", feed).encode()

"""Atom feeds of a discussion and of the whole site. Source: RFC 4287."""

import re
from urllib.parse import urlsplit

from jinja2 import Template

from web.pages import Data, address

MEDIA_TYPE = "application/atom+xml"
MAX_ENTRIES = 50
TAG_YEAR = "2026"
"""The year in the feeds' tag URIs: one in which the host was already the site's own (RFC 4151)."""
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 does not allow (section 2.2)."""


def site_feed(template: Template, discussions: list[Data], *, public_url: str, site_name: str) -> str:
    """The newest posts of all discussions."""
    posts = [post for discussion in discussions for post in _posts(discussion)]
    return _feed(template, posts, public_url, title=site_name, feed_id="site", page="/", path="/feed.atom")


def discussion_feed(template: Template, discussion: Data, *, public_url: str) -> str:
    """The opening post and the newest replies of a discussion."""
    return _feed(
        template,
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


def _feed(template: Template, posts: list[Data], public_url: str, **about: str) -> str:
    newest = sorted(posts, key=lambda post: str(post["createdAt"]), reverse=True)[:MAX_ENTRIES]
    tag = f"tag:{urlsplit(public_url).hostname or 'localhost'},{TAG_YEAR}"
    return _NOT_XML.sub("", template.render(posts=newest, tag=tag, **about))

"""Atom feeds: of a discussion, and of the whole site.

Source: RFC 4287. Ids are tag URIs (RFC 4151) of the public host, which stay when titles and addresses change.
"""

from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from web.shell import address

Data = dict[str, Any]

NAMESPACE = "http://www.w3.org/2005/Atom"
MEDIA_TYPE = "application/atom+xml"
MOST = 50
"""How many entries a feed has."""
FOUNDED = "2026"
"""The year that tag URIs say the host was ours in."""


def of_site(found: Data, public_url: str) -> bytes:
    """What was written last, over all discussions."""
    entries = [entry for one in found["discussions"]["nodes"] for entry in _posts(one)]
    site = found["site"]["name"]
    return _feed(public_url, title=site, number=None, page="/", path="/feed.atom", posts=entries)


def of_discussion(discussion: Data, public_url: str) -> bytes:
    """A discussion's opening post and newest replies."""
    return _feed(
        public_url,
        title=discussion["title"],
        number=discussion["number"],
        page=address(discussion),
        path=f"/d/{discussion['number']}/feed.atom",
        posts=_posts(discussion),
    )


def _posts(discussion: Data) -> list[Data]:
    replies = [one | {"title": f"Re: {discussion['title']}"} for one in discussion["replies"]["nodes"]]
    return [one | {"of": discussion} for one in (discussion | {"sequence": 0}, *replies) if one["state"] == "VISIBLE"]


def _feed(public_url: str, *, title: str, number: int | None, page: str, path: str, posts: list[Data]) -> bytes:
    host = urlsplit(public_url).hostname or "localhost"
    posts = sorted(posts, key=lambda one: one["createdAt"], reverse=True)[:MOST]
    feed = Element("feed", xmlns=NAMESPACE)
    SubElement(feed, "id").text = f"tag:{host},{FOUNDED}:{'site' if number is None else f'discussion-{number}'}"
    SubElement(feed, "title").text = _legal(title)
    SubElement(feed, "updated").text = max((_updated(one) for one in posts), default="1970-01-01T00:00:00Z")
    SubElement(feed, "link", rel="self", type=MEDIA_TYPE, href=public_url + path)
    SubElement(feed, "link", rel="alternate", type="text/html", href=public_url + page)
    for one in posts:
        _entry(feed, one, public_url, host)
    written: bytes = ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)
    return written


def _entry(feed: Element, post: Data, public_url: str, host: str) -> None:
    entry = SubElement(feed, "entry")
    sequence, number = post["sequence"], post["of"]["number"]
    SubElement(entry, "id").text = f"tag:{host},{FOUNDED}:discussion-{number}" + (
        f"/reply-{sequence}" if sequence else "/0"
    )
    SubElement(entry, "title").text = _legal(post["title"])
    SubElement(entry, "published").text = post["createdAt"]
    SubElement(entry, "updated").text = _updated(post)
    place = address(post["of"]) + (f"#reply-{sequence}" if sequence else "")
    SubElement(entry, "link", rel="alternate", type="text/html", href=public_url + place)
    author = SubElement(entry, "author")
    SubElement(author, "name").text = _legal(post["author"]["name"]) if post["author"] else "a former member"
    SubElement(entry, "content", type="html").text = _legal(post["bodyHtml"])


def _updated(post: Data) -> str:
    updated: str = post["lastEditedAt"] or post["createdAt"]
    return updated


def _legal(text: str) -> str:
    """The text without what XML 1.0 can't hold (section 2.2)."""
    return "".join(
        each
        for each in text
        if each in "\t\n\r" or "\x20" <= each <= "\ud7ff" or "\ue000" <= each <= "\ufffd" or each > "\uffff"
    )

"""The addresses of links: which post one refers to, and how those on this site are kept in HTML.

HTML is stored without the site's own address, which a setting may change: a link on the site begins with one slash in
it, and readers get it absolute. This is exact, since the sanitiser leaves no other `<a href="/`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from html import escape, unescape
from urllib.parse import urljoin, urlsplit

_POST = re.compile(
    r"(?:(?:https?:)?//[^/?#\s]+/|/?(?!/|[a-z][a-z0-9+.-]*:))"  # The caller checks the host.
    r"(?:[^?#\s]*/)?d/(?P<number>[0-9]{1,9})(?:/[^/?#\s]*)?/?(?:\?[^#\s]*)?(?:#reply-(?P<sequence>[0-9]{1,9}))?",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*):(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
HERE = "/d/"
"""How the address of a post's own discussion is kept until its number is known."""
_LINK = re.compile('<a href="([^"]*)"')
_SOURCE = re.compile('<img [^>]*?src="([^"]*)"')
_SPELLED = re.compile(r"""(?:[a-z][a-z0-9+.-]{1,20}://|www\.)[^\s<>"'`]+""", re.IGNORECASE)
_AFTER_ADDRESS = ".,:;!?)]}*_~|"
_REPLY_HERE = re.compile(r"#reply-(?P<sequence>[0-9]{1,9})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PostReference:
    """The post that an address refers to."""

    number: int | None
    """The number of the discussion; None for an address such as #reply-17, which refers to the current one."""
    sequence: int
    """The sequence of the reply; 0 for the opening post."""


@dataclass(frozen=True, slots=True)
class LinkedUser:
    """A user whom a text mentions."""

    node_id: str
    handle: str
    called: str
    """The name in the text, without the @."""


@dataclass(frozen=True, slots=True)
class Targets:
    """What the HTML of a post links to."""

    users: Mapping[int, LinkedUser] = field(default_factory=dict)
    """The users by the indices of their mentions."""
    posts: Mapping[str, str] = field(default_factory=dict)
    """The ids of the posts by the addresses of links, as HTML keeps them."""
    discussion: int | None = None
    """The number of its discussion; None for one that is yet to start."""


def post_reference(link: str) -> PostReference | None:
    """Returns the post that an address refers to, such as …/d/12, …/d/12/slug#reply-17 or #reply-17; otherwise None.

    Accepts relative and absolute addresses of any host; the caller checks the host.
    """
    link = link.removeprefix(HERE) if link.startswith(f"{HERE}#") else link
    if here := _REPLY_HERE.fullmatch(link):
        return PostReference(None, int(here["sequence"]))
    if post := _POST.fullmatch(link):
        return PostReference(int(post["number"]), int(post["sequence"] or 0))
    return None


def rooted(address: str) -> str:
    """Returns an address as HTML keeps it: with a scheme if it leads elsewhere, with one slash if to this site.

    Nobody can tell which page a post will be on, so that a relative address belongs to the root of the site, and a mere
    fragment to the post's own discussion, whose number `in_discussion` inserts.
    """
    if found := _SCHEME.fullmatch(address):
        return f"{found['scheme']}://{found['rest'].lstrip('/')}" if found["scheme"].lower() != "mailto" else address
    if address.startswith("//") or address[:4].lower() == "www.":
        return "https://" + address.lstrip("/")
    if address.startswith("#") or not address:
        return f"{HERE}{address or '#'}"
    return "/" + urljoin("/", address).lstrip("/")


def addresses(html: str) -> list[str]:
    """The addresses of all links of a text."""
    return [unescape(address) for address in _LINK.findall(html)]


def outward(html: str, host: str | None, *texts: str) -> list[str]:
    """The addresses of the links and images of a text that lead away from this site, whose host this is, each once.

    And those that stand in plain `texts`, such as a title or code, for readers to copy: with a scheme or with www.
    """
    found = [*addresses(html), *map(unescape, _SOURCE.findall(html))]
    for text in texts:
        found += [rooted(each.rstrip(_AFTER_ADDRESS)) for each in _SPELLED.findall(text)]
    return [each for each in dict.fromkeys(found) if not each.startswith("/") and host_of(each) != (host or "")]


def host_of(address: str) -> str:
    """The host of an address, with its port; "" if it has none."""
    try:
        return urlsplit(address).netloc
    except ValueError:
        return ""


def with_posts(html: str, posts: Mapping[str, str]) -> str:
    """Returns the HTML with the ids of the posts to which it links, by the addresses of these links."""
    return _LINK.sub(lambda link: _with_id(link, posts), html) if posts else html


def in_discussion(html: str, number: int | None) -> str:
    """Returns the HTML of a post with the number of its discussion in its links to that; as it is without a number."""
    return html if number is None else html.replace(f'<a href="{HERE}#', f'<a href="/d/{number}#')


def _with_id(link: re.Match[str], posts: Mapping[str, str]) -> str:
    post = posts.get(unescape(link[1]))
    return link[0] if post is None else f'{link[0]} data-post-id="{post}"'


def absolute(html: str, public_url: str) -> str:
    """Returns HTML as readers get it: links on this site lead to its public URL, which has no slash at the end."""
    return html.replace('<a href="/', _absolute(public_url))


@cache
def _absolute(public_url: str) -> str:
    return f'<a href="{escape(public_url)}/'

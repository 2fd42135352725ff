"""Reads a discussion from its pages as Ning showed them: HTML that somebody saved or a crawler fetched.

A page has what an archive of JSON lacks, the tree: each reply is a `<dl class="discussion clear i3 …">` that says how
deep it stands, in the order of reading. A discussion of several pages is read across them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser
from urllib.parse import parse_qs, unquote, urlsplit

from text import legacy

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATE = re.compile(
    r"\b(?:(?P<month>[A-Z][a-z]{2,8})\.?\s+(?P<day>\d{1,2})|(?P<day2>\d{1,2})\.?\s+(?P<month2>[A-Z][a-z]{2,8})\.?),?\s+"
    r"(?P<year>\d{4})(?:,?\s+(?:at\s+)?(?P<hour>\d{1,2}):(?P<minute>\d\d)\s*(?P<half>[ap])?\.?m?)?",
    re.IGNORECASE,
)
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?")
_DEPTH = re.compile(r"i(\d{1,3})")
_TOPIC = re.compile(r"(\d{1,20})(?::|%3A)Topic(?::|%3A)(\d{1,20})")
_PAGE = re.compile(r"[?&]page=(\d{1,6})\b")


@dataclass(slots=True)
class PageReply:
    """A reply as a page shows it."""

    depth: int
    line: int
    """Where it begins in the file."""
    id: str = ""
    """The Ning id; "" where the page has none."""
    author_key: str = ""
    author_name: str = ""
    byline: str = ""
    """What stands above it: who, and when."""
    body_html: str = ""
    has_body: bool = False

    @property
    def created_at(self) -> datetime | None:
        """When it was written, as its page says it; None where that can't be read."""
        return moment(self.byline)

    @property
    def is_deleted(self) -> bool:
        """Whether the page shows that there was one. Whatever it says in its language, it has no body."""
        return not self.has_body


@dataclass(slots=True)
class NingPage:
    """One page of a discussion."""

    title: str = ""
    category: str | None = None
    author_key: str = ""
    author_name: str = ""
    byline: str = ""
    body_html: str = ""
    address: str = ""
    """Its own, where it names one."""
    topic: str = ""
    """The Ning id of the discussion; "" where the page has none."""
    replies: list[PageReply] = field(default_factory=list)

    @property
    def created_at(self) -> datetime | None:
        """When the discussion was started; None where that can't be read."""
        return moment(self.byline)

    @property
    def number(self) -> int:
        """Which page of the discussion it is, from 1."""
        found = _PAGE.search(self.address)
        return int(found[1]) if found else 1

    @property
    def slug(self) -> str:
        """The name that its address has for the discussion; "" where it names no address."""
        reference = legacy.legacy_reference(self.address)
        return reference.value if reference is not None and reference.kind == "slug" else ""


def read_page(html: str) -> NingPage | None:
    """The discussion that a page shows; None where it shows none."""
    reader = _Reader(html)
    reader.feed(html)
    reader.close()
    page = reader.page
    if found := _TOPIC.search(html):
        page.topic = f"{found[1]}:Topic:{found[2]}"
    return page if page.title and (page.replies or page.body_html) else None


def moment(text: str) -> datetime | None:
    """The first date in a text, as English Ning pages or machines write it; in UTC, where it names no zone."""
    try:
        if found := _ISO_DATE.search(text):
            read = datetime.fromisoformat(found[0])
            return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
        for found in _DATE.finditer(text):
            month = (found["month"] or found["month2"])[:3].lower()
            if month in _MONTHS:
                hour = int(found["hour"] or 0)
                if found["half"]:
                    hour = hour % 12 + (12 if found["half"].lower() == "p" else 0)
                day, minute = int(found["day"] or found["day2"]), int(found["minute"] or 0)
                return datetime(int(found["year"]), _MONTHS.index(month) + 1, day, hour, minute, tzinfo=UTC)
    except ValueError:
        pass
    return None


def _person(address: str) -> str:
    """The key of the member whom a link leads to, or ""."""
    try:
        parts = urlsplit(address.replace("&amp;", "&"))
    except ValueError:
        return ""
    if user := parse_qs(parts.query).get("user"):
        return user[0]
    found = re.search(r"/(?:profile|xn/detail/u_|profiles/profile/show)/?([^/?#]+)", parts.path)
    return unquote(found[1]) if found else ""


class _Reader(HTMLParser):
    """Follows a page, and takes bodies out of it as they are written."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=False)
        self.page = NingPage()
        self._reply: PageReply | None = None
        self._part = ""
        """What text belongs to: a title, a byline, a person's name, a category."""
        self._body: list[str] | None = None
        self._divisions = 0
        """How many `div` are open in the body that is taken."""
        self._opened = False
        """Whether the opening post has been read."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in reversed(attrs)}
        classes = given.get("class", "").split()
        if tag == "dl" and "discussion" in classes:
            self._end_body()
            depths = [int(found[1]) for each in classes if (found := _DEPTH.fullmatch(each))]
            self._reply = PageReply(depth=depths[0] if depths else 0, line=self.getpos()[0])
            self.page.replies.append(self._reply)
            self._part = ""
        elif self._body is not None:
            self._divisions += tag == "div"
            self._body.append(self.get_starttag_text() or "")
        elif tag == "div" and self._begins_body(classes, given.get("id", "")):
            self._body, self._divisions = [], 1
        else:
            self._start(tag, given, classes)

    def _begins_body(self, classes: list[str], name: str) -> bool:
        if self._reply is not None:
            return not self._reply.has_body and ("description" in classes or name.startswith("desc_"))
        return not self._opened and bool(self.page.title) and bool({"description", "xg_user_generated"} & set(classes))

    def _start(self, tag: str, given: dict[str, str], classes: list[str]) -> None:
        reply = self._reply
        if tag == "h1" and not self.page.title:
            self._part = "title"
        elif tag == "link" and given.get("rel") == "canonical":
            self.page.address = given.get("href", "")
        elif tag == "meta" and given.get("property") == "og:url" and not self.page.address:
            self.page.address = given.get("content", "")
        elif "byline" in classes and (tag == "dt" if reply is not None else not self._opened):
            self._part = "byline"
        elif tag == "a" and self._part in ("byline", "category"):
            self._link(given, reply)
        elif tag in ("abbr", "time", "span") and self._part == "byline":
            # A moment that a machine reads comes before what a person does.
            written = given.get("datetime") or given.get("data-time") or given.get("title", "")
            if moment(written):
                (reply or self.page).byline += f" {written} "

    def _link(self, given: dict[str, str], reply: PageReply | None) -> None:
        address = given.get("href", "")
        if reply is not None and not reply.id:
            for written in (given.get("name", ""), given.get("id", ""), address):
                key = legacy.legacy_key(f"#{written}") or legacy.legacy_key(written)
                if key is not None and ":Comment:" in key:
                    reply.id = key
                    break
        shown = reply if reply is not None else self.page
        if not shown.author_key and (key := _person(address)):
            shown.author_key = key
            self._part = "name"
        elif "categoryId=" in address or "/forum/categories/" in address:
            self._part = "category"

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._body is not None:
            self._body.append(self.get_starttag_text() or "")
        else:
            self._start(tag, {name: value or "" for name, value in reversed(attrs)}, [])

    def handle_endtag(self, tag: str) -> None:
        if self._body is not None:
            self._divisions -= tag == "div"
            if self._divisions == 0 or (self._reply is not None and tag in ("dd", "dl")):
                self._end_body()
            else:
                self._body.append(f"</{tag}>")
        elif (tag == "h1" and self._part == "title") or (tag == "a" and self._part in ("name", "category")):
            named = self._reply or self.page
            # The picture's link comes before the name's, and holds no words.
            if self._part == "name" and not named.author_name.strip():
                named.author_key = ""
            self._part = "byline" if tag == "a" else ""
        elif (tag in ("dt", "ul") and self._part == "byline") or tag == "dl":
            self._part = ""

    def handle_data(self, data: str) -> None:
        self._text(data)

    def handle_entityref(self, name: str) -> None:
        self._text(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._text(f"&#{name};")

    def _text(self, text: str) -> None:
        shown = self._reply or self.page
        if self._body is not None:
            self._body.append(text)
        elif self._part == "title":
            self.page.title += text
        elif self._part == "name":
            shown.author_name += text
        elif self._part == "category":
            self.page.category = (self.page.category or "") + text
        elif self._part == "byline":
            shown.byline += text

    def _end_body(self) -> None:
        if self._body is None:
            return
        body, self._body = "".join(self._body), None
        if self._reply is not None:
            self._reply.body_html, self._reply.has_body = body, True
        else:
            self.page.body_html, self._opened = body, True

    def close(self) -> None:
        super().close()
        self._end_body()


def parents(depths: Iterator[tuple[str, int]]) -> Iterator[tuple[str, str | None, bool]]:
    """Of ids and depths in the order of reading: each id, that of what it answers, and whether its mark fits.

    A mark deeper than one below the reply before it is taken for one below.
    """
    above: list[str] = []
    for name, depth in depths:
        fits = depth <= len(above)
        del above[depth:]
        yield name, above[-1] if above else None, fits
        above.append(name)

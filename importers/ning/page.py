"""Reads a discussion from a Ning page: HTML that a person saved or a crawler fetched.

Unlike a JSON archive, a page has the tree: each reply is a `<dl class="discussion clear i3 ...">` with its depth, in
reading order. pages.py joins the pages of a discussion.
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
    """A reply on a page."""

    depth: int
    line: int
    """The line in the file where it begins."""
    id: str = ""
    """The Ning id, "" if the page has none."""
    author_key: str = ""
    author_name: str = ""
    byline: str = ""
    """The text above it: author and date."""
    body_html: str = ""
    has_body: bool = False

    @property
    def created_at(self) -> datetime | None:
        """The date in its byline, None if it can't be read."""
        return moment(self.byline)

    @property
    def is_deleted(self) -> bool:
        """Whether it was deleted. Its page says so in any language, so the missing body decides."""
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
    """Its own address, "" if it names none."""
    topic: str = ""
    """The Ning id of the discussion, "" if the page has none."""
    replies: list[PageReply] = field(default_factory=list)

    @property
    def created_at(self) -> datetime | None:
        """When the discussion was started, None if it can't be read."""
        return moment(self.byline)

    @property
    def number(self) -> int:
        """The number of the page in its discussion, from 1."""
        found = _PAGE.search(self.address)
        return int(found[1]) if found else 1

    @property
    def slug(self) -> str:
        """The discussion's name in the address, "" if there is none."""
        reference = legacy.legacy_reference(self.address)
        return reference.value if reference is not None and reference.kind == "slug" else ""


def read_page(html: str) -> NingPage | None:
    """Returns the discussion on a page, None if there is none."""
    reader = _Reader(html)
    reader.feed(html)
    reader.close()
    page = reader.page
    if found := _TOPIC.search(html):
        page.topic = f"{found[1]}:Topic:{found[2]}"
    return page if page.title and (page.replies or page.body_html) else None


def moment(text: str) -> datetime | None:
    """Returns the first date in a text, in English or ISO 8601, in UTC if it has no zone; None if there is none."""
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
    """Returns the key of the member whose profile is linked, or ""."""
    try:
        parts = urlsplit(address.replace("&amp;", "&"))
    except ValueError:
        return ""
    if user := parse_qs(parts.query).get("user"):
        return user[0]
    found = re.search(r"/(?:profile|xn/detail/u_|profiles/profile/show)/?([^/?#]+)", parts.path)
    return unquote(found[1]) if found else ""


class _Reader(HTMLParser):
    """Reads a page, and copies the HTML of its bodies unchanged."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=False)
        self.page = NingPage()
        self._reply: PageReply | None = None
        self._part = ""
        """What the text is part of: "title", "byline", "name", "category" or ""."""
        self._body: list[str] | None = None
        self._divisions = 0
        """How many `div` are open in the body."""
        self._opened = False
        """Whether the opening post has been read."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in reversed(attrs)}
        classes = attributes.get("class", "").split()
        if tag == "dl" and "discussion" in classes:
            self._end_body()
            depths = [int(found[1]) for each in classes if (found := _DEPTH.fullmatch(each))]
            self._reply = PageReply(depth=depths[0] if depths else 0, line=self.getpos()[0])
            self.page.replies.append(self._reply)
            self._part = ""
        elif self._body is not None:
            self._divisions += tag == "div"
            self._body.append(self.get_starttag_text() or "")
        elif tag == "div" and self._begins_body(classes, attributes.get("id", "")):
            self._body, self._divisions = [], 1
        else:
            self._start(tag, attributes, classes)

    def _begins_body(self, classes: list[str], name: str) -> bool:
        if self._reply is not None:
            return not self._reply.has_body and ("description" in classes or name.startswith("desc_"))
        return not self._opened and bool(self.page.title) and bool({"description", "xg_user_generated"} & set(classes))

    def _start(self, tag: str, attributes: dict[str, str], classes: list[str]) -> None:
        reply = self._reply
        if tag == "h1" and not self.page.title:
            self._part = "title"
        elif tag == "link" and attributes.get("rel") == "canonical":
            self.page.address = attributes.get("href", "")
        elif tag == "meta" and attributes.get("property") == "og:url" and not self.page.address:
            self.page.address = attributes.get("content", "")
        elif "byline" in classes and (tag == "dt" if reply is not None else not self._opened):
            self._part = "byline"
        elif tag == "a" and self._part in ("byline", "category"):
            self._link(attributes, reply)
        elif tag in ("abbr", "time", "span") and self._part == "byline":
            # A machine-readable date is preferred to the text after it.
            written = attributes.get("datetime") or attributes.get("data-time") or attributes.get("title", "")
            if moment(written):
                (reply or self.page).byline += f" {written} "

    def _link(self, attributes: dict[str, str], reply: PageReply | None) -> None:
        address = attributes.get("href", "")
        if reply is not None and not reply.id:
            for written in (attributes.get("name", ""), attributes.get("id", ""), address):
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
            # The avatar's link comes before the name's and has no text.
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
    """Yields for ids and depths in reading order: the id, the id of its parent, and whether the depth is valid.

    A depth of more than one below the previous reply counts as one below.
    """
    above: list[str] = []
    for name, depth in depths:
        fits = depth <= len(above)
        del above[depth:]
        yield name, above[-1] if above else None, fits
        above.append(name)

"""Reads HTML as browsers and editors wrote it into blocks of text."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from importers.ning import blocks
from importers.ning.blocks import Block
from importers.ning.html_words import EMBEDDED, Attributes, Words
from importers.ning.inlines import BREAK, TextRun
from text import grammar, legacy

TABLE_COLUMNS: Final = 50
"""Wider tables, and tables with more than words in a cell, become the paragraphs of their cells."""
_TABLES_DEEP = 4

_PARAGRAPHS = frozenset(
    {"address", "article", "aside", "body", "caption", "center", "dd", "details", "dialog", "dir", "div", "dl", "dt"}
    | {"fieldset", "figcaption", "figure", "footer", "form", "header", "hgroup", "html", "legend", "main", "menu"}
    | {"nav", "option", "p", "section", "select", "summary", "tbody", "tfoot", "thead"}
)
_CONTAINERS = frozenset({"blockquote", "ul", "ol", "table", "td", "th"})
_STYLES = {
    **dict.fromkeys(("b", "strong"), "bold"),
    **dict.fromkeys(("i", "em", "cite", "var", "dfn"), "italic"),
    **dict.fromkeys(("s", "del", "strike"), "struck"),
    **dict.fromkeys(("code", "tt", "kbd", "samp"), "code"),
}


@dataclass(slots=True)
class _Open:
    """An open element, and the blocks read inside it so far."""

    tag: str
    inside: list[Block]
    level: int
    """The nesting depth of its content, as text.grammar counts it."""
    styles: Counter[str] = field(default_factory=Counter)
    """The styles outside of it, restored when it ends."""
    rows: list[list[list[Block]]] = field(default_factory=list)
    listing: blocks.Listing | None = None


class HtmlReader(Words):
    """Reads the tags in one pass. Keeps only the open elements, so no input makes it slow or recurse deeply."""

    def __init__(self) -> None:
        super().__init__()
        self._stack = [_Open("", self._inside, 0)]
        self._too_deep: Counter[str] = Counter()
        self._starts: dict[str, Callable[[str, Attributes], None]] = {
            "a": self._start_link,
            "img": self._image,
            "br": lambda tag, attributes: self._add(BREAK),
            "hr": lambda tag, attributes: self._put(blocks.Divider()),
            "pre": self._start_verbatim,
            "blockquote": self._start_quote,
            "q": lambda tag, attributes: self._add("“"),
            "param": self._parameter,
            **dict.fromkeys(("ul", "ol"), self._start_list),
            "li": self._start_item,
            "table": self._start_table,
            **dict.fromkeys(("tr", "td", "th"), self._start_cell),
            **dict.fromkeys(EMBEDDED, self._embed),
        }
        self._ends: dict[str, Callable[[], None]] = {
            "a": self._end_link,
            "li": self._end_item,
            "object": self._end_object,
            "pre": self._end_verbatim,
            "q": lambda: self._add("”"),
        }

    def finished(self) -> list[Block]:
        """Closes all open elements and returns the blocks."""
        while self._embeds:
            self._end_object()
        while len(self._stack) > 1:
            self._pop()
        self._end_text()
        return self._inside

    # Tags

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if start := self._starts.get(tag):
            start(tag, dict(reversed(attrs)))
        elif style := _STYLES.get(tag):
            if tag == "cite":
                self._start_cite()
            self._styles[style] += 1
        elif tag in _PARAGRAPHS or _is_heading(tag):
            self._end_paragraph()
            self._heading = int(tag[1]) if _is_heading(tag) else 0

    def handle_endtag(self, tag: str) -> None:
        if self._too_deep[tag]:
            self._too_deep[tag] -= 1
            self._end_paragraph()
        elif style := _STYLES.get(tag):
            self._styles[style] = max(0, self._styles[style] - 1)
            if tag == "cite":
                self._end_cite()
        elif end := self._ends.get(tag):
            end()
        elif tag in _CONTAINERS:
            self._close(tag)
        elif tag in _PARAGRAPHS or _is_heading(tag):
            self._end_paragraph()
            self._heading = 0

    def handle_data(self, data: str) -> None:
        self._add(data)

    # Containers

    def _push(self, opened: _Open) -> None:
        opened.styles, self._styles = self._styles, Counter(self._styles)
        self._link, self._heading = None, 0
        self._stack.append(opened)
        self._inside = opened.inside

    def _pop(self) -> None:
        self._end_text()
        closed = self._stack.pop()
        self._inside = self._stack[-1].inside
        self._styles, self._link = closed.styles, None
        if closed.tag == "table":
            self._end_table(closed)

    def _close(self, tag: str) -> None:
        """Ends the innermost element of that name and all inside it. Only its table ends a cell from inside."""
        for index in range(len(self._stack) - 1, 0, -1):
            if self._stack[index].tag == tag:
                while len(self._stack) > index:
                    self._pop()
                return
            if self._stack[index].tag in ("td", "th") and tag != "table":
                break
        self._end_text()

    def _start_quote(self, tag: str, attributes: Attributes) -> None:
        self._end_paragraph()
        around = self._stack[-1]
        if around.level >= grammar.NESTING:
            self._too_deep[tag] += 1
            self._end_text()
            return
        credit, self._credit = self._credit, None
        quote = blocks.BlockQuote(credit, legacy.legacy_key(attributes.get("cite") or ""))
        around.inside.append(quote)
        self._push(_Open(tag, quote.blocks, around.level + 1))

    def _start_list(self, tag: str, attributes: Attributes) -> None:
        self._end_text()
        around = self._stack[-1]
        if around.level >= grammar.NESTING:
            self._too_deep[tag] += 1
            return
        first = attributes.get("start") or ""
        listing = blocks.Listing(tag == "ol", int(first) if re.fullmatch(r"[0-9]{1,6}", first) else 1)
        around.inside.append(listing)
        # Content before the first <li> is an item too.
        listing.items.append([])
        self._push(_Open(tag, listing.items[0], around.level + 2, listing=listing))

    def _start_item(self, tag: str, attributes: Attributes) -> None:
        self._end_text()
        around = self._stack[-1]
        if around.listing is not None:
            around.listing.items.append([])
            self._inside = around.inside = around.listing.items[-1]
        elif not self._too_deep["ul"] and not self._too_deep["ol"]:
            self._start_list("ul", {})
            self._start_item(tag, attributes)

    def _end_item(self) -> None:
        if any(each.listing is not None for each in self._stack):
            while self._stack[-1].listing is None:
                self._pop()
        self._end_text()

    def _start_table(self, tag: str, attributes: Attributes) -> None:
        self._end_text()
        around = self._stack[-1]
        if sum(each.tag == "table" for each in self._stack) >= _TABLES_DEEP:
            self._too_deep[tag] += 1
            return
        # Text between the cells goes before the table.
        self._push(_Open(tag, around.inside, around.level))

    def _start_cell(self, tag: str, attributes: Attributes) -> None:
        if self._too_deep["table"] or not any(each.tag == "table" for each in self._stack):
            self._end_text()
            return
        while self._stack[-1].tag != "table":
            self._pop()
        table = self._stack[-1]
        if tag == "tr" or not table.rows:
            table.rows.append([])
        if tag != "tr":
            table.rows[-1].append([])
            self._push(_Open(tag, table.rows[-1][-1], table.level))

    def _end_table(self, table: _Open) -> None:
        rows = [row for row in table.rows if row]
        cells = [cell for row in rows for cell in row]
        widest = max(map(len, rows), default=0)
        if 2 <= widest <= TABLE_COLUMNS and len(rows) > 1 and all(map(_is_line, cells)):
            self._inside.append(blocks.Table([[_runs_of(cell) for cell in row] for row in rows]))
        else:
            self._inside += [block for cell in cells for block in cell]


def _is_heading(tag: str) -> bool:
    return len(tag) == 2 and tag[0] == "h" and tag[1] in "123456"


def _is_line(cell: list[Block]) -> bool:
    return not cell or (len(cell) == 1 and isinstance(cell[0], blocks.Paragraph))


def _runs_of(cell: list[Block]) -> list[TextRun]:
    return [run for block in cell if isinstance(block, blocks.Paragraph) for run in block.runs]

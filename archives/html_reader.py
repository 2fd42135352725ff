"""Follows HTML as people's browsers and editors left it, and tells its blocks."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

from archives import blocks, inlines
from archives.blocks import Block
from archives.inlines import BREAK, Run
from text import grammar, legacy

TABLE_COLUMNS: Final = 50
"""Tables that are wider, or hold more than words, become the paragraphs of their cells."""
_TABLES_DEEP = 4

_NOTHING = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")
_WHITE = re.compile(r"[ \t\n\r\f\v\x1c-\x1f\x85\u2028\u2029]+")
_HARMLESS_SCHEME = re.compile(r"(?!javascript|vbscript|data|file)[a-z][a-z0-9+.-]*:\S", re.IGNORECASE)

_PARAGRAPHS = frozenset(
    {"address", "article", "aside", "body", "caption", "center", "dd", "details", "dialog", "dir", "div", "dl", "dt"}
    | {
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "header",
        "hgroup",
        "html",
        "legend",
        "main",
        "menu",
        "nav",
    }
    | {"option", "p", "section", "select", "summary", "tbody", "tfoot", "thead"}
)
_STYLES = {
    **dict.fromkeys(("b", "strong"), "bold"),
    **dict.fromkeys(("i", "em", "cite", "var", "dfn"), "italic"),
    **dict.fromkeys(("s", "del", "strike"), "struck"),
    **dict.fromkeys(("code", "tt", "kbd", "samp"), "code"),
}
_EMBEDDED = {"iframe": "src", "embed": "src", "video": "src", "audio": "src", "source": "src", "object": "data"}
_EMBEDDED_PARAMETERS = frozenset({"movie", "src", "url", "filename"})

Attributes = dict[str, str | None]


@dataclass(slots=True)
class _Open:
    """An element that is read, and what will stand in it."""

    tag: str
    inside: list[Block]
    level: int
    """How deep what stands in it nests, as text.grammar counts."""
    styles: Counter[str] = field(default_factory=Counter)
    """The styles around it, in force again after it."""
    rows: list[list[list[Block]]] = field(default_factory=list)
    listing: blocks.Listing | None = None


class Reader(HTMLParser):
    """Follows the tags in one pass. All it remembers is what is open, so no input makes it slow or deep."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._stack = [_Open("", [], 0)]
        self._too_deep: Counter[str] = Counter()
        self._styles: Counter[str] = Counter()
        self._runs: list[Run] = []
        self._heading = 0
        self._link: str | None = None
        self._unlinked = ""
        self._verbatim: list[str] | None = None
        self._embeds: list[list[str]] = []
        self._credit_begin: int | None = None
        self._credit: list[Run] | None = None
        """What a finished <cite> said, while nothing but white space has followed it."""
        self._credit_apart = False
        """Whether its paragraph has ended since."""
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
            **dict.fromkeys(("li",), self._start_item),
            **dict.fromkeys(("table",), self._start_table),
            **dict.fromkeys(("tr", "td", "th"), self._start_cell),
            **dict.fromkeys(_EMBEDDED, self._embed),
        }

    def finished(self) -> list[Block]:
        """All blocks, when everything was read."""
        while self._embeds:
            self._end_object()
        while len(self._stack) > 1:
            self._pop()
        self._end_text()
        return self._stack[0].inside

    # Tags

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if start := self._starts.get(tag):
            start(tag, dict(reversed(attrs)))
        elif style := _STYLES.get(tag):
            if tag == "cite":
                self._end_cite()
                self._settle()
                self._credit_begin = len(self._runs)
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
        elif tag in ("blockquote", "ul", "ol", "table", "td", "th"):
            self._close(tag)
        elif tag == "li":
            self._end_item()
        elif tag == "a":
            self._end_link()
        elif tag == "q":
            self._add("”")
        elif tag == "object":
            self._end_object()
        elif tag == "pre":
            self._end_verbatim()
        elif tag in _PARAGRAPHS or _is_heading(tag):
            self._end_paragraph()
            self._heading = 0

    def handle_data(self, data: str) -> None:
        self._add(data)

    # Words

    def _add(self, text: str) -> None:
        text = _NOTHING.sub("", text)
        if self._verbatim is not None:
            self._verbatim.append(text)
            return
        shown = text if text == BREAK else _WHITE.sub(" ", text)
        if not shown or not (self._runs or shown.strip()):
            return
        if shown.strip():
            self._settle()
        bold, italic, struck, code = (bool(self._styles[style]) for style in ("bold", "italic", "struck", "code"))
        self._runs.append(Run(shown, bold, italic, struck, code, self._link))

    def _start_link(self, tag: str, attributes: Attributes) -> None:
        self._end_link()
        written = (attributes.get("href") or "").strip()
        self._link = inlines.address(written)
        self._unlinked = written if not self._link and _HARMLESS_SCHEME.match(written) else ""

    def _end_link(self) -> None:
        self._link = None
        if self._unlinked:
            # Markdown leads nobody there (ftp:, tel:), but it can say where "there" is.
            address, self._unlinked = self._unlinked, ""
            self._add(f" ({address})")

    def _image(self, tag: str, attributes: Attributes) -> None:
        description = _WHITE.sub(" ", attributes.get("alt") or attributes.get("title") or "")
        source = inlines.address(attributes.get("src"))
        if source or description:
            self._settle()
            self._runs.append(Run(description, image=source, link=self._link))

    def _embed(self, tag: str, attributes: Attributes) -> None:
        if tag == "object":
            self._embeds.append([])
        played = inlines.address(attributes.get(_EMBEDDED[tag]))
        if played and self._embeds:
            self._embeds[-1].append(played)
        elif played:
            self._put(blocks.Paragraph([Run(played, link=played)]))

    def _parameter(self, tag: str, attributes: Attributes) -> None:
        played = inlines.address(attributes.get("value"))
        if self._embeds and played and (attributes.get("name") or "").lower() in _EMBEDDED_PARAMETERS:
            self._embeds[-1].append(played)

    def _end_object(self) -> None:
        # An object names what it plays several times, for several browsers.
        if self._embeds and (played := self._embeds.pop()):
            self._put(blocks.Paragraph([Run(played[0], link=played[0])]))

    def _start_verbatim(self, tag: str, attributes: Attributes) -> None:
        self._end_text()
        self._verbatim = []

    def _end_verbatim(self) -> None:
        if self._verbatim is not None:
            text, self._verbatim = "".join(self._verbatim), None
            self._stack[-1].inside.append(blocks.Verbatim(re.sub(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]", "\n", text)))

    # Paragraphs

    def _end_paragraph(self) -> None:
        self._end_verbatim()
        runs, self._runs = self._runs, []
        if self._credit_begin is not None:
            self._end_cite(runs)
        self._credit_apart = self._credit is not None
        breaks = 0
        paragraph: list[Run] = []
        for run in [*runs, Run(BREAK), Run(BREAK)]:
            breaks = breaks + 1 if run.text == BREAK else breaks if not run.text.strip() and not run.image else 0
            paragraph.append(run)
            # Two breaks are what people made paragraphs with.
            if breaks == 2:
                if inlines.plain(paragraph) or any(each.image for each in paragraph):
                    self._stack[-1].inside.append(blocks.Paragraph(paragraph, self._heading))
                paragraph = []

    def _end_text(self) -> None:
        """Ends the paragraph where no blockquote can follow that a <cite> before would be about."""
        self._end_paragraph()
        self._settle()
        self._end_paragraph()

    def _put(self, block: Block) -> None:
        self._end_text()
        self._stack[-1].inside.append(block)

    def _end_cite(self, runs: list[Run] | None = None) -> None:
        """Takes what the <cite> said out of the paragraph: if a blockquote follows, it is about that."""
        if self._credit_begin is not None:
            spoken = self._runs if runs is None else runs
            begin, self._credit_begin = self._credit_begin, None
            credit = spoken[begin:]
            if runs is not None:
                # Its end was forgotten.
                self._styles["italic"] = max(0, self._styles["italic"] - 1)
            if inlines.plain(credit):
                del spoken[begin:]
                self._credit, self._credit_apart = credit, False

    def _settle(self) -> None:
        """What a <cite> said stays where it was: something else than a blockquote follows."""
        credit, self._credit = self._credit, None
        if credit:
            self._runs += credit
            if self._credit_apart:
                self._end_paragraph()

    # Containers

    def _push(self, opened: _Open) -> None:
        opened.styles, self._styles = self._styles, Counter(self._styles)
        self._link, self._heading = None, 0
        self._stack.append(opened)

    def _pop(self) -> None:
        self._end_text()
        closed = self._stack.pop()
        self._styles, self._link = closed.styles, None
        if closed.tag == "table":
            self._end_table(closed)

    def _close(self, tag: str) -> None:
        """Ends the innermost such element and all in it. A table's cell is ended by its table only."""
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
        quote = blocks.Quote(credit, legacy.legacy_key(attributes.get("cite") or ""))
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
        # Until its first item begins, what stands in it is an item too.
        listing.items.append([])
        self._push(_Open(tag, listing.items[0], around.level + 2, listing=listing))

    def _start_item(self, tag: str, attributes: Attributes) -> None:
        self._end_text()
        around = self._stack[-1]
        if around.listing is not None:
            around.listing.items.append([])
            around.inside = around.listing.items[-1]
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
        # Words between the cells come before the table.
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
        inside = self._stack[-1].inside
        cells = [cell for row in rows for cell in row]
        widest = max(map(len, rows), default=0)
        if 2 <= widest <= TABLE_COLUMNS and len(rows) > 1 and all(map(_is_line, cells)):
            inside.append(blocks.Table([[_runs_of(cell) for cell in row] for row in rows]))
        else:
            inside += [block for cell in cells for block in cell]


def _is_heading(tag: str) -> bool:
    return len(tag) == 2 and tag[0] == "h" and tag[1] in "123456"


def _is_line(cell: list[Block]) -> bool:
    return not cell or (len(cell) == 1 and isinstance(cell[0], blocks.Paragraph))


def _runs_of(cell: list[Block]) -> list[Run]:
    return [run for block in cell if isinstance(block, blocks.Paragraph) for run in block.runs]

"""Blocks of formatted text (paragraphs, lists, quotations, ...), and how to write them as Markdown."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from importers.ning import inlines
from importers.ning.inlines import TextRun
from text import attribution, markdown


@dataclass(frozen=True, slots=True)
class Quotation:
    """A blockquote of converted text."""

    index: int
    """Its index in document order, the same as in text.markdown.read(...).blockquotes."""
    parent: int | None
    """The index of the blockquote around it."""
    depth: int
    """0 for an outermost one."""
    name: str | None
    """Who is quoted, as the Markdown's attribution says it."""
    credit: str | None
    """The source's whole attribution ("Ada said:"), for names that could not be separated from the verb."""
    cited: str | None
    """The Ning id of the quoted post, where the source names it."""


@dataclass(slots=True)
class Paragraph:
    """Running text, at least one run of it; a heading where `heading` is not 0."""

    runs: list[TextRun]
    heading: int = 0


@dataclass(slots=True)
class Verbatim:
    """Preformatted lines."""

    text: str


@dataclass(slots=True)
class Divider:
    """A horizontal rule."""


@dataclass(slots=True)
class Table:
    """Rows of cells of running text; the first row is the heading."""

    rows: list[list[list[TextRun]]]


@dataclass(slots=True)
class Listing:
    """A list: the blocks of each of its items."""

    ordered: bool
    first: int
    items: list[list["Block"]] = field(default_factory=list)


@dataclass(slots=True)
class BlockQuote:
    """A quotation of another person."""

    credit: list[TextRun] | None
    cited: str | None
    blocks: list["Block"] = field(default_factory=list)


Block = Paragraph | Verbatim | Divider | Table | Listing | BlockQuote


class MarkdownWriter:
    """Writes blocks as Markdown, and lists the quotations among them."""

    def __init__(self) -> None:
        self.quotes: list[Quotation] = []
        self._around: list[int] = []

    def lines(self, blocks: Sequence[Block]) -> list[str]:
        """Returns the lines of Markdown; none for blocks without visible content."""
        lines: list[str] = []
        bullets = itertools.cycle("-*")
        for block in blocks:
            # Markdown joins two adjacent lists unless their markers differ.
            marker = next(bullets) if isinstance(block, Listing) else ""
            if written := self._block(block, marker):
                lines += ["", *written] if lines else written
        return lines

    def _block(self, block: Block, bullet: str) -> list[str]:
        match block:
            case Paragraph(runs, heading):
                lines = inlines.lines(runs)
                return [inlines.heading(" ".join(lines), heading)] if heading and lines else lines
            case Verbatim(text):
                return _fenced(text)
            case Divider():
                # Hyphens inside of a list item would be read as a rule instead of the list.
                return ["___"]
            case Table(rows):
                return _table(rows)
            case Listing():
                return self._listing(block, bullet)
            case BlockQuote():
                return self._quote(block)

    def _listing(self, listing: Listing, bullet: str) -> list[str]:
        lines: list[str] = []
        numbers = itertools.count(listing.first)
        delimiter = "." if bullet == "-" else ")"
        for blocks in listing.items:
            if item := self.lines(blocks):
                marker = f"{next(numbers)}{delimiter}" if listing.ordered else bullet
                if lines and len(item) > 1:
                    lines.append("")
                lines += _indented(item, marker + " ")
        return lines

    def _quote(self, quote: BlockQuote) -> list[str]:
        credit = inlines.plain(quote.credit) if quote.credit else None
        name = name_in(credit) if credit else None
        index = len(self.quotes)
        parent = self._around[-1] if self._around else None
        # The index is taken before those of the quotations inside.
        self.quotes.append(Quotation(index, parent, len(self._around), name, credit, quote.cited))
        self._around.append(index)
        lines = self.lines(quote.blocks)
        self._around.pop()
        if name:
            said = attribution.attribute(name, "").strip().removeprefix("> ")
            lines = [said, "", *lines] if lines else [said]
        elif credit and (said_lines := inlines.lines([TextRun(credit)])):
            lines = [*said_lines, "", *lines] if lines else said_lines
        if not lines:
            del self.quotes[index:]
            return []
        return [f"> {line}" if line else ">" for line in lines]


def name_in(credit: str) -> str | None:
    """Returns the name in "Ada said:" in the languages of text.attribution, else all text before the colon."""
    name = _name_of(f"**{inlines.escaped(credit)}**") or credit.strip().rstrip(":\uff1a")
    called = " ".join(name.split())[: attribution.NAME_CHARACTERS].strip()
    # Parley's Markdown reads @ before a name as a mention.
    return called.lstrip("@ ") or None


def _name_of(line: str) -> str | None:
    """Returns who is quoted by a blockquote with this first line."""
    quotes = markdown.read(f"> {line}").blockquotes
    said = quotes[0].attribution if quotes else None
    return said.name or None if said else None


def _indented(lines: Sequence[str], marker: str) -> Iterator[str]:
    yield marker + lines[0]
    for line in lines[1:]:
        yield " " * len(marker) + line if line else ""


def _fenced(text: str) -> list[str]:
    lines = text.strip("\n").rstrip().split("\n")
    if not any(lines):
        return []
    fence = "`" * max(3, inlines.longest_run(text, "`") + 1)
    return [fence, *lines, fence]


def _table(rows: Sequence[Sequence[Sequence[TextRun]]]) -> list[str]:
    columns = max(map(len, rows))
    written = [[inlines.cell(cell) for cell in row] + [""] * (columns - len(row)) for row in rows]
    if not any(map(any, written)):
        return []
    head, *body = (f"| {' | '.join(row)} |" for row in written)
    return [head, f"|{' --- |' * columns}", *body]

"""Converts the HTML of a Ning post to Markdown, and lists its quotations."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from importers.ning import blocks, html_reader
from importers.ning.blocks import Quotation
from text import markdown
from text.attribution import Attribution

_NEVER_SHOWN = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style|head)\b.*?(?:</\1\s*>|\Z)|<[!?][^>]*(?:>|\Z)", re.DOTALL | re.IGNORECASE
)
_NO_TAG = re.compile(r"<(?!/?[A-Za-z])")
_UNREADABLE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Converted:
    """A post as Markdown."""

    markdown: str
    quotes: tuple[Quotation, ...]
    """One for each blockquote of the Markdown, in document order; none in a post that shows nothing."""


def to_markdown(html: str) -> Converted:
    """Returns the post as Markdown without HTML, with the same text and meaning. Never raises.

    An element that Markdown lacks is replaced by its text, an embedded player by a link to its media. Scripts, styles
    and U+0000 are removed; a lone surrogate becomes U+FFFD. Quotations nested deeper than text.grammar.NESTING become
    paragraphs of the quotation around them.
    """
    shown = _NEVER_SHOWN.sub("", _UNREADABLE.sub("\ufffd", html))
    # A "<" that begins no tag is text. html.parser finds that out too, but in quadratic time.
    end = shown.rfind(">") + 1
    shown = _NO_TAG.sub("&lt;", shown[:end]) + shown[end:].replace("<", "&lt;")
    reader = html_reader.HtmlReader()
    reader.feed(shown)
    reader.close()
    writer = blocks.MarkdownWriter()
    text = "\n".join(writer.lines(reader.finished()))
    return Converted(text, tuple(_named(writer.quotes, text)))


def _named(quotes: Sequence[Quotation], text: str) -> Iterator[Quotation]:
    """The quotations, where the source credits nobody with the name in the attribution that the Markdown has."""
    attributions: dict[int, Attribution | None] = {}
    if any(quote.name is None for quote in quotes):
        document = markdown.read(text)
        if document.is_empty:
            return
        attributions = {block.index: block.attribution for block in document.blockquotes}
    for quote in quotes:
        said = attributions.get(quote.index) if quote.name is None else None
        yield replace(quote, name=said.name or None) if said else quote

"""The HTML of a Ning post → Markdown in which its quotations can be found again."""

import re
from dataclasses import dataclass

from importers.ning import blocks, html_reader
from importers.ning.blocks import Quotation

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
    """One for each blockquote of the Markdown, in the same order: outer before inner."""


def to_markdown(html: str) -> Converted:
    """The post as Markdown that reads as it did, without HTML; never raises, whatever the input.

    What Markdown has no word for leaves its text behind: an embedded player becomes a link to what it plays. Scripts
    and styles are dropped, U+0000 too, and a lone surrogate becomes U+FFFD. Quotations deeper than
    text.grammar.NESTING are paragraphs of the one around them.
    """
    shown = _NEVER_SHOWN.sub("", _UNREADABLE.sub("\ufffd", html))
    # What can't be a tag is text. Python's parser would find that out too, in quadratic time.
    end = shown.rfind(">") + 1
    shown = _NO_TAG.sub("&lt;", shown[:end]) + shown[end:].replace("<", "&lt;")
    reader = html_reader.HtmlReader()
    reader.feed(shown)
    reader.close()
    writer = blocks.MarkdownWriter()
    lines = writer.lines(reader.finished())
    return Converted("\n".join(lines), tuple(writer.quotes))

"""Parses the Markdown of a post once; renders it when its quotes have ids."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, groupby
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from text import grammar, mentions, normal, plain, quotes, safety, said
from text.attribution import Attribution, attribute
from text.links import PostReference, post_reference
from text.mentions import Candidate, FoundMention, Sign
from text.quotes import Blockquote, BlockQuotePlace
from text.shown import Shown

# The interface of this room for callers that parse bodies.
__all__ = [
    "RENDERER",
    "Attribution",
    "Blockquote",
    "Candidate",
    "FoundMention",
    "MarkdownDocument",
    "PostReference",
    "attribute",
    "post_reference",
    "read",
]

RENDERER: int = 2
"""The version of the renderer, stored with rendered posts. Increase it when the same body would render differently."""

_QUOTE_TAG = re.compile("</?blockquote>\n?")
_OPENED_QUOTE = re.compile("<blockquote>")


@dataclass(frozen=True, slots=True)
class MarkdownDocument:
    """A parsed body."""

    text: str
    """The plain text, including quotes and their attributions."""
    own_text: str
    """The plain text outside of quotes: the author's own words."""
    said: str
    """What it shows, quotes included, normalised for `text.said.compare`."""
    blockquotes: tuple[Blockquote, ...]
    """In order of appearance, outer before inner."""
    mentions: tuple[FoundMention, ...]
    """In order of appearance, except those in quotes and their attributions, code and addresses of links; at most
    mentions.MAX_MENTIONS."""
    _html: str = field(repr=False)

    def html(self, quote_ids: Mapping[int, str] | Sequence[str | None] = ()) -> str:
        """Returns sanitised HTML. Blockquotes with an id in `quote_ids`, by index, get the attribute data-quote-id."""
        ids = quote_ids if isinstance(quote_ids, Mapping) else dict(enumerate(quote_ids))
        if not ids:
            return self._html
        index = count()

        def opened(tag: re.Match[str]) -> str:
            quote_id = ids.get(next(index))
            return tag[0] if quote_id is None else f'<blockquote data-quote-id="{escapeHtml(quote_id)}">'

        return _OPENED_QUOTE.sub(opened, self._html)


def read(body: str) -> MarkdownDocument:
    """Parses a body of Markdown, in at most a quarter of a second for any 100,000 characters.

    A body that exceeds the parser's limits is parsed as plain paragraphs, without quotes and mentions.
    Raises ValueError for text that text.normal.invalid rejects.
    """
    if objection := normal.invalid(body):
        raise ValueError(objection)
    env: dict[str, Any] = {}
    try:
        tokens = _PARSER.parse(body, env)
    except grammar.TooComplex:
        return _plain(body)
    places = quotes.places(tokens)
    shows = Shown(tokens, places)
    html = safety.sanitised(_PARSER.renderer.render(tokens, _PARSER.options, {}))
    return MarkdownDocument(
        text=shows.text,
        own_text=shows.own_text,
        said=shows.said,
        blockquotes=tuple(_blockquotes(tokens, places, shows, html)),
        mentions=tuple(mentions.mentions(body, _signs(tokens, places, env.get(mentions.SIGNS, [])))),
        _html=html,
    )


def _plain(body: str) -> MarkdownDocument:
    """The body as paragraphs, with its markup as typed."""
    lines = (line.strip() for line in re.split(r"\r\n?|\n", body))
    paragraphs = ["\n".join(each) for filled, each in groupby(lines, key=bool) if filled]
    text = "\n\n".join(paragraphs)
    html = "".join(f"<p>{escapeHtml(each)}</p>\n".replace("\n", "<br>\n", each.count("\n")) for each in paragraphs)
    return MarkdownDocument(text, text, said.normalised(text), (), (), safety.sanitised(html))


def _signs(tokens: Sequence[Token], places: Sequence[BlockQuotePlace], found: Sequence[Sign]) -> list[int]:
    """The ordinals of the signs that are not in attributions before blockquotes."""
    lines = {
        place.line.token: tokens[place.line.token].content.rfind("\n") + 1
        for place in places
        if place.line and place.line.before
    }
    return [sign.ordinal for sign in found if sign.offset < lines.get(sign.token, sign.offset + 1)]


def _blockquotes(
    tokens: Sequence[Token], places: Sequence[BlockQuotePlace], shows: Shown, html: str
) -> Iterator[Blockquote]:
    # A tag in this HTML comes from the parser: the sanitiser escapes < in text and in attributes.
    begins: list[int] = []
    ends: dict[int, int] = {}
    around: list[int] = []
    for tag in _QUOTE_TAG.finditer(html):
        if tag[0].startswith("</"):
            ends[around.pop()] = tag.start()
        else:
            around.append(len(begins))
            begins.append(tag.end())
    for index, place in enumerate(places):
        opening = tokens[place.begin].map
        assert opening is not None
        inside = html[begins[index] : ends[index]]
        yield Blockquote(
            index=index,
            parent=place.parent,
            depth=place.depth,
            attribution=place.attribution,
            html=_without_first_line(inside) if place.line and not place.line.before else inside,
            text=shows.text_of(index),
            own_text=shows.own_text_of(index),
            said=shows.said_of(index),
            lines=(opening[0], opening[1]),
            attributed_in=_lines(tokens[place.line.token]) if place.line else None,
        )


def _lines(token: Token) -> tuple[int, int]:
    assert token.map is not None
    return token.map[0], token.map[1]


def _without_first_line(html: str) -> str:
    """The HTML of a blockquote without the attribution that its first paragraph begins with."""
    end, rest = html.index("</p>\n"), html.find("<br>\n")
    return html[end + 5 :] if rest < 0 or rest > end else f"<p>{html[rest + 5 :]}"


def _image(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    # An image that may not be loaded is replaced by its description.
    if safety.is_image(str(tokens[index].attrs["src"])):
        return renderer.image(tokens, index, options, env)
    return escapeHtml(plain.line(tokens[index : index + 1]))


def _parser() -> MarkdownIt:
    parser = grammar.markdown()
    parser.inline.ruler.push("mention", mentions.inline_rule)
    parser.core.ruler.after("inline", "mentions", mentions.core_rule)
    parser.add_render_rule("image", _image)
    return parser


_PARSER = _parser()

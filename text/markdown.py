"""Parses the Markdown of a post once; renders it when its quotes have ids."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from text import grammar, mentions, normal, plain, quotes, safety
from text.attribution import Attribution, attribute
from text.links import PostReference, post_reference
from text.mentions import Candidate, FoundMention
from text.quotes import Blockquote

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

RENDERER: int = 1
"""The version of the renderer, stored with rendered posts. Increase it when the same body would render differently."""

_QUOTE_IDS = "quote ids"


@dataclass(frozen=True, slots=True)
class MarkdownDocument:
    """A parsed body."""

    text: str
    """The plain text, including quotes and their attributions."""
    own_text: str
    """The plain text outside of quotes: the author's own words."""
    blockquotes: tuple[Blockquote, ...]
    """In order of appearance, outer before inner."""
    mentions: tuple[FoundMention, ...]
    """In order of appearance, except those in quotes, code and addresses of links."""
    _tokens: Sequence[Token] = field(repr=False, compare=False)

    def html(self, quote_ids: Mapping[int, str] | Sequence[str | None] = ()) -> str:
        """Returns sanitised HTML. Blockquotes with an id in `quote_ids`, by index, get the attribute data-quote-id."""
        return _rendered(self._tokens, quote_ids if isinstance(quote_ids, Mapping) else dict(enumerate(quote_ids)))


def read(body: str) -> MarkdownDocument:
    """Parses a body of Markdown, in at most one second for any 100,000 characters.

    A body that exceeds the parser's limits is parsed as plain paragraphs, without quotes and mentions.
    Raises ValueError for text that text.normal.invalid rejects.
    """
    if objection := normal.invalid(body):
        raise ValueError(objection)
    env: dict[str, Any] = {}
    try:
        tokens = _PARSER.parse(body, env)
    except grammar.TooComplex:
        env = {}
        tokens = _PLAIN_PARAGRAPHS.parse(body, env)
    return MarkdownDocument(
        text=plain.words(tokens),
        own_text=plain.words(tokens, quotes=False),
        blockquotes=tuple(_blockquotes(tokens)),
        mentions=tuple(mentions.mentions(body, env.get(mentions.ORDINALS, []))),
        _tokens=tokens,
    )


def _blockquotes(tokens: Sequence[Token]) -> list[Blockquote]:
    found = []
    for index, place in enumerate(quotes.places(tokens)):
        said, inside = quotes.opened(tokens[place.begin + 1 : place.end])
        opening = tokens[place.begin].map
        assert opening is not None
        found.append(
            Blockquote(
                index=index,
                parent=place.parent,
                depth=place.depth,
                attribution=said,
                html=_rendered(inside, {}),
                text=plain.words(inside),
                own_text=plain.words(inside, quotes=False),
                lines=(opening[0], opening[1]),
            )
        )
    return found


def _rendered(tokens: Sequence[Token], quote_ids: Mapping[int, str | None]) -> str:
    return safety.sanitised(_PARSER.renderer.render(tokens, _PARSER.options, {_QUOTE_IDS: quote_ids}))


def _blockquote_open(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    # A body can't contain attributes, since HTML in it is escaped: every id comes from `quote_ids`.
    quote_id = env[_QUOTE_IDS].get(tokens[index].meta[quotes.QUOTE_INDEX])
    return "<blockquote>\n" if quote_id is None else f'<blockquote data-quote-id="{escapeHtml(quote_id)}">\n'


def _image(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    # An image that may not be loaded is replaced by its description.
    if safety.is_image(str(tokens[index].attrs["src"])):
        return renderer.image(tokens, index, options, env)
    return escapeHtml(plain.line(tokens[index : index + 1]))


def _parser() -> MarkdownIt:
    parser = grammar.markdown()
    parser.inline.ruler.push("mention", mentions.inline_rule)
    parser.core.ruler.after("inline", "mentions", mentions.core_rule)
    parser.add_render_rule("blockquote_open", _blockquote_open)
    parser.add_render_rule("image", _image)
    return parser


_PARSER = _parser()
_PLAIN_PARAGRAPHS = grammar.plain_paragraphs()

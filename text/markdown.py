"""The Markdown of a post: read once, then rendered with the ids that its quotes have got."""

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

# The front of the room: all that a caller who reads bodies needs.
__all__ = [
    "RENDERER",
    "Attribution",
    "Blockquote",
    "Candidate",
    "Document",
    "FoundMention",
    "PostReference",
    "attribute",
    "post_reference",
    "read",
]

RENDERER: int = 1
"""Stored with rendered posts; one more whenever the same body would render differently."""

_QUOTE_IDS = "quote ids"


@dataclass(frozen=True, slots=True)
class Document:
    """A post as its Markdown reads."""

    text: str
    """The plain words of the whole, quotes and their attributions included."""
    own_text: str
    """The plain words outside of quotes: what its author says."""
    blockquotes: tuple[Blockquote, ...]
    """In order of appearance, outer before inner."""
    mentions: tuple[FoundMention, ...]
    """In order of appearance; none from quotes, code or links' addresses."""
    _tokens: Sequence[Token] = field(repr=False, compare=False)

    def html(self, quote_ids: Mapping[int, str] | Sequence[str | None] = ()) -> str:
        """Sanitised HTML, the blockquotes marked data-quote-id where an id is given for their index."""
        return _rendered(self._tokens, quote_ids if isinstance(quote_ids, Mapping) else dict(enumerate(quote_ids)))


def read(body: str) -> Document:
    """What a body of Markdown says. Takes a second at most for 100,000 characters, however they are arranged.

    A body too intricate for that is read as plain paragraphs, without quotes and mentions.
    Raises ValueError for text that text.normal.invalid objects to.
    """
    if objection := normal.invalid(body):
        raise ValueError(objection)
    env: dict[str, Any] = {}
    try:
        tokens = _PARSER.parse(body, env)
    except grammar.TooIntricate:
        env = {}
        tokens = _AS_TYPED.parse(body, env)
    return Document(
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
    # No body can write an attribute, as HTML in it is text: every id is the one that was given for its index.
    quote_id = env[_QUOTE_IDS].get(tokens[index].meta[quotes.QUOTE_INDEX])
    return "<blockquote>\n" if quote_id is None else f'<blockquote data-quote-id="{escapeHtml(quote_id)}">\n'


def _image(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    # An image that may not be loaded leaves its description behind.
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
_AS_TYPED = grammar.as_typed()

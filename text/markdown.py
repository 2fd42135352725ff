"""Parses the Markdown of a post once; renders it when its quotes have ids."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, groupby, islice
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from text import (
    characters,
    directions,
    footnotes,
    grammar,
    links,
    marks,
    mentions,
    normal,
    plain,
    quotes,
    safety,
    said,
    work,
)
from text.attribution import Attribution, attribute
from text.links import PostReference, Targets, post_reference
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

RENDERER: int = 5
"""The version of the renderer, stored with rendered posts. Increase it when the same body would render differently."""

_QUOTE_TAG = re.compile("</?blockquote[^>]*>\n?")
_OPENED_QUOTE = re.compile("<blockquote")
MAX_POST_LINKS = 50
"""How many posts a text may refer to by number and links; all others are not looked up."""


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
    is_empty: bool
    """Whether its Markdown shows nothing: no text, no image, no rule and no code. It is then shown as typed."""
    post_links: tuple[str, ...]
    """The addresses of the posts to which it links and whose numbers it has, each once; at most MAX_POST_LINKS."""
    _html: str = field(repr=False)

    def html(self, quote_ids: Mapping[int, str] | Sequence[str | None] = (), targets: Targets | None = None) -> str:
        """Returns sanitised HTML, with links to its targets and on this site as text.links keeps them.

        Blockquotes with an id in `quote_ids`, by index, get the attribute data-quote-id.
        """
        targets = targets or Targets()
        users = {self.mentions[at].ordinal: user for at, user in targets.users.items()}
        html = marks.linked(links.with_posts(self._html, targets.posts), users, targets.posts)
        html = links.in_discussion(html, targets.discussion)
        ids = quote_ids if isinstance(quote_ids, Mapping) else dict(enumerate(quote_ids))
        if not ids:
            return html
        index = count()

        def opened(tag: re.Match[str]) -> str:
            quote_id = ids.get(next(index))
            return tag[0] if quote_id is None else f'<blockquote data-quote-id="{escapeHtml(quote_id)}"'

        return _OPENED_QUOTE.sub(opened, html)

    def quote_html(self, index: int, targets: Targets) -> str:
        """Returns the sanitised HTML in a blockquote, as `html` has it, without ids of quotes."""
        html = links.with_posts(self.blockquotes[index].html, targets.posts)
        return links.in_discussion(html, targets.discussion)


def read(body: str) -> MarkdownDocument:
    """Parses a body of Markdown, in at most a quarter of a second for any 100,000 characters.

    A body that exceeds the parser's limits, or that shows nothing, is parsed as plain paragraphs, without quotes and
    mentions. Characters that no body may hold, which imports bring, are left out.
    Raises ValueError for text that text.normal.invalid rejects.
    """
    if objection := normal.invalid(body):
        raise ValueError(objection)
    env: dict[str, Any] = {}
    allowed = characters.without_forbidden(body)
    try:
        tokens = _PARSER.parse(allowed, env)
    except work.TooComplex:
        return _plain(allowed)
    if not any(map(_shows_something, tokens)):
        return _plain(allowed, is_empty=True)
    _show_addresses(tokens)
    directions.balance(tokens)
    shown = marks.settle(tokens)
    places = quotes.places(tokens)
    _unmark_attributions(tokens, places)
    shows = Shown(tokens, places)
    directions.mark(tokens, places)
    key = {footnotes.KEY: hashlib.sha256(body.encode()).hexdigest()[:12]} if footnotes.NOTES in env else {}
    html = safety.sanitised(_PARSER.renderer.render(tokens, _PARSER.options, key))
    return MarkdownDocument(
        text=shows.text,
        own_text=shows.own_text,
        said=shows.said,
        blockquotes=tuple(_blockquotes(tokens, places, shows, html)),
        mentions=tuple(mentions.mentions(body, _signs(tokens, places, env.get(mentions.SIGNS, [])), shown)),
        is_empty=False,
        post_links=tuple(_post_links(html)),
        _html=html,
    )


def _post_links(html: str) -> Iterator[str]:
    found = dict.fromkeys([*links.addresses(html), *marks.references(html)])
    return islice((each for each in found if post_reference(each) is not None), MAX_POST_LINKS)


def _unmark_attributions(tokens: Sequence[Token], places: Sequence[BlockQuotePlace]) -> None:
    """Lets the lines before quotes that say who is quoted mention and refer to nobody else."""
    for line in [place.line for place in places if place.line]:
        for child in (tokens[line.token].children or ())[line.begin : line.end]:
            child.meta.pop(marks.MARKS, None)


def _shows_something(token: Token) -> bool:
    match token.type:
        case "hr":
            return True
        case "image" if safety.is_image(str(token.attrs["src"])):
            return True
        case "text" | "text_special" | "code_inline" | "fence" | "code_block" | "footnote_ref":
            return characters.is_visible(marks.signed(token.content))
        case _:
            return any(map(_shows_something, token.children or ()))


def _show_addresses(tokens: Sequence[Token]) -> None:
    """Gives links without words, and images without a description that are not loaded, their address as text."""
    for token in tokens:
        children: list[Token] = []
        opened = 0
        for child in token.children or ():
            if child.type == "link_open":
                opened = len(children)
            elif child.type == "link_close" and not any(map(_shows_something, children[opened:])):
                children.append(_text(children[opened].attrs["href"]))
            is_seen = child.type != "image" or _shows_something(child)
            children.append(child if is_seen else _text(child.attrs["src"]))
        if token.children:
            token.children = children


def _text(content: object) -> Token:
    return Token("text", "", 0, content=str(content))


def _plain(body: str, *, is_empty: bool = False) -> MarkdownDocument:
    """The body as paragraphs, with its markup as typed."""
    lines = (line.strip() for line in re.split(r"\r\n?|\n", body))
    paragraphs = [directions.balanced("\n".join(each)) for filled, each in groupby(lines, key=bool) if filled]
    text = "\n\n".join(paragraphs)
    html = "".join(
        f'<p dir="auto">{escapeHtml(each)}</p>\n'.replace("\n", "<br>\n", each.count("\n")) for each in paragraphs
    )
    return MarkdownDocument(text, text, said.normalised(text), (), (), is_empty, (), safety.sanitised(html))


def _signs(tokens: Sequence[Token], places: Sequence[BlockQuotePlace], found: Sequence[Sign]) -> list[int]:
    """The ordinals of the signs that are not in attributions before blockquotes."""
    lines = {
        id(tokens[place.line.token]): tokens[place.line.token].content.rfind("\n") + 1
        for place in places
        if place.line and place.line.before
    }
    return [sign.ordinal for sign in found if sign.offset < lines.get(id(sign.token), sign.offset + 1)]


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
    return html[end + 5 :] if rest < 0 or rest > end else f'<p dir="auto">{html[rest + 5 :]}'


def _image(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    # An image that may not be loaded is replaced by its description.
    if safety.is_image(str(tokens[index].attrs["src"])):
        return renderer.image(tokens, index, options, env)
    return escapeHtml(plain.line(tokens[index : index + 1]))


def _code(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    """A block of code, which reads from left to right whatever is around it."""
    render = renderer.fence if tokens[index].type == "fence" else renderer.code_block
    return render(tokens, index, options, env).replace("<pre", '<pre dir="ltr"', 1)


def _item(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    """The beginning of a list item, with the box of a task."""
    opening = renderer.renderToken(tokens, index, options, env)
    if "checked" not in tokens[index].meta:
        return opening
    is_checked = tokens[index].meta["checked"]
    label, state = ("[x]", " checked") if is_checked else ("[ ]", "")
    return f'{opening}<input type="checkbox" disabled{state} aria-label="{label}"> '


def _link(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    token = tokens[index]
    token = token.copy(attrs=token.attrs | {"href": links.rooted(str(token.attrs["href"]))})
    return renderer.renderToken([token], 0, options, env)


def _parser() -> MarkdownIt:
    parser = grammar.markdown()
    parser.inline.ruler.push("mention", mentions.inline_rule)
    parser.core.ruler.after("footnotes", "mentions", mentions.core_rule)
    parser.core.ruler.after("mentions", "reserve_marks", marks.reserve)
    for name, rule in {
        "text": marks.render,
        "link_open": _link,
        "image": _image,
        "fence": _code,
        "code_block": _code,
        "list_item_open": _item,
        "footnote_ref": footnotes.render_reference,
        "footnote_open": footnotes.render_open,
        "footnote_close": footnotes.render_close,
        "footnote_back": footnotes.render_back,
    }.items():
        parser.add_render_rule(name, rule)
    return parser


_PARSER = _parser()

"""Marks places in rendered HTML that may become links: an @ with a user's name, and #12 for the post of that number.

Whether there is such a user or post is known after rendering. The places are carried there in steps: `reserve` puts
stand-ins for the signs, since the text around them is still cut and joined; `settle` moves their places into the `meta`
of the tokens; the renderer writes them as marks, and `linked` turns these into links or removes them.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from urllib.parse import quote

import regex
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from text.links import HERE, LinkedUser
from text.mentions import LETTER, SIGNS, Sign, in_bare_link
from text.normal import UNSPACED

MARKS = "marks"
"""The key in the meta of a text token under which its marks are: where each is, and the ordinal of its @ or None."""
_ORDINALS = "ordinals of mention signs"
# No body holds these characters: text.markdown.read leaves them out.
_AT, _NUMBER_SIGN = "\x02", "\x03"
_SIGNS = {_AT: "@", _NUMBER_SIGN: "#"}
_STAND_IN = re.compile(f"[{_AT}{_NUMBER_SIGN}]")
_MARK = re.compile("\x02([0-9]*)\x03")
# A number sign of its own: not that of a colour, an address, a hash tag or a decimal number.
_REFERENCE = regex.compile(
    rf"(?:(?<![{LETTER}\p{{M}}#@&/.+=%$-])|(?<=[{UNSPACED}])(?<!\p{{N}}))#"
    rf"(?=[1-9][0-9]{{0,8}}(?![[{LETTER}\p{{M}}-]--[{UNSPACED}]]|[.,][0-9]|/[{LETTER}]))",
    regex.V1,
)
_SIGN = regex.compile(rf"@|{_REFERENCE.pattern}", regex.V1)
RELATION = 'rel="nofollow noopener ugc"'
MAX_REFERENCES = 100
"""How many numbers in a text may become links to posts, which are much longer; each # after them is text."""


def reserve(state: StateCore) -> None:
    """Replaces the signs in text outside of quotes, links and code by stand-ins, up to `settle`."""
    if state.inlineMode:
        # A line is read for its attribution, and not rendered.
        return
    signs: dict[int, list[Sign]] = {}
    for sign in state.env.get(SIGNS, ()):
        signs.setdefault(id(sign.token), []).append(sign)
    depth, references_left = 0, MAX_REFERENCES
    for token in state.tokens:
        depth += (token.type == "blockquote_open") - (token.type == "blockquote_close")
        ordinals = [sign.ordinal for sign in signs.get(id(token), ())]
        if token.type == "inline" and not depth and (ordinals or (references_left and "#" in token.content)):
            references_left -= _reserve(token, ordinals, references_left)


def _reserve(token: Token, ordinals: list[int], max_references: int) -> int:
    """Returns how many references it reserved, at most `max_references`."""
    texts = list(_texts(token))
    left, numbers = iter(ordinals), iter(range(max_references))
    reserved: list[int] = []

    def stand_in(found: regex.Match[str]) -> str:
        sign: str = found[0]
        ordinal = next(left, None) if sign == "@" else None
        if (sign == "@" and ordinal is None) or in_bare_link(found.string, found.start()):
            return sign
        if ordinal is None:
            return sign if next(numbers, None) is None else _NUMBER_SIGN
        reserved.append(ordinal)
        return _AT

    for text in texts:
        text.content = _SIGN.sub(stand_in, text.content)
    token.meta[_ORDINALS] = reserved
    return max_references - sum(1 for _ in numbers)


def _texts(token: Token) -> Iterator[Token]:
    """The text outside of links, without what was escaped."""
    depth = 0
    for child in token.children or ():
        depth += (child.type == "link_open") - (child.type == "link_close")
        if child.type == "text" and not depth:
            yield child


def signed(text: str) -> str:
    """The text with the signs in place of their stand-ins."""
    return _STAND_IN.sub(lambda found: _SIGNS[found[0]], text)


def settle(tokens: Sequence[Token]) -> dict[int, int]:
    """Puts the signs back in place of their stand-ins, and their places into the meta of their tokens.

    Returns how long the text is that each @, by its ordinal, begins: up to a link, emphasis or the end of the line.
    """
    lengths: dict[int, int] = {}
    for token in tokens:
        ordinals = iter(token.meta.pop(_ORDINALS, ()))
        for child in (token.children or ()) if token.type == "inline" else ():
            places = [found.start() for found in _STAND_IN.finditer(child.content)]
            if places:
                marks = [(at, next(ordinals) if child.content[at] == _AT else None) for at in places]
                child.content = signed(child.content)
                child.meta[MARKS] = marks
                lengths |= {ordinal: len(child.content) - at for at, ordinal in marks if ordinal is not None}
    return lengths


def render(renderer: RendererHTML, tokens: list[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    """The HTML of a text token with its marks."""
    token = tokens[index]
    parts, begin = [], 0
    for at, ordinal in token.meta.get(MARKS, ()):
        parts += [escapeHtml(token.content[begin:at]), f"\x02{'' if ordinal is None else ordinal}\x03"]
        begin = at
    return "".join([*parts, escapeHtml(token.content[begin:])])


def references(html: str) -> list[str]:
    """The addresses of the posts whose numbers are marked."""
    return [f"{HERE}#reply-{number}" for number in re.findall("\x02\x03#([0-9]+)", html)]


def linked(html: str, users: Mapping[int, LinkedUser], posts: Mapping[str, str]) -> str:
    """Returns the HTML with links in place of the marks, or nothing.

    `users`: the users by the ordinals of their @; `posts`: the ids of the posts by their addresses.
    """
    first, *rest = _MARK.split(html)
    parts = [first]
    for ordinal, text in zip(rest[::2], rest[1::2], strict=True):
        if not ordinal:
            parts.append(_with_reference(text, posts))
        elif user := users.get(int(ordinal)):
            parts.append(_with_mention(text, user))
        else:
            parts.append(text)
    return "".join(parts)


def _with_reference(text: str, posts: Mapping[str, str]) -> str:
    number = re.match("#([0-9]+)", text)
    address = f"{HERE}#reply-{number[1]}" if number else ""
    if number is None or address not in posts:
        return text
    attributes = f'href="{address}" class="post-reference" data-post-id="{posts[address]}" {RELATION}'
    return f"<a {attributes}>{number[0]}</a>{text[number.end() :]}"


def _with_mention(text: str, user: LinkedUser) -> str:
    name = re.escape(escape(user.called, quote=False)).replace("\\ ", "(?: |&nbsp;)")
    found = re.match(f"@(?: |&nbsp;)?{name}", text)
    if found is None:
        return text
    attributes = f'href="/u/{quote(user.handle, safe="")}" class="mention" data-user-id="{user.node_id}" {RELATION}'
    return f"<a {attributes}>{found[0]}</a>{text[found.end() :]}"


def without_user(html: str, node_id: str) -> str:
    """Returns the HTML without links to a user; their texts stay."""
    return re.sub(f'<a href="[^"]*" class="mention" data-user-id="{node_id}"[^>]*>(.*?)</a>', r"\1", html)

"""Directions of text: each block of a post has its own, and none turns what stands outside of it."""

from collections.abc import Iterator, Sequence

import regex
from markdown_it.token import Token

from text import plain
from text.characters import BIDI_CONTROLS
from text.quotes import BlockQuotePlace

_CONTROL = regex.compile(f"[{BIDI_CONTROLS}]")
_END = regex.compile(r"\p{Bidi_Class=B}")
"""What ends a line, and all that it opens (UAX 9, X8)."""
_CONTROL_OR_END = regex.compile(rf"{_CONTROL.pattern}|(?P<end>{_END.pattern})")
_POP_EMBEDDING, _POP_ISOLATE = "\u202c", "\u2069"
_CLOSES = {
    **dict.fromkeys("\u202a\u202b\u202d\u202e", _POP_EMBEDDING),
    **dict.fromkeys("\u2066\u2067\u2068", _POP_ISOLATE),
}
_MAX_DEPTH = 125
"""How deep they may nest; what opens more is ignored (UAX 9, BD2)."""
_STRONG = regex.compile(r"(?P<left>\p{Bidi_Class=L})|[\p{Bidi_Class=R}\p{Bidi_Class=AL}]")
_TEXTS = ("paragraph_open", "heading_open", "th_open", "td_open")
_CONTAINERS = ("blockquote_open", "bullet_list_open", "ordered_list_open", "table_open", "footnote_open")


def balance(tokens: Sequence[Token]) -> None:
    """Closes, at the end of each line, the embeddings, overrides and isolates that it opens.

    What closes nothing is taken away. In HTML a line ends them anyway, but a part of the text may be shown anywhere.
    """
    for token in tokens:
        if token.type in ("fence", "code_block"):
            token.content = balanced(token.content)
        elif token.children:
            token.children = _balanced_tokens(token.children)


def balanced(text: str) -> str:
    """The text, each line of which closes what it opens, and nothing else."""
    opened: list[str] = []
    return _balanced(text, opened) + _closing(opened)


def _balanced_tokens(children: Sequence[Token]) -> list[Token]:
    """The tokens of a text, or of the description of an image, which may stand in an attribute."""
    opened: list[str] = []
    tokens: list[Token] = []
    for child in children:
        if child.type in ("softbreak", "hardbreak", "image") and _END.search(plain.line([child])):
            tokens += _closing_tokens(opened)
        if child.type == "image":
            child.children = _balanced_tokens(child.children or ())
        elif child.content:
            child.content = _balanced(child.content, opened)
        tokens.append(child)
    return [*tokens, *_closing_tokens(opened)]


def _closing_tokens(opened: list[str]) -> list[Token]:
    return [Token("text", "", 0, content=_closing(opened))] if opened else []


def _balanced(text: str, opened: list[str]) -> str:
    """The text without what closes nothing. `opened` holds what would close what is open, the last one last."""

    def kept(found: regex.Match[str]) -> str:
        sign: str = found[0]
        if found["end"]:
            return _closing(opened) + sign
        if sign in _CLOSES:
            if len(opened) == _MAX_DEPTH:
                return ""
            opened.append(_CLOSES[sign])
        elif sign == _POP_ISOLATE and sign in opened:
            # It ends the embeddings within the isolate, too.
            while opened.pop() != sign:
                pass
        elif not (opened and opened[-1] == sign):
            return ""
        else:
            opened.pop()
        return sign

    return str(_CONTROL_OR_END.sub(kept, text)) if opened or _CONTROL.search(text) else text


def _closing(opened: list[str]) -> str:
    """What closes all that is open, which it then is no more."""
    closing = "".join(reversed(opened))
    opened.clear()
    return closing


def mark(tokens: Sequence[Token], places: Sequence[BlockQuotePlace]) -> None:
    """Gives each block its direction, as an attribute.

    That of a text is found by the browser (auto). An element around other blocks with a direction finds none of them,
    so it has the one of its first word, which for a quote is the first after its attribution.
    """
    attributed = {
        place.line.token: place.line.end for place in places if place.line is not None and not place.line.before
    }
    undecided: list[Token] = []
    for position, token in enumerate(tokens):
        is_tight_item = token.type == "list_item_open" and tokens[position + 1].hidden
        if is_tight_item or (token.type in _TEXTS and not token.hidden):
            token.attrs["dir"] = "auto"
        elif token.type in _CONTAINERS:
            undecided.append(token)
        elif token.type.endswith("_close") and undecided and token.type == _closing_type(undecided[-1]):
            undecided.pop()
        elif undecided and token.type == "inline":
            children = (token.children or ())[attributed.get(position, 0) :]
            if strong := next((found for text in _texts(children) if (found := _STRONG.search(text))), None):
                for container in undecided:
                    container.attrs["dir"] = "ltr" if strong["left"] else "rtl"
                undecided = []


def _closing_type(opening: Token) -> str:
    return opening.type.removesuffix("_open") + "_close"


def _texts(children: Sequence[Token]) -> Iterator[str]:
    for child in children:
        yield child.content
        yield from _texts(child.children or ())

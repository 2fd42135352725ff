"""Converts parsed text within a block to plain text."""

from collections.abc import Sequence

from markdown_it.token import Token


def line(children: Sequence[Token]) -> str:
    """Returns the plain text of inline tokens."""
    return "".join(map(_text, children))


def _text(token: Token) -> str:
    match token.type:
        case "text" | "text_special" | "code_inline" | "footnote_ref":
            return token.content
        case "softbreak" | "hardbreak":
            return "\n"
        case "image":
            return line(token.children or ())
        case _:
            return ""

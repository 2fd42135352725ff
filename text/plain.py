"""Converts parsed Markdown to plain text."""

from collections.abc import Sequence

from markdown_it.token import Token


def words(tokens: Sequence[Token], *, quotes: bool = True) -> str:
    """Returns the plain text of block tokens; with `quotes=False` without blockquotes.

    An empty line separates paragraphs, a line break list items and table rows, a tab cells. An image is represented by
    its description.
    """
    pieces: list[str] = []
    quoted = lists = 0
    gap = "\n\n"
    cell = False
    for token in tokens:
        match token.type:
            case "blockquote_open":
                quoted += 1
            case "blockquote_close":
                quoted -= 1
            case "bullet_list_open" | "ordered_list_open":
                lists += 1
                gap = "\n" if lists > 1 else "\n\n"
            case "bullet_list_close" | "ordered_list_close":
                lists -= 1
            case "th_close" | "td_close":
                gap = "\t"
            case "tr_close":
                gap = "\n"
            case "paragraph_open" if token.hidden:
                pass
            case "paragraph_open" | "heading_open" | "table_open" | "fence" | "code_block":
                gap = "\n\n"
            case _:
                pass
        if token.type in ("inline", "fence", "code_block") and (quotes or not quoted):
            text = line(token.children or ()) if token.type == "inline" else token.content.removesuffix("\n")
            # An empty cell keeps its place in the row.
            if text or cell:
                pieces += (gap, text) if pieces else (text,)
                gap = "\n"
        cell = token.type in ("th_open", "td_open")
    return "".join(pieces).strip("\n\t")


def line(children: Sequence[Token]) -> str:
    """Returns the plain text of inline tokens."""
    return "".join(map(_text, children))


def _text(token: Token) -> str:
    match token.type:
        case "text" | "text_special" | "code_inline":
            return token.content
        case "softbreak" | "hardbreak":
            return "\n"
        case "image":
            return line(token.children or ())
        case _:
            return ""

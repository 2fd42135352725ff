"""What the blocks of a post show, as plain text and normalised for comparison: of the whole, and of each blockquote."""

from collections.abc import Sequence

from markdown_it.token import Token

from text import plain, said
from text.quotes import BlockQuotePlace


class Shown:
    """What a post shows. The words of a blockquote are slices of what the whole post shows."""

    def __init__(self, tokens: Sequence[Token], places: Sequence[BlockQuotePlace]) -> None:
        self._places = places
        self._lines = {
            place.line.token: [each.line for each in places if each.line and each.line.token == place.line.token]
            for place in places
            if place.line
        }
        self._pieces: list[tuple[str, str, int]] = []
        """The gap before a piece of plain text, the piece, and how many blockquotes are around it."""
        self._said: list[str | int] = []
        """What is shown; a blockquote begins with its depth, from 1, and ends with the negative of it."""
        self._begins: list[tuple[int, int]] = []
        self._ends: list[tuple[int, int]] = [(0, 0)] * len(places)
        self._depth = 0
        self._gap = "\n\n"
        self._number = ""
        """The number or box of a list item, or the label of a note, yet to be written before its first words."""
        self._before = ""
        """The attribution that stands before the blockquote that follows."""
        self._walk(tokens)

    @property
    def text(self) -> str:
        """The plain text.

        An empty line separates paragraphs, a line break list items and table rows, a tab cells. An image is represented
        by its description. Items of ordered lists have their numbers, tasks [x] or [ ], and footnotes their labels.
        """
        return _joined(self._pieces)

    @property
    def own_text(self) -> str:
        """The plain text outside of blockquotes."""
        return _joined([piece for piece in self._pieces if piece[2] == 0])

    @property
    def said(self) -> str:
        """What is shown, normalised for `said.compare`."""
        return _marked(self._said, 0)

    def text_of(self, index: int) -> str:
        """The plain text of a blockquote after its attribution."""
        return _joined(self._pieces[self._begins[index][0] : self._ends[index][0]])

    def own_text_of(self, index: int) -> str:
        """The plain text of a blockquote without its attribution and the quotes in it."""
        depth = self._places[index].depth + 1
        pieces = self._pieces[self._begins[index][0] : self._ends[index][0]]
        return _joined([piece for piece in pieces if piece[2] == depth])

    def said_of(self, index: int) -> str:
        """What a blockquote shows after its attribution, normalised for `said.compare`."""
        return _marked(self._said[self._begins[index][1] : self._ends[index][1]], self._places[index].depth + 1)

    def _walk(self, tokens: Sequence[Token]) -> None:
        numbers: list[int | None] = []
        lists = [0]
        opened: list[int] = []
        cell = False
        for position, token in enumerate(tokens):
            match token.type:
                case "inline":
                    self._inline(position, token, cell=cell)
                case "fence" | "code_block":
                    self._gap = "\n\n"
                    content = token.content.removesuffix("\n")
                    self._add(content, said.normalised(content))
                case "blockquote_open":
                    self._add_number()
                    lists.append(0)
                    opened.append(len(self._begins))
                    self._open_quote()
                case "blockquote_close":
                    lists.pop()
                    self._said.append(-self._depth)
                    self._depth -= 1
                    self._ends[opened.pop()] = (len(self._pieces), len(self._said) - 1)
                case "bullet_list_open" | "ordered_list_open":
                    numbers.append(int(token.attrs.get("start", 1)) if token.type == "ordered_list_open" else None)
                    lists[-1] += 1
                    self._gap = "\n" if lists[-1] > 1 else "\n\n"
                case "bullet_list_close" | "ordered_list_close":
                    numbers.pop()
                    lists[-1] -= 1
                case "list_item_open":
                    if (number := numbers[-1]) is not None:
                        self._number += f"{number}. "
                        numbers[-1] = number + 1
                    if "checked" in token.meta:
                        self._number += "[x] " if token.meta["checked"] else "[ ] "
                case "footnote_open":
                    self._number += f"[^{token.meta['label']}]: "
                case "list_item_close" | "footnote_close":
                    self._add_number()
                case "th_close" | "td_close":
                    self._gap = "\t"
                case "tr_close":
                    self._gap = "\n"
                case "paragraph_open" if token.hidden:
                    pass
                case "paragraph_open" | "heading_open" | "table_open":
                    self._gap = "\n\n"
                case "hr":
                    self._add_number()
                    self._said.append(said.RULE)
                case _:
                    pass
            cell = token.type in ("th_open", "td_open")

    def _inline(self, position: int, token: Token, *, cell: bool) -> None:
        children = token.children or ()
        begin = 0
        for line in self._lines.get(position, ()):
            if line.before:
                if line.begin > begin:
                    self._add_inline(children[begin : line.begin - 1])
                before = children[line.begin :]
                self._before = said.line(before)
                self._pieces.append((self._gap, self._number + plain.line(before), self._depth + 1))
                self._number, self._gap = "", "\n"
                return
            self._add_inline(children[: line.end])
            begin = line.end + 1
            self._begins[-1] = (len(self._pieces), len(self._said))
        self._add_inline(children[begin:], cell=cell)

    def _add_inline(self, children: Sequence[Token], *, cell: bool = False) -> None:
        self._add(plain.line(children), said.line(children), cell=cell)

    def _add(self, text: str, words: str, *, cell: bool = False) -> None:
        # An empty cell keeps its place in the row.
        if text or cell:
            self._pieces.append((self._gap, self._number + text, self._depth))
            self._gap = "\n"
        if words:
            self._said.append(f"{said.normalised(self._number)} {words}" if self._number else words)
        elif cell and not text:
            self._said.append(said.EMPTY_CELL)
        if text or words:
            self._number = ""

    def _add_number(self) -> None:
        """Writes the number of an item that has no words of its own."""
        if number := self._number.strip():
            self._number = ""
            self._add(number, said.normalised(number))

    def _open_quote(self) -> None:
        self._depth += 1
        self._said.append(self._depth)
        if self._before:
            self._said.append(self._before)
            self._before = ""
        self._begins.append((len(self._pieces), len(self._said)))


def _joined(pieces: Sequence[tuple[str, str, int]]) -> str:
    return "".join(text if at == 0 else gap + text for at, (gap, text, _) in enumerate(pieces)).strip("\n\t")


def _marked(parts: Sequence[str | int], depth: int) -> str:
    marks = {1: said.QUOTE, -1: said.QUOTE_END}

    def marked(part: int) -> str:
        relative = abs(part) - depth
        if relative == 1:
            return marks[1 if part > 0 else -1]
        return said.DEEPER if part > 0 else said.DEEPER_END

    return " ".join(part if isinstance(part, str) else marked(part) for part in parts)

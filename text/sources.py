"""What a reader sees of a body, and where in the body each character of it stands.

The parser says of a paragraph which lines it has, not where its words are. A second parse follows it rule by rule.
"""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from text import bare_links, footnotes, grammar, work

OPAQUE = "\ufffc"
"""Stands for what is no prose: code, and addresses."""
_ORIGINS = "origins"
_RAW = re.compile(r"\\([!-/:-@\[-`{-~])|&(?:#[xX]?[0-9a-fA-F]{1,8}|[A-Za-z][A-Za-z0-9]*);|[\s\S]")
_CELL_END = re.compile(r"(?<!\\)\|")
_TITLE = re.compile(r"""[\s>](?P<sign>["'(])(?P<words>(?:\\[\s\S]|(?!(?P=sign))[^\\])*)["')]\s*\)?\s*$""")
_FULL_REFERENCE = re.compile(r"\]\[(?P<words>(?:\\[\s\S]|[^\[\]\\])+)\]$")
_DEFINITION = re.compile(r"[^\[]*\[(?P<words>(?:\\[\s\S]|[^\]\\])*)\]:")

Span = tuple[int, int]
"""Where something begins in the body, and where it ends."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link in a run of text, by the indices in the text of its first character, and of the one after its last."""

    begin: int
    end: int
    is_label: bool
    """Whether its text names a reference definition."""


@dataclass(slots=True)
class Run:
    """One run of text: a paragraph, a heading, a cell, or the title or label of a link."""

    text: str = ""
    places: list[Span] = field(default_factory=list)
    """The source of each character of the text."""
    emphasis: list[tuple[Span, Span]] = field(default_factory=list)
    """The opening and the closing marker of each emphasis."""
    links: list[Link] = field(default_factory=list)
    is_prose: bool = True
    """False for the title or label of a link, in which brackets must be escaped."""
    lines: Span = (0, 0)
    """Its lines in the body, from 0: the first, and the one after the last."""


class _State(StateInline):
    """The state of an inline parse that knows the source of its pending text and of each token."""

    base = 0

    def __init__(self, src: str, md: MarkdownIt, env: Any, tokens: list[Token], base: int) -> None:
        super().__init__(src, md, env, tokens)
        self.base = base
        self.origins: list[Span] = []
        self.dropped: list[Span] = []

    def pushPending(self) -> Token:  # noqa: N802 (the library's name)
        token = super().pushPending()
        token.meta[_ORIGINS] = self.origins[: len(token.content)]
        # A rule may have taken back the end of it: blanks before a line break, or the scheme of a bare link.
        self.dropped = self.origins[len(token.content) :]
        self.origins = []
        return token

    def follow(self, position: int, known: int) -> None:
        """Notes the sources of what one rule has made of the text from `position` on."""
        begin, end = self.base + position, self.base + self.pos
        pending = len(self.pending)
        if pending < len(self.origins):
            self.dropped = self.origins[pending:]
            del self.origins[pending:]
        grown = pending - len(self.origins)
        exact = [(at, at + 1) for at in range(begin, end)]
        self.origins += exact if grown == end - begin else [(begin, end)] * grown
        made = [token for token in self.tokens[known:] if _ORIGINS not in token.meta]
        shown = "".join(token.content for token in made if token.type in ("text", "text_special"))
        if made and shown == self.src[position : self.pos]:
            for token in made:
                token.meta[_ORIGINS], exact = exact[: len(token.content)], exact[len(token.content) :]
            return
        if self.dropped:
            begin = self.dropped[0][0]
        for token in made:
            token.meta[_ORIGINS] = [(begin, end)] * max(1, len(token.content))
        self.dropped = []


class _Followed(ParserInline):
    """The inline parser, followed rule by rule."""

    def __init__(self, followed: ParserInline) -> None:
        super().__init__()
        self.ruler, self.ruler2, self.terminator_re = followed.ruler, followed.ruler2, followed.terminator_re
        # Joined, the pieces of a text would lose their sources.
        self.ruler2.disable("fragments_join", True)
        self._begun: list[int] = []

    def parse(self, src: str, md: MarkdownIt, env: Any, tokens: list[Token]) -> list[Token]:
        # The description of an image is parsed by itself: it begins after "![".
        state = _State(src, md, env, tokens, self._begun[-1] + 2 if self._begun else 0)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens

    def tokenize(self, state: StateInline) -> None:
        assert isinstance(state, _State)
        rules, end = self.ruler.getRules(""), state.posMax
        while state.pos < end:
            position, known = state.pos, len(state.tokens)
            self._begun.append(state.base + position)
            try:
                if not (state.level < state.md.options["maxNesting"] and any(rule(state, False) for rule in rules)):
                    state.pending += state.src[position]
                    state.pos += 1
            finally:
                self._begun.pop()
            state.follow(position, known)
        if state.pending:
            state.pushPending()


def _followed(parser: MarkdownIt) -> MarkdownIt:
    parser.inline = _Followed(parser.inline)
    return parser


_PARSER, _PARSER_OF_TEXT = grammar.markdown(), _followed(grammar.markdown())
_PLAIN_PARAGRAPHS, _PARSER_OF_PLAIN_TEXT = grammar.plain_paragraphs(), _followed(grammar.plain_paragraphs())


def runs(body: str) -> list[Run]:
    """Returns the runs of text of a body, in which line breaks are line feeds alone, in order of appearance.

    Code and addresses are OPAQUE in them. Titles and labels of links come after the text.
    """
    env: dict[str, Any] = {}
    try:
        tokens, followed = _PARSER.parse(body, env), _PARSER_OF_TEXT
    except work.TooComplex:
        env = {}
        tokens, followed = _PLAIN_PARAGRAPHS.parse(body, env), _PARSER_OF_PLAIN_TEXT
    references = {"references": env["references"]} if "references" in env else {}
    source = _Source(body)
    found: list[Run] = []
    asides: list[Run] = []
    column = 0
    for before, token in pairwise(tokens):
        if before.type == "tr_open":
            column = 0
        if token.type != "inline" or token.map is None:
            continue
        is_cell = before.type in ("th_open", "td_open")
        at = source.cell(token, column) if is_cell else source.paragraph(token)
        column += is_cell
        run = _Reader(token.content, at, (token.map[0], token.map[1]))
        run.read(followed.inline.parse(token.content, followed, references, []))
        found.append(run.finished())
        asides += run.asides
    for reference in (*env.get("references", {}).values(), *env.get("duplicate_refs", ())):
        asides += _definition(body, source, reference["map"])
    for lines in env.get(footnotes.NOTES, {}).values():
        asides += list(_definition(body, source, lines))[:1]
    return found + asides


def plain(text: str) -> Run:
    """Returns a text that is shown as it is, such as a title, with addresses as OPAQUE."""
    return _without_addresses(Run(text, [(at, at + 1) for at in range(len(text))]))


class _Source:
    """The lines of a body."""

    def __init__(self, body: str) -> None:
        self._lines = body.split("\n")
        self._begins = [0, *accumulate(len(line) + 1 for line in self._lines)]

    def begin(self, line: int) -> int:
        return self._begins[line]

    def paragraph(self, token: Token) -> list[int]:
        """The place in the body of each index of a token's content: each of its lines ends as one of the body does."""
        assert token.map is not None
        found: list[int] = []
        for number, piece in enumerate(token.content.split("\n"), token.map[0]):
            # The parser may have made blanks of a tab at its beginning.
            words = piece.lstrip()
            begin = self._begins[number] + max(0, self._lines[number].rfind(words))
            found += [begin] * (len(piece) - len(words)) + list(range(begin, begin + len(words) + 1))
        return found

    def cell(self, token: Token, column: int) -> list[int]:
        """The same for a cell of a table, in which a backslash before | is not content."""
        assert token.map is not None
        begin, line = self._begins[token.map[0]], self._lines[token.map[0]]
        cells = _CELL_END.split(line)
        # What is before the first | is a cell, unless nothing but the markers of quotes and lists is there.
        column += not re.sub(r"^[\s>]*(?:(?:[-+*]|\d+[.)])[\s>]+)*", "", cells[0]).strip()
        begin += sum(len(cell) + 1 for cell in cells[:column])
        written = token.content.replace("|", "\\|")
        begin += max(0, cells[column].rfind(written)) if column < len(cells) else 0
        found: list[int] = []
        for character in token.content:
            found.append(begin)
            begin += 2 if character == "|" else 1
        return [*found, begin]


class _Reader:
    """Reads the tokens of one run."""

    def __init__(self, content: str, at: list[int], lines: Span) -> None:
        self._content = content
        self._at = at
        self._run = Run(lines=lines)
        self._text: list[str] = []
        self.asides: list[Run] = []

    def read(self, children: Sequence[Token]) -> None:
        open_emphasis: list[Span] = []
        open_links: list[int] = []
        address_ends: Token | None = None
        for token in children:
            origins: list[Span] = token.meta[_ORIGINS]
            begin, end = (origins[0][0], origins[-1][1]) if origins else (0, 0)
            match token.type:
                case "link_open" if token.info == "auto":
                    self._add(OPAQUE, [(begin, end)])
                    address_ends = token
                case "link_close" if address_ends is not None:
                    address_ends = None
                case _ if address_ends is not None:
                    pass
                case "link_open":
                    open_links.append(len(self._text))
                    self._aside(token, begin, end)
                case "link_close":
                    whole = self._content[begin:end]
                    is_label = not whole.endswith(")") and not _FULL_REFERENCE.search(whole)
                    self._run.links.append(Link(open_links.pop(), len(self._text), is_label=is_label))
                case "em_open" | "strong_open" | "s_open" | "spoiler_open":
                    open_emphasis.append((end - len(token.markup), end))
                case "em_close" | "strong_close" | "s_close" | "spoiler_close":
                    marker = (begin, begin + len(token.markup))
                    self._run.emphasis.append((self._span(*open_emphasis.pop()), self._span(*marker)))
                case "text" | "text_special":
                    # What is left of the markers of emphasis is a token without content.
                    self._add(token.content, origins[: len(token.content)])
                case "softbreak" | "hardbreak":
                    self._add("\n", [(begin, end)])
                case "image":
                    self._aside(token, begin, end)
                    self.read(token.children or ())
                case _:
                    self._add(OPAQUE, [(begin, end)])

    def finished(self) -> Run:
        self._run.text = "".join(self._text)
        return _without_addresses(self._run)

    def _span(self, begin: int, end: int) -> Span:
        return self._at[begin], self._at[end - 1] + 1 if end > begin else self._at[begin]

    def _add(self, text: str, origins: Sequence[Span]) -> None:
        self._text += text
        self._run.places += [(self._at[begin], self._at[end]) for begin, end in origins]

    def _aside(self, token: Token, begin: int, end: int) -> None:
        """Adds the title of a link or an image, or the label of the definition that it refers to."""
        whole = self._content[begin:end]
        pattern = _TITLE if whole.endswith(")") else _FULL_REFERENCE
        if (found := pattern.search(whole)) and (pattern is _FULL_REFERENCE or "title" in token.attrs):
            at = self._at[begin + found.start("words") : begin + found.end("words") + 1]
            self.asides.append(_raw(found["words"], at, self._run.lines))


def _definition(body: str, source: _Source, lines: Sequence[int]) -> Iterator[Run]:
    """Yields label and title of a reference definition."""
    begin = source.begin(lines[0])
    text = body[begin : source.begin(lines[1])]
    for pattern in (_DEFINITION, _TITLE):
        if found := pattern.search(text):
            at = list(range(begin + found.start("words"), begin + found.end("words") + 1))
            yield _raw(found["words"], at, (lines[0], lines[1]))


def _raw(text: str, at: Sequence[int], lines: Span) -> Run:
    """What is written between the signs of a link: backslashes and entities mean what they mean in text."""
    run = Run(lines=lines, is_prose=False)
    for found in _RAW.finditer(text):
        characters = found[1] or html.unescape(found[0])
        run.text += characters
        run.places += [(at[found.start()], at[found.end()])] * len(characters)
    return run


def _without_addresses(run: Run) -> Run:
    """The run with its bare links and e-mail addresses as OPAQUE, each of their characters."""
    for address in bare_links.addresses(run.text):
        size = address.last_index - address.index
        run.text = run.text[: address.index] + OPAQUE * size + run.text[address.last_index :]
    return run

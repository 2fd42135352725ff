"""The supported Markdown: CommonMark, tables, strikethrough and bare links, no HTML; parsed in bounded time."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from linkify_it import LinkifyIt  # type: ignore[import-untyped]
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, blockquote, fence, heading, hr, list_block, table
from markdown_it.rules_inline import StateInline, autolink, image, link
from markdown_it.token import Token

from text import attribution

NESTING = 16
"""The maximum nesting of blocks: a blockquote counts one, a list two. Deeper ones are shown as plain text."""
MAX_BLOCK_TOKENS = 40_000
"""A body with more tokens is shown as plain text: people do not write such posts."""
MAX_BLOCK_CHECKS = 400_000
"""How many lines may be checked for the end of a paragraph or blockquote, counted once per level."""
MAX_BRACKETS = 20_000
"""How many opening brackets may be tried as links."""
MAX_TABLE_COLUMNS = 100
MAX_LINK_CHARACTERS = 1_024
"""Longer runs without a space are not searched for bare links."""

SAFE_SCHEME = re.compile(r"(?:https?|mailto):|(?![a-z][a-z0-9+.-]*:)", re.IGNORECASE)
_AUTOLINK = re.compile(r"<(?!mailto:)[a-z][a-z0-9+.-]{1,31}:", re.IGNORECASE)
_LONG_RUN = re.compile(rf"\S{{{MAX_LINK_CHARACTERS},}}")

_OPEN_QUOTES = "open quotes"

BlockRule = Callable[[StateBlock, int, int, bool], bool]
InlineRule = Callable[[StateInline, bool], bool]


class TooComplex(Exception):
    """The body exceeds a limit of the parser that posts written by people do not reach."""


class _BareLinks(LinkifyIt):  # type: ignore[misc]
    """Finds http://…, https://… and www.…, but not example.py, which is mostly a file name.

    E-mail addresses stay text: a link would hand what a mail program quotes to programs that collect addresses.
    """

    def __init__(self) -> None:
        super().__init__({"mailto:": None, "ftp:": None, "//": None}, {"fuzzy_email": False})

    def test(self, text: str) -> bool:
        return self.match(text) is not None

    def match(self, text: str) -> list[Any] | None:
        if not self.pretest(text):
            return None
        # Such a run is no address, and the patterns take quadratic time in its length. Blanks keep the other positions.
        found = super().match(_LONG_RUN.sub(lambda run: " " * len(run[0]), text)) or []
        return [each for each in found if each.schema or each.text.lower().startswith("www.")] or None

    def match_at_start(self, text: str) -> Any:
        return super().match_at_start(text[:MAX_LINK_CHARACTERS])


class _Markdown(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 (the library's name)
        return SAFE_SCHEME.match(url.strip()) is not None

    def normalizeLinkText(self, link: str) -> str:  # noqa: N802
        # The text of a bare link stays as written: quotes are compared with it, and a host in punycode stays visible.
        return link


def _count(env: Any, name: str, limit: int) -> None:
    env[name] = count = env.get(name, 0) + 1
    if count > limit:
        raise TooComplex(name)


def _tokens_within_bounds(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    if len(state.tokens) > MAX_BLOCK_TOKENS:
        raise TooComplex("block tokens")
    return False


def _shallow(rule: BlockRule) -> BlockRule:
    """The rule, disabled at the maximum nesting, where the library would drop the text."""

    def limited(state: StateBlock, line: int, end: int, silent: bool) -> bool:
        return state.level < NESTING and rule(state, line, end, silent)

    return limited


@dataclass(slots=True)
class _OpenQuote:
    """A blockquote whose lines are being collected or parsed."""

    line: int
    """Its first line."""
    token: int
    """The index that its opening token has or will have."""
    attributed: bool | None = None
    """Whether it has an attribution; None until that matters."""


def _quote(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """The rule for blockquotes, which remembers those that are open."""
    if silent:
        return blockquote(state, line, end, True)
    around: list[_OpenQuote] = state.env.setdefault(_OPEN_QUOTES, [])
    around.append(_OpenQuote(line, len(state.tokens)))
    try:
        return blockquote(state, line, end, False)
    finally:
        around.pop()


def _ends_attributed_quote(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """Ends a blockquote with an attribution, and all in it, at a line without a marker.

    CommonMark takes such a line as a continuation of the quoted paragraph, which would put one's own words into
    another person's mouth.
    """
    if not silent or state.parentType != "blockquote":
        return False
    around: list[_OpenQuote] = state.env[_OPEN_QUOTES]
    for quote in around:
        if quote.attributed is None:
            quote.attributed = _has_attribution(state, quote, end, collected=quote is around[-1])
        if quote.attributed:
            return True
    return False


def _has_attribution(state: StateBlock, quote: _OpenQuote, end: int, *, collected: bool) -> bool:
    tokens = state.tokens
    before = tokens[quote.token - 2] if quote.token > 2 and tokens[quote.token - 1].type == "paragraph_close" else None
    if before is not None and _attributes(state, before.content.rpartition("\n")[2], attribution.read_before):
        return True
    if not collected:
        # Its first blocks are parsed.
        first = tokens[quote.token + 1 : quote.token + 3]
        content = first[1].content if len(first) == 2 and first[0].type == "paragraph_open" else ""
        return _attributes(state, content.partition("\n")[0], attribution.read)
    line = quote.line
    while line < end and state.isEmpty(line):
        line += 1
    begin = state.bMarks[line] + state.tShift[line]
    opens = _INTERRUPTIONS.get(state.src[begin], ())
    if state.sCount[line] > 3 or any(rule(state, line, end, True) for rule in opens):
        return False
    return _attributes(state, state.src[begin : state.eMarks[line]], attribution.read)


def _attributes(
    state: StateBlock, line: str, read: Callable[[Sequence[Token]], tuple[attribution.Attribution, int] | None]
) -> bool:
    if not attribution.may_attribute(line):
        return False
    return read(state.md.parseInline(line, {})[0].children or ()) is not None


def _narrow_table(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    if line + 2 > end:
        return False
    rule_begin, rule_end = state.bMarks[line + 1], state.eMarks[line + 1]
    return state.src.count("|", rule_begin, rule_end) <= MAX_TABLE_COLUMNS and table(state, line, end, silent)


_deep_quote, _deep_list = _shallow(_quote), _shallow(list_block)
_INTERRUPTIONS: dict[str, tuple[BlockRule, ...]] = {
    "`": (fence,),
    "~": (fence,),
    ">": (_deep_quote,),
    "#": (heading,),
    "_": (hr,),
    "*": (hr, _deep_list),
    "-": (hr, _deep_list),
    "+": (_deep_list,),
    **dict.fromkeys("0123456789", (_deep_list,)),
}


def _interrupting(among: frozenset[BlockRule]) -> BlockRule:
    """One rule that decides by its first character whether a line ends the text before it.

    The library tries five rules for every line and level: seconds for a long post with lazy continuation lines.
    """
    by_first = {first: tuple(rule for rule in rules if rule in among) for first, rules in _INTERRUPTIONS.items()}

    def interrupts(state: StateBlock, line: int, end: int, silent: bool) -> bool:
        if not silent:
            return False
        _count(state.env, "block checks", MAX_BLOCK_CHECKS)
        begin = state.bMarks[line] + state.tShift[line]
        if begin >= state.eMarks[line]:
            return False
        return any(rule(state, line, end, True) for rule in by_first.get(state.src[begin], ()))

    return interrupts


def _last_link(state: StateInline) -> int:
    """The index at which the last inline link of this text could close, -1 if none. Searched once per text."""
    known: tuple[str, int] | None = state.env.get("last link")
    if known is None or known[0] is not state.src:
        known = state.env["last link"] = (state.src, state.src.rfind("]("))
    return known[1]


def _counted(rule: InlineRule) -> InlineRule:
    """The rule for links or images, skipped where no link can follow, and limited in number."""
    opening = "![" if rule is image else "["

    def counted(state: StateInline, silent: bool) -> bool:
        if not state.src.startswith(opening, state.pos):
            return False
        if "references" not in state.env and state.pos > _last_link(state):
            return False
        _count(state.env, "brackets", MAX_BRACKETS)
        return rule(state, silent)

    return counted


def _autolink(state: StateInline, silent: bool) -> bool:
    """The rule for <https://…>, without e-mail addresses."""
    return _AUTOLINK.match(state.src, state.pos) is not None and autolink(state, silent)


def markdown() -> MarkdownIt:
    """Returns the parser and renderer of the supported Markdown. Its parsing raises TooComplex."""
    parser = _Markdown("commonmark", {"html": False, "linkify": True, "breaks": True, "maxNesting": NESTING + 8})
    parser.linkify = _BareLinks()
    parser.enable(["table", "strikethrough", "linkify"]).disable(["html_block", "html_inline"])
    block, inline = parser.block.ruler, parser.inline.ruler
    block.before("table", "bounds", _tokens_within_bounds)
    block.at("table", _narrow_table, {"alt": ["paragraph", "reference"]})
    for name, rule in {
        "fence": fence,
        "blockquote": _deep_quote,
        "hr": hr,
        "list": _deep_list,
        "heading": heading,
    }.items():
        block.at(name, rule)
    every = frozenset(rule for rules in _INTERRUPTIONS.values() for rule in rules)
    block.push("ends_text", _interrupting(every), {"alt": ["paragraph", "reference", "blockquote"]})
    block.push("ends_list", _interrupting(frozenset({fence, hr, _deep_quote})), {"alt": ["list"]})
    block.push("ends_attributed_quote", _ends_attributed_quote, {"alt": ["blockquote"]})
    inline.at("autolink", _autolink)
    inline.at("link", _counted(link))
    inline.at("image", _counted(image))
    return parser


def plain_paragraphs() -> MarkdownIt:
    """Returns a parser and renderer that knows paragraphs and line breaks only."""
    return MarkdownIt("zero", {"html": False, "breaks": True}).enable(["newline"])

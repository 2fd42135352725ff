"""The Markdown that people may write here: CommonMark, tables, strikethrough, bare links, no HTML; in bounded time."""

import re
from collections.abc import Callable
from typing import Any

from linkify_it import LinkifyIt  # type: ignore[import-untyped]
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, blockquote, fence, heading, hr, list_block, table
from markdown_it.rules_inline import StateInline, image, link

NESTING = 16
"""How deep blocks nest: a blockquote counts one, a list two. What is deeper is shown as it was typed."""
BLOCK_TOKENS = 40_000
"""A body that parses into more tokens than these is shown as it was typed: no person wrote such a thing."""
BLOCK_CHECKS = 400_000
"""How many lines may be looked at for the end of a paragraph or blockquote, counted once per level."""
BRACKETS = 20_000
"""How many opening brackets may be tried as links."""
TABLE_COLUMNS = 100
LINK_CHARACTERS = 1_024
"""Runs without a space that are longer than this are not searched for bare links."""

SAFE_SCHEME = re.compile(r"(?:https?|mailto):|(?![a-z][a-z0-9+.-]*:)", re.IGNORECASE)
_LONG_RUN = re.compile(rf"\S{{{LINK_CHARACTERS},}}")

BlockRule = Callable[[StateBlock, int, int, bool], bool]
InlineRule = Callable[[StateInline, bool], bool]


class TooIntricate(Exception):
    """Parsing was given up: the body would cost more than any post a person writes."""


class _BareLinks(LinkifyIt):  # type: ignore[misc]
    """Finds http://…, https://…, www.… and e-mail addresses. Not example.py: forum talk is full of file names."""

    def test(self, text: str) -> bool:
        return self.match(text) is not None

    def match(self, text: str) -> list[Any] | None:
        if not self.pretest(text):
            return None
        # A run of this length is no address, and the patterns are quadratic in it; the positions of the rest stay.
        found = super().match(_LONG_RUN.sub(lambda run: " " * len(run[0]), text)) or []
        return [each for each in found if each.schema or each.text.lower().startswith("www.")] or None

    def match_at_start(self, text: str) -> Any:
        return super().match_at_start(text[:LINK_CHARACTERS])


class _Markdown(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 (the library's name)
        return SAFE_SCHEME.match(url.strip()) is not None

    def normalizeLinkText(self, link: str) -> str:  # noqa: N802
        # A bare link reads as it was written: the words of a post are compared, and a host in punycode stays plain.
        return link


def _spend(env: Any, purse: str, limit: int) -> None:
    env[purse] = spent = env.get(purse, 0) + 1
    if spent > limit:
        raise TooIntricate(purse)


def _tokens_within_bounds(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    if len(state.tokens) > BLOCK_TOKENS:
        raise TooIntricate("block tokens")
    return False


def _shallow(rule: BlockRule) -> BlockRule:
    """The rule, refused where blocks nest too deep: the library would drop the text there."""

    def refused_when_deep(state: StateBlock, line: int, end: int, silent: bool) -> bool:
        return state.level < NESTING and rule(state, line, end, silent)

    return refused_when_deep


def _narrow_table(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    if line + 2 > end:
        return False
    rule_begin, rule_end = state.bMarks[line + 1], state.eMarks[line + 1]
    return state.src.count("|", rule_begin, rule_end) <= TABLE_COLUMNS and table(state, line, end, silent)


_deep_quote, _deep_list = _shallow(blockquote), _shallow(list_block)
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
    """One rule that says whether a line ends the text before it, by its first character.

    The library asks five rules for every line and level: seconds for a long post whose quote goes on lazily.
    """
    by_first = {first: tuple(rule for rule in rules if rule in among) for first, rules in _INTERRUPTIONS.items()}

    def interrupts(state: StateBlock, line: int, end: int, silent: bool) -> bool:
        if not silent:
            return False
        _spend(state.env, "block checks", BLOCK_CHECKS)
        begin = state.bMarks[line] + state.tShift[line]
        if begin >= state.eMarks[line]:
            return False
        return any(rule(state, line, end, True) for rule in by_first.get(state.src[begin], ()))

    return interrupts


def _last_link(state: StateInline) -> int:
    """Where the last inline link of this text could close, -1 for nowhere. Looked for once per text."""
    known: tuple[str, int] | None = state.env.get("last link")
    if known is None or known[0] is not state.src:
        known = state.env["last link"] = (state.src, state.src.rfind("]("))
    return known[1]


def _counted(rule: InlineRule) -> InlineRule:
    """The rule for links or images, not tried where no link can follow, and not without end."""
    opening = "![" if rule is image else "["

    def tried(state: StateInline, silent: bool) -> bool:
        if not state.src.startswith(opening, state.pos):
            return False
        if "references" not in state.env and state.pos > _last_link(state):
            return False
        _spend(state.env, "brackets", BRACKETS)
        return rule(state, silent)

    return tried


def markdown() -> MarkdownIt:
    """A parser and renderer of all that people may write. Raises TooIntricate while it parses."""
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
    inline.at("link", _counted(link))
    inline.at("image", _counted(image))
    return parser


def as_typed() -> MarkdownIt:
    """A parser and renderer that knows paragraphs and line breaks only."""
    return MarkdownIt("zero", {"html": False, "breaks": True}).enable(["newline"])

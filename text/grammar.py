"""The supported Markdown, parsed in bounded time.

CommonMark without HTML, tables, strikethrough, task lists and footnotes as GFM has them, bare links, and spoilers.
Words behind a fence that name no language are shown, which CommonMark leaves to each renderer.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, blockquote, fence, heading, hr, list_block
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline, autolink, image, link, newline
from markdown_it.token import Token

from text import attribution, bare_links, definitions, delimiters, footnotes, lists, safety, tables, work

NESTING = 16
"""The maximum nesting of blocks: a blockquote counts one, a list two. Deeper ones are shown as plain text."""
_STEP_WORK = {"&": 2, "\\": 2, "`": 5}

SAFE_SCHEME = re.compile(r"(?:https?|mailto):|(?![a-z][a-z0-9+.-]*:)", re.IGNORECASE)
_AUTOLINK = re.compile(r"<(?!mailto:)[a-z][a-z0-9+.-]{1,31}:", re.IGNORECASE)
_DEFINITION = re.compile(r"\[(?:[^\[\]\\\n]|\\.|\\\n)*(?:\]:|\n|$)")

_OPEN_QUOTES = "open quotes"
_CHARGED_TOKENS = "charged tokens"

BlockRule = Callable[[StateBlock, int, int, bool], bool]
InlineRule = Callable[[StateInline, bool], bool]


class _Markdown(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 (the library's name)
        return SAFE_SCHEME.match(url.strip()) is not None

    def normalizeLinkText(self, link: str) -> str:  # noqa: N802
        # The text of a bare link stays as written: quotes are compared with it, and a host in punycode stays visible.
        return link


def _charge_tokens(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """Charges for the tokens since the last charge, and for the check of a line."""
    tokens = len(state.tokens) - state.env.get(_CHARGED_TOKENS, 0)
    state.env[_CHARGED_TOKENS] = len(state.tokens)
    work.charge(state.env, 1 + work.TOKEN * tokens)
    return False


def _charge_reference(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """The rule for definitions of references. One that is cut off is looked for up to the end of the paragraph."""
    if _DEFINITION.match(state.src, state.bMarks[line] + state.tShift[line]) is None:
        return False
    last = line + 1
    while last < end and not state.isEmpty(last):
        last += 1
    work.charge(state.env, work.BRACKET + (last - line) // 4)
    return definitions.block_rule(state, line, end, silent)


def _charge_step(state: StateInline, silent: bool) -> bool:
    work.charge(state.env, _STEP_WORK.get(state.src[state.pos], 1))
    return False


def _charge_breaks(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "\n":
        return False
    work.charge(state.env, work.BREAK)
    return newline(state, silent)


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


_deep_quote, _deep_list, _deep_note = _shallow(_quote), _shallow(list_block), _shallow(footnotes.block_rule)
_INTERRUPTIONS: dict[str, tuple[BlockRule, ...]] = {
    "`": (fence,),
    "~": (fence,),
    ">": (_deep_quote,),
    "#": (heading,),
    "[": (_deep_note,),
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
        _charge_tokens(state, line, end, silent)
        begin = state.bMarks[line] + state.tShift[line]
        if begin >= state.eMarks[line]:
            return False
        return any(rule(state, line, end, True) for rule in by_first.get(state.src[begin], ()))

    return interrupts


_EVERY_INTERRUPTION = frozenset(rule for rules in _INTERRUPTIONS.values() for rule in rules)
_ends_text = _interrupting(_EVERY_INTERRUPTION)


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
        work.charge(state.env, work.IMAGE if rule is image else work.BRACKET)
        return rule(state, silent)

    return counted


def _autolink(state: StateInline, silent: bool) -> bool:
    """The rule for <https://\u2026>, without e-mail addresses."""
    if _AUTOLINK.match(state.src, state.pos) is None or not autolink(state, silent):
        return False
    work.charge(state.env, work.LINK)
    return True


def _show_infos(state: StateCore) -> None:
    """Makes what stands behind a fence, and is not the name of a language, the first line of its code."""
    for token in state.tokens:
        if token.type == "fence" and (info := token.info.strip()) and not safety.is_language(info):
            token.content, token.info = f"{info}\n{token.content}", ""


def markdown() -> MarkdownIt:
    """Returns the parser and renderer of the supported Markdown. Its parsing raises TooComplex."""
    parser = _Markdown("commonmark", {"html": False, "linkify": True, "breaks": True, "maxNesting": NESTING + 8})
    parser.options.update({"tasklists": True, **definitions.OPTIONS})
    parser.linkify = bare_links.FINDER
    parser.enable(["table", "strikethrough", "linkify"]).disable(["html_block", "html_inline"])
    core = parser.core.ruler
    core.before("block", "charge_hosts", bare_links.charge_hosts)
    core.after("block", "lone_items", lists.unwrap_lone_items)
    core.after("block", "infos", _show_infos)
    core.after("inline", "unused_definitions", definitions.show_unused)
    core.after("unused_definitions", "footnotes", footnotes.number)
    block, inline = parser.block.ruler, parser.inline.ruler
    block.before("table", "charge_tokens", _charge_tokens)
    block.at("reference", _charge_reference)
    block.at("table", tables.rule(_ends_text), {"alt": ["paragraph", "reference"]})
    block.before("reference", "footnote", _deep_note)
    for name, rule in {
        "fence": fence,
        "blockquote": _deep_quote,
        "hr": hr,
        "list": _deep_list,
        "heading": heading,
    }.items():
        block.at(name, rule)
    block.push("ends_text", _ends_text, {"alt": ["paragraph", "reference", "blockquote"]})
    block.push("ends_list", _interrupting(frozenset({fence, hr, _deep_quote})), {"alt": ["list"]})
    block.push("ends_attributed_quote", _ends_attributed_quote, {"alt": ["blockquote"]})
    inline.before("text", "charge_step", _charge_step)
    inline.at("linkify", bare_links.inline_rule)
    inline.at("newline", _charge_breaks)
    inline.at("emphasis", delimiters.inline_rule)
    inline.disable("strikethrough")
    parser.inline.add_terminator_char("|")
    parser.inline.ruler2.before("fragments_join", "spoilers", delimiters.spoilers)
    inline.at("autolink", _autolink)
    inline.before("link", "footnote_ref", footnotes.inline_rule)
    inline.at("link", _counted(link))
    inline.at("image", _counted(image))
    return parser


def plain_paragraphs() -> MarkdownIt:
    """Returns a parser that knows paragraphs and line breaks only, as bodies beyond the limit are shown."""
    return MarkdownIt("zero", {"html": False, "breaks": True}).enable(["newline"])

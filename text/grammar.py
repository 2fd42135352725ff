"""The supported Markdown: CommonMark, tables, strikethrough and bare links, no HTML; parsed in bounded time."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from linkify_it import LinkifyIt  # type: ignore[import-untyped]
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, blockquote, fence, heading, hr, list_block, reference, table
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline, autolink, emphasis, image, link, newline, strikethrough
from markdown_it.token import Token

from text import attribution

NESTING = 16
"""The maximum nesting of blocks: a blockquote counts one, a list two. Deeper ones are shown as plain text."""
MAX_WORK = 70_000
"""How much work a body may make, in units of about 2 microseconds: a body that makes more is shown as plain text.

People do not write such posts: 100,000 characters of prose make about 5,000 units, a log without a fence 40,000.
"""
_TOKEN_WORK = 5
_CELL_WORK = 15
_LINK_WORK = 12
_BRACKET_WORK = 8
_IMAGE_WORK = 16
_DELIMITER_WORK = 4
_BREAK_WORK = 4
_STEP_WORK = {"&": 2, "\\": 2, "`": 5}
MAX_TABLE_COLUMNS = 100
MAX_LINK_CHARACTERS = 1_024
"""Longer runs without a space are not searched for bare links."""

SAFE_SCHEME = re.compile(r"(?:https?|mailto):|(?![a-z][a-z0-9+.-]*:)", re.IGNORECASE)
_AUTOLINK = re.compile(r"<(?!mailto:)[a-z][a-z0-9+.-]{1,31}:", re.IGNORECASE)
_SCHEME = re.compile(r"(?:^|[^a-z0-9.+-])(https?)$", re.IGNORECASE)
_WWW = re.compile(r"(?<![^\W_])(?<![.:/_@-])www\.", re.IGNORECASE)
_DEFINITION = re.compile(r"\[(?:[^\[\]\\\n]|\\.|\\\n)*(?:\]:|\n|$)")
_MARKERS = re.compile(r"(.)\1*")
_LONG_RUN = re.compile(rf"\S{{{MAX_LINK_CHARACTERS},}}")
_RUN = re.compile(rf"\S{{1,{MAX_LINK_CHARACTERS + 1}}}")

_OPEN_QUOTES = "open quotes"
WORK = "work"
"""The key of a parser's environment under which the work so far is counted."""
_CHARGED_TOKENS = "charged tokens"

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

    def pretest(self, text: str) -> bool:
        return _WWW.search(text) is not None

    def test(self, text: str) -> bool:
        return self.pretest(text)

    def match(self, text: str) -> list[Any] | None:
        """The bare links without a scheme; those with one are found by the rule for them."""
        found: list[Any] = []
        for opening in _WWW.finditer(text):
            begin = opening.start()
            if found and begin < found[-1].last_index:
                continue
            # Longer runs are no address, and the patterns take quadratic time in their length.
            run = _RUN.match(text, begin)
            link = super().match(run[0]) if run and len(run[0]) <= MAX_LINK_CHARACTERS else None
            if link and link[0].index == 0:
                link[0].index += begin
                link[0].last_index += begin
                found.append(link[0])
        return found or None

    def everywhere(self, text: str) -> list[Any]:
        """The addresses in a text that is shown as it is, with and without a scheme."""
        short = _LONG_RUN.sub(lambda run: " " * len(run[0]), text)
        return [each for each in super().match(short) or [] if each.schema or each.text.lower().startswith("www.")]


class _Markdown(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 (the library's name)
        return SAFE_SCHEME.match(url.strip()) is not None

    def normalizeLinkText(self, link: str) -> str:  # noqa: N802
        # The text of a bare link stays as written: quotes are compared with it, and a host in punycode stays visible.
        return link


def charge(env: Any, units: int) -> None:
    """Counts work. Raises TooComplex if the body makes more than MAX_WORK units."""
    env[WORK] = work = env.get(WORK, 0) + units
    if work > MAX_WORK:
        raise TooComplex


def _charge_tokens(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """Charges for the tokens since the last charge, and for the check of a line."""
    tokens = len(state.tokens) - state.env.get(_CHARGED_TOKENS, 0)
    state.env[_CHARGED_TOKENS] = len(state.tokens)
    charge(state.env, 1 + _TOKEN_WORK * tokens)
    return False


def _charge_reference(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """The rule for definitions of references. One that is cut off is looked for up to the end of the paragraph."""
    if _DEFINITION.match(state.src, state.bMarks[line] + state.tShift[line]) is None:
        return False
    last = line + 1
    while last < end and not state.isEmpty(last):
        last += 1
    charge(state.env, _BRACKET_WORK + (last - line) // 4)
    return reference(state, line, end, silent)


def _charge_step(state: StateInline, silent: bool) -> bool:
    charge(state.env, _STEP_WORK.get(state.src[state.pos], 1))
    return False


def _charge_breaks(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "\n":
        return False
    charge(state.env, _BREAK_WORK)
    return newline(state, silent)


def _delimiters(rule: InlineRule, markers: str) -> InlineRule:
    """The rule for emphasis or strikethrough, charged for each delimiter."""

    def charged(state: StateInline, silent: bool) -> bool:
        if silent or state.src[state.pos] not in markers:
            return False
        charge(state.env, _DELIMITER_WORK * len(_MARKERS.match(state.src, state.pos)[0]))  # type: ignore[index]
        return rule(state, silent)

    return charged


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


def _bounded_table(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    if line + 2 > end:
        return False
    rule_begin, rule_end = state.bMarks[line + 1], state.eMarks[line + 1]
    columns = state.src.count("|", rule_begin, rule_end) + 1
    if columns > MAX_TABLE_COLUMNS or not table(state, line, end, True):
        return False
    if silent:
        return True
    rows = line + 2
    while rows < end and not state.isEmpty(rows) and not _ends_text(state, rows, end, True):
        rows += 1
    # A table fills up its rows, so it may have far more cells than the body has characters.
    if state.env.get(WORK, 0) + _CELL_WORK * columns * (rows - line) > MAX_WORK:
        raise TooComplex
    return table(state, line, end, False)


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
        charge(state.env, _IMAGE_WORK if rule is image else _BRACKET_WORK)
        return rule(state, silent)

    return counted


def _autolink(state: StateInline, silent: bool) -> bool:
    """The rule for <https://\u2026>, without e-mail addresses."""
    if _AUTOLINK.match(state.src, state.pos) is None or not autolink(state, silent):
        return False
    charge(state.env, _LINK_WORK)
    return True


def _bare_link(state: StateInline, silent: bool) -> bool:
    """The rule for https://\u2026, which looks at the characters before and after :// and no others."""
    if silent or state.linkLevel or not state.src.startswith("://", state.pos):
        return False
    scheme = _SCHEME.search(state.src[max(0, state.pos - 6) : state.pos])
    if scheme is None or not state.pending.endswith(scheme[1]):
        return False
    begin = state.pos - len(scheme[1])
    run = _RUN.match(state.src, begin)
    charge(state.env, _LINK_WORK + (len(run[0]) // 16 if run else 0))
    if run is None or len(run[0]) > MAX_LINK_CHARACTERS or not (link := _BARE_LINKS.match_at_start(run[0])):
        return False
    url = str(link.url).rstrip("*")
    address = state.md.normalizeLink(url)
    if not state.md.validateLink(address):
        return False
    state.pending = state.pending[: -len(scheme[1])]
    token = state.push("link_open", "a", 1)
    token.attrs = {"href": address}
    token.markup, token.info = "linkify", "auto"
    state.push("text", "", 0).content = url
    token = state.push("link_close", "a", -1)
    token.markup, token.info = "linkify", "auto"
    state.pos = begin + len(url)
    return True


_BARE_LINKS = _BareLinks()


def addresses(text: str) -> list[Any]:
    """Returns the bare links of a text that is shown as it is, such as a title, as matches of linkify."""
    return _BARE_LINKS.everywhere(text)


def _charge_hosts(state: StateCore) -> None:
    """Charges for the bare links without a scheme, which are looked for in finished text."""
    charge(state.env, _LINK_WORK * sum(1 for _ in _WWW.finditer(state.src)))


def markdown() -> MarkdownIt:
    """Returns the parser and renderer of the supported Markdown. Its parsing raises TooComplex."""
    parser = _Markdown("commonmark", {"html": False, "linkify": True, "breaks": True, "maxNesting": NESTING + 8})
    parser.linkify = _BARE_LINKS
    parser.enable(["table", "strikethrough", "linkify"]).disable(["html_block", "html_inline"])
    parser.core.ruler.before("block", "charge_hosts", _charge_hosts)
    block, inline = parser.block.ruler, parser.inline.ruler
    block.before("table", "charge_tokens", _charge_tokens)
    block.at("reference", _charge_reference)
    block.at("table", _bounded_table, {"alt": ["paragraph", "reference"]})
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
    inline.at("linkify", _bare_link)
    inline.at("newline", _charge_breaks)
    inline.at("emphasis", _delimiters(emphasis.tokenize, "*_"))
    inline.at("strikethrough", _delimiters(strikethrough.tokenize, "~"))
    inline.at("autolink", _autolink)
    inline.at("link", _counted(link))
    inline.at("image", _counted(image))
    return parser


def plain_paragraphs() -> MarkdownIt:
    """Returns a parser that knows paragraphs and line breaks only, as bodies beyond the limit are shown."""
    return MarkdownIt("zero", {"html": False, "breaks": True}).enable(["newline"])

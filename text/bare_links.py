"""Finds addresses that are written without brackets: http://…, https://… and www.…, up to where a sentence goes on."""

import re
from typing import Any

import regex
from linkify_it import LinkifyIt  # type: ignore[import-untyped]
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline

from text import work
from text.delimiters import UNSPACED

MAX_CHARACTERS = 1_024
"""Longer runs without a space are not searched for bare links."""

# Beyond ASCII, what ends a clause, brackets and quotation marks, ellipses and dashes between clauses, signs of full
# width and invisible characters end an address. Dots and dashes within words do not, as in Leonardo・da・Vinci.
_END = (
    r"[\p{Terminal_Punctuation}\p{Quotation_Mark}\p{Ps}\p{Pe}\p{Pi}\p{Pf}\p{Line_Break=OP}\p{Line_Break=IN}"
    r"\p{Line_Break=B2}\p{Cf}\p{Z}[\p{S}&&\p{East_Asian_Width=F}]]--\p{ASCII}"
)
# Within a word a typographic apostrophe and the joiners are part of it.
_WITHIN_WORD = r"[\u2019\u200c\u200d](?=[\p{L}\p{M}\p{S}])"
_RUN = regex.compile(rf"(?:[[\S]--[{_END}]]|{_WITHIN_WORD}){{1,{MAX_CHARACTERS + 1}}}", regex.V1)
_ENDS = regex.compile(rf"(?!{_WITHIN_WORD})[{_END}]", regex.V1)
_LONG_RUN = re.compile(rf"\S{{{MAX_CHARACTERS},}}")
_SCHEME = re.compile(r"(?:^|[^a-z0-9.+-])(https?)$", re.IGNORECASE)
_WWW = regex.compile(rf"(?<![[\p{{L}}\p{{M}}\p{{N}}]--[{UNSPACED}]])(?<![.:/_@-])www\.", regex.V1 | regex.IGNORECASE)


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
            link = super().match(run[0]) if run and len(run[0]) <= MAX_CHARACTERS else None
            if link and link[0].index == 0:
                link[0].index += begin
                link[0].last_index += begin
                found.append(link[0])
        return found or None

    def everywhere(self, text: str) -> list[Any]:
        """The addresses in a text that is shown as it is, with and without a scheme."""
        short = _LONG_RUN.sub(lambda run: " " * len(run[0]), _ENDS.sub(" ", text))
        return [each for each in super().match(short) or [] if each.schema or each.text.lower().startswith("www.")]


FINDER = _BareLinks()
"""Finds the bare links without a scheme; with a scheme, `inline_rule` does."""


def addresses(text: str) -> list[Any]:
    """Returns the bare links of a text that is shown as it is, such as a title, as matches of linkify."""
    return FINDER.everywhere(text)


def inline_rule(state: StateInline, silent: bool) -> bool:
    """The rule for https://…, which looks at the characters before and after :// and no others."""
    if silent or state.linkLevel or not state.src.startswith("://", state.pos):
        return False
    scheme = _SCHEME.search(state.src[max(0, state.pos - 6) : state.pos])
    if scheme is None or not state.pending.endswith(scheme[1]):
        return False
    begin = state.pos - len(scheme[1])
    run = _RUN.match(state.src, begin)
    work.charge(state.env, work.LINK + (len(run[0]) // 16 if run else 0))
    if run is None or len(run[0]) > MAX_CHARACTERS or not (link := FINDER.match_at_start(run[0])):
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


def charge_hosts(state: StateCore) -> None:
    """Charges for the bare links without a scheme, which are looked for in finished text."""
    work.charge(state.env, work.LINK * sum(1 for _ in _WWW.finditer(state.src)))

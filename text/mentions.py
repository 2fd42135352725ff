"""Finds mentions of users in a post: @ada, @ Ada, @Ada Lovelace."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline

HANDLE_CHARACTERS = 40
NAME_CHARACTERS = 80
NAME_WORDS = 4
MAX_MENTIONS = 50
"""How many mentions a post may have; each @ after them is text."""

# Combining marks, which \w does not match: accents, and the vowel signs of Hebrew, Arabic, the Indic scripts and Thai.
_MARKS = "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0dff\u0e31-\u0e4e"
_WORD = re.compile(rf"\w(?:[\w{_MARKS}-]|\\_|[.'\u2019](?=\w))*")
# The end of a word that may not belong to the name: that of _@ada_, or the 's of @ada's.
_TAIL = re.compile(r"(?:\\?_|-)+$")
# What makes a person of another service of a name: @kim@host, @kim:host.
_ELSEWHERE = re.compile(r"@|:[\w-]+(?:\.[\w-]+)*\.\w")
_APOSTROPHE = re.compile(r"['\u2019]")
# After a letter, a digit or one of these, the @ is part of an e-mail address, a path or a query.
_MAY_BEGIN = re.compile(r"(?<![\w@/.+=&%#$-])|(?<=(?<!\S)-)")
_MAX_UNDERSCORES = 3
"""How many may stand before the @, as emphasis."""
PARTICLES = frozenset(
    {"al", "ap", "bin", "da", "das", "de", "del", "della", "den", "der", "di", "dos", "du", "el", "ibn", "la", "le"}
    | {"ten", "ter", "van", "von", "y", "zu", "zur"}
)
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
SIGNS = "mention signs"
"""The key of a parser's environment under which core_rule stores its result, a list of `Sign`."""
_FOUND = "signs of inline tokens"
HANDLE = re.compile(rf"[\w-](?:[\w{_MARKS}-]|\.(?=[\w-])){{1,{HANDLE_CHARACTERS - 1}}}")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A possible name of a mention. Start and length are in UTF-16 units of the body, from the @ to the name's end."""

    name: str
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class FoundMention:
    """One mention. It means the longest candidate that names a user; if none does, the last is its name."""

    candidates: tuple[Candidate, ...]
    """Longest first, at least one."""


@dataclass(frozen=True, slots=True)
class Sign:
    """An @ in text outside of blockquotes."""

    ordinal: int
    """Its place among all @ of the body, from 0."""
    token: int
    """Index of its inline token."""
    offset: int
    """Its place in the content of that token."""


def inline_rule(state: StateInline, silent: bool) -> bool:
    """Records each @ in text, and makes no token of it, which would hide e-mail addresses from linkify."""
    if not silent and state.src[state.pos] == "@":
        state.env.setdefault(_FOUND, {}).setdefault(id(state.tokens), set()).add(state.pos)
    return False


def core_rule(state: StateCore) -> None:
    """Stores the @ in text outside of quotes.

    An inline token knows its lines but not its position in them. Since no block marker (>, -, 1., #, |) contains an @,
    those of a token are consecutive in the body from the beginning of its first line.
    """
    noted: dict[int, set[int]] = state.env.pop(_FOUND, {})
    found: list[Sign] = state.env.setdefault(SIGNS, [])
    if not noted:
        return
    lines = [0]
    for each in state.src.split("\n"):
        lines.append(lines[-1] + each.count("@"))
    following = depth = 0
    for index, token in enumerate(state.tokens):
        depth += (token.type == "blockquote_open") - (token.type == "blockquote_close")
        if token.type == "inline" and token.map and (held := token.content.count("@")):
            # The cells of a table row share their line.
            first = max(following, lines[token.map[0]])
            following = first + held
            if not depth and (places := noted.get(id(token.children))):
                signs = re.finditer("@", token.content)
                found += (
                    Sign(first + order, index, sign.start())
                    for order, sign in enumerate(signs)
                    if sign.start() in places
                )


def mentions(body: str, ordinals: Sequence[int]) -> Iterator[FoundMention]:
    """Yields the mentions at the @ of these ordinals, at most MAX_MENTIONS."""
    if not ordinals:
        return
    left = MAX_MENTIONS
    signs = [match.start() for match in re.finditer("@", body)]
    astral = [match.start() for match in _ASTRAL.finditer(body)]

    def units(index: int) -> int:
        return index + bisect_left(astral, index)

    for sign in (signs[ordinal] for ordinal in ordinals):
        if not left:
            return
        if not _may_begin(body, sign) or _in_bare_link(body, sign):
            continue
        begin, ends = _names(body, sign + 1)
        start = units(sign)
        if ends:
            left -= 1
            yield FoundMention(
                tuple(
                    Candidate(_unescaped(body[begin:end]), start, units(end) - start)
                    for end in sorted(ends, reverse=True)
                )
            )


def _may_begin(body: str, sign: int) -> bool:
    """Whether a mention may begin at the @, or at the underscores before it."""
    begin = sign
    while begin and sign - begin < _MAX_UNDERSCORES and body[begin - 1] == "_":
        begin -= 1
    return _MAY_BEGIN.match(body, begin) is not None


def _names(body: str, begin: int) -> tuple[int, set[int]]:
    """The index at which the name after an @ begins, and all at which it may end."""
    apart = body[begin : begin + 1] in (" ", "\u00a0")
    begin += apart
    word = _WORD.match(body, begin)
    if word is None or len(word[0]) > HANDLE_CHARACTERS or _ELSEWHERE.match(body, word.end()):
        return begin, set()
    named = is_capitalised(word[0])
    if apart and not named:
        return begin, set()
    ends = _ends(word)
    count = 1
    while named and count < NAME_WORDS and body[word.end() : word.end() + 1] in (" ", "\u00a0"):
        word = _WORD.match(body, word.end() + 1)
        if word is None or word.end() - begin > NAME_CHARACTERS:
            break
        if is_capitalised(word[0]):
            ends |= _ends(word)
        elif word[0] not in PARTICLES:
            break
        count += 1
    return begin, {end for end in ends if end - begin >= 2 and any(map(str.isalnum, body[begin:end]))}


def _ends(word: re.Match[str]) -> set[int]:
    shorter = _TAIL.sub("", word[0])
    ends = {word.end(), word.start() + len(shorter)}
    ends |= {word.start() + apostrophe.start() for apostrophe in _APOSTROPHE.finditer(shorter)}
    return ends - {word.start()}


def is_capitalised(word: str) -> bool:
    """Whether a word begins like a name. Letters of scripts without case always do."""
    return word[0].isalpha() and not word[0].islower()


def _in_bare_link(body: str, sign: int) -> bool:
    """Whether the @ is in a link www.… (links with a scheme are tokens, whose @ is not recorded)."""
    before = body[max(0, sign - 1_024) : sign].split()
    return bool(before) and not body[sign - 1].isspace() and "www." in before[-1].lower()


def _unescaped(name: str) -> str:
    return name.replace("\\_", "_").replace("\u00a0", " ")

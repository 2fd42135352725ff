"""Finds mentions of users in a post: @ada, @ Ada, @Ada Lovelace."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import regex
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from text.handles import HANDLE_CHARACTERS, HANDLE_LENGTH
from text.normal import UNSPACED

NAME_CHARACTERS = 80
NAME_WORDS = 4
_BEYOND_NAME = NAME_CHARACTERS + 3
"""Characters from an @ that a name with the blank before it has not."""
MAX_MENTIONS = 50
"""How many mentions a post may have; each @ after them is text."""
MAX_SIGNS = 1_000
"""How many @ of a post may begin a mention; each after them is text."""

LETTER = r"\p{L}\p{N}_"
"""What a word begins with, for a character class. The marks (\\p{M}) after it belong to it: accents and the vowel signs
of Hebrew, Arabic, the Indic scripts, Thai, Burmese, Khmer and Tibetan."""
_IN_HANDLE = rf"{HANDLE_CHARACTERS}-"
# What stands between two letters of one name, and may also divide a name from what follows it: the 's of @ada's, the
# signs of Hebrew abbreviations, the point between names in Katakana, the tsheg between the syllables of Tibetan.
_DIVIDERS = "'\u2019\u05f3\u05f4\u00b7\u30fb\u0f0b"
# Joiners are written in names of Persian and the Indic scripts.
_WORD = regex.compile(rf"[{LETTER}](?:[{_IN_HANDLE}]|\\_|[.\u200c\u200d{_DIVIDERS}](?=[{LETTER}]))*")
# The end of a word that may not belong to the name: that of _@ada_.
_TAIL = re.compile(r"(?:\\?_|-)+$")
# What makes a person of another service of a name: @kim@host, @kim:host.
_ELSEWHERE = regex.compile(rf"@|:[{_IN_HANDLE}]+(?:\.[{_IN_HANDLE}]+)*\.[{LETTER}]")
# What makes a package or a path of it: @types/node, also with the slash escaped.
_PATH = regex.compile(rf"(?:\\?/|&(?:#47|#[xX]2[fF]|sol);)[{LETTER}]")
# What makes a decorator, a rule or a variable of it: @cache(60), @font-face {, @Test::Unit, @self->name, @click="go",
# @count += 1, and not an emoticon such as =).
_CODE = regex.compile(rf"\(| ?\{{|::|(?<=-)>|=>|=[{LETTER}\"']| [-+*/%|&]{{0,2}}= ")
_ENDS_OF_CODE = ("{", ");", "];", "};", '";', "';")
"""Of a line that begins with the @: @media print {, @include shadow($x);"""
# Rules with a condition in parentheses. Other names may be of people, about whom the parentheses say something.
_CONDITION = re.compile(
    r"(?:media|supports|container|scope|layer|if|elseif|else|for|foreach|while|switch|case|unless|defer|when) ?\("
)
# Where a name may end in a script without spaces: beside a letter of a script with them, and where Kana follow Han.
_SPACED = rf"[\p{{L}}\p{{M}}--[{UNSPACED}]]"
_TURN = regex.compile(
    rf"(?<=[{UNSPACED}])(?=\p{{L}})(?={_SPACED})|(?<={_SPACED})(?=\p{{L}})(?=[{UNSPACED}])"
    r"|(?<=\p{Han})(?=[\p{Hiragana}\p{Katakana}])",
    regex.V1,
)
_DIVIDER = re.compile(f"[{_DIVIDERS}]")
_MAX_TURNS = 3
"""At how many of these a name may end."""
# After a letter, a digit or one of these, the @ is part of an e-mail address, a path or a query. In a script without
# spaces, it follows a letter.
_MAY_BEGIN = regex.compile(rf"(?<![{LETTER}\p{{M}}@/.+=&%#$-])|(?<=[{UNSPACED}])(?<!\p{{N}})|(?<=(?<!\S)-)")
_INDENT = 40
"""How far a line of a program may be indented."""
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
HANDLE = regex.compile(rf"[{LETTER}-](?:[{_IN_HANDLE}]|\.(?=[{LETTER}-])){{1,{HANDLE_LENGTH - 1}}}")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A possible name of a mention. Start and length are in UTF-16 units of the body, from the @ to the name's end."""

    name: str
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class FoundMention:
    """One mention. It means the longest candidate that names a user; if none does, the last is its name."""

    ordinal: int
    """Its place among all @ of the body, from 0."""
    candidates: tuple[Candidate, ...]
    """Longest first, at least one."""


@dataclass(frozen=True, slots=True)
class Sign:
    """An @ in text outside of blockquotes and links."""

    ordinal: int
    """Its place among all @ of the body, from 0."""
    token: Token
    """Its inline token."""
    offset: int
    """Its place in the content of that token."""


def inline_rule(state: StateInline, silent: bool) -> bool:
    """Records each @ in text, and makes no token of it, which would hide e-mail addresses from linkify."""
    if not silent and state.src[state.pos] == "@":
        state.env.setdefault(_FOUND, {}).setdefault(id(state.tokens), []).append((state.pos, state.linkLevel > 0))
    return False


def core_rule(state: StateCore) -> None:
    """Stores the first MAX_SIGNS @ in text outside of quotes and links.

    An inline token knows its lines but not its position in them. Since no block marker (>, -, 1., #, |) contains an @,
    those of a token are consecutive in the body from the beginning of its first line.
    """
    noted: dict[int, list[tuple[int, bool]]] = state.env.pop(_FOUND, {})
    found: list[Sign] = state.env.setdefault(SIGNS, [])
    if not noted:
        return
    lines = [0]
    for each in state.src.split("\n"):
        lines.append(lines[-1] + each.count("@"))
    following = depth = 0
    for token in state.tokens:
        depth += (token.type == "blockquote_open") - (token.type == "blockquote_close")
        if token.type == "inline" and token.map and (held := token.content.count("@")):
            # The cells of a table row share their line.
            first = max(following, lines[token.map[0]])
            following = first + held
            if not depth and (places := noted.get(id(token.children))):
                outside = {place for place, in_link in places if not in_link}
                signs = re.finditer("@", token.content)
                found += (
                    Sign(first + order, token, sign.start())
                    for order, sign in enumerate(signs)
                    if sign.start() in outside
                )
    del found[MAX_SIGNS:]


def mentions(body: str, ordinals: Sequence[int], shown: Mapping[int, int]) -> Iterator[FoundMention]:
    """Yields the mentions at the @ of these ordinals, at most MAX_MENTIONS.

    `shown`: how long the text is that an @ begins. A name that went on in a link would be shown as no mention.
    """
    if not ordinals:
        return
    left = MAX_MENTIONS
    signs = [match.start() for match in re.finditer("@", body)]
    astral = [match.start() for match in _ASTRAL.finditer(body)]

    def units(index: int) -> int:
        return index + bisect_left(astral, index)

    for ordinal in ordinals:
        sign = signs[ordinal]
        if not left:
            return
        if not _may_begin(body, sign) or in_bare_link(body, sign):
            continue
        begin, ends = _names(body, sign, _end(body, sign, shown.get(ordinal, 0)))
        start = units(sign)
        if ends:
            left -= 1
            yield FoundMention(
                ordinal,
                tuple(
                    Candidate(_unescaped(body[begin:end]), start, units(end) - start)
                    for end in sorted(ends, reverse=True)
                ),
            )


def _may_begin(body: str, sign: int) -> bool:
    """Whether a mention may begin at the @, or at the underscores before it."""
    begin = sign
    while begin and sign - begin < _MAX_UNDERSCORES and body[begin - 1] == "_":
        begin -= 1
    return _MAY_BEGIN.match(body, begin) is not None


def _end(body: str, sign: int, shown: int) -> int:
    """The index at which the shown text that an @ begins ends, or one beyond any name."""
    end = sign
    for _ in range(min(shown, _BEYOND_NAME)):
        end += 2 if body.startswith("\\_", end) else 1
    return end


def _names(body: str, sign: int, limit: int) -> tuple[int, set[int]]:
    """The index at which the name after an @ begins, and all at which it may end, up to a limit."""
    apart = body[sign + 1 : sign + 2] in (" ", "\u00a0")
    begin = sign + 1 + apart
    word = _WORD.match(body, begin, limit)
    if word is None or len(word[0]) > HANDLE_LENGTH or _is_no_name(body, sign, begin, word.end()):
        return begin, set()
    named = is_capitalised(word[0])
    if apart and not named:
        return begin, set()
    ends = _ends(word)
    count = 1
    while named and count < NAME_WORDS and body[word.end() : word.end() + 1] in (" ", "\u00a0"):
        word = _WORD.match(body, word.end() + 1, limit)
        if word is None or word.end() - begin > NAME_CHARACTERS or _PATH.match(body, word.end()):
            break
        if is_capitalised(word[0]):
            ends |= _ends(word)
        elif word[0] not in PARTICLES:
            break
        count += 1
    return begin, {end for end in ends if end - begin >= 2 and any(map(str.isalnum, body[begin:end]))}


def _is_no_name(body: str, sign: int, begin: int, end: int) -> bool:
    """Whether a word after an @ names a person of another service, a package or something in a program."""
    if _ELSEWHERE.match(body, end) or _PATH.match(body, end) or _CODE.match(body, end):
        return True
    return _CONDITION.match(body, begin) is not None or _is_line_of_code(body, sign)


def _is_line_of_code(body: str, sign: int) -> bool:
    """Whether a line begins with the @ and ends like one of a program."""
    before = body[max(0, sign - _INDENT) : sign]
    indent = before.rpartition("\n")[2]
    if indent.strip(" \t") or len(indent) == _INDENT:
        return False
    end = body.find("\n", sign)
    return body[sign : end if end >= 0 else len(body)].rstrip().endswith(_ENDS_OF_CODE)


def _ends(word: regex.Match[str]) -> set[int]:
    shorter = _TAIL.sub("", word[0])
    ends = {word.end(), word.start() + len(shorter)}
    ends |= {word.start() + divider.start() for divider in _DIVIDER.finditer(shorter)}
    ends |= {word.start() + turn.start() for turn in islice(_TURN.finditer(shorter), _MAX_TURNS)}
    return ends - {word.start()}


def is_capitalised(word: str) -> bool:
    """Whether a word begins like a name. Letters of scripts without case always do."""
    return word[0].isalpha() and not word[0].islower()


def in_bare_link(body: str, sign: int) -> bool:
    """Whether a sign is in a link www.… (links with a scheme are tokens, whose signs are not recorded)."""
    before = body[max(0, sign - 1_024) : sign].rsplit(maxsplit=1)
    return bool(before) and not body[sign - 1].isspace() and "www." in before[-1].lower()


def _unescaped(name: str) -> str:
    return name.replace("\\_", "_").replace("\u00a0", " ")

"""Finds the names of a person in a text, in any spelling that a reader takes for them, and nobody else's."""

import html
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from urllib.parse import unquote

import regex

from text import normal
from text.characters import IGNORABLE
from text.handles import HANDLE_CHARACTERS, handle_keys
from text.mentions import is_capitalised

_JOINT = "\u200b"
"""Stands for each character that nobody sees, wherever it is in a name."""
# U+0640 only draws out the line between two Arabic letters.
_UNSEEN = regex.compile(rf"[{IGNORABLE}\u0640]")
_BETWEEN_WORDS = re.compile(rf"[\s_\-{_JOINT}]+")
_UNSPACED = re.compile(f"[{normal.UNSPACED}]")
_HYPHENS = "-_\u2010\u2011"
_HYPHENATED = re.compile(f"[{_HYPHENS}]")
_MIN_LETTERS = 3
"""Of a name that counts without an @: "a b" and "a4" are words of everybody."""
_MIN_RESEMBLING = 6
"""Letters of a name that resembles one in an address."""
_HANGUL = re.compile("[\u1100-\u11ff\uac00-\ud7a3]")
# A letter that begins a syllable: a particle may follow the last one of a Korean name.
_HANGUL_BEGIN = re.compile("[\u1100-\u115f\uac00-\ud7a3]")
_CJK_NAME = re.compile("[\u3005\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff]{3,}")
_MAIL = re.compile(r"[^\s<>()\[\],;:@\"]+@[^\s<>()\[\],;:@\"]+")
# The host of an address of another service, and the version of a package.
_GOES_ON = re.compile(r":[\w-]+(?:\.[\w-]+)*\.\w|[=<>~!]=")
_ADDRESS_BEFORE = frozenset("@/.+=&%#$")
"""After one of these, an @ is in an address, a path or a query."""


@dataclass(frozen=True, slots=True)
class Found:
    """A name in a text, by the indices of its first character (an @ before it included) and of the one after it."""

    begin: int
    end: int
    is_doubtful: bool = False
    """Whether a longer name begins with it, which is somebody else's."""


@dataclass(frozen=True, slots=True)
class _Folded:
    """A text as names are compared, and the index in the text of each of its characters."""

    text: str
    origins: list[int]


@dataclass(frozen=True, slots=True)
class _Called:
    """One handle or name."""

    pattern: re.Pattern[str]
    words: int
    is_unmistakable: bool
    """Whether it can't be an ordinary word: several words, or letters with digits."""
    resembling: re.Pattern[str] | None
    """The name as addresses have it, without blanks, or a full name that no blank divides; None if it is too short."""


class Names:
    """The handles and names by which posts name a person.

    Each counts after an @, and as the name of a quote. Elsewhere only an unmistakable one does: it has several words,
    or letters with digits. It ends where no further character of a handle follows.
    """

    def __init__(
        self, called: Collection[str], *, of_others: Collection[str] = (), handle: str = "", host: str | None = None
    ) -> None:
        """`called` holds handles and names; `of_others` those of everybody else, of which longer ones are respected.

        `handle` is the one of the person's page, and `host` the server's, for absolute addresses of it.
        """
        self._handle = handle
        self._page = _page(host)
        self._keys = {key(each) for each in called} - {""}
        self._letters = {letters for each in called if (letters := _letters(each))}
        self._called = [_called(each) for each in sorted(set(called)) if key(each)]
        self._longer = [_called(other) for other in sorted(set(of_others)) if self._is_in(key(other))]

    def _is_in(self, other: str) -> bool:
        return other not in self._keys and any(
            f" {one} " in f" {other} " or (_HANGUL.match(one[-1]) and f" {one}" in f" {other}") for one in self._keys
        )

    def names(self, called: str) -> bool:
        """Whether an attribution with this name means the person."""
        return key(called) in self._keys

    def may_be_in(self, text: str) -> bool:
        """Whether a text or its Markdown may hold one of the names, by its letters and digits; never wrongly False.

        In Markdown an address may be written between them: its rendered text has to be looked at as well.
        """
        letters = _letters(html.unescape(text))
        return any(each in letters for each in self._letters) or bool(self.pages(text))

    def pages(self, text: str) -> list[tuple[int, int]]:
        """Where a text or its Markdown has the handle in addresses of the person's page, such as /u/ada."""
        if not self._handle or "/u/" not in text:
            return []
        return [
            found.span("handle")
            for found in self._page.finditer(text)
            if self._handle in handle_keys(unquote(found["handle"]))
        ]

    def find(self, text: str, *, attribution: tuple[int, int] = (0, 0)) -> list[Found]:
        """Returns the names in a text in their order. In the part `attribution`, who is quoted, each of them counts."""
        folded = _folded(text)
        longer = [
            span
            for each in self._longer
            for span in _spans(folded, each)
            if not _is_joined(text, *span, has_particles=each.words > 1)
        ]
        found = list(self._mentioned(text, folded))
        for called in self._called:
            for begin, end in _spans(folded, called):
                # With a hyphen in place of its blank, a name is written like a handle.
                is_name = called.words > 1 and not _HYPHENATED.search(text, begin, end)
                stands = _is_whole if is_name else _is_attributed if not called.is_unmistakable else _is_handle
                is_attributed = attribution[0] <= begin and end <= attribution[1]
                if (called.is_unmistakable or is_attributed) and stands(text, begin, end):
                    found.append(Found(begin, end))
        if any(attribution[0] <= each.begin and each.end <= attribution[1] for each in found):
            # The e-mail address beside the name is theirs.
            found += (Found(*address.span()) for address in _MAIL.finditer(text, *attribution))
        kept: list[Found] = []
        for each in sorted(found, key=lambda each: (each.begin, -each.end)):
            name_begin = each.begin + (text[each.begin] in "@\uff20")
            if (not kept or each.begin >= kept[-1].end) and not any(
                first <= name_begin and each.end <= last and last - first > each.end - name_begin
                for first, last in longer
            ):
                kept.append(each)
        return kept

    def resembling(self, text: str) -> list[tuple[int, int]]:
        """Where a text or its Markdown has what may be one of the names, in addresses and in names without blanks."""
        if not self.may_be_in(text):
            return []
        folded = _folded(text)
        found: set[tuple[int, int]] = set()
        for called in self._called:
            for match in called.resembling.finditer(folded.text) if called.resembling else ():
                if _is_apart(folded, match.start()) and _is_apart(folded, match.end()):
                    found.add((folded.origins[match.start()], folded.origins[match.end() - 1] + 1))
        return sorted(found)

    def _mentioned(self, text: str, folded: _Folded) -> Iterator[Found]:
        for sign in re.finditer("[@\uff20]", text):
            begin = sign.end()
            is_apart = text[begin : begin + 1] in (" ", "\u00a0")
            begin += is_apart
            if not _opens_mention(text, sign.start()) or (
                is_apart and not is_capitalised(text[begin : begin + 1] or " ")
            ):
                continue
            at = bisect_left(folded.origins, begin)
            ends = [
                folded.origins[match.end() - 1] + 1
                for each in self._called
                if (match := each.pattern.match(folded.text, at)) and _is_apart(folded, match.end())
            ]
            ends = [end for end in ends if _ends_handle(text, end)]
            if ends:
                yield Found(sign.start(), max(ends), is_doubtful=_goes_on(text, begin, max(ends)))


def _page(host: str | None) -> regex.Pattern[str]:
    """Addresses of people's pages: relative, or on this host."""
    site = rf"(?<![\w./:-])(?:(?:https?:)?//)?{re.escape(host)}|" if host else ""
    handle = rf"(?:[{HANDLE_CHARACTERS}-]|%[0-9A-Fa-f]{{2}}|\.(?=[{HANDLE_CHARACTERS}%-]))+"
    return regex.compile(rf"(?:{site}(?<![\w./:%-]))/u/(?P<handle>{handle})", regex.IGNORECASE)


def _called(called: str) -> _Called:
    folded = _folded(called).text.replace(_JOINT, "").strip()
    is_name = re.search(r"\S\s+\S", folded) is not None
    between = _BETWEEN_WORDS if is_name else re.compile("[_-]")
    words = [word for word in between.split(folded) if word] if is_name else between.split(folded)
    pattern = ""
    for number, word in enumerate(words):
        if number and is_name:
            # Scripts without blanks between words have none between names either.
            is_loose = _UNSPACED.match(words[number - 1][-1]) and _UNSPACED.match(word[0])
            pattern += rf"[\s_\-{_JOINT}]{'*' if is_loose else '+'}"
        elif number:
            pattern += rf"{_JOINT}*[_-]{_JOINT}*"
        pattern += f"{_JOINT}*".join(map(re.escape, word))
    letters = sum(map(str.isalpha, folded))
    has_digits = any(map(str.isdecimal, folded))
    is_unmistakable = (
        letters > 0 and sum(map(str.isalnum, folded)) >= _MIN_LETTERS and (len(words) > 1 if is_name else has_digits)
    )
    return _Called(re.compile(pattern), len(words) if is_name else 1, is_unmistakable, _resembling(called))


def _resembling(called: str) -> re.Pattern[str] | None:
    words = key(called).split()
    joined = "".join(words)
    if _CJK_NAME.fullmatch(unicodedata.normalize("NFC", joined)):
        return re.compile("".join(map(re.escape, joined)))
    if len(words) < 2 or min(map(len, words)) < 2 or sum(map(str.isalpha, joined)) < _MIN_RESEMBLING:
        return None
    # A blank would make it the name itself.
    pattern = r"[._\-]?".join(map(re.escape, words))
    return re.compile(rf"(?<![^\W\d_]){pattern}(?![^\W\d_])")


def _spans(folded: _Folded, called: _Called) -> Iterator[tuple[int, int]]:
    """Where the characters of a name stand in a text, whatever is around them."""
    for match in called.pattern.finditer(folded.text):
        if _is_apart(folded, match.start()) and _is_apart(folded, match.end()):
            yield folded.origins[match.start()], folded.origins[match.end() - 1] + 1


def _is_apart(folded: _Folded, at: int) -> bool:
    """Whether a character of the text begins here: not the second half of one, and no mark on the one before."""
    if not 0 < at < len(folded.text):
        return True
    return folded.origins[at] != folded.origins[at - 1] and not _is_mark(folded.text[at])


def _is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_" or _is_mark(character)


def _after(text: str, end: int) -> str:
    """The text after an index, without the unseen characters at its beginning; a few characters of it."""
    return "".join(character for character in text[end : end + 40] if _fold(character) != _JOINT)


def _before(text: str, begin: int) -> str:
    return "".join(character for character in text[max(0, begin - 40) : begin] if _fold(character) != _JOINT)


def _is_joined(text: str, begin: int, end: int, *, has_particles: bool = False) -> bool:
    """Whether the name goes on before or after, by a letter, a digit, or a hyphen and those.

    With `has_particles`, letters of Hangul may follow one.
    """
    before, after = _before(text, begin), _after(text, end)
    if has_particles and _HANGUL.match(text[end - 1]) and _HANGUL_BEGIN.match(after):
        after = ""
    bare_before, bare_after = before.rstrip(_HYPHENS), after.lstrip(_HYPHENS)
    for edge, beside, beyond in (
        (text[begin], before[-1:], bare_before[-1:]),
        (text[end - 1], after[:1], bare_after[:1]),
    ):
        is_hyphenated = beside in tuple(_HYPHENS)
        if beyond and _is_word(beyond) and (is_hyphenated or not (_UNSPACED.match(edge) or _UNSPACED.match(beyond))):
            return True
    return False


def _is_whole(text: str, begin: int, end: int) -> bool:
    """Whether a name of several words stands by itself."""
    return not _is_joined(text, begin, end, has_particles=True) and _before(text, begin)[-1:] != "@"


def _is_attributed(text: str, begin: int, end: int) -> bool:
    """Whether a name of one word stands by itself in an attribution."""
    return not _is_joined(text, begin, end) and _before(text, begin)[-1:] != "@"


def _is_handle(text: str, begin: int, end: int) -> bool:
    """Whether a name of one word stands by itself, and in no address."""
    before = _before(text, begin)
    return not _is_joined(text, begin, end) and _ends_handle(text, end) and before[-1:] not in tuple("@/.=&%#$+~\\")


def _ends_handle(text: str, end: int) -> bool:
    """Whether no character of a handle, and no part of an address or of a package's name, follows."""
    after = _after(text, end)
    beyond = after.lstrip(_HYPHENS)
    if beyond and _is_word(beyond[0]):
        return False
    if _GOES_ON.match(after):
        return False
    return not (after[:1] == "@" or (after[:1] in tuple("./") and len(after) > 1 and _is_word(after[1])))


def _opens_mention(text: str, sign: int) -> bool:
    before = _before(text, sign)
    if before.endswith("-"):
        return len(before) == 1 or before[-2].isspace()
    last = before[-1:]
    return not last or not (last in _ADDRESS_BEFORE or (_is_word(last) and not _UNSPACED.match(last)))


def _goes_on(text: str, begin: int, end: int) -> bool:
    """Whether a further word with a capital follows a name with one, as in a name of more words."""
    following = text[end : end + 2]
    return (
        len(following) == 2
        and following[0] in " \u00a0"
        and (following[1].isupper() or following[1].istitle())
        and (text[begin].isupper() or text[begin].istitle())
    )


def _folded(text: str) -> _Folded:
    characters: list[str] = []
    origins: list[int] = []
    for at, character in enumerate(text):
        for each in _fold(character):
            if each == "\u0307" and characters and characters[-1] == "i":
                continue  # Of the Turkish capital.
            place = len(characters)
            # Marks are compared in their canonical order.
            rank = unicodedata.combining(each)
            while rank and place and unicodedata.combining(characters[place - 1]) > rank:
                place -= 1
            characters.insert(place, each)
            origins.append(at)
    return _Folded("".join(characters), origins)


@cache
def _fold(character: str) -> str:
    """What is compared of a character: without case, typography and width, decomposed."""
    if character.isspace():
        return " "
    if _UNSEEN.match(character) or unicodedata.category(character) == "Cf":
        return _JOINT
    folded = unicodedata.normalize("NFKD", normal.normalised(character)).replace("\u0131", "i")
    return folded or _JOINT


def _letters(text: str) -> str:
    return "".join(each for each in "".join(map(_fold, text)) if each.isalnum())


def key(called: str) -> str:
    """A handle or name as names are compared: without case, typography and unseen characters, with single blanks."""
    return " ".join(_BETWEEN_WORDS.sub(" ", _folded(called).text.replace(_JOINT, "")).split())

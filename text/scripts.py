"""Scripts of characters, and words that mix them (Unicode Technical Standard 39, section 5)."""

from collections.abc import Iterable
from functools import cache, lru_cache

import regex
from confusable_homoglyphs.utils import load

from text.characters import IGNORABLE

_IGNORABLE = regex.compile(f"{IGNORABLE}+")
_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+")
_OF_ALL = frozenset({"COMMON", "INHERITED"})
# Han is written with the scripts of each of these languages (Jpan, Hanb and Kore), and all of them with Latin.
_TOGETHER = (
    frozenset({"HAN", "HIRAGANA", "KATAKANA"}),
    frozenset({"HAN", "BOPOMOFO"}),
    frozenset({"HAN", "HANGUL"}),
)


def mixed_word(text: str) -> tuple[str, dict[str, str]] | None:
    """Returns the first word of an NFC text that mixes scripts, and the first letter of each by its script's name.

    A word has one script, or those of Japanese, Chinese or Korean, which Latin may be among: that is the level "Highly
    Restrictive" of UTS 39, section 5.2. Of a character that several scripts share each counts. None if there is none.
    Invisible characters, such as joiners, part no words.
    """
    if text.isascii():
        return None
    for word in _WORD.findall(_IGNORABLE.sub("", text)):
        characters = {character: scripts for character in word if not (scripts := _scripts(character)) & _OF_ALL}
        if _is_mixed(characters.values()):
            first: dict[str, str] = {}
            for character, scripts in characters.items():
                if len(scripts) == 1:
                    first.setdefault(next(iter(scripts)).replace("_", " ").title(), character)
            return word, first
    return None


def _is_mixed(found: Iterable[frozenset[str]]) -> bool:
    sets = set(found)
    if not sets or frozenset.intersection(*sets):
        return False
    besides_latin = [scripts for scripts in sets if "LATIN" not in scripts]
    return not any(all(scripts & together for scripts in besides_latin) for together in _TOGETHER)


@lru_cache(10_000)
def _scripts(character: str) -> frozenset[str]:
    """The scripts that a character is written in (Script_Extensions). A script without a name here is "UNKNOWN"."""
    return frozenset(name for name, has in _patterns() if has.match(character)) or frozenset({"UNKNOWN"})


@cache
def _patterns() -> list[tuple[str, regex.Pattern[str]]]:
    """A pattern of the characters of each script, by its name."""
    names = load("categories.json")["iso_15924_aliases"]
    return [(name, regex.compile(rf"\p{{scx={name}}}")) for name in names]

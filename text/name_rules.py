"""What a person may be called: names that can be seen, in words of one script, which are not the site's own."""

import unicodedata
from collections.abc import Iterable

import regex

from text import characters
from text.confusables import skeleton
from text.handles import handle_of
from text.scripts import mixed_word

ROLES = (
    *("admin", "administrator", "mod", "moderator", "moderators", "staff", "team", "support", "help", "official"),
    *("owner", "operator", "system", "server", "root", "security", "webmaster", "postmaster", "bot", "nobody"),
    *("everyone", "everybody", "all", "here", "channel", "anonymous", "guest", "user", "member", "you", "me"),
    *("erased", "deleted", "unknown"),
)
"""Reserved at every site: who runs it, whom a mention of everybody would mean, and what stands for a lost name."""
# Fillers and other characters that nobody sees. Joiners and variation selectors change how their neighbours look, tags
# make flags of regions, and the marks of a direction turn the punctuation beside them.
_FILLERS = regex.compile(
    rf"[{characters.IGNORABLE}--[\u200c-\u200f\u061c\ufe00-\ufe0f\U000e0020-\U000e007f]--[{characters.BIDI_CONTROLS}]]+",
    regex.V1,
)
_NEITHER_LETTER_NOR_DIGIT = regex.compile(r"[^\p{L}\p{M}\p{N}]+")


def cleaned(name: str) -> str:
    """Returns a name in NFC with single blanks in place of line breaks, tabs and the like, and without fillers."""
    return " ".join(_FILLERS.sub("", unicodedata.normalize("NFC", name)).split())


class NameRules:
    """The rules for names of people at one site."""

    def __init__(self, *, reserved: Iterable[str] = (), mixed_scripts: bool = False) -> None:
        """`reserved` are names that only moderators may bear, besides ROLES; `mixed_scripts` are allowed in a word."""
        self._reserved = {_bare(name) for name in (*ROLES, *reserved)} - {""}
        self._mixed_scripts = mixed_scripts

    def invalid(self, name: str) -> str | None:
        """Returns why nobody can bear a cleaned name; None if somebody can. A handle can be made of it then."""
        if objection := characters.invalid_in_line(name):
            return objection
        if not handle_of(name) or not characters.is_visible(name):
            return "It has no letter and no digit."
        if not self._mixed_scripts and (mixed := mixed_word(name)) is not None:
            word, letters = mixed
            which = ", ".join(f'"{letter}" (U+{ord(letter):04X}) is {script}' for script, letter in letters.items())
            return f'The word "{word}" mixes scripts{f": {which}" if which else ""}. Write each word in one script.'
        return None

    def is_reserved(self, name: str) -> bool:
        """Whether a name, or the handle made of it, is or looks like one that is reserved.

        Signs and blanks between its letters do not count.
        """
        return not self._reserved.isdisjoint((_bare(name), _bare(handle_of(name))))


def _bare(name: str) -> str:
    return skeleton(_NEITHER_LETTER_NOR_DIGIT.sub("", skeleton(name)))

"""Cuts a stream of text into the tokens of JSON and of almost-JSON, with a window of it in memory."""

import json
import re
from dataclasses import dataclass
from typing import Any, Final, Protocol

PIECE_CHARACTERS: Final = 1 << 18
STRING_CHARACTERS: Final = 1 << 24
"""A longer string has lost its closing quotation mark."""
KEY_CHARACTERS: Final = 80
_TAIL_CHARACTERS = 1 << 12

# Parentheses and semicolons wrap whole files, or are left over from it.
_TOKEN = re.compile(r"[\s\ufeff\x00();]*+(?:([{}\[\]:,\"])|([^\s\ufeff\x00{}\[\]:,\"();]++))?")
_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_COLON = re.compile(r"[\s\ufeff\x00]*+(:)?")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_ESCAPE = re.compile(
    r"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(.))", re.DOTALL
)
_ESCAPED = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "'": "'"}
_DECODER = json.JSONDecoder(strict=False)
_LITERALS = {"true": True, "false": False, "null": None}
_KEY = re.compile(rf'"[^"\\{{}}\[\]:,\n]{{1,{KEY_CHARACTERS}}}"\s*+:')
_STRUCTURE = frozenset(" \t\r\n,[]{}()")

END: Final = "end"
STRING: Final = "string"
SCALAR: Final = "scalar"
JUNK: Final = "junk"


@dataclass(frozen=True, slots=True)
class TextPosition:
    """A position in a file: line and column, both from 1, in characters."""

    line: int
    column: int

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}"


class TextStream(Protocol):
    """A source of text."""

    def read(self, size: int, /) -> str:
        """Returns the next text, of about `size` characters; "" only at the end."""


class Source:
    """The window: text that was read and is still needed. Offsets are counted from the beginning of the stream."""

    def __init__(self, stream: TextStream) -> None:
        self.text = ""
        self.position = 0
        """In `text`: what is before it was consumed."""
        self.ended = False
        self._stream = stream
        self._dropped = 0
        self._hold = 0
        self._line, self._line_begin = 1, 0
        """Of the window's first character."""

    # The window

    @property
    def offset(self) -> int:
        """The position, counted from the beginning of the stream."""
        return self._dropped + self.position

    def index(self, offset: int) -> int:
        """The index in `text` of an offset."""
        return offset - self._dropped

    def more(self) -> bool:
        """Reads more; False at the end. Drops consumed text before `hold`, so indices change."""
        if self.ended:
            return False
        begin = min(self.index(self._hold), self.position)
        here = self.place(self._dropped + begin)
        self._line, self._line_begin = here.line, self._dropped + begin + 1 - here.column
        # What is kept is copied: reading as much again keeps the work in proportion to the text.
        piece = self._stream.read(max(PIECE_CHARACTERS, len(self.text) - begin))
        self.text = self.text[begin:] + piece
        self._dropped += begin
        self.position -= begin
        self.ended = not piece
        return not self.ended

    def hold(self, offset: int) -> None:
        """Keeps the text after this offset in the window."""
        self._hold = offset

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Matches a pattern at the position, reading more if the match reaches the end of the window."""
        while True:
            found = pattern.match(self.text, self.position)
            if (found is not None and found.end() < len(self.text)) or not self.more():
                return pattern.match(self.text, self.position)

    def place(self, offset: int) -> TextPosition:
        """Line and column of an offset in the window."""
        end = self.index(offset)
        newlines = self.text.count("\n", 0, end)
        begin = self._dropped + self.text.rfind("\n", 0, end) + 1 if newlines else self._line_begin
        return TextPosition(self._line + newlines, offset - begin + 1)

    # Tokens

    def token(self) -> tuple[str, Any, int]:
        """The next token: its kind ("{", …, or a constant of this module), its value, and where it begins."""
        found = self.match(_TOKEN)
        assert found is not None
        if found.lastindex is None:
            self.position = found.end()
            return END, None, self.offset
        at = self._dropped + found.start(found.lastindex)
        if found[1] == '"':
            self.position = found.start(1)
            return self._string(at)
        self.position = found.end()
        if found[1]:
            return found[1], None, at
        word = found[2]
        if word in _LITERALS:
            return SCALAR, _LITERALS[word], at
        if _NUMBER.fullmatch(word):
            return SCALAR, _number(word), at
        return JUNK, word, at

    def _string(self, at: int) -> tuple[str, Any, int]:
        while (found := _STRING.match(self.text, self.position)) is None:
            if len(self.text) - self.position > STRING_CHARACTERS or not self.more():
                self.position += 1
                return JUNK, None, at
        self.position = found.end()
        return STRING, _unquoted(found[0]), at

    def colon_follows(self) -> bool:
        """Whether the next token is a colon."""
        found = self.match(_COLON)
        return found is not None and found[1] is not None

    def skip_to(self, pattern: re.Pattern[str], longest: int) -> bool:
        """Moves to the next match of a pattern of at most `longest` characters. False if there is none."""
        while True:
            self._hold = self.offset
            found = pattern.search(self.text, self.position)
            if found is not None:
                self.position = found.start()
                if found.end() < len(self.text) or self.ended:
                    return True
            else:
                self.position = len(self.text) if self.ended else max(self.position, len(self.text) - longest)
                if self.ended:
                    return False
            self.more()

    def resume(self, begin: int, floor: int | None = None) -> bool:
        """Moves to the next key after structure, as in `}, {"id":`, searching from `begin`. False if none follows.

        No JSON string contains that, since quotation marks in strings are escaped, so parsing can resume there. The
        position becomes the beginning of the structure, which may lie before `begin`, but not before `floor`.
        """
        search, floor = begin, begin if floor is None else floor
        while True:
            # What was searched contains no key, but its end may be the structure before one.
            self._hold = max(floor, search - _TAIL_CHARACTERS)
            for found in _KEY.finditer(self.text, max(0, self.index(search))):
                first, lowest = found.start(), max(0, self.index(floor))
                while first > lowest and self.text[first - 1] in _STRUCTURE:
                    first -= 1
                if "," in (between := self.text[first : found.start()]) or "{" in between:
                    self.position = first
                    return True
                search = self._dropped + found.end()
            search = max(search, self._dropped + len(self.text) - KEY_CHARACTERS - 2)
            # A key may be cut in two by the window's edge, and white space before its colon too.
            self.position = len(self.text)
            if not self.more():
                return False


def _number(word: str) -> int | float | str:
    try:
        return float(word) if set(word) & set(".eE") else int(word)
    except ValueError:
        # Python reads no integers of thousands of digits.
        return word


def _unquoted(quoted: str) -> str:
    if "\\" not in quoted:
        return quoted[1:-1]
    try:
        return str(_DECODER.raw_decode(quoted)[0])
    except json.JSONDecodeError:
        # A backslash that escapes nothing stands for itself, as in C:\new.
        return _ESCAPE.sub(_unescaped, quoted[1:-1])


def _unescaped(found: re.Match[str]) -> str:
    high, low, single, other = found.groups()
    if high:
        return (bytes.fromhex(high) + bytes.fromhex(low)).decode("utf-16-be")
    return chr(int(single, 16)) if single else _ESCAPED.get(other, found[0])

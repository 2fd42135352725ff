"""Reads a long list of JSON objects, one at a time, from text that is not quite JSON.

Ning's archives are wrapped in parentheses, lack commas between objects, and have brackets that nobody ordered: `}{`,
`}]{`, `}[{`, `]{`, `]]`. All this is understood token by token, so the same characters inside a string are left alone.
So are raw line breaks in strings, backslashes that escape nothing, and a file that breaks off. What can't be
understood is told with its place, and reading goes on with what follows. U+0000 is left out of strings and lone
surrogates become U+FFFD, which is told too.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from importers.ning import json_record
from importers.ning.json_record import DamagedObject
from importers.ning.json_source import KEY_CHARACTERS, Source, TextStream

__all__ = ["DamagedObject", "Problem", "Record", "TextPosition", "read_records"]

WINDOW_CHARACTERS: Final = 1 << 24
"""A record that is longer than this is read token by token."""

_BETWEEN = re.compile(r"[\s\ufeff\x00,;()\[\]}]*+")
_RECORD = re.compile(rf'\{{\s*+(?:\}}|"[^"\\\n]{{0,{KEY_CHARACTERS}}}"\s*+:|[A-Za-z_]\w{{0,{KEY_CHARACTERS}}}+\s*+:)')
_RECORD_BEGIN_CHARACTERS = 2 * KEY_CHARACTERS
_LONGEST_WORD = 16
_UNTRIED = 31
_NOT_TEXT = re.compile("[\x00\ud800-\udfff]")
_DECODER = json.JSONDecoder(strict=False)


@dataclass(frozen=True, slots=True)
class TextPosition:
    """Where in a file: line and column from 1, in characters."""

    line: int
    column: int

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """What was wrong, where, and in which object if its id could be seen."""

    place: TextPosition
    message: str
    identifier: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """An object of the list, with what was wrong in it. Its objects that lost something are DamagedObjects."""

    value: dict[str, Any]
    place: TextPosition
    problems: tuple[Problem, ...] = ()


def read_records(stream: TextStream) -> Iterator[Record | Problem]:
    """The objects of the list in the text's order, and what was found between them that is none.

    Never raises for what the text says. Takes time in proportion to the text, and memory for the record at hand.
    """
    source = Source(stream)
    # Where many records are broken, trying each as JSON first would be wasted.
    untried, wasted = 0, 0
    while True:
        source.hold(source.offset)
        between = source.match(_BETWEEN)
        source.position = between.end() if between else source.position
        begin = source.offset
        source.hold(begin)
        place = TextPosition(*source.place(begin)) if source.position < len(source.text) or source.more() else None
        if place is None:
            return
        untried -= 1
        value = _well_formed(source) if untried < 0 else None
        if value is not None:
            wasted = 0
            notes = _cleaned(value, source.text, source.index(begin), source.position)
            yield Record(value, place, tuple(Problem(place, note, _identifier(value)) for note in notes))
        elif _begins_record(source):
            if untried < 0:
                wasted = min(2 * wasted + 1, _UNTRIED)
                untried = wasted
            yield _record(source, place)
        else:
            seen = source.text[source.position : source.position + 40].partition("\n")[0]
            source.position += 1
            source.skip_to(_RECORD, _RECORD_BEGIN_CHARACTERS)
            yield Problem(place, f"Expected an object, found {json.dumps(seen, ensure_ascii=False)}.")


def _begins_record(source: Source) -> bool:
    while (found := _RECORD.match(source.text, source.position)) is None:
        if len(source.text) - source.position > _RECORD_BEGIN_CHARACTERS or not source.more():
            return False
    return found is not None


def _well_formed(source: Source) -> dict[str, Any] | None:
    """The record, where it is JSON; else None, and the position stays."""
    while source.text[source.position] == "{":
        try:
            value, source.position = _DECODER.raw_decode(source.text, source.position)
        except json.JSONDecodeError as error:
            cut_off = error.msg.startswith("Unterminated") or len(source.text) - error.pos < _LONGEST_WORD
        except (RecursionError, ValueError):
            return None
        else:
            assert isinstance(value, dict)
            return value
        if not cut_off or len(source.text) - source.position > WINDOW_CHARACTERS or not source.more():
            return None
    return None


def _record(source: Source, place: TextPosition) -> Record:
    value, notes = json_record.read(source)
    problems = [Problem(TextPosition(*note.place), note.message, _identifier(*note.around)) for note in notes]
    cleaned = _cleaned(value)
    return Record(value, place, (*problems, *(Problem(place, note, _identifier(value)) for note in cleaned)))


def _identifier(*around: dict[str, Any]) -> str | None:
    """The id of the innermost object that has one."""
    for each in around:
        for key in ("id", "contributorName"):
            if isinstance(each.get(key), str | int):
                return str(each[key])
    return None


def _cleaned(value: dict[str, Any], text: str | None = None, begin: int = 0, end: int = 0) -> list[str]:
    """Takes out of the strings what is not text, and says so. `text` is what the value was read from, to be quick."""
    suspicious = ("\x00", "\\u0000", "\\ud", "\\uD")
    if text is not None and all(text.find(each, begin, end) < 0 for each in suspicious):
        return []
    seen: set[str] = set()
    unfinished: list[dict[Any, Any] | list[Any]] = [value]
    while unfinished:
        container = unfinished.pop()
        for key, each in list(container.items() if isinstance(container, dict) else enumerate(container)):
            if isinstance(each, dict | list):
                unfinished.append(each)
            elif isinstance(each, str) and _NOT_TEXT.search(each):
                seen.update(_NOT_TEXT.findall(each))
                container[key] = _NOT_TEXT.sub("\ufffd", each.replace("\x00", ""))
    notes = ["U+0000 was left out of a string."] if "\x00" in seen else []
    return [*notes, "A lone surrogate was replaced by U+FFFD."] if seen - {"\x00"} else notes

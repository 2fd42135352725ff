"""Reads a long list of JSON objects, one at a time, from text that may not be valid JSON.

Ning's archives are wrapped in parentheses, lack commas between objects, and have superfluous brackets: `}{`, `}]{`,
`}[{`, `]{`, `]]`. Tokens are read one by one, so the same characters inside a string are kept. Also accepted are raw
line breaks in strings, backslashes that escape nothing, and a truncated file. What can't be read is reported with its
position, and reading continues after it. U+0000 is removed from strings and lone surrogates become U+FFFD, which is
reported too.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from importers.ning import json_record
from importers.ning.json_record import DamagedObject, Problem
from importers.ning.json_source import KEY_CHARACTERS, Source, TextPosition, TextStream

__all__ = ["DamagedObject", "Problem", "Record", "TextPosition", "read_records"]

_BETWEEN = re.compile(r"[\s\ufeff\x00,;()\[\]}]*+")
_RECORD = re.compile(rf'\{{\s*+(?:\}}|"[^"\\\n]{{0,{KEY_CHARACTERS}}}"\s*+:|[A-Za-z_]\w{{0,{KEY_CHARACTERS}}}+\s*+:)')
_RECORD_BEGIN_CHARACTERS = 2 * KEY_CHARACTERS
_NOT_TEXT = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Record:
    """An object of the list, with what was wrong in it. Its objects that lost something are DamagedObjects."""

    value: dict[str, Any]
    place: TextPosition
    problems: tuple[Problem, ...] = ()


def read_records(stream: TextStream) -> Iterator[Record | Problem]:
    """Yields the objects of the list in the text's order, and a problem for each stretch of text between them.

    Never raises for what the text contains. Takes time in proportion to the text, and memory for one record.
    """
    source = Source(stream)
    while True:
        source.hold(source.offset)
        between = source.match(_BETWEEN)
        source.position = between.end() if between else source.position
        source.hold(source.offset)
        if source.position == len(source.text) and not source.more():
            return
        place = source.place(source.offset)
        if _begins_record(source):
            value, problems = json_record.read(source)
            identifier = json_record.identifier(value)
            yield Record(value, place, (*problems, *(Problem(place, each, identifier) for each in _cleaned(value))))
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


def _cleaned(value: dict[str, Any]) -> list[str]:
    """Removes from the strings what is not text. Returns a message for each kind of it."""
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

"""Reads one JSON object that may not be valid JSON, token by token."""

from dataclasses import dataclass
from typing import Any, Final

from importers.ning.json_source import END, JUNK, STRING, Source, TextPosition

DEPTH: Final = 100
"""Reading gives up on objects and lists that nest deeper."""
RECORD_CHARACTERS: Final = 1 << 26
"""A longer record has lost its end."""
PROBLEMS: Final = 100
"""After so many problems in a record, further ones are not reported."""

Container = dict[str, Any] | list[Any]


class DamagedObject(dict[str, Any]):
    """An object of which some part could not be read and is missing."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What was wrong, where, and in which object if its id could be read."""

    place: TextPosition
    message: str
    identifier: str | None = None


@dataclass(slots=True)
class _Frame:
    """An object or list that is being read."""

    value: Container
    key: str | None = None
    """Of an object: what the next value is for."""
    wants: str = "key"
    """Of an object: "key" after a comma, then ":", then "value", then ","."""
    closed: list[Any] | None = None
    """Of an object: the list that was its last value. Further brackets and objects belong to it."""
    last_string: tuple[int, int] | None = None
    """The end and the beginning of the last token, if it was a string: either quotation mark may be wrong."""
    after_object: bool = False
    """Of a list: whether the last token closed an object."""
    damaged: bool = False


def read(source: Source) -> tuple[dict[str, Any], list[Problem]]:
    """Returns the object that begins at the source's position, as far as it can be read, and what is wrong in it."""
    return _Reading(source).record()


def identifier(*objects: dict[str, Any]) -> str | None:
    """Returns the id of the first object that has one."""
    found = (each.get(key) for each in objects for key in ("id", "contributorName"))
    return next((str(value) for value in found if isinstance(value, str | int)), None)


class _Reading:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._begin = self._at = source.offset
        source.position += 1
        self._root: dict[str, Any] = {}
        self._frames = [_Frame(self._root)]
        self._wrongs: list[tuple[TextPosition, str, list[_Frame]]] = []
        """Each problem with the objects and lists around it, innermost first: their ids may come after it."""

    def record(self) -> tuple[dict[str, Any], list[Problem]]:
        while self._frames:
            # The previous token stays in the window, since it may turn out to be wrong.
            self._source.hold(self._at)
            kind, value, self._at = self._source.token()
            if kind == END:
                self._give_up("The text ends inside of this object.")
            elif len(self._frames) > DEPTH or self._at - self._begin > RECORD_CHARACTERS:
                self._give_up("This object has no end.")
            else:
                self._read(kind, value)
        return self._root, [
            Problem(place, message, identifier(*(each.value for each in around if isinstance(each.value, dict))))
            for place, message, around in self._wrongs
        ]

    def _read(self, kind: str, value: Any) -> None:
        frame = self._frames[-1]
        last_string, frame.last_string = frame.last_string, None
        if isinstance(frame.value, dict):
            self._in_object(frame, frame.value, kind, value, last_string)
        else:
            after_object, frame.after_object = frame.after_object, False
            self._in_list(frame.value, kind, value, last_string, after_object)

    # Objects

    def _in_object(
        self, frame: _Frame, content: dict[str, Any], kind: str, value: Any, last_string: tuple[int, int] | None
    ) -> None:
        if kind == ":" and frame.wants in (":", "value"):
            frame.wants = "value"
        elif kind in "{[" and frame.wants == "value":
            self._frames.append(_Frame({} if kind == "{" else []))
        elif kind in "{}[],":
            if frame.wants in (":", "value"):
                self._wrong(f'There is no value for "{frame.key}".')
                frame.wants = ","
            self._structure(frame, kind)
        elif frame.wants == "value" and kind != ":":
            self._plain_value(frame, content, kind, value)
        elif frame.wants in ("key", ",") and self._is_key(frame, kind, value):
            frame.key, frame.wants, frame.closed, frame.last_string = value, ":", None, self._string()
        else:
            self._lost(frame, content, value, last_string)

    def _structure(self, frame: _Frame, kind: str) -> None:
        """Reads a token between the members of an object."""
        match kind:
            case ",":
                frame.wants = "key"
            case "}":
                self._close()
            case "]":
                if frame.closed is None and len(self._frames) > 1 and isinstance(self._frames[-2].value, list):
                    self._close_early(kind)
            case "{":
                if frame.closed and isinstance(frame.closed[-1], dict):
                    # A bracket before this object closed the list too early.
                    self._frames += [_Frame(frame.closed), _Frame({})]
                else:
                    self._close_early(kind)

    def _close_early(self, kind: str) -> None:
        """Ends an object that lacks its closing brace. The token is read as part of what is around it."""
        self._wrong("This object is not closed.")
        self._close()
        if self._frames:
            self._read(kind, None)
        else:
            self._source.position = self._source.index(self._at)

    def _plain_value(self, frame: _Frame, content: dict[str, Any], kind: str, value: Any) -> None:
        frame.wants = ","
        if kind != JUNK:
            content[str(frame.key)] = value
            if kind == STRING:
                frame.last_string = self._string()
        elif value is None:
            self._wrong(f'The text of "{frame.key}" has no end.')
            self._source.resume(self._at + 1)
        else:
            self._wrong(f'"{value[:40]}" is not a value for "{frame.key}".')

    def _is_key(self, frame: _Frame, kind: str, value: Any) -> bool:
        if kind == JUNK and (frame.wants != "key" or value is None or not value.isidentifier()):
            return False
        return kind in (STRING, JUNK) and self._source.colon_follows()

    def _lost(self, frame: _Frame, content: dict[str, Any], value: Any, last_string: tuple[int, int] | None) -> None:
        if frame.wants == "," and last_string is not None:
            # An unescaped quotation mark ended the text, or its own is missing: the value is not what was written.
            content.pop(str(frame.key), None)
            self._wrong(f'The text of "{frame.key}" does not end where it should.')
        elif frame.wants == ":":
            self._wrong(f'No colon follows "{frame.key}".')
        else:
            self._wrong(f"Expected a key, found {str(value)[:40]!r}." if value is not None else "Expected a key.")
        frame.wants = ","
        unterminated = value is None and last_string is None
        self._source.resume(*(last_string or (self._at + unterminated,)))

    def _string(self) -> tuple[int, int]:
        """The end and the beginning of the string just read."""
        return self._source.offset - 1, self._at + 1

    # Lists

    def _in_list(
        self, content: list[Any], kind: str, value: Any, last_string: tuple[int, int] | None, after_object: bool
    ) -> None:
        match kind:
            case "{":
                self._frames.append(_Frame({}))
            case "[":
                # After an object it is one of the superfluous brackets.
                if not after_object:
                    self._frames.append(_Frame([]))
            case "]":
                self._close()
            case "}":
                self._wrong("This list is not closed.")
                self._close()
                self._read(kind, None)
            case ",":
                pass
            case ":":
                self._wrong("There is a colon in a list.")
                self._source.resume(self._at + 1)
            case _ if kind != JUNK:
                content.append(value)
                if kind == STRING:
                    self._frames[-1].last_string = self._string()
            case _:
                self._wrong(f'"{value[:40]}" is not a value.' if value else "The text that begins here has no end.")
                if last_string is not None:
                    content.pop()
                    self._source.resume(*last_string)
                elif value is None:
                    self._source.resume(self._at + 1)

    # Frames

    def _close(self) -> None:
        frame = self._frames.pop()
        if frame.damaged and isinstance(frame.value, dict):
            frame.value = DamagedObject(frame.value)
        if not self._frames:
            assert isinstance(frame.value, dict)
            self._root = frame.value
            return
        parent = self._frames[-1]
        if isinstance(parent.value, list):
            parent.value.append(frame.value)
            parent.after_object = isinstance(frame.value, dict)
        else:
            parent.value[str(parent.key)] = frame.value
            parent.closed = frame.value if isinstance(frame.value, list) else None
            parent.wants = ","

    def _give_up(self, message: str) -> None:
        self._wrong(message)
        while self._frames:
            self._frames[-1].damaged = True
            self._close()

    def _wrong(self, message: str) -> None:
        around = self._frames[::-1]
        next(frame for frame in around if isinstance(frame.value, dict)).damaged = True
        if len(self._wrongs) <= PROBLEMS:
            text = message if len(self._wrongs) < PROBLEMS else "More is wrong in this object, and not reported."
            self._wrongs.append((self._source.place(self._at), text, around))

"""Documents of many records, and the ways in which Ning breaks them."""

import io
import json
import random
import re
from collections.abc import Sequence
from typing import Any

RUNS = [
    "}{",
    "}]{",
    "}[{",
    "]{",
    "] {",
    "]]",
    '"',
    "\\",
    "\n",
    "word",
    "é",
    "😀",
    "({",
    "})",
    ', "id":',
    '{"id":',
    ":",
    "//",
]
BETWEEN = ["}{", "}]{", "}[{", "} ] {", "},{", "}\n{", "},\n{", "}],{"]
ENDS = ["]", "]]", ",]", "] ]"]


class Pieces(io.StringIO):
    """A stream that gives so many characters at a time, whatever it is asked for."""

    def __init__(self, text: str, size: int) -> None:
        super().__init__(text, newline="")
        self._size = size

    def read(self, size: int | None = -1, /) -> str:
        return super().read(self._size)


def discussions(chance: random.Random) -> list[dict[str, Any]]:
    """Some discussions with comments, whose texts are full of what is broken outside of texts."""
    return [_discussion(chance, number) for number in range(chance.randrange(6))]


def broken(records: Sequence[dict[str, Any]], chance: random.Random) -> str:
    """The records as an archive would hold them."""
    begin = chance.choice(["", "(", " ( "]) + chance.choice(["[", "[", " [ "])
    return (
        begin + _joined([_written(each, chance) for each in records], chance) + chance.choice([*ENDS, "])", "]);", ""])
    )


def _text(chance: random.Random) -> str:
    return "".join(chance.choice(RUNS) for _ in range(chance.randrange(12)))


def _discussion(chance: random.Random, number: int) -> dict[str, Any]:
    comments: list[dict[str, Any]] = [
        {
            "id": f"1:Comment:{number * 100 + each}",
            "description": _text(chance),
            "odd": chance.choice([1, -2.5, None, True, _text(chance), {}, {"a": []}]),
            "fileAttachments": [_text(chance) for _ in range(chance.randrange(3))],
        }
        for each in range(chance.randrange(5))
    ]
    more = {"groupId": _text(chance)} if chance.random() < 0.5 else {}
    return {"id": f"1:Topic:{number}", "title": _text(chance), "comments": comments, **more}


def _written(discussion: dict[str, Any], chance: random.Random) -> str:
    members = []
    for key, value in discussion.items():
        if key == "comments":
            joined = _joined([_dumped(comment, chance) for comment in value], chance)
            members.append(f'"comments": [{joined}{chance.choice(ENDS)}')
        else:
            members.append(f'"{key}":{_dumped(value, chance)}')
    return "{" + ", ".join(members) + chance.choice(["}", ",}", "\n}"])


def _dumped(value: object, chance: random.Random) -> str:
    written = json.dumps(value, ensure_ascii=chance.random() < 0.5)
    if chance.random() < 0.3:
        # Line breaks that nobody escaped.
        written = re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[0], written)
    return written


def _joined(objects: Sequence[str], chance: random.Random) -> str:
    joined = ""
    for written in objects:
        joined = joined[:-1] + chance.choice(BETWEEN)[:-1] + written if joined else written
    return joined

"""The fenced code blocks of a Markdown text, and what their info strings say of how each is tested.

An info string is a language and marks: `sh run`, `graphql run as="ada"`, `sh unrun="needs a host of one's own"`. The
site and other readers of Markdown see the language alone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MARKS = {
    "run": "it is run as written, in order with the other blocks of its page",
    "as": "who is signed in while it runs: a handle",
    "moderator": "as a moderator",
    "errors": "the codes that its payload is to hold, where it shows a failure",
    "variables": "the variables of an operation, as JSON",
    "tested": "the test in tests/docs/ that runs it",
    "settings": "what it assigns are settings that go together, which a server would take",
    "unrun": "why it can't be run",
    "title": "shown above it",
}
SNIPPET = re.compile(r'(?:# )?--8<-- "(?P<file>[^":]+)(?::\w+)?"')
"""A line that scripts/pages/snippets.py replaces by a file of the checkout, or a part of one."""
_FENCE = re.compile(r"^(?P<indent> *)(?P<fence>`{3,}|~{3,})(?P<info>[^`\n]*)$")
_MARK = re.compile(r"""(?P<name>[a-z]+)(?:="(?P<double>[^"]*)"|='(?P<single>[^']*)')?(?=\s|$)""")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced code block: its place, and what its info string says."""

    page: str
    """The file, as seen from the checkout."""
    line: int
    heading: str
    """The last heading above it."""
    language: str
    marks: dict[str, str]
    """By name; "" for a mark without a value."""
    unread: str
    """What of the info string is neither a language nor a mark."""
    code: str

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def snippets(self) -> list[str]:
        """The files that it shows; empty for a block with words of its own."""
        lines = [line.strip() for line in self.code.splitlines() if line.strip()]
        found = [SNIPPET.fullmatch(line) for line in lines]
        return [match["file"] for match in found if match] if lines and all(found) else []


def pages() -> list[Path]:
    """README.md and all pages of the docs that are written by hand."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def of_page(path: Path) -> list[Block]:
    """The blocks of a page in their order."""
    return list(_read(path.read_text(encoding="utf-8"), path.relative_to(ROOT).as_posix()))


def without_marks(markdown: str) -> str:
    """A text whose info strings say the language alone, with the title where there is one."""
    lines = markdown.split("\n")
    opened: re.Match[str] | None = None
    for number, line in enumerate(lines):
        fence = _FENCE.match(line)
        if opened is None and fence is not None:
            opened = fence
            language, marks, _ = _info(fence["info"])
            title = f' title="{marks["title"]}"' if "title" in marks else ""
            lines[number] = f"{fence['indent']}{fence['fence']}{language}{title}"
        elif opened is not None and _closes(opened, line):
            opened = None
    return "\n".join(lines)


def _read(text: str, page: str) -> Iterator[Block]:
    opened: re.Match[str] | None = None
    start, heading, code = 0, "", list[str]()
    for number, line in enumerate(text.split("\n"), start=1):
        if opened is None:
            opened = _FENCE.match(line)
            start, code = number, []
            if line.startswith("#"):
                heading = line.lstrip("#").strip()
        elif _closes(opened, line):
            yield Block(page, start, heading, *_info(opened["info"]), "\n".join(code) + "\n")
            opened = None
        else:
            code.append(line.removeprefix(opened["indent"]))
    if opened is not None:
        raise ValueError(f"{page}:{start}: the block is not closed.")


def _closes(opened: re.Match[str], line: str) -> bool:
    return line.startswith(opened["indent"] + opened["fence"]) and not line.strip().strip(opened["fence"][0])


def _info(text: str) -> tuple[str, dict[str, str], str]:
    """The language, the marks, and what is neither."""
    language, _, rest = text.strip().partition(" ")
    marks = {found["name"]: found["double"] or found["single"] or "" for found in _MARK.finditer(rest)}
    return language, marks, _MARK.sub("", rest).strip()

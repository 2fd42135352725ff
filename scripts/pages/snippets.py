"""Code of the checkout, shown on pages as it is in the files that the tests run.

A line `--8<-- "examples/shared/following.ts:follow"` is replaced by the declaration of that name, with the comments
above it; without a name, by the whole file. Where a formatter reads the block as Python, the line is a comment there.
"""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_SNIPPET = re.compile(r'^(?P<indent> *)(?:# )?--8<-- "(?P<file>[^":]+)(?::(?P<name>\w+))?"$', re.MULTILINE)
_DECLARATION = (
    r"^(?:export\s+)?(?:default\s+)?(?:async\s+)?(?:(?:function\*?|const|let|class|type|interface|enum|def)\s+{name}\b"
    r"|{name}\(\)|{name}\s*[:=])"
)
_ABOVE = re.compile(r"\s*(?://|/\*|\*|#|@)")
_CLOSING = ("}", ")", "]", "`")


class Missing(Exception):
    """A page shows what is not there."""


def put_in(markdown: str) -> str:
    """The page with its snippets. Raises Missing."""

    def shown(found: re.Match[str]) -> str:
        path = ROOT / found["file"]
        if not path.is_file():
            raise Missing(f"There is no file {found['file']} to show.")
        code = path.read_text(encoding="utf-8").rstrip("\n")
        if found["name"] is not None:
            code = part(code, found["name"], where=found["file"])
        return "\n".join(f"{found['indent']}{line}".rstrip() for line in code.split("\n"))

    return _SNIPPET.sub(shown, markdown)


def part(code: str, name: str, *, where: str) -> str:
    """The declaration of a name at the left margin, with the comments above it. Raises Missing."""
    lines = code.split("\n")
    begins = re.compile(_DECLARATION.format(name=re.escape(name)))
    first = next((number for number, line in enumerate(lines) if begins.match(line)), None)
    if first is None:
        raise Missing(f"{where} declares no '{name}' to show.")
    start = first
    while start > 0 and _ABOVE.match(lines[start - 1]):
        start -= 1
    return "\n".join(lines[start : _end(lines, first)])


def _end(lines: list[str], first: int) -> int:
    """Behind the last line of a declaration: what is indented below it, and what closes it at the margin."""
    end = first + 1
    while end < len(lines) and (not lines[end] or lines[end][0].isspace() or lines[end].startswith(_CLOSING)):
        end += 1
    while not lines[end - 1].strip():
        end -= 1
    return end

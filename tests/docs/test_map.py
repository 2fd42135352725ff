"""tests/README.md names files that exist, and every helper."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MAP = ROOT / "tests" / "README.md"
_BRACES = re.compile(r"\{([^}]*)\}")


def named(text: str) -> Iterator[str]:
    """Yields the paths in backticks. A bare file name is in the folder of the path before it, or of the heading."""
    section = ""
    for line in text.splitlines():
        folder = section
        for word in (word for code in re.findall(r"`([^`]+)`", line) for word in code.split()):
            if "/" in word:
                folder = word.rpartition("/")[0]
                yield word
            elif word.endswith(".py"):
                yield f"{folder}/{word}" if folder and word != "server.py" else word
        if line.startswith("#"):
            section = folder


def missing(text: str) -> list[str]:
    """Returns the named paths that match no file."""
    return [path for path in named(text) for each in _expanded(path) if not any(ROOT.glob(each.rstrip("/")))]


def _expanded(path: str) -> list[str]:
    braces = _BRACES.search(path)
    return [path.replace(braces[0], each) for each in braces[1].split(",")] if braces else [path]


def test_named_paths_exist() -> None:
    assert missing(MAP.read_text()) == []


def test_the_tests_of_threats_exist() -> None:
    text = (ROOT / "docs" / "security.md").read_text()
    table = text.partition("| threat | protection | limits of it | tests |\n")[2].partition("\n\n")[0]
    tests = [line.rpartition(" | ")[2] for line in table.splitlines()]
    assert len(tests) > 25 and missing("\n".join(tests)) == []


def test_every_helper_is_listed() -> None:
    helpers = {path.relative_to(ROOT).as_posix() for path in (ROOT / "tests" / "support").glob("[!_]*.py")}
    assert helpers - set(named(MAP.read_text())) == set()


def test_every_service_test_is_listed() -> None:
    tests = {path.relative_to(ROOT).as_posix() for path in (ROOT / "tests" / "service").glob("test_*.py")}
    assert tests - {each for path in named(MAP.read_text()) for each in _expanded(path)} == set()


def test_missing_path_is_found() -> None:
    assert missing("| `db/erase.py` | `tests/db/` |") == ["db/erase.py"]
    assert missing("| `db/posts.py`, `drafts.py` | `tests/service/test_{lists,none}.py` |") == [
        "db/drafts.py",
        "tests/service/test_{lists,none}.py",
    ]
    assert missing("## Helpers: `tests/support/`\n| `http.py`, `none.py` |") == ["tests/support/none.py"]

"""Pages, benches and examples use the terms of docs/glossary.md and none of the private words that these replaced."""

import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.pages import blocks

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    *blocks.pages(),
    *(ROOT / name for name in ("CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "tests/README.md")),
]
INSTALLED = {"node_modules", ".venv", "dist", "generated", "__generated__"}
SOURCES = [
    path
    for room in ("bench", "examples")
    for path in sorted((ROOT / room).rglob("*"))
    if path.suffix in {".py", ".ts", ".tsx", ".mjs", ".md"} and INSTALLED.isdisjoint(path.parts)
]
PRIVATE = re.compile(
    r"\b(?:doorbells?|bells?|anew|whoever|untold|unfed|in company|has come|heard|unheard|hears?|can't go on)\b|[«»]",
    re.IGNORECASE,
)
"""Words that a reader would have to learn, though a standard one exists. Guillemets: straight quotes are the rule."""
PRIVATE_IN_SOURCES = re.compile(rf"{PRIVATE.pattern}|(?:\b|_)(?:told|tells?|rings?)(?:\b|_)", re.IGNORECASE)
"""Of a source, its names too."""


def private_words(pattern: re.Pattern[str], lines: Iterator[tuple[int, str]]) -> list[str]:
    """Returns the lines in which the pattern matches, with their numbers."""
    return [f"{number}: {line}" for number, line in lines if pattern.search(line)]


def words_of(path: Path) -> Iterator[tuple[int, str]]:
    """Yields the lines of a file by number; of Python its names, comments and docstrings, and not its data."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        yield from enumerate(text.splitlines(), 1)
        return
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in (tokenize.NAME, tokenize.COMMENT) or token.string.startswith('"""'):
            yield token.start[0], token.string


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_page_has_no_private_words(page: Path) -> None:
    assert private_words(PRIVATE, enumerate(page.read_text().splitlines(), 1)) == []


def test_sources_have_no_private_words() -> None:
    assert SOURCES
    found = {path.relative_to(ROOT).as_posix(): private_words(PRIVATE_IN_SOURCES, words_of(path)) for path in SOURCES}
    assert {path: lines for path, lines in found.items() if lines} == {}


def test_private_word_is_found(tmp_path: Path) -> None:
    assert PRIVATE.search("The page is read Anew.") and PRIVATE.search("No «reply».")
    assert not PRIVATE.search("A renewal.")
    source = tmp_path / "source.py"
    source.write_text('"""Tells."""\n_told = "as far as I can tell"  # heard\nretelling = 1\n')
    assert [line.partition(":")[0] for line in private_words(PRIVATE_IN_SOURCES, words_of(source))] == ["1", "2", "2"]

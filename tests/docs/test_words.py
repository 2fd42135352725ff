"""The pages use the terms of docs/glossary.md and none of the private words that these replaced."""

import re
from pathlib import Path

import pytest

from scripts.pages import blocks

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*blocks.pages(), *(ROOT / name for name in ("CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"))]
PRIVATE = re.compile(r"\b(?:doorbells?|bells?|anew|whoever|untold|unfed|in company|has come)\b|[«»]", re.IGNORECASE)
"""Words that a reader would have to learn, though a standard one exists. Guillemets: straight quotes are the rule."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_page_has_no_private_words(page: Path) -> None:
    found = [
        f"{number}: {line}" for number, line in enumerate(page.read_text().splitlines(), 1) if PRIVATE.search(line)
    ]
    assert found == []


def test_private_word_is_found() -> None:
    assert PRIVATE.search("The page is read Anew.") and PRIVATE.search("No «reply».")
    assert not PRIVATE.search("A renewal.")

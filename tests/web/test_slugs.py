"""Titles of all scripts as parts of addresses; slugs.test.mjs holds the page to the same cases."""

import json
from pathlib import Path

import pytest

from tests.support.scripts import SCRIPTS, Script
from web.pages import slug

CASES: list[tuple[str, str]] = json.loads((Path(__file__).parent / "slugs.json").read_text("utf-8"))


@pytest.mark.parametrize(("title", "expected"), CASES)
def test_title_has_slug_of_its_letters_and_marks(title: str, expected: str) -> None:
    assert slug(title) == expected
    assert slug(expected) == expected


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.called)
def test_titles_that_differ_by_mark_have_different_slugs(script: Script) -> None:
    assert slug(script.name) != slug(script.other)
    assert script.word.lower() in slug(script.sentence)

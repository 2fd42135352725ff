"""What several examples have in common: the same file in each, so that every folder can be copied by itself."""

import pytest

from tests.examples.running import EXAMPLES, PAGES

EVERYWHERE = ["following.ts", "fetching.ts", "session.ts", "paths.ts", "style.css"]
WITH_REACT = ["ReplyForm.tsx", "css.d.ts"]


@pytest.mark.parametrize("file", EVERYWHERE + WITH_REACT)
def test_the_examples_share_it_word_for_word(file: str) -> None:
    copies = [EXAMPLES / name / "src" / file for name in PAGES if file in EVERYWHERE or name != "plain"]
    assert {copy.read_text() for copy in copies} == {copies[0].read_text()}


@pytest.mark.parametrize("name", [*PAGES, "python", "curl"])
def test_every_example_says_what_it_shows_on_one_screen(name: str) -> None:
    lines = (EXAMPLES / name / "README.md").read_text().splitlines()
    assert 5 < len(lines) < 50
    assert f"examples/run {name}" in "\n".join(lines)

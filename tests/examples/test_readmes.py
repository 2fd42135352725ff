"""The README of each example."""

import pytest

from tests.examples.running import EXAMPLES, PAGES


@pytest.mark.parametrize("name", [*PAGES, "python", "mirror", "curl"])
def test_readme_fits_one_screen_and_names_the_command(name: str) -> None:
    lines = (EXAMPLES / name / "README.md").read_text().splitlines()
    assert 5 < len(lines) < 50
    assert f"examples/run {name}" in "\n".join(lines)

"""No block of the pages is left untested unawares, and those that are not run are at least read."""

import json
import re
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from graphql import build_schema, parse, validate

from app.settings import Settings
from scripts.pages import blocks
from scripts.pages.blocks import Block

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = build_schema((ROOT / "schema.graphql").read_text())
RUN = {"sh", "graphql", "python"}
"""What tests/docs/test_pages.py can run."""
READ: dict[str, Callable[[str], object]] = {"json": json.loads, "yaml": yaml.safe_load, "toml": tomllib.loads}
"""What is read, and needs nothing more."""
SHOWN = {"text"}
"""What is for the eye alone."""
TESTED_FILES = ("examples/", "deploy/", "scripts/", "web/", "tests/")
"""What the tests run by itself, so that a page may show it."""

ALL = [block for page in blocks.pages() for block in blocks.of_page(page)]


def untested(block: Block) -> str | None:
    """What is wrong with what a block says of how it is tested; None where that is enough."""
    if block.unread or not set(block.marks) <= set(blocks.MARKS):
        return (
            f"Its info string says what nobody knows: {block.unread or sorted(set(block.marks) - set(blocks.MARKS))}."
        )
    if block.snippets:
        wrong = [file for file in block.snippets if not file.startswith(TESTED_FILES)]
        return f"It shows {wrong}, which no test runs." if wrong else None
    if "unrun" in block.marks:
        return None if len(block.marks["unrun"]) > 10 else "It says that it can't be run, and not why."
    if "settings" in block.marks:
        return None if settings_in(block) else "It assigns no settings."
    if "tested" in block.marks:
        return (
            None if block.marks["tested"] in _tests() else f"There is no test {block.marks['tested']} in tests/docs/."
        )
    if block.language in READ or block.language in SHOWN or block.language == "graphql":
        return None
    if "run" in block.marks and block.language in RUN:
        return None
    return f"Nothing tests a block of language '{block.language}': mark it run, tested=, or unrun= with the reason."


def settings_in(block: Block) -> dict[str, str]:
    """What a block assigns to settings, by their names."""
    return {name.lower(): value for name, value in re.findall(r"\bPARLEY_([A-Z_]+)=(\S+)", block.code)}


def _tests() -> set[str]:
    folder = Path(__file__).parent
    return {
        name for path in folder.glob("test_*.py") for name in re.findall(r"^def (test_\w+)", path.read_text(), re.M)
    }


def test_every_block_is_tested_or_says_why_not() -> None:
    problems = [(block.place, problem) for block in ALL if (problem := untested(block)) is not None]
    assert problems == []
    assert len(ALL) > 40


@pytest.mark.parametrize(
    ("info", "code"),
    [
        ("sh", "curl http://127.0.0.1:8000/readyz"),
        ("rust", "fn main() {}"),
        ("", "no language"),
        ("js run", "fetch('/graphql')"),
        ("sh settings", "PARLEY=1 scripts/serve"),
        ("sh unrun", "a reason is missing"),
        ('sh unrun="why"', "a reason is missing"),
        ("sh rnu", "a mark with a slip"),
        ("python = 3", "no mark at all"),
        ('js tested="test_that_is_not_there"', "follow()"),
        ("ts", '--8<-- "README.md:part"'),
    ],
)
def test_a_block_that_nobody_tests_is_found(
    info: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "ROOT", tmp_path)
    page = tmp_path / "page.md"
    page.write_text(f"# A page\n\n```{info}\n{code}\n```\n")
    (block,) = blocks.of_page(page)
    assert untested(block) is not None


def test_marks_are_for_the_tests_alone() -> None:
    page = '# A\n\n```sh run\necho 1\n```\n\n````markdown title="x" unrun="it is shown"\n```sh run\n```\n````\n'
    assert blocks.without_marks(page) == '# A\n\n```sh\necho 1\n```\n\n````markdown title="x"\n```sh run\n```\n````\n'


def test_documents_fit_the_schema() -> None:
    documents = [block for block in ALL if block.language == "graphql" and not block.snippets]
    for block in documents:
        assert [error.message for error in validate(SCHEMA, parse(block.code))] == [], block.place
    assert len(documents) > 10


def test_data_can_be_read() -> None:
    for block in ALL:
        if block.language in READ and not block.snippets:
            READ[block.language](block.code)


def test_commands_are_a_shells() -> None:
    for block in ALL:
        if block.language == "sh" and not block.snippets:
            done = subprocess.run(["bash", "-n"], input=block.code, capture_output=True, text=True, check=False)
            assert done.returncode == 0, f"{block.place}\n{done.stderr}"


def test_settings_go_together() -> None:
    blocks_of_settings = [block for block in ALL if "settings" in block.marks]
    for block in blocks_of_settings:
        given: dict[str, Any] = settings_in(block)
        assert Settings(**given).model_fields_set == set(given), block.place
    assert len(blocks_of_settings) > 2


def test_the_pages_name_settings_that_there_are() -> None:
    known = {f"PARLEY_{name.upper()}" for name in Settings.model_fields}
    for page in [*blocks.pages(), ROOT / "CONTRIBUTING.md"]:
        named = set(re.findall(r"\bPARLEY_(?!TEST_)[A-Z_]*[A-Z]", page.read_text()))
        assert named <= known, page.name


def test_rules_ask_for_metrics_that_there_are() -> None:
    page = (ROOT / "docs" / "operating" / "metrics.md").read_text()
    listed = set(re.findall(r"^\| `(parley_\w+)`", page, re.MULTILINE))
    rules = [block for block in ALL if block.language == "yaml" and "expr:" in block.code]
    # A histogram is asked for by the names of its parts.
    asked = {
        re.sub("(?<=_seconds)_(bucket|count|sum)$", "", name)
        for block in rules
        for name in re.findall(r"\bparley_\w+", block.code)
    }
    assert asked and asked <= listed


def test_settings_page_includes_the_generated_table() -> None:
    assert "<!-- made: settings -->" in (ROOT / "docs" / "operating" / "settings.md").read_text()

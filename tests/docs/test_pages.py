"""What the pages of docs/ print works as printed, against a server with the demo data."""

import json
import shutil
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scripts.pages import blocks
from scripts.pages.blocks import Block
from tests.docs import newcomers
from tests.support.servers import ROOT, Parley

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="NOT TESTED: this machine has no curl.")


@pytest.fixture(scope="module")
def parley_of_pages(demo_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parley]:
    """The server of this module, which its blocks write to."""
    yield from newcomers.serving(demo_data, tmp_path_factory.mktemp("pages"))


def runnable() -> dict[str, list[Block]]:
    """The blocks to run, by page."""
    found = {page: [block for block in blocks.of_page(page) if "run" in block.marks] for page in blocks.pages()}
    return {page.relative_to(ROOT).as_posix(): told for page, told in found.items() if told}


@pytest.mark.parametrize("page", sorted(runnable()))
def test_a_page_does_what_it_says(page: str, parley_of_pages: Parley) -> None:
    told = runnable()[page]
    shells = [block.code for block in told if block.language == "sh"]
    programs = [block.code for block in told if block.language == "python"]
    for block in told:
        if block.language == "graphql":
            run_document(parley_of_pages, block)
    for output in run_commands(parley_of_pages, shells):
        check(output)
    if programs:
        # Python sees what its page has said before, as a reader would.
        newcomers.shell(parley_of_pages, ".venv/bin/python - <<'PROGRAM'\n" + "\n".join(programs) + "PROGRAM\n")


def run_document(server: Parley, block: Block) -> None:
    """Runs an operation. Its payload holds the errors that the block says, and else none."""
    token = None
    if "as" in block.marks:
        token = newcomers.token_of(server, block.marks["as"], moderator="moderator" in block.marks)
    variables = json.loads(block.marks.get("variables", "{}"))
    data = newcomers.ask(server, block.code, variables, token)
    assert sorted(failures(data)) == sorted(block.marks.get("errors", "").split()), f"{block.place}\n{data}"


def run_commands(server: Parley, commands: list[str]) -> list[str]:
    """What each block prints; a variable that one sets is there in the next."""
    mark = "--- the next block ---"
    return newcomers.shell(server, f"\necho '{mark}'\n".join(commands)).split(mark) if commands else []


def check(output: str) -> None:
    """Where a command prints an answer in JSON, nothing failed in it."""
    for line in output.strip().splitlines():
        told = json.loads(line.removeprefix("data: ")) if line.startswith(("{", "data: {")) else {}
        assert not failures(told), line
        assert "errors" not in told, line


def failures(told: Any) -> list[str]:
    """The codes in the `errors` of payloads, wherever they stand."""
    match told:
        case dict():
            mine = [one["code"] for one in told.get("errors") or [] if "code" in one]
            return mine + [code for part in told.values() for code in failures(part)]
        case list():
            return [code for part in told for code in failures(part)]
    return []


def test_the_page_of_metrics_has_those_of_a_server(parley_of_pages: Parley) -> None:
    with urllib.request.urlopen(f"{parley_of_pages.url}/metrics") as answer:
        told = {line.split()[2] for line in answer.read().decode().splitlines() if line.startswith("# TYPE")}
    page = (ROOT / "docs" / "operating" / "metrics.md").read_text()
    rows = [line.split("`")[1] for line in page.splitlines() if line.startswith("| `parley_")]
    assert set(rows) == told

"""Runs the tests of the page's modules with the test runner of Node.js."""

import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
RUN_SECONDS = 60

MODULES = sorted(path.name for path in FOLDER.glob("*.test.mjs"))


@pytest.mark.parametrize("module", MODULES)
def test_page_modules(module: str) -> None:
    if shutil.which("node") is None:
        pytest.skip("NOT TESTED: the page's modules, since node is not installed. Install Node.js to run them.")
    command = ["node", "--test", "--test-reporter=spec", str(FOLDER / module)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=RUN_SECONDS, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "tests 0" not in run.stdout, "The runner found no test."

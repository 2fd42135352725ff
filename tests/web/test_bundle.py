"""The script and the stylesheet that browsers load are what their sources make."""

import shutil
import subprocess

import pytest

from tests.support.servers import ROOT

BUILD_SECONDS = 120


def test_the_bundle_is_what_its_sources_make() -> None:
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            pytest.skip(f"NOT TESTED: web/bundle against its sources, since this machine has no {program}.")
    command = [str(ROOT / "scripts" / "bundle"), "--check"]
    made = subprocess.run(command, capture_output=True, text=True, timeout=BUILD_SECONDS, check=False)
    assert made.returncode == 0, made.stdout + made.stderr

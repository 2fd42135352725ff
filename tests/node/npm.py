"""Installs the npm clients of this folder and runs its programs."""

import fcntl
import hashlib
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent
INSTALL_SECONDS = 300
RUN_SECONDS = 60


def install() -> None:
    """Installs what the lock file names, unless that is done. Where node or npm is absent, skips and says so."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            pytest.skip(f"NOT TESTED against the npm clients: this machine has no {program}.")
    lock = FOLDER / "package-lock.json"
    done = FOLDER / "node_modules" / ".installed"
    with lock.open("rb") as pinned:
        # Of two processes that test at once the second waits, then finds it done.
        fcntl.flock(pinned, fcntl.LOCK_EX)
        wanted = hashlib.sha256(pinned.read()).hexdigest()
        if done.exists() and done.read_text() == wanted:
            return
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        run = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
        assert run.returncode == 0, run.stderr
        done.write_text(wanted)


def start(program: str, *arguments: str) -> "subprocess.Popen[str]":
    """A program of this folder, started, its output piped."""
    command = ["node", str(FOLDER / program), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process: "subprocess.Popen[str]") -> Any:
    """The JSON of its last line. Fails the test where it ended with an error."""
    try:
        output, problems = process.communicate(timeout=RUN_SECONDS)
    finally:
        process.kill()
    assert process.returncode == 0, f"{output}\n{problems}"
    return json.loads(output.splitlines()[-1])


def run(program: str, *arguments: str) -> Any:
    """The JSON that a program of this folder prints last."""
    return finish(start(program, *arguments))

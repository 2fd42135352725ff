"""Runs `python server.py` commands in forks of a process that has imported everything.

Importing the service takes more than two seconds of processor time, and the tests start it some hundred times. A fork
runs the same code with its own environment, folder and process group. It is turned on by `tests/conftest.py`;
measurements (`bench/`, `python -m tests.faults`) start real processes.
"""

import atexit
import multiprocessing
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.support import watchdog

_context = multiprocessing.get_context("forkserver")
_is_on = False
BLOCKED = Path(tempfile.gettempdir(), f"parley-blocked-{os.getpid()}")
"""Where servers note what blocked their event loops: see tests.support.watchdog."""


def turn_on() -> None:
    """From now on `Forked` may be used instead of a new interpreter."""
    global _is_on  # noqa: PLW0603 - one switch for the whole process of the tests.
    _is_on = True
    BLOCKED.mkdir(exist_ok=True)
    atexit.register(shutil.rmtree, BLOCKED, ignore_errors=True)
    _context.set_forkserver_preload(["tests.support.warmed"])


def is_on() -> bool:
    """Whether commands are run in forks."""
    return _is_on


class Forked:
    """A running command, with the methods of subprocess.Popen that the tests use."""

    def __init__(
        self, arguments: Sequence[str], *, environment: Mapping[str, str], cwd: Path, stdout: Path, stderr: Path
    ) -> None:
        self._process = _context.Process(
            target=_run,
            args=(list(arguments), dict(environment), str(cwd), str(stdout), str(stderr), BLOCKED),
        )
        self._process.start()

    @property
    def pid(self) -> int:
        """The process id, which is also that of its process group."""
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        """Returns the exit status; None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Returns the exit status. Raises subprocess.TimeoutExpired after `timeout` seconds."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("server.py", timeout or 0.0)
        return self._process.exitcode


def _run(arguments: list[str], environment: dict[str, str], cwd: str, stdout: str, stderr: str, blocked: Path) -> None:
    """What a fork does."""
    os.setpgid(0, 0)
    for path, descriptor in ((os.devnull, 0), (stdout, 1), (stderr, 2)):
        opened = os.open(path, (os.O_WRONLY if descriptor else os.O_RDONLY) | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(opened, descriptor)
        os.close(opened)
    # uvicorn's workers open the number of this file again.
    sys.stdin = os.fdopen(0)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(cwd)
    # Forks begin with the same state of it, and would draw the same numbers.
    random.seed()
    sys.argv = ["server.py", *arguments]
    watchdog.watch_servers(blocked)
    import server  # noqa: F401 - it registers the commands.
    from app.commands.root import commands

    commands()

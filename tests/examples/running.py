"""The examples as they are run: by `examples/run`, and what they show beside what the server holds."""

import asyncio
import atexit
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest

import db.events
from db.database import Database
from tests.support.http import Data, Discussion, Person
from tests.support.processes import HOST, free_port
from tests.support.servers import ROOT, Parley
from tests.support.waiting import eventually

EXAMPLES = ROOT / "examples"
PAGES = ("apollo", "urql", "relay", "plain")
BUILD_SECONDS = 300
START_SECONDS = 30.0

THREAD = """query ($id: ID!) { node(id: $id) { ... on Discussion { thread(first: 500) {
  nodes { id lastEvent sequence state bodyText } pageInfo { hasNextPage } } } } }"""


def needs(*programs: str) -> None:
    """Skips, and says so, where one of these is not on this machine."""
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"NOT TESTED: the examples, since this machine has no {program}.")


def replies(reader: Person, discussion: str) -> list[Data]:
    """The whole thread as a fresh query gives it."""
    thread = reader.ask(THREAD, id=discussion)["node"]["thread"]
    assert not thread["pageInfo"]["hasNextPage"]
    nodes: list[Data] = thread["nodes"]
    return nodes


def rows(reader: Person, discussion: str) -> list[list[Any]]:
    """The id of each reply and the number of its last event, from top to bottom."""
    return [[reply["id"], reply["lastEvent"]] for reply in replies(reader, discussion)]


async def trim(server: Parley, reader: Person, discussion: Discussion, *, after: str) -> None:
    """Trims the log of a discussion up to its last event, so that the cursor `after` is not honoured any more."""
    happened = await asyncio.to_thread(reader.events, discussion.id, after)
    floor = {"log": discussion.number, "floor": happened[-1]["eventNumber"]}
    async with Database(str(server.settings["database_url"])) as database:
        await database.write(lambda tx: tx.run(db.events.set_floor, **floor))


@cache
def built(name: str) -> str:
    """Generates, checks the types, and bundles a page. Returns its folder, which no other process writes to."""
    needs("node", "npm")
    folder = tempfile.mkdtemp(prefix=f"parley-example-{name}-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    command = [str(EXAMPLES / "run"), name, "build", "--outDir", folder, "--emptyOutDir"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=BUILD_SECONDS, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@contextmanager
def served(name: str, parley_url: str) -> Iterator[str]:
    """The address of a page that was built, with `parley_url` behind its /graphql."""
    port = free_port()
    place = ["--outDir", built(name), "--port", str(port), "--strictPort"]
    command = [str(EXAMPLES / "run"), name, "preview", *place]
    environment = os.environ | {"PARLEY_URL": parley_url}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, start_new_session=True)
    url = f"http://{HOST}:{port}/"
    try:
        eventually(lambda: _answers(url, process), seconds=START_SECONDS, what=f"the page of {name}")
        yield url
    finally:
        # All that npm has started with it.
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def _answers(url: str, process: "subprocess.Popen[bytes]") -> bool:
    assert process.poll() is None, f"It ended with {process.returncode}."
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            # Its own page, and not what another program serves on a port that both have found free.
            return b"<title>Parley with" in answer.read()
    except OSError:
        return False


class Terminal:
    """An example that draws the thread anew whenever something has come, a line for each reply."""

    def __init__(self, name: str, parley_url: str, *arguments: str) -> None:
        self._output = ""
        environment = {**os.environ, "PARLEY_URL": parley_url}
        environment.pop("PARLEY_TOKEN", None)
        self.process = subprocess.Popen(
            [str(EXAMPLES / "run"), name, *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @classmethod
    @contextmanager
    def running(cls, name: str, parley_url: str, *arguments: str) -> "Iterator[Terminal]":
        terminal = cls(name, parley_url, *arguments)
        try:
            yield terminal
        finally:
            terminal.end()

    def end(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait()
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()

    @property
    def output(self) -> str:
        """All it has said so far."""
        return self._output

    @property
    def drawings(self) -> int:
        """How often it has drawn the thread."""
        return self._output.count("\n\n") + 1

    def shown(self) -> list[tuple[int, str]]:
        """The replies as they were drawn last: each one's number, and the end of its line."""
        drawn = self._output.rpartition("\n\n")[2] or self._output
        return [(int(found[1]), found[2]) for found in re.finditer(r"^ *#(\d+) [^:]*: (.*)$", drawn, re.MULTILINE)]

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._output += line

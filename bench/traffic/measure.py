"""One stack after the other: what it serves while replies are written beside it."""

import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import orjson

from bench import page, stacks
from bench.load import Connection, load
from bench.measure import WARM_UP, AnswersDiffer, Log
from bench.processes import cpu_seconds, on_core
from bench.traffic.readers import SIGNING_KEY, Readers, ranked, sample
from tests.support.processes import HOST, Server

SAMPLE = 20
"""How many pages are compared after a turn."""
_COUNTED = re.compile(r"^parley_page_cache_(hits|misses)_total(?:\{[^}]*\})? ([0-9.e+]+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Case:
    """What goes on."""

    name: str
    writes_s: int
    """To all discussions, or to all but the one that is read."""
    is_quiet: bool = False
    """Whether all read the page of one discussion, which nobody writes to."""


CASES = (
    Case("1 write a second", 1),
    Case("10 writes a second", 10),
    Case("100 writes a second", 100),
    Case("a quiet page", 100, is_quiet=True),
)


@dataclass(frozen=True, slots=True)
class Row:
    """What a stack serves in a case."""

    stack: str
    case: str
    req_s: float
    cpu_us: float
    """Of the server process alone, per request."""
    p50_ms: float
    p99_ms: float
    hit_percent: float | None
    """Of the answers, those from the page cache; None for a stack without one."""
    writes_s: float
    """How many were committed beside it."""


class Writer:
    """The process that writes to one database."""

    def __init__(self, database_url: str, discussions: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.traffic.writer"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=stacks.ROOT,
            env=os.environ | {"DATABASE_URL": database_url, "DISCUSSIONS": str(discussions)},
        )

    def begin(self, case: Case, spared: int) -> None:
        """Begins to write. Raises ChildProcessError."""
        self._ask(f"write {case.writes_s} {spared if case.is_quiet else 0}")

    def rest(self) -> int:
        """Ends writing; returns how many replies were committed. Raises ChildProcessError."""
        return self._ask("rest")

    def close(self) -> None:
        """Ends the process."""
        # It ends with its input.
        with self._process:
            pass

    def _ask(self, command: str) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{command}\n".encode())
        self._process.stdin.flush()
        if not (answer := self._process.stdout.readline()):
            raise ChildProcessError("The writer has ended: its error is above.")
        return int(answer)


class Harness:
    """Starts one server at a time on one core, and reads and writes from the other."""

    def __init__(self, places: stacks.Places, discussions: int, *, core: int | None, log: Log) -> None:
        self._places = places
        self._core = core
        self._log = log
        self._readers = Readers(discussions)
        self._discussions = discussions
        self._quiet = ranked(discussions)[0]

    def measure(self, wanted: Sequence[str], cases: Sequence[Case], *, rounds: int, seconds: float) -> list[list[Row]]:
        """The rows of all rounds, for each stack and case. Raises AnswersDiffer."""
        found: dict[tuple[str, str], list[Row]] = {(stack, case.name): [] for stack in wanted for case in cases}
        with ExitStack() as running:
            # Without the cache, on the core of the load: after a turn the others must answer as these do.
            references, writers = {}, {}
            for database in stacks.DATABASES:
                url = self._places.sqlite if database == "sqlite" else self._places.postgresql
                references[database] = running.enter_context(self._serving(f"parley-{database}", core=None))
                writers[database] = Writer(url, self._discussions)
                running.callback(writers[database].close)
            self._keep_answers(references["postgresql"])
            compared = sample(self._readers.bodies, SAMPLE)
            for number in range(1, rounds + 1):
                for stack in wanted:
                    database = "sqlite" if stack.startswith("parley-sqlite") else "postgresql"
                    with self._serving(stack, core=self._core) as server:
                        self._warm(stack, server)
                        for case in cases:
                            row = self._run(stack, server, case, writers[database], seconds)
                            found[stack, case.name].append(row)
                            if stack != "static":
                                compare(stack, server, references[database], compared)
                            self._log(f"round {number} of {rounds}: {stack}, {case.name}: {row.req_s:,.0f} requests/s")
        return list(found.values())

    @contextmanager
    def _serving(self, stack: str, *, core: int | None) -> Iterator[Server]:
        with on_core(core):
            server = stacks.start(stack, self._places, size=page.SIZES[0], jwt_secret=SIGNING_KEY)
        try:
            yield server
        finally:
            server.stop()

    def _keep_answers(self, reference: Server) -> None:
        """Gives the static server what it answers, which no write changes."""
        with Connection(HOST, reference.port) as connection:
            for body in [*self._readers.bodies, page.body(page.SIZES[0])]:
                self._places.keep(body, connection.ask(page.request(HOST, reference.port, body)))

    def _warm(self, stack: str, server: Server) -> None:
        """Has a cache keep all pages, which it does from the second request on."""
        if stack in stacks.CACHED:
            requests = 2 * self._readers.of_each(server.port)
            load(HOST, server.port, iter(requests), seconds=600, most=len(requests))

    def _run(self, stack: str, server: Server, case: Case, writer: Writer, seconds: float) -> Row:
        readers, quiet = self._readers, self._quiet
        requests = readers.of_one(server.port, quiet) if case.is_quiet else readers.of_all(server.port)
        writer.begin(case, quiet)
        began = time.monotonic()
        load(HOST, server.port, requests, seconds=seconds * WARM_UP)
        hits, misses = _counted(server)
        spent = cpu_seconds(server.process_id)
        measured = load(HOST, server.port, requests, seconds=seconds)
        spent = cpu_seconds(server.process_id) - spent
        hits_now, misses_now = _counted(server)
        writes_s = writer.rest() / (time.monotonic() - began)
        looked_up = hits_now - hits + misses_now - misses
        return Row(
            stack=stack,
            case=case.name,
            req_s=measured.per_second,
            cpu_us=1e6 * spent / measured.answers,
            p50_ms=measured.median,
            p99_ms=measured.slowest_hundredth,
            hit_percent=100 * (hits_now - hits) / looked_up if stack in stacks.CACHED and looked_up else None,
            writes_s=writes_s,
        )


def compare(stack: str, server: Server, reference: Server, bodies: Sequence[bytes]) -> None:
    """Asks both servers the same. Raises AnswersDiffer, with the first places, if one answer is another."""
    with Connection(HOST, server.port) as asked, Connection(HOST, reference.port) as right:
        for body in bodies:
            given = orjson.loads(asked.ask(page.request(HOST, server.port, body)))
            wanted = orjson.loads(right.ask(page.request(HOST, reference.port, body)))
            if found := list(page.differences(wanted, given)):
                listed = "\n  ".join(found[:5])
                raise AnswersDiffer(f"{stack} answers otherwise than Parley after the writes:\n  {listed}")
            if "errors" in wanted:
                raise AnswersDiffer(f"Parley answers with errors: {wanted['errors']}")


def _counted(server: Server) -> tuple[float, float]:
    """How many answers came from the page cache, and how many did not; zeros for another server than Parley."""
    counts = {"hits": 0.0, "misses": 0.0}
    if url := getattr(server, "url", None):
        with urllib.request.urlopen(f"{url}/metrics", timeout=60) as answer:  # noqa: S310 - our own
            for name, value in _COUNTED.findall(answer.read().decode()):
                counts[name] += float(value)
    return counts["hits"], counts["misses"]

"""One stack after the other, round by round: what each costs for each size of the page."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import orjson

from bench import page
from bench.load import NOT_MODIFIED, Connection, load
from bench.processes import cpu_seconds, on_core, resident_mb
from bench.stacks import REVALIDATED, Places, start
from tests.support.processes import HOST, Server

WARM_UP = 0.3
"""Of the time that is measured, as much goes before it: compilers and caches settle."""

Log = Callable[[str], None]
"""Takes a line of progress."""


@dataclass(frozen=True, slots=True)
class Row:
    """What a stack costs for a page of `n` replies."""

    stack: str
    n: int
    req_s: float
    cpu_us: float
    """Of the server process alone, per request."""
    p50_ms: float
    p99_ms: float
    rss_mb: float


class AnswersDiffer(Exception):
    """A stack's answer is not Parley's. The message says where."""


class Harness:
    """Starts servers on one core and asks them from the other."""

    def __init__(self, places: Places, *, core: int | None, sizes: Sequence[int], log: Log) -> None:
        self.places = places
        self.sizes = sizes
        self.log = log
        self._core = core
        self._answers: dict[tuple[str, int], bytes] = {}

    @contextmanager
    def serving(self, stack: str) -> Iterator[Server]:
        """A server of this stack on its core."""
        with on_core(self._core):
            server = start(stack, self.places, size=self.sizes[0])
        try:
            yield server
        finally:
            server.stop()

    def compare(self, stacks: Sequence[str]) -> None:
        """Asks each stack for each page. Raises AnswersDiffer, with the first places, where one is not Parley's."""
        reference = "parley-postgresql"
        for stack in dict.fromkeys([reference, *stacks]):
            self.log(f"comparing {stack}")
            with self.serving(stack) as server:
                for size in self.sizes:
                    body, answer = self._ask(stack, server, size)
                    self._answers[stack, size] = answer
                    if stack == reference:
                        self.places.keep(body, answer)
                    wanted, given = orjson.loads(self._answers[reference, size]), orjson.loads(answer)
                    if found := list(page.differences(wanted, given)):
                        listed = "\n  ".join([*found[:5], *(["…"] if len(found) > 5 else [])])
                        raise AnswersDiffer(f"{stack} answers a page of {size} otherwise than Parley:\n  {listed}")
                    if "errors" in wanted:
                        raise AnswersDiffer(f"Parley answers a page of {size} with errors: {wanted['errors']}")

    def _ask(self, stack: str, server: Server, size: int) -> tuple[bytes, bytes]:
        body = page.body(size)
        request = page.get_request if stack in REVALIDATED else page.request
        with Connection(HOST, server.port) as connection:
            return body, connection.ask(request(HOST, server.port, body))

    def _measured_request(self, stack: str, server: Server, size: int) -> tuple[bytes, int]:
        """The request that is sent again and again, and the status that is expected."""
        body = page.body(size)
        if stack not in REVALIDATED:
            return page.request(HOST, server.port, body), 200
        with Connection(HOST, server.port) as connection:
            connection.ask(page.get_request(HOST, server.port, body))
            return page.get_request(HOST, server.port, body, etag=connection.etag), NOT_MODIFIED

    def measure(self, stacks: Sequence[str], *, rounds: int, seconds: float) -> list[list[Row]]:
        """The rows of all rounds, for each stack and size; a round goes through all stacks. Raises AnswersDiffer."""
        found: dict[tuple[str, int], list[Row]] = {(stack, size): [] for stack in stacks for size in self.sizes}
        with ExitStack() as running:
            # All are up from the first round on, so that the turns of a round lie close to each other: a machine that
            # is slower for half a minute is so for all of them.
            servers = {stack: running.enter_context(self.serving(stack)) for stack in stacks}
            for number in range(1, rounds + 1):
                for size in self.sizes:
                    for stack, server in servers.items():
                        row = self._run(stack, server, size, seconds)
                        found[stack, size].append(row)
                        self.log(f"round {number} of {rounds}: {stack}, N={size}: {row.req_s:,.0f} requests/s")
        return list(found.values())

    def _run(self, stack: str, server: Server, size: int, seconds: float) -> Row:
        request, status = self._measured_request(stack, server, size)
        load(HOST, server.port, request, seconds=seconds * WARM_UP, status=status)
        before = cpu_seconds(server.process_id)
        measured = load(HOST, server.port, request, seconds=seconds, status=status)
        spent = cpu_seconds(server.process_id) - before
        resident = resident_mb(server.process_id)
        # Under load it may have run into a limit, which would be fast to say.
        if self._ask(stack, server, size)[1] != self._answers[stack, size]:
            raise AnswersDiffer(f"{stack} answers a page of {size} otherwise after {measured.answers} requests.")
        return Row(
            stack=stack,
            n=size,
            req_s=measured.per_second,
            cpu_us=1e6 * spent / measured.answers,
            p50_ms=measured.median,
            p99_ms=measured.slowest_hundredth,
            rss_mb=resident,
        )

"""`scripts/bench write`: what a reply costs that outlives a power cut, Parley beside other ways to write it."""

import asyncio
import json
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import asyncpg
import orjson

from access.tokens import Tokens
from bench import command, data, page, prose, report, stacks
from bench.load import load
from bench.measure import WARM_UP, AnswersDiffer, Log
from bench.processes import cpu_seconds, on_core
from bench.rounds import Ratio, as_object, medians, ratio
from tests.support.processes import HOST, Server
from tests.support.servers import PostgreSQL

STACKS = ("parley-postgresql", "parley-sqlite", "hand-written", "strawberry-orm", "mercurius-jit")
SIZE = data.Size(discussions=1_000, replies=30, most_replies=8)
CONNECTIONS = 32
"""Each with one write under way: as many writers wait for a commit at a time."""
AUTHORS = 50
QUERY = (
    "mutation AddReply($input: AddReplyInput!) {"
    " addReply(input: $input) { edge { node { id sequence bodyHtml createdAt } } } }"
)
_SIGNING_KEY = "the key of the tokens of scripts/bench"
_ANSWERED = 3
"""How many replies of a discussion are answered."""
_TEXTS = 500
_POSTS = "SELECT id, discussion_id, sequence, reply_to_id, author_id, body, body_html FROM posts WHERE id > {last}"
_COUNTS = (
    "SELECT (SELECT max(id) FROM posts), (SELECT sum(reply_count) FROM discussion_counts),"
    " (SELECT sum(descendant_count) FROM reply_counts WHERE sequence = 0)"
)


@dataclass(frozen=True, slots=True)
class Row:
    """What a reply costs a stack, written in turn to `discussions` discussions."""

    stack: str
    discussions: int
    writes_s: float
    cpu_us: float
    """Of the server process alone, per write."""
    p50_ms: float
    p99_ms: float


class Replies:
    """Requests for replies, no two of the same text: half of them answer a reply, half the opening post."""

    def __init__(self, rows: data.Rows, users: Mapping[str, int]) -> None:
        self.users = users
        """By their tokens."""
        self._tokens = list(users)
        random = Random("replies")
        self._texts = [prose.body(random, prose.paragraphs(random)) for _ in range(_TEXTS)]
        self._numbers = count(1)
        self._answered: dict[int, list[int]] = {row["id"]: [] for row in rows["discussions"]}
        for post in rows["posts"]:
            if post["sequence"] > 0 and post["deleted_at"] is None:
                self._answered[post["discussion_id"]].append(post["id"])

    def requests(self, port: int, discussions: int) -> Iterator[bytes]:
        """Endless requests that write to the first `discussions` in turn."""
        for number in self._numbers:
            discussion = number % discussions + 1
            text = self._texts[number % _TEXTS]
            given: dict[str, Any] = {"discussionId": f"D_{discussion}", "body": f"{text}\n\nNo. {number}"}
            answered = self._answered[discussion][:_ANSWERED]
            if answered and (number // discussions) % 2:
                given["replyToId"] = f"R_{answered[number % len(answered)]}"
            body = orjson.dumps({"query": QUERY, "operationName": "AddReply", "variables": {"input": given}})
            yield page.request(HOST, port, body, token=self._tokens[number % len(self._tokens)])


def tokens(stack: str) -> dict[str, int]:
    """The users who write, by their tokens: signed ones for Parley, and for its peers the numbers of the users."""
    signing = Tokens(_SIGNING_KEY.encode())
    is_signed = stack.startswith("parley-")
    return {signing.write(user, timedelta(days=1)) if is_signed else str(user): user for user in range(1, AUTHORS + 1)}


class Harness:
    """Starts servers on one core, each on a database of its own, and writes from the other core."""

    def __init__(self, places: Mapping[str, stacks.Places], rows: data.Rows, *, core: int | None, log: Log) -> None:
        self._places = places
        self._core = core
        self._log = log
        self._replies = {stack: Replies(rows, tokens(stack)) for stack in places}

    def measure(self, sizes: Sequence[int], *, rounds: int, seconds: float) -> list[list[Row]]:
        """The rows of all rounds, for each stack and number of discussions. Raises AnswersDiffer."""
        found: dict[tuple[str, int], list[Row]] = {(stack, size): [] for stack in self._places for size in sizes}
        with ExitStack() as running:
            servers = {stack: running.enter_context(self._serving(stack)) for stack in self._places}
            for number in range(1, rounds + 1):
                for size in sizes:
                    for stack, server in servers.items():
                        row = self._run(stack, server, size, seconds)
                        found[stack, size].append(row)
                        where = f"{stack}, {size:,} discussions"
                        self._log(f"round {number} of {rounds}: {where}: {row.writes_s:,.0f} writes/s")
        return list(found.values())

    @contextmanager
    def _serving(self, stack: str) -> Iterator[Server]:
        with on_core(self._core):
            server = stacks.start(stack, self._places[stack], size=page.SIZES[0], jwt_secret=_SIGNING_KEY)
        try:
            yield server
        finally:
            server.stop()

    def _run(self, stack: str, server: Server, size: int, seconds: float) -> Row:
        place = self._places[stack]
        url = place.sqlite if stack == "parley-sqlite" else place.postgresql
        requests = self._replies[stack].requests(server.port, size)
        load(HOST, server.port, requests, seconds=seconds * WARM_UP, connections=CONNECTIONS)
        before = read(url, _COUNTS)[0]
        taken: list[tuple[bytes, bytes]] = []
        spent = cpu_seconds(server.process_id)
        measured = load(
            HOST,
            server.port,
            requests,
            seconds=seconds,
            connections=CONNECTIONS,
            take=lambda request, answer: taken.append((request, answer)),
        )
        spent = cpu_seconds(server.process_id) - spent
        users = self._replies[stack].users
        check(stack, url, before, [answered(stack, request, answer, users) for request, answer in taken])
        return Row(
            stack=stack,
            discussions=size,
            writes_s=measured.per_second,
            cpu_us=1e6 * spent / measured.answers,
            p50_ms=measured.median,
            p99_ms=measured.slowest_hundredth,
        )


def check(stack: str, url: str, before: Sequence[int], answered: Sequence[tuple[Any, ...]]) -> None:
    """Compares what was answered with what is in the database. Raises AnswersDiffer.

    `before` are the last post and both counts before the first of the requests.
    """
    written = [tuple(row) for row in read(url, _POSTS.format(last=before[0]))]
    if sorted(answered) != sorted(written):
        raise AnswersDiffer(f"{stack} answered {len(answered)} writes, which are not its {len(written)} new posts.")
    after = read(url, _COUNTS)[0]
    grown = [now - then for now, then in zip(after[1:], before[1:], strict=True)]
    if grown != [len(answered)] * len(grown):
        raise AnswersDiffer(f"{stack} answered {len(answered)} writes and counts {grown} more replies.")


def answered(stack: str, request: bytes, answer: bytes, users: Mapping[str, int]) -> tuple[Any, ...]:
    """What a write's request and answer say of the row, as _POSTS has it. Raises AnswersDiffer if it says nothing."""
    head, _, body = request.partition(b"\r\n\r\n")
    token = head.partition(b"Bearer ")[2].partition(b"\r\n")[0].decode()
    given = orjson.loads(body)["variables"]["input"]
    try:
        node = orjson.loads(answer)["data"]["addReply"]["edge"]["node"]
    except (KeyError, TypeError):
        raise AnswersDiffer(f"{stack} wrote no reply: {answer.decode()[:200]}") from None
    parent = given.get("replyToId")
    return (
        _key(node["id"]),
        _key(given["discussionId"]),
        node["sequence"],
        _key(parent) if parent else None,
        users[token],
        given["body"],
        node["bodyHtml"],
    )


def _key(node_id: str) -> int:
    return int(node_id[2:])


def read(url: str, query: str) -> list[Any]:
    """The rows of a query, on either database."""
    if url.startswith("sqlite:"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            return connection.execute(query).fetchall()

    async def fetch() -> list[Any]:
        connection = await asyncpg.connect(url)
        try:
            return list(await connection.fetch(query))
        finally:
            await connection.close()

    return asyncio.run(fetch())


@contextmanager
def databases(names: Sequence[str], rows: data.Rows) -> Iterator[dict[str, stacks.Places]]:
    """A database with these rows for each stack, all of them waiting for their disk; gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="parley-bench-"))
    server = PostgreSQL.start(durable=True)
    try:
        places = stacks.Places(server.new_database(), f"sqlite:///{folder / 'parley.db'}", folder)
        for url in (places.postgresql, places.sqlite):
            asyncio.run(data.fill(url, rows))
        yield {stack: replace(places, postgresql=server.new_database(template=places.postgresql)) for stack in names}
    finally:
        server.stop()
        shutil.rmtree(folder)


def ratios(rounds: Sequence[Sequence[Row]]) -> Iterator[Ratio]:
    """What a run is made for, as far as the stacks that were run allow."""
    by_place = {(rows[0].stack, rows[0].discussions): rows for rows in rounds}
    peers = {"strawberry-orm": "strawberry with SQLAlchemy's ORM", "mercurius-jit": "mercurius with pg"}
    for (ours, size), rows in by_place.items():
        if not ours.startswith("parley-"):
            continue
        at = "One discussion" if size == 1 else f"{size:,} discussions"
        for peer, words in peers.items():
            if theirs := by_place.get((peer, size)):
                of, to = ([row.writes_s for row in each] for each in (rows, theirs))
                yield ratio(at, ours, words, "writes/s", of, to)
        if theirs := by_place.get(("hand-written", size)):
            of, to = ([row.cpu_us for row in each] for each in (rows, theirs))
            yield ratio(at, ours, "the hand-written endpoint", "server CPU", of, to)


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table."""
    lines = [["stack", "discussions", "writes/s", "server CPU µs", "p50 ms", "p99 ms"]]
    lines += [
        [
            row.stack,
            f"{row.discussions:,}",
            report.rate(row.writes_s),
            f"{row.cpu_us:,.0f}",
            f"{row.p50_ms:.1f}",
            f"{row.p99_ms:.1f}",
        ]
        for row in rows
    ]
    return report.markdown(lines)


def main() -> int:
    """Runs as the command line says; returns the exit code."""
    chosen = command.parser("write", __doc__, names=STACKS, rounds=7, seconds=2.5).parse_args()
    wanted, missing = command.available(chosen.only)
    server_core, other_core = command.two_cores()
    command.log("making the data set")
    rows = data.rows(SIZE)
    with on_core(other_core), databases(wanted, rows) as places:
        harness = Harness(places, rows, core=server_core, log=command.log)
        rounds = harness.measure((1, SIZE.discussions), rounds=chosen.rounds, seconds=chosen.seconds)
    found, sentences = list(map(medians, rounds)), list(map(str, ratios(rounds)))
    if chosen.json:
        compared = [as_object(each) for each in ratios(rounds)]
        command.put(json.dumps({"rows": [as_object(row) for row in found], "ratios": compared}))
    else:
        command.put("\n".join([table(found), "", *sentences]))
    if chosen.write:
        drawn: dict[str, dict[str, float]] = {}
        for row in found:
            words = "one discussion" if row.discussions == 1 else f"{row.discussions:,} discussions"
            drawn.setdefault(row.stack, {})[words] = row.writes_s
        how = f"medians of {chosen.rounds} rounds of {chosen.seconds:g} s"
        report.put("write", table(found), sentences, title="Durable replies per second", found=drawn, how=how)
    return missing


if __name__ == "__main__":
    sys.exit(command.run(main))

"""The run: a server with hostile posts, and a reader and a writer, in calm and under attack."""

import asyncio
import contextlib
import itertools
import math
import multiprocessing
import socket
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx2

from bench.processes import resident_mb
from tests.attack.shapes import LONGEST_SECONDS, SHAPES, Attacker, Target
from tests.support import hostile
from tests.support.http import Person, claims, signed
from tests.support.processes import HOST
from tests.support.servers import JWT_SECRET, UNLIMITED, Parley

READ_SECONDS = 0.05
WRITE_SECONDS = 0.3
PAGE = """query ($id: ID!) { discussion(id: $id) { title thread(first: 50) { nodes {
    id sequence bodyHtml author { handle name } quotes { status } } } } }"""
WRITE = """mutation ($input: AddReplyInput!) { addReply(input: $input) {
    reply { id } errors { ... on MutationError { code } } } }"""


@dataclass(slots=True)
class Felt:
    """What the reader and the writer felt."""

    reads: list[float] = field(default_factory=list)
    """The seconds that each request took."""
    writes: list[float] = field(default_factory=list)
    probes: list[float] = field(default_factory=list)
    """Of /readyz."""
    failures: Counter[str] = field(default_factory=Counter)
    """What was not answered as in calm."""


@dataclass(frozen=True, slots=True)
class Attack:
    """All that is known after a run. Memory is the server's resident memory, in MB."""

    calm: Felt
    attacked: Felt
    outcomes: dict[str, Counter[str]]
    """How the attempts of each shape ended."""
    memory_before: float
    memory_most: float
    memory_after: float


def hundredth(seconds: list[float]) -> float:
    """The time that one of a hundred requests exceeded."""
    return sorted(seconds)[int((len(seconds) - 1) * 0.99)] if seconds else 0.0


def run(folder: Path, *, calm_seconds: float, seconds: float, clients: int, tell: Callable[[str], None]) -> Attack:
    """Seeds, measures in calm, then under attack. The server has its default limits and an embedded database."""

    def started(**settings: object) -> Parley:
        return Parley.start(
            database_url=f"sqlite:///{folder}/attacked.db",
            bus_url="memory://",
            folder=folder,
            **{"guests": True, "jwt_secret": JWT_SECRET, "trusted_proxies": HOST} | settings,
        )

    tell("writing hostile posts")
    server = started(**UNLIMITED)
    try:
        target = _seeded(server)
    finally:
        server.stop()
    folder.mkdir(exist_ok=True)
    with _key_set_that_hangs() as url:
        server = started(jwks_url=url)
        try:
            return asyncio.run(
                _measured(server, replace(target, port=server.port), calm_seconds, seconds, clients, tell)
            )
        finally:
            server.stop()


def attack(target: Target, seconds: float, clients: int) -> dict[str, Counter[str]]:
    """Attacks for a time, with each shape once at least, and returns how the attempts of each ended.

    Each client has an address of its own.
    """
    outcomes: dict[str, Counter[str]] = {shape.__name__: Counter() for shape in SHAPES}

    async def attempts(number: int, until: float) -> None:
        async with httpx2.AsyncClient(base_url=f"http://{HOST}:{target.port}", timeout=LONGEST_SECONDS) as http:
            attacker = Attacker(target, http, f"198.51.100.{number}")
            first = number * len(SHAPES) // clients
            for at in itertools.count(first):
                if at >= first + math.ceil(len(SHAPES) / clients) and time.monotonic() >= until:
                    return
                shape = SHAPES[at % len(SHAPES)]
                try:
                    outcome = await shape(attacker)
                except (httpx2.HTTPError, OSError) as failed:
                    outcome = type(failed).__name__
                outcomes[shape.__name__][outcome] += 1

    async def all_clients() -> None:
        until = time.monotonic() + seconds
        await asyncio.gather(*(attempts(number + 1, until) for number in range(clients)))

    asyncio.run(all_clients())
    return outcomes


def _seeded(server: Parley) -> Target:
    """Writes the hostile replies and further versions of some, quotes of them, and a discussion where people talk."""
    with httpx2.Client(base_url=server.url, timeout=60) as http:
        author, quoter = (
            Person(http, signed(claims(handle, name=f"{handle.capitalize()} 1")), handle)
            for handle in ("mallory", "trudy")
        )
        discussion = author.start("Hostile posts follow.", "Under attack")
        replies = {kind: author.reply(discussion, body) for kind, body in hostile.BODIES.items()}
        for source in list(replies.values())[:10]:
            quoter.reply(discussion, "Indeed.", quotes=[{"sourceId": source, "text": "Words that nobody wrote."}])
        for version in range(1, 4):
            for kind in ("tables", "addresses", "links"):
                author.edit(replies[kind], f"{hostile.BODIES[kind][:-1]}{version}", version)
        for _ in range(20):
            author.reply(discussion, hostile.BODIES["one word often"])
        calm = author.start("People talk here.", "Calm")
        for at in range(60):
            quoter.reply(calm, f"Reply {at} with *some* words, and a [link](https://a.example).")
        return Target(
            server.port, discussion, int(discussion.removeprefix("D_")), replies, "Mallory 1", author.token or "", calm
        )


async def _measured(
    server: Parley, target: Target, calm_seconds: float, seconds: float, clients: int, tell: Callable[[str], None]
) -> Attack:
    tell(f"calm for {calm_seconds:g} s")
    calm = Felt()
    await _feel(target, Felt(), lambda at: at > 2)
    await _feel(target, calm, lambda at: at > calm_seconds)
    before = resident_mb(server.process_id)
    tell(f"{clients} attackers for {seconds:g} s")
    attacked, most = Felt(), before
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as apart:
        attacking = asyncio.get_running_loop().run_in_executor(apart, attack, target, seconds, clients)

        def over(_: float) -> bool:
            nonlocal most
            most = max(most, resident_mb(server.process_id))
            return attacking.done()

        await _feel(target, attacked, over)
        outcomes = await attacking
    tell("calm again")
    await _feel(target, Felt(), lambda at: at > 2)
    return Attack(calm, attacked, outcomes, before, most, resident_mb(server.process_id))


async def _feel(target: Target, felt: Felt, over: Callable[[float], bool]) -> None:
    """Reads, writes and asks /readyz until `over`, which is told the seconds since the beginning."""
    began = time.monotonic()
    token = signed(claims("ada"))
    ended = asyncio.Event()

    async def go_on(pause: float, kept: list[float], ask: Callable[[], Awaitable[str]]) -> None:
        while not ended.is_set():
            begun = time.monotonic()
            try:
                failure = await ask()
            except (httpx2.HTTPError, OSError) as failed:
                failure = type(failed).__name__
            kept.append(time.monotonic() - begun)
            if failure:
                felt.failures[failure] += 1
            await asyncio.sleep(max(0.0, pause - kept[-1]))

    async with httpx2.AsyncClient(base_url=f"http://{HOST}:{target.port}", timeout=LONGEST_SECONDS) as http:

        async def graphql(query: str, address: str, said: str, headers: dict[str, str], **variables: object) -> str:
            headers = headers | {"X-Forwarded-For": address}
            answer = await http.post("/graphql", json={"query": query, "variables": variables}, headers=headers)
            return "" if answer.status_code == 200 and said in answer.text else f"{said} {answer.text[:200]}"

        async def read() -> str:
            # Of several readers, none of whom spends a minute's budget.
            address = f"203.0.113.{len(felt.reads) % 50 + 3}"
            return await graphql(PAGE, address, '"Calm"', {}, id=target.calm)

        async def write() -> str:
            headers = {"Authorization": f"Bearer {token}"}
            given = {"discussionId": target.calm, "body": f"It is {time.monotonic()}."}
            return await graphql(WRITE, "203.0.113.2", '"R_', headers, input=given)

        async def probe() -> str:
            answer = await http.get("/readyz")
            return "" if answer.status_code == 200 else f"/readyz {answer.status_code}"

        asked = [(READ_SECONDS, felt.reads, read), (WRITE_SECONDS, felt.writes, write), (0.1, felt.probes, probe)]
        async with asyncio.TaskGroup() as group:
            for each in asked:
                group.create_task(go_on(*each))
            while not over(time.monotonic() - began):
                await asyncio.sleep(0.2)
            ended.set()


@contextlib.contextmanager
def _key_set_that_hangs() -> Iterator[str]:
    """The URL of a server that accepts connections and never says anything."""
    with socket.socket() as listening:
        listening.bind((HOST, 0))
        listening.listen(64)
        yield f"http://{HOST}:{listening.getsockname()[1]}/keys"

"""Readers who check that no answer is older than their question, while others write all the time.

Each writer keeps what it was told by the server: the number of a discussion's last event, the version of a post that
others quote, the name of a person. A reader notes these before it asks, and its answer must be of no earlier state.
"""

import asyncio
import itertools
import json
import random
import secrets
from collections import Counter
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import Any, Self

from tests.support.http import claims, signed
from tests.support.processes import HOST
from tests.support.servers import Parley

PAGE = """query ($number: Int!) { discussion(number: $number) { number title eventNumber replyCount
  author { name } category { name }
  thread(first: 20) { nodes { id version lastEvent bodyText author { name } quotes { status source { id version } } } }
} }"""
LIST = "{ discussions(first: 10) { totalCount nodes { number title eventNumber author { name } } } }"
NODE = "query ($id: ID!) { node(id: $id) { ... on Reply { id version bodyText author { name } } } }"


class Lost(Exception):
    """The server ended the connection, or could not answer: nothing is known of what was sent."""


class Connection:
    """One connection that sends one request after the other."""

    def __init__(self, server: Parley) -> None:
        self._port = server.port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, query: str, token: str | None = None, **variables: Any) -> Any:
        """Returns the data of an answer without errors. Raises Lost."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        authorization = f"Authorization: Bearer {token}\r\n" if token else ""
        head = (
            f"POST /graphql HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\n{authorization}"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        try:
            answer = json.loads(await self._answer(head.encode() + body))
        except (OSError, EOFError, ValueError, asyncio.LimitOverrunError) as error:
            self.close()
            raise Lost from error
        if answer.get("errors"):
            raise Lost(str(answer["errors"])[:300])
        return answer["data"]

    async def _answer(self, request: bytes) -> bytes:
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(HOST, self._port)
        assert self._reader is not None
        self._writer.write(request)
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0])
        return await self._reader.readexactly(length)

    def close(self) -> None:
        """Ends the connection; the next request opens another."""
        if self._writer is not None:
            self._writer.transport.abort()
        self._reader = self._writer = None


@dataclass(slots=True)
class Known:
    """What servers have acknowledged."""

    events: Counter[int] = field(default_factory=Counter)
    """The number of the last event, by discussion."""
    versions: Counter[str] = field(default_factory=Counter)
    """The version, by post."""
    names: Counter[str] = field(default_factory=Counter)
    """The number in the name, by the name's first word."""

    def copy(self) -> Self:
        return type(self)(Counter(self.events), Counter(self.versions), Counter(self.names))


class Stale(AssertionError):
    """An answer is older than what had been acknowledged before the question."""


class Exactness:
    """Writers and readers on some servers of one database."""

    def __init__(self, servers: Sequence[Parley], *, seed: int = 1) -> None:
        self.servers = servers
        self.known = Known()
        self.asked = 0
        self.written = 0
        self.lost = 0
        self.failures: list[str] = []
        self._chance = random.Random(seed)
        self._run = secrets.token_hex(3)
        self._discussions: list[tuple[int, str]] = []
        self._replies: list[tuple[int, str]] = []
        self._names = itertools.count(1)

    def _token(self, person: str, number: int) -> str:
        return signed(
            claims(f"{person}-{self._run}".lower(), name=f"{person}{self._run} {number}", parley_role="moderator")
        )

    async def prepare(self) -> None:
        """Starts discussions, in which everybody writes and one quotes another's post."""
        there = Connection(self.servers[0])
        token = self._token("Ada", 0)
        for number in range(4):
            made = await self._written(there, "startDiscussion", token, title=f"Title {number}", body=f"Of {number}.")
            self._discussions.append((made["number"], made["id"]))
        for number, discussion in self._discussions:
            for at in range(6):
                made = await self._written(there, "addReply", token, discussionId=discussion, body=f"Reply {at}.")
                self._replies.append((number, made["id"]))
        source = self._replies[0][1]
        for _, discussion in self._discussions[1:]:
            quotes = [{"sourceId": source, "text": "Reply 0."}]
            await self._written(there, "addReply", token, discussionId=discussion, body="Said so.", quotes=quotes)
        there.close()

    async def _written(self, there: Connection, mutation: str, token: str, **given: Any) -> Any:
        fields = "reply { id version" if mutation.endswith("Reply") else "discussion { id version number"
        kind = f"{mutation[0].upper()}{mutation[1:]}Input"
        query = f"""mutation ($input: {kind}!) {{ {mutation}(input: $input) {{ it: {fields} lastEvent }}
          errors {{ ... on MutationError {{ code }} }} }} }}"""
        data = await there.ask(query, token, input={"clientMutationId": secrets.token_hex(8), **given})
        payload = data[mutation]
        if payload["errors"]:
            raise Lost(str(payload["errors"]))
        return payload["it"]

    async def run(self, requests: int, *, readers: int = 8, pause_seconds: float = 0.01) -> None:
        """Writes, with pauses in between and in silence by turns, until the readers have asked so often.

        They go on until enough was written beside them: on a busy machine they may be much faster than the writer.
        """
        ends = asyncio.Event()
        write = asyncio.create_task(self._write(ends, pause_seconds))
        each, enough = -(-requests // readers), requests / 100
        try:
            while self.asked < requests or (self.written < enough and self.asked < 20 * requests):
                await asyncio.gather(*(self._read(each, number) for number in range(readers)))
                each = max(each // 10, 1)
        finally:
            ends.set()
            await write

    async def _write(self, ends: asyncio.Event, pause_seconds: float) -> None:
        connections = [Connection(server) for server in self.servers]
        acts = (self._reply, self._edit, self._delete_and_restore, self._retitle, self._lock, self._rename)
        while not ends.is_set():
            there = self._chance.choice(connections)
            with suppress(Lost):
                await self._chance.choices(acts, (5, 8, 2, 2, 1, 3))[0](there)
                self.written += 1
            # One time in twenty, nobody writes for a while.
            await asyncio.sleep(pause_seconds if self._chance.random() < 0.95 else 20 * pause_seconds)
        for each in connections:
            each.close()

    async def _reply(self, there: Connection) -> None:
        number, discussion = self._chance.choice(self._discussions)
        made = await self._written(there, "addReply", self._token("Ben", 0), discussionId=discussion, body="One more.")
        self._acknowledge(number, made["lastEvent"])

    async def _edit(self, there: Connection) -> None:
        number, reply = self._chance.choice([self._replies[0], self._chance.choice(self._replies)])
        now = (await there.ask("query ($id: ID!) { node(id: $id) { ... on Reply { version } } }", id=reply))["node"]
        body = f"Reply 0. Version {now['version'] + 1}."
        token = self._token("Ada", self.known.names["Ada"])
        made = await self._written(there, "editReply", token, replyId=reply, expectedVersion=now["version"], body=body)
        self.known.versions[reply] = max(self.known.versions[reply], made["version"])
        self._acknowledge(number, made["lastEvent"])

    async def _delete_and_restore(self, there: Connection) -> None:
        number, reply = self._chance.choice(self._replies[1:])
        token = self._token("Ada", self.known.names["Ada"])
        for mutation in ("deleteReply", "restoreReply"):
            made = await self._written(there, mutation, token, replyId=reply)
            self._acknowledge(number, made["lastEvent"])

    async def _retitle(self, there: Connection) -> None:
        number, discussion = self._chance.choice(self._discussions)
        token = self._token("Ada", self.known.names["Ada"])
        fields = "query ($id: ID!) { node(id: $id) { ... on Discussion { version } } }"
        now = (await there.ask(fields, id=discussion))["node"]
        title = f"Title of {self.written}"
        made = await self._written(
            there, "editDiscussion", token, discussionId=discussion, expectedVersion=now["version"], title=title
        )
        self._acknowledge(number, made["lastEvent"])

    async def _lock(self, there: Connection) -> None:
        number, discussion = self._discussions[-1]
        for mutation in ("lockDiscussion", "unlockDiscussion"):
            made = await self._written(there, mutation, self._token("Mod", 0), discussionId=discussion)
            self._acknowledge(number, made["lastEvent"])

    async def _rename(self, there: Connection) -> None:
        number = next(self._names)
        await there.ask("{ viewer { user { name } } }", self._token("Ada", number))
        self.known.names["Ada"] = max(self.known.names["Ada"], number)

    def _acknowledge(self, discussion: int, event: int) -> None:
        self.known.events[discussion] = max(self.known.events[discussion], event)

    async def _read(self, times: int, at: int) -> None:
        there = Connection(self.servers[at % len(self.servers)])
        # A tenth of the readers or so are signed in; one of them has written what is read.
        token = {3: self._token("Eve", 0), 5: self._token("Ben", 0)}.get(at)
        chance = random.Random(at)
        with closing(there):
            for _ in range(times):
                known = self.known.copy()
                self.asked += 1
                try:
                    await self._ask(there, token, chance, known)
                except Lost as lost:
                    self.lost += 1
                    if len(self.failures) < 5 and str(lost):
                        self.failures.append(str(lost))
                    await asyncio.sleep(0.02)

    async def _ask(self, there: Connection, token: str | None, chance: random.Random, known: Known) -> None:
        drawn = chance.random()
        if drawn < 0.7:
            number, _ = chance.choice(self._discussions)
            found = (await there.ask(PAGE, token, number=number))["discussion"]
            self._check_discussion(found, known)
            self._check_name(found["author"], known)
            for reply in found["thread"]["nodes"]:
                self._check_post(reply, known)
                for quote in reply["quotes"]:
                    if quote["source"] is not None:
                        self._check_version(quote["source"], known)
        elif drawn < 0.85:
            for found in (await there.ask(LIST, token))["discussions"]["nodes"]:
                self._check_discussion(found, known)
                self._check_name(found["author"], known)
        else:
            found = (await there.ask(NODE, token, id=chance.choice(self._replies)[1]))["node"]
            self._check_post(found, known)

    def _check_discussion(self, found: Any, known: Known) -> None:
        least = known.events[found["number"]]
        if found["eventNumber"] < least:
            raise Stale(f"Discussion {found['number']} is of event {found['eventNumber']}, and {least} was known.")

    def _check_post(self, found: Any, known: Known) -> None:
        self._check_version(found, known)
        self._check_name(found["author"], known)

    def _check_version(self, found: Any, known: Known) -> None:
        least = known.versions[found["id"]]
        if found["version"] < least:
            raise Stale(f"{found['id']} is of version {found['version']}, and {least} was known.")

    def _check_name(self, author: Any, known: Known) -> None:
        if author is None or not author["name"].startswith(f"Ada{self._run} "):
            return
        number = int(author["name"].rpartition(" ")[2])
        if number < known.names["Ada"]:
            raise Stale(f"The author is called {author['name']}, and {known.names['Ada']} was known.")

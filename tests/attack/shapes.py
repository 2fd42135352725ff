"""What strangers send: each shape is one attempt, and tells what became of it.

The names in brackets are those of the findings that each comes from.
"""

import asyncio
import base64
import json
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import count

import httpx2
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from tests.support import hostile
from tests.support.processes import HOST

LONGEST_SECONDS = 20.0
"""How long an attacker waits for one answer."""
_numbers = count()


@dataclass(frozen=True, slots=True)
class Target:
    """The server that is attacked, and what was written there before."""

    port: int
    discussion: str
    number: int
    replies: dict[str, str]
    """Ids of hostile replies by what they are full of."""
    author: str
    """The name of who wrote them."""
    token: str
    """The author's token."""
    calm: str
    """The id of a discussion where people talk."""


@dataclass(frozen=True, slots=True)
class Attacker:
    """One client, with an address of its own."""

    target: Target
    http: httpx2.AsyncClient
    address: str

    async def ask(self, query: str, *, token: str | None = None, **variables: object) -> str:
        """Sends one operation; returns the status and the codes of errors."""
        headers = {"X-Forwarded-For": self.address} | ({"Authorization": f"Bearer {token}"} if token else {})
        answer = await self.http.post("/graphql", json={"query": query, "variables": variables}, headers=headers)
        if len(answer.content) > 100_000:
            return f"{answer.status_code} {len(answer.content) / 1e6:.0f} MB"
        with suppress(ValueError, AttributeError):
            errors = answer.json().get("errors", ())
            return " ".join([str(answer.status_code), *sorted({error["extensions"]["code"] for error in errors})])
        return str(answer.status_code)

    async def get(self, path: str, **headers: str) -> str:
        answer = await self.http.get(path, headers={"X-Forwarded-For": self.address, **headers}, follow_redirects=True)
        return str(answer.status_code)


async def large_variables(attacker: Attacker) -> str:
    """36,000 quotes in a variable, used ten times (C1)."""
    aliases = " ".join(f'a{at}: previewBody(body: "x", quotes: $q) {{ body }}' for at in range(10))
    quotes = [{"sourceId": "", "text": ""}] * 36_000
    return await attacker.ask(f"query ($q: [QuoteInput!]) {{ {aliases} }}", q=quotes)


async def aliased_texts(attacker: Attacker) -> str:
    """A large text under 400 names (C2)."""
    aliases = " ".join(f"a{at}: bodyHtml" for at in range(400))
    query = f"query ($id: ID!) {{ node(id: $id) {{ ... on Reply {{ {aliases} }} }} }}"
    return await attacker.ask(query, id=attacker.target.replies["addresses"])


async def versions(attacker: Attacker) -> str:
    """The versions of a table, each rendered under several names (C3)."""
    aliases = " ".join(f"a{at}: bodyHtml" for at in range(10))
    query = f"""query ($id: ID!) {{ node(id: $id) {{ ... on Reply {{
        revisions(first: 20) {{ nodes {{ {aliases} }} }} }} }} }}"""
    return await attacker.ask(query, token=attacker.target.token, id=attacker.target.replies["tables"])


async def statuses(attacker: Attacker) -> str:
    """The statuses of quotes whose sources were edited (C3)."""
    query = "query ($id: ID!) { discussion(id: $id) { replies(last: 50) { nodes { quotes { status } } } } }"
    return await attacker.ask(query, id=attacker.target.discussion)


async def quotes_by_name(attacker: Attacker) -> str:
    """A preview that quotes somebody with many long posts (C3)."""
    body = f"> **{attacker.target.author} said:**\n>\n> Words that nobody wrote {next(_numbers)}.\n\nSo?"
    query = "query ($b: String!, $d: ID) { previewBody(body: $b, discussionId: $d) { errors { code } } }"
    return await attacker.ask(query, token=attacker.target.token, b=body, d=attacker.target.discussion)


async def long_previews(attacker: Attacker) -> str:
    """Bodies that take long to parse (M2)."""
    bodies = list(hostile.BODIES.values())
    query = "query ($b: String!) { previewBody(body: $b) { bodyHtml errors { code } } }"
    return await attacker.ask(query, token=attacker.target.token, b=bodies[next(_numbers) % len(bodies)])


async def phrases(attacker: Attacker) -> str:
    """Phrases of a word that some posts hold thousands of times (C4)."""
    query = " ".join(f'"{"a " * length}"' for length in range(1, 21))[:480]
    return await attacker.ask("query ($q: String!) { search(query: $q) { totalCount } }", q=query)


async def endless_headers(attacker: Attacker) -> str:
    """Headers without end (H1)."""
    reader, writer = await asyncio.open_connection(HOST, attacker.target.port)
    sent = 0
    with suppress(OSError):
        writer.write(b"GET / HTTP/1.1\r\n")
        while sent < 50_000_000:
            writer.write(b"X-%d: %b\r\n" % (sent, b"a" * 60_000))
            sent += 60_000
            await writer.drain()
    writer.close()
    answer = b""
    with suppress(OSError):
        answer = await reader.read(12)
    return f"{answer.decode() or 'cut'}, {'all' if sent >= 50_000_000 else 'not all'} taken"


async def refused_documents(attacker: Attacker) -> str:
    """Documents that validation refuses, over one websocket, as fast as they are taken (H2)."""
    headers = {"X-Forwarded-For": attacker.address}
    url = f"ws://{HOST}:{attacker.target.port}/graphql"
    ends: set[str] = set()
    try:
        async with connect(
            url, additional_headers=headers, subprotocols=[Subprotocol("graphql-transport-ws")]
        ) as socket:
            await socket.send('{"type":"connection_init"}')
            await socket.recv()
            for at in range(100):
                salt = f"x{next(_numbers)}{secrets.token_hex(4)}"
                query = "{" + "".join(f" {salt}{field}" for field in range(1_200)) + " }"
                await socket.send(json.dumps({"type": "subscribe", "id": str(at), "payload": {"query": query}}))
            for _ in range(100):
                frame = json.loads(await socket.recv())
                ends |= {error["extensions"]["code"] for error in frame.get("payload") or ()}
    except (ConnectionClosed, InvalidStatus, OSError) as ended:
        ends.add(type(ended).__name__)
    return " ".join(sorted(ends))


async def nothing_read(attacker: Attacker) -> str:
    """Large answers of which nothing is taken."""
    aliases = " ".join(f"a{at}: bodyHtml" for at in range(150))
    query = f"query ($id: ID!) {{ node(id: $id) {{ ... on Reply {{ {aliases} }} }} }}"
    body = json.dumps({"query": query, "variables": {"id": attacker.target.replies["addresses"]}}).encode()
    head = f"POST /graphql HTTP/1.1\r\nHost: {HOST}\r\nX-Forwarded-For: {attacker.address}\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    opened = [await asyncio.open_connection(HOST, attacker.target.port, limit=1_024) for _ in range(3)]
    for _, writer in opened:
        writer.write(head.encode() + body)
    answers = {(await reader.read(12)).decode() for reader, _ in opened}
    await asyncio.sleep(1)
    for _, writer in opened:
        writer.transport.abort()
    return " ".join(sorted(answers))


async def mentions(attacker: Attacker) -> str:
    """The mentions of posts that are nothing else (H5)."""
    fields = " ".join(f"a{at}: mentions {{ start length attributedName user {{ handle }} }}" for at in range(20))
    query = f"query ($id: ID!) {{ node(id: $id) {{ ... on Reply {{ {fields} }} }} }}"
    return await attacker.ask(query, id=attacker.target.replies["names"])


async def subscriptions(attacker: Attacker) -> str:
    """Many large subscriptions on one websocket, each with a selection of its own, and one event (H6)."""
    headers = {"X-Forwarded-For": attacker.address}
    url = f"ws://{HOST}:{attacker.target.port}/graphql"
    ends: set[str] = set()
    try:
        async with connect(
            url, additional_headers=headers, subprotocols=[Subprotocol("graphql-transport-ws")], max_size=None
        ) as socket:
            await socket.send('{"type":"connection_init"}')
            await socket.recv()
            names = " ".join(f"a{at}: sequence" for at in range(300))
            for at in range(50):
                query = f"""subscription ($id: ID!) {{ discussionEvents(discussionId: $id) {{ ... on DiscussionEvent {{
                    discussion {{ s{next(_numbers)}: thread(first: 500) {{ nodes {{ {names} }} }} }} }} }} }}"""
                variables = {"id": attacker.target.discussion}
                payload = {"query": query, "variables": variables}
                await socket.send(json.dumps({"type": "subscribe", "id": str(at), "payload": payload}))
            with suppress(TimeoutError):
                async with asyncio.timeout(2):
                    while True:
                        frame = json.loads(await socket.recv())
                        ends |= {frame["type"]} | {error["extensions"]["code"] for error in _errors(frame)}
    except (ConnectionClosed, InvalidStatus, OSError) as ended:
        ends.add(type(ended).__name__)
    return " ".join(sorted(ends))


def _errors(frame: dict[str, object]) -> list[dict[str, dict[str, str]]]:
    payload = frame.get("payload")
    return payload if isinstance(payload, list) else []


async def mixed_introspection(attacker: Attacker) -> str:
    """Introspection beside a thread, which turned batching off (H7)."""
    query = """query ($id: ID!) { __schema { types { name fields { name type { name } } } }
        discussion(id: $id) { thread(first: 500) { nodes { sequence author { handle } } } } }"""
    return await attacker.ask(query, id=attacker.target.discussion)


async def feeds(attacker: Attacker) -> str:
    """A feed of large posts, with and without its ETag (H8)."""
    path = f"/d/{attacker.target.number}/feed.atom"
    return await attacker.get(path) + " " + await attacker.get(path, **{"If-None-Match": '"x"'})


async def pages(attacker: Attacker) -> str:
    """A page of large posts (H8)."""
    return await attacker.get(f"/d/{attacker.target.number}")


async def unknown_keys(attacker: Attacker) -> str:
    """Tokens of a key that nobody knows, while the key set does not answer (F4)."""
    head = base64.urlsafe_b64encode(b'{"alg":"RS256","kid":"%d"}' % next(_numbers)).decode().rstrip("=")
    body = base64.urlsafe_b64encode(b'{"sub":"x","exp":99999999999}').decode().rstrip("=")
    return await attacker.ask("{ viewer { isGuest } }", token=f"{head}.{body}.AAAA")


SHAPES: tuple[Callable[[Attacker], Awaitable[str]], ...] = (
    large_variables,
    aliased_texts,
    versions,
    statuses,
    quotes_by_name,
    long_previews,
    phrases,
    endless_headers,
    refused_documents,
    nothing_read,
    mentions,
    subscriptions,
    mixed_introspection,
    feeds,
    pages,
    unknown_keys,
)

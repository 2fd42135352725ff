"""The graphql-transport-ws client of the tests: frames out, frames in, and shortcuts for one subscription."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Protocol

import anyio
import httpx2
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State
from websockets.typing import Subprotocol

from tests.support.http import Data
from tests.support.servers import Parley
from tests.support.timeouts import SOON_SECONDS

ITEM = """
__typename cursor
... on DiscussionEvent { eventNumber occurredAt clientMutationId discussion { id title body locked state replyCount } }
... on ReplyAdded { reply { id sequence version body path author { handle } replyTo { replyCount descendantCount } }
  edge { cursor depth hiddenDescendantCount node { id } } }
... on ReplyEdited { reply { id version body author { handle } } }
... on ReplyDeleted { reply { id version body state author { handle } } }
... on QuoteStatusChanged { post { id quotes { status source { id } } } }
... on ResyncRequired { reason }
"""
EVENTS = (
    f"""subscription ($id: ID!, $after: String) {{ discussionEvents(discussionId: $id, after: $after) {{ {ITEM} }} }}"""
)
REPLIES = """subscription ($id: ID!, $after: String) { replyAdded(discussionId: $id, after: $after) {
  __typename cursor eventNumber clientMutationId reply { id sequence body } edge { depth } } }"""


@dataclass(frozen=True, slots=True)
class Socket:
    """An acknowledged connection."""

    socket: ClientConnection

    async def send(self, **frame: Any) -> None:
        await self.socket.send(json.dumps(frame))

    async def follow(self, document: str, operation_id: str = "1", **variables: Any) -> None:
        await self.send(type="subscribe", id=operation_id, payload={"query": document, "variables": variables})

    async def frame(self, seconds: float = SOON_SECONDS) -> Any:
        """Returns the next frame that is not a ping."""
        with anyio.fail_after(seconds):
            while True:
                frame = json.loads(await self.socket.recv())
                if frame["type"] != "ping":
                    return frame
                await self.send(type="pong")

    async def item(self, seconds: float = SOON_SECONDS) -> Data:
        """Returns the item of the next frame, which must be a `next` without errors."""
        frame = await self.frame(seconds)
        assert frame["type"] == "next", frame
        assert "errors" not in frame["payload"], frame
        (item,) = frame["payload"]["data"].values()
        found: Data = item
        return found

    async def items(self, count: int) -> list[Data]:
        return [await self.item() for _ in range(count)]

    async def replayed(self) -> list[Data]:
        """Returns the items before CaughtUp, which must come."""
        items: list[Data] = []
        while (item := await self.item())["__typename"] != "CaughtUp":
            items.append(item)
        return items

    async def completed(self) -> None:
        """Checks that the next frame completes the subscription."""
        frame = await self.frame()
        assert frame["type"] == "complete", frame

    async def error(self, operation_id: str = "1") -> Data:
        """Returns the one error that ends the subscription."""
        frame = await self.frame()
        assert (frame["type"], frame["id"]) == ("error", operation_id), frame
        (error,) = frame["payload"]
        found: Data = error
        return found

    async def closed(self, seconds: float = SOON_SECONDS) -> int:
        """Returns the close code of the server; frames before it are ignored."""
        with anyio.fail_after(seconds):
            while self.socket.state is State.OPEN:
                with suppress(ConnectionClosed):
                    await self.socket.recv()
            # The code is known when the closing handshake is over.
            await self.socket.wait_closed()
        assert self.socket.close_code is not None
        return self.socket.close_code

    async def frames_until_closed(self) -> list[Data]:
        """Returns every frame until the server closes the connection."""
        frames: list[Data] = []
        with anyio.fail_after(SOON_SECONDS), suppress(ConnectionClosed):
            while True:
                frames.append(json.loads(await self.socket.recv()))
        return frames

    def cut(self) -> None:
        """Aborts the connection without a close frame."""
        self.socket.transport.abort()


class WebSocketServer(Protocol):
    """A server, or a proxy before one."""

    @property
    def ws_url(self) -> str:
        """Its graphql-transport-ws endpoint."""


@asynccontextmanager
async def opened(server: WebSocketServer) -> AsyncIterator[Socket]:
    """A connection on which nothing has been sent."""
    async with connect(server.ws_url, subprotocols=[Subprotocol("graphql-transport-ws")], ping_interval=None) as socket:
        yield Socket(socket)


@asynccontextmanager
async def connected(server: WebSocketServer, token: str | None = None) -> AsyncIterator[Socket]:
    """An acknowledged connection."""
    async with opened(server) as socket:
        payload = {"authorization": f"Bearer {token}"} if token else {}
        await socket.send(type="connection_init", payload=payload)
        assert await socket.frame() == {"type": "connection_ack"}
        yield socket


@asynccontextmanager
async def following(
    server: WebSocketServer, document: str, discussion: str, after: str | None = None, *, token: str | None = None
) -> AsyncIterator[Socket]:
    """A connection with one subscription, which starts after the cursor `after`, or now if there is none."""
    async with connected(server, token) as socket:
        variables = {"id": discussion} | ({"after": after} if after is not None else {})
        await socket.follow(document, **variables)
        yield socket


def numbers(items: Sequence[Data]) -> list[int]:
    """The numbers of events in a discussion that a test started, from 1 on after its DiscussionStarted."""
    return [item["eventNumber"] - 1 for item in items]


def metric(parley: Parley, name: str) -> float:
    """Returns a value of a server's /metrics."""
    lines = httpx2.get(f"{parley.url}/metrics").text.splitlines()
    (value,) = [line.split()[1] for line in lines if line.split()[0] == name]
    return float(value)

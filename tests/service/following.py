"""Following over graphql-transport-ws: one subscription, and every frame that came for it."""

import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import anyio
import httpx2
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State
from websockets.typing import Subprotocol

from tests.processes import wait_until
from tests.servers import Parley
from tests.service.asking import Data

SOON_SECONDS = 20.0

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
        """The next frame that is no ping."""
        with anyio.fail_after(seconds):
            while True:
                frame = json.loads(await self.socket.recv())
                if frame["type"] != "ping":
                    return frame
                await self.send(type="pong")

    async def item(self, seconds: float = SOON_SECONDS) -> Data:
        """What the next frame brings, which must be an item without errors."""
        frame = await self.frame(seconds)
        assert frame["type"] == "next", frame
        assert "errors" not in frame["payload"], frame
        (item,) = frame["payload"]["data"].values()
        found: Data = item
        return found

    async def items(self, count: int) -> list[Data]:
        return [await self.item() for _ in range(count)]

    async def replayed(self) -> list[Data]:
        """What comes before CaughtUp, which must come."""
        items: list[Data] = []
        while (item := await self.item())["__typename"] != "CaughtUp":
            items.append(item)
        return items

    async def completed(self) -> None:
        """The stream's end, without an error."""
        frame = await self.frame()
        assert frame["type"] == "complete", frame

    async def error(self, operation_id: str = "1") -> Data:
        """The one error the stream ends with."""
        frame = await self.frame()
        assert (frame["type"], frame["id"]) == ("error", operation_id), frame
        (error,) = frame["payload"]
        found: Data = error
        return found

    async def closed(self, seconds: float = SOON_SECONDS) -> int:
        """The code the server closes with; frames before it are passed over."""
        with anyio.fail_after(seconds):
            while self.socket.state is State.OPEN:
                with suppress(ConnectionClosed):
                    await self.socket.recv()
            # The code is told when the closing handshake is over.
            await self.socket.wait_closed()
        assert self.socket.close_code is not None
        return self.socket.close_code

    async def frames_until_closed(self) -> list[Data]:
        """Every frame that comes before the server closes."""
        frames: list[Data] = []
        with anyio.fail_after(SOON_SECONDS), suppress(ConnectionClosed):
            while True:
                frames.append(json.loads(await self.socket.recv()))
        return frames

    def cut(self) -> None:
        """Ends the connection without a word, as a cable that is pulled."""
        self.socket.transport.abort()


@asynccontextmanager
async def opened(parley: Parley) -> AsyncIterator[Socket]:
    """A connection to a server on which nothing has been said."""
    async with connect(parley.ws_url, subprotocols=[Subprotocol("graphql-transport-ws")], ping_interval=None) as socket:
        yield Socket(socket)


@asynccontextmanager
async def connected(parley: Parley, token: str | None = None) -> AsyncIterator[Socket]:
    """An acknowledged connection to a server."""
    async with opened(parley) as socket:
        payload = {"authorization": f"Bearer {token}"} if token else {}
        await socket.send(type="connection_init", payload=payload)
        assert await socket.frame() == {"type": "connection_ack"}
        yield socket


@asynccontextmanager
async def following(
    parley: Parley, document: str, discussion: str, after: str | None = None, *, token: str | None = None
) -> AsyncIterator[Socket]:
    """A connection with one subscription; without `after`, it follows from now."""
    async with connected(parley, token) as socket:
        variables = {"id": discussion} | ({"after": after} if after is not None else {})
        await socket.follow(document, **variables)
        yield socket


def numbers(items: Sequence[Data]) -> list[int]:
    return [item["eventNumber"] for item in items]


def metric(parley: Parley, name: str) -> float:
    """A figure of a server's /metrics."""
    lines = httpx2.get(f"{parley.url}/metrics").text.splitlines()
    (value,) = [line.split()[1] for line in lines if line.split()[0] == name]
    return float(value)


async def until(holds: Callable[[], bool], what: str, *, seconds: float = SOON_SECONDS) -> None:
    """Returns as soon as `holds()` is true."""
    await anyio.to_thread.run_sync(partial(wait_until, holds, seconds=seconds, what=what))

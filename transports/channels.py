"""graphql-sse's single connection mode: one stream for all a client asks, each operation by a request of its own.

Source: PROTOCOL.md of graphql-sse, «Single connection mode». HTTP/1.1 gives a browser six connections to a server, for
all of its tabs. The requests must reach the process that holds the stream, so it is for a server of one process.
"""

import asyncio
import hmac
import secrets
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import aclosing
from typing import Any

import orjson
from starlette.types import Receive

from execution.operation import RequestRefused, StreamEnded, request_error
from execution.streams import Item
from transports import faults
from transports.following import Hold
from transports.sse import EventStream
from transports.streams import RETRY_SECONDS, ClientDisconnected, End, Stream, Streams

TOKEN_HEADER = "x-graphql-event-stream-token"  # noqa: S105 - it is the name of a header
MAX_OPERATIONS = 100


class InUse(Exception):
    """There is a stream of this token, or an operation of this id, already."""


class Channel(Stream):
    """The stream of one client, and the operations whose results it carries.

    Only subscriptions are cancelled: a query or mutation that has begun runs to its end, and its answer is dropped.
    """

    def __init__(self, streams: Streams, *, address: str, ended: Callable[[], object]) -> None:
        # It has nothing to say by itself, so nobody's token has to hold for it.
        super().__init__(EventStream(tells_retry=False), streams, address=address)
        self._ended = ended
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._subscriptions: set[asyncio.Task[None]] = set()
        self._calls: set[asyncio.Task[None]] = set()

    def expect(self, operation_id: str) -> None:
        """Looks whether an operation may start.

        Raises Gone where the stream has ended, InUse, and RequestRefused where there are too many.
        """
        if self._ending.done():
            raise ClientDisconnected
        if operation_id in self._operations:
            raise InUse(f"An operation «{operation_id}» is under way.")
        if len(self._subscriptions) + len(self._calls) >= MAX_OPERATIONS:
            message = f"At most {MAX_OPERATIONS} operations at once on one stream."
            raise RequestRefused([request_error("RATE_LIMITED", message)], retry_seconds=RETRY_SECONDS)

    def subscribe(self, operation_id: str, results: AsyncGenerator[Sequence[Item], None], *, hold: Hold) -> None:
        """Carries a subscription until it ends, or the rights do by which it was asked for."""
        self._start(operation_id, self._carry(operation_id, results, hold), self._subscriptions)

    def call(self, operation_id: str, execution: Coroutine[Any, Any, bytes]) -> None:
        """Carries a query's or a mutation's result."""
        self._start(operation_id, self._carry(operation_id, _result(execution), _for_ever), self._calls)

    def complete(self, operation_id: str) -> None:
        """The client has done with an operation; one it does not know may have ended while this was under way."""
        task = self._operations.pop(operation_id, None)
        if task in self._subscriptions:
            task.cancel()

    def _start(self, operation_id: str, work: Coroutine[Any, Any, None], tasks: set[asyncio.Task[None]]) -> None:
        task = self._operations[operation_id] = asyncio.create_task(self._guarded(work))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    async def _carry(self, operation_id: str, results: AsyncGenerator[Sequence[Item], None], hold: Hold) -> None:
        name = orjson.dumps(operation_id)
        head = b'event: next\ndata: {"id":%b,"payload":' % name
        last = b'event: complete\ndata: {"id":%b}\n\n' % name
        reasons: list[str] = []
        try:
            async with asyncio.timeout(None) as rights, aclosing(results):

                def end(reason: str) -> None:
                    reasons.append(reason)
                    rights.reschedule(0)

                release = hold(end)
                try:
                    async for items in results:
                        for item in items:
                            if self._is_wanted(operation_id):
                                await self._write(b"%b%b}\n\n" % (head, item.body))
                finally:
                    release()
        except TimeoutError:
            last = _failed(head, [request_error("UNAUTHENTICATED", reasons[0])]) + last
        except (RequestRefused, StreamEnded) as refused:
            last = _failed(head, refused.errors) + last
        except ClientDisconnected:
            return
        except Exception:  # noqa: BLE001 - `masked` logs it
            last = _failed(head, [faults.masked("an operation failed")]) + last
        if self._is_wanted(operation_id):
            del self._operations[operation_id]
            await self._write(last)

    def _is_wanted(self, operation_id: str) -> bool:
        """Whether the client still waits for the operation of this task: its id may be free or taken anew by now."""
        return self._operations.get(operation_id) is asyncio.current_task()

    def _works(self) -> Sequence[Coroutine[Any, Any, None]]:
        return [self._beat()]

    async def _serve(self, receive: Receive) -> End:
        try:
            return await super()._serve(receive)
        finally:
            self._ended()
            for task in self._subscriptions:
                task.cancel()
            await asyncio.gather(*self._subscriptions, *self._calls, return_exceptions=True)


def _for_ever(_ended: Callable[[str], None]) -> Callable[[], None]:
    """The rights of what runs to its end."""
    return lambda: None


async def _result(execution: Coroutine[Any, Any, bytes]) -> AsyncGenerator[Sequence[Item], None]:
    yield [Item(await execution, None)]


def _failed(head: bytes, errors: Sequence[dict[str, Any]]) -> bytes:
    return b"%b%b}\n\n" % (head, orjson.dumps({"errors": errors}))


class Channels:
    """The open channels of this process. Of a reservation nothing is kept: its token proves that it was made."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._open: dict[str, Channel] = {}

    def reserve(self) -> str:
        """A token to open a channel with."""
        name = secrets.token_urlsafe(16)
        return f"{name}.{self._seal(name)}"

    def open(self, token: str, streams: Streams, *, address: str) -> Channel:
        """A channel that is found by its token until it ends.

        Raises LookupError for a token that is none of ours, InUse for one that has a channel, and RequestRefused where
        an address has too many.
        """
        streams.admit(address)
        name, _, seal = token.partition(".")
        if not hmac.compare_digest(seal.encode(), self._seal(name).encode()):
            raise LookupError("There is no reservation of this token: make one by PUT.")
        if token in self._open:
            raise InUse("The stream of this token is open.")
        channel = self._open[token] = Channel(streams, address=address, ended=lambda: self._open.pop(token))
        return channel

    def find(self, token: str) -> Channel | None:
        return self._open.get(token)

    def _seal(self, name: str) -> str:
        return hmac.digest(self._key, name.encode(), "sha256").hex()

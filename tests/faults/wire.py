"""The two clients of the fault run, small enough not to be its bottleneck: a websocket, and requests over HTTP."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import cast
from urllib.parse import urlsplit

from websockets.client import ClientProtocol
from websockets.exceptions import WebSocketException
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.typing import Subprotocol
from websockets.uri import parse_uri

from tests.support.processes import HOST


class WebSocket(asyncio.Protocol):
    """A connection that hands each text to `heard` as it comes. Open it with `connected`."""

    def __init__(self, url: str, heard: Callable[[str], None]) -> None:
        self._protocol = ClientProtocol(parse_uri(url), subprotocols=[Subprotocol("graphql-transport-ws")])
        self._heard = heard
        self._transport: asyncio.Transport
        loop = asyncio.get_running_loop()
        self.opened: asyncio.Future[None] = loop.create_future()
        self.closed: asyncio.Future[None] = loop.create_future()
        """Set when the connection has ended, however it did."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._protocol.send_request(self._protocol.connect())
        self._flush()

    def data_received(self, data: bytes) -> None:
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, Response):
                if not self.opened.done():
                    self.opened.set_result(None)
            elif isinstance(event, Frame) and event.opcode is Opcode.TEXT and not self.closed.done():
                self._heard(bytes(event.data).decode())
        if self._protocol.handshake_exc is not None:
            self.cut()
        self._flush()

    def eof_received(self) -> None:
        self.cut()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end()

    def send(self, text: str) -> None:
        """Sends one text frame, if the connection is there to take it."""
        if not self._transport.is_closing():
            with suppress(WebSocketException):
                self._protocol.send_text(text.encode())
                self._flush()

    def cut(self) -> None:
        """Ends the connection without a word; whatever comes after this is not looked at."""
        self._end()
        self._transport.abort()

    def _end(self) -> None:
        for future in (self.opened, self.closed):
            if not future.done():
                future.set_result(None)

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._transport.write(data)
            else:
                self._transport.close()


async def connected(url: str, heard: Callable[[str], None]) -> WebSocket:
    """A websocket after its handshake, or one that is closed already. Raises OSError where nobody listens."""
    loop = asyncio.get_running_loop()
    _, socket = await loop.create_connection(lambda: WebSocket(url, heard), HOST, urlsplit(url).port or 80)
    try:
        await socket.opened
    except BaseException:
        socket.cut()
        raise
    return socket


class Requests:
    """POSTs to one address, over connections that are kept while they are good."""

    def __init__(self, url: str) -> None:
        self._place = urlsplit(url)
        self._kept: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def post(self, body: bytes, token: str | None) -> bytes:
        """The body of the answer, whatever its status. Raises OSError and EOFError."""
        while self._kept and self._kept[-1][1].transport.is_closing():
            self._kept.pop()
        reader, writer = (
            self._kept.pop() if self._kept else await asyncio.open_connection(self._place.hostname, self._place.port)
        )
        try:
            signed = f"Authorization: Bearer {token}\r\n" if token else ""
            head = f"POST {self._place.path} HTTP/1.1\r\nHost: {self._place.netloc}\r\n{signed}"
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            writer.write(head.encode() + body)
            told = await reader.readuntil(b"\r\n\r\n")
            fields = dict(line.lower().split(b": ", 1) for line in told.split(b"\r\n")[1:-2])
            answer = await reader.readexactly(int(fields[b"content-length"]))
        except BaseException:
            # Also where the caller lost patience: what comes late must not be taken for the next answer.
            writer.transport.abort()
            raise
        if fields.get(b"connection") == b"close":
            writer.transport.abort()
        else:
            self._kept.append((reader, writer))
        return answer

    def close(self) -> None:
        """Ends the connections that are kept."""
        while self._kept:
            _, writer = self._kept.pop()
            writer.transport.abort()

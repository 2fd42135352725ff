"""uvicorn's protocols, extended to write what is encoded already: websocket frames and HTTP chunks."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from http import HTTPStatus
from typing import Any, Protocol

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import MAX_LINE_LENGTH, MAX_NUM_HEADERS
from websockets.protocol import State

from execution.error_codes import RequestErrorCode
from transports.close_codes import CloseCode
from transports.deadlines import Deadlines, deadlines_of
from transports.refusals import Refused

TEXT = 0x81
"""The first byte of a text message in one frame."""
MASKED = 0x80
"""The bit that clients set in the byte of the length; a length below 126 fits into the rest of it."""
WRITER = "parley.writer"
"""The ASGI extension under which a connection offers itself as a `FrameWriter` or a `ChunkWriter`."""
MAX_HEAD_BYTES = 65_536
"""What a request may send besides its body: request line, headers, sizes of chunks, trailers."""
MAX_URL_BYTES = 16_384
MAX_PIPELINED = 16
"""How many requests of one connection may wait for the response to one before them."""
HEAD_SECONDS = 10.0
"""How long the headers of a request may take, from its first byte; also the rest of a body that nobody reads."""
TAKING_SECONDS = 10.0
"""How long a client may take less than `MIN_TAKEN_BYTES` of its response."""
IDLE_SECONDS = 60.0
"""How long a connection may be open without a request."""
MIN_TAKEN_BYTES = 65_536
"""How much of a response its client must take in that time to be waited for longer."""
MAX_FRAME_BYTES = 2_097_152
"""From which size a message of a websocket is not even read, and closes it."""
FRAGMENT_BYTES = 64
"""What each fragment of such a message takes besides its bytes."""
LARGE_BYTES = 65_536
"""From which size an answer is refused if too much is held for its client already: see transports.held."""
LINGER_SECONDS = 2.0
"""How long the bytes of a refused client are dropped, so that it can read the answer, before it is cut."""
LINGER_BYTES = 1_048_576
"""How many of them."""
HEAD_TOO_LARGE = f"Request line, headers and trailers are larger than {MAX_HEAD_BYTES} bytes."
HANDSHAKE_TOO_LARGE = (
    f"A websocket's handshake may have {MAX_NUM_HEADERS} headers of {MAX_LINE_LENGTH} bytes: this one has more."
)
NOT_HTTP = "The request is not valid HTTP."


class Holding(Protocol):
    """Counts the bytes that are held for one connection: see transports.held.Holding."""

    def set_unsent(self, size: int) -> None: ...

    def set_unread(self, size: int) -> bool: ...

    def admits(self, size: int) -> bool: ...

    def waiting(self, size: int) -> AbstractContextManager[None]: ...


class _CountsUnsent:
    """Of a connection: counts what its client has not taken of what was written."""

    holding: Holding | None = None
    """What counts these bytes; None before its first request is routed."""
    transport: asyncio.Transport
    _is_full = False
    """Whether more waits to be sent than the transport is to buffer."""

    def pause_writing(self) -> None:
        super().pause_writing()  # type: ignore[misc]
        self._is_full = True
        if self.holding is not None:
            self.holding.set_unsent(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        self._is_full = False
        if self.holding is not None:
            self.holding.set_unsent(0)
        super().resume_writing()  # type: ignore[misc]


class HttpProtocol(_CountsUnsent, HttpToolsProtocol):
    """Limits what a request may send before it is routed, and how long its client is waited for.

    Also writes chunks past the ASGI messages, and cuts a connection whose client reads nothing any more. ASGI knows no
    such cut: what was written waits for the client, and the socket with it. Hand it to uvicorn as `http`.
    """

    head_seconds = HEAD_SECONDS
    idle_seconds = IDLE_SECONDS
    taking_seconds = TAKING_SECONDS

    is_lost = False
    """Whether the client is gone, or the server has ended the connection."""
    _refused = False
    """Whether the connection is over for its client, whose further bytes are dropped."""
    _dropped = 0
    """Bytes that came after that."""
    _in_message = False
    """Whether a request has begun whose last byte has not arrived."""
    _in_head = False
    """Whether it is without its last header."""
    _is_new = False
    """Whether a request has begun in the bytes that are being read."""
    _overhead = 0
    """Bytes of a request that are not its body, without those that arrived together with its first."""
    _body_bytes = 0
    """Bytes of bodies among those that are being read."""
    _length = 0
    """How many bytes are being read."""
    _unsent = 0
    """Bytes of the last response that its client had not taken when it was last looked at."""
    _deadlines: Deadlines
    _on_lost: Callable[[], object] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._deadlines = deadlines_of(self.loop)
        self._deadlines.set(self, self.idle_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        self._deadlines.clear(self)
        super().connection_lost(exc)
        if self.holding is not None:
            self.holding.set_unsent(0)
        # It has this connection as its writer, so both would be kept, with all headers, until a garbage collection.
        self.scope = None  # type: ignore[assignment]
        self.is_lost = True
        if self._on_lost is not None:
            self._on_lost()

    async def drained(self) -> None:
        """Waits until the client has taken what was written, or is gone."""
        await self.flow.drain()

    def data_received(self, data: bytes) -> None:
        if self._refused:
            self._dropped += len(data)
            if self._dropped > LINGER_BYTES:
                self.transport.abort()
            return
        self._is_new, self._body_bytes, self._length = False, 0, len(data)
        try:
            self.parser.feed_data(data)
            self._check_overhead()
        except httptools.HttpParserUpgrade:
            if self._should_upgrade():
                self.handle_websocket_upgrade()
        except Refused as refused:
            self._refuse(refused)
        except httptools.HttpParserError as error:
            # Not by a name of its own: it would hold the traceback, and that this frame with all that was sent.
            self._refuse(_reason(error))
        else:
            if self._is_new and self._in_head and not self._is_responding:
                self._deadlines.set(self, self.head_seconds)

    def _check_overhead(self) -> None:
        # The parser does not say where in the bytes a request began, so those of its first read count only if they
        # are headers: see `on_headers_complete`.
        if not self._is_new:
            self._overhead += self._length - self._body_bytes
            if self._overhead > MAX_HEAD_BYTES:
                raise _too_large(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, HEAD_TOO_LARGE)

    @property
    def _is_responding(self) -> bool:
        # uvicorn declares that there is always one; before the first request there is none.
        return self.cycle is not None and not self.cycle.response_complete  # type: ignore[redundant-expr]

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_message = self._in_head = self._is_new = True
        self._overhead = 0
        self.scope["extensions"] = {WRITER: {"writer": self}}

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > MAX_URL_BYTES:
            message = f"The address is longer than {MAX_URL_BYTES} bytes: send long queries by POST."
            raise _too_large(HTTPStatus.REQUEST_URI_TOO_LONG, message)

    def on_headers_complete(self) -> None:
        if self._overhead + self._length > MAX_HEAD_BYTES:
            size = len(self.url) + sum([len(name) + len(value) + 4 for name, value in self.headers])
            if size > MAX_HEAD_BYTES:
                raise _too_large(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, HEAD_TOO_LARGE)
        if len(self.pipeline) >= MAX_PIPELINED:
            message = f"At most {MAX_PIPELINED} requests may wait for the response to one before them."
            raise Refused(HTTPStatus.TOO_MANY_REQUESTS, message)
        super().on_headers_complete()
        # Not to be asked of the connection: with pipelining, that may be at a later request.
        self.scope["extensions"][WRITER]["request"] = self.cycle
        self._in_head = False
        self._deadlines.clear(self)

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._in_message = False
        super().on_message_complete()

    def on_response_complete(self) -> None:
        # As uvicorn's, whose timer for each response is a deadline here.
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            cycle, app = self.pipeline.pop()
            self._start_asgi_task(cycle, app)
        else:
            self._unsent = self.transport.get_write_buffer_size()
            waits = self.taking_seconds if self._unsent else self.idle_seconds
            self._deadlines.set(self, self.head_seconds if self._in_message else waits)

    def expire(self) -> None:
        """See transports.deadlines.Expiring."""
        if self._in_head and not self._refused:
            message = f"The headers did not arrive within {self.head_seconds:g} seconds."
            self._refuse(Refused(HTTPStatus.REQUEST_TIMEOUT, message))
        elif self._unsent and (unsent := self.transport.get_write_buffer_size()) <= max(
            0, self._unsent - MIN_TAKEN_BYTES
        ):
            # A response is on its way to a slow client, and arrives.
            self._unsent = unsent
            self._deadlines.set(self, self.taking_seconds if unsent else self.idle_seconds)
        else:
            self.transport.abort()

    def _refuse(self, refused: Refused) -> None:
        """Answers with an error, and ends the connection."""
        self._refused = True
        if self._is_responding:
            is_of_its_body = self._in_message and not self._in_head and not self.pipeline
            if not is_of_its_body or self.cycle.response_started:
                # The client would take an answer for that to an earlier request.
                self.transport.abort()
                return
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        headers = b"".join([b"%b: %b\r\n" % header for header in refused.headers])
        self.transport.write(STATUS_LINE[refused.status] + headers + b"\r\n" + refused.body)
        # To close now would reset the connection while its client still sends, and the answer could be lost.
        self.transport.write_eof()
        self._deadlines.set(self, LINGER_SECONDS)

    def handle_websocket_upgrade(self) -> None:
        self._deadlines.clear(self)
        super().handle_websocket_upgrade()
        websocket = self.transport.get_protocol()
        if isinstance(websocket, WebSocketProtocol) and not websocket.handshake_initiated:
            # The websocket's own parser, which got the whole head, has narrower limits and is silent about them.
            websocket.connection_lost(ConnectionError())
            self.transport.set_protocol(self)
            self.connections.add(self)
            self._refuse(_too_large(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, HANDSHAKE_TOO_LARGE))
        else:
            # As where a connection is lost.
            self.scope = None  # type: ignore[assignment]

    def write_response(self, request: RequestResponseCycle, head: bytes, body: bytes) -> bool:
        """Writes the whole response to a request that is not a HEAD: `head` without its last line, and the body.

        Returns False, having written nothing, if the client must be waited for, is gone or is to be refused, or if the
        connection ends with this response: the ASGI messages do what is right then.
        """
        if request.response_started or request.disconnected or not request.keep_alive or self.flow.write_paused:
            return False
        if len(body) > LARGE_BYTES and self.holding is not None and not self.holding.admits(len(body)):
            return False
        of_server = [b"%b: %b\r\n" % header for header in request.default_headers]
        self.transport.writelines([head, *of_server, b"\r\n", body])
        request.response_started = request.response_complete = True
        request.message_event.set()
        request.on_response()
        return True

    def write_chunk(self, chunk: bytes) -> bool:
        """See transports.streams.ChunkWriter."""
        if self.flow.write_paused or self.transport.is_closing():
            return False
        if len(chunk) > LARGE_BYTES and self.holding is not None and not self.holding.admits(len(chunk)):
            self.transport.abort()
            return False
        self.transport.write(chunk)
        return True

    def abort(self) -> None:
        """See transports.streams.ChunkWriter."""
        self.transport.abort()

    def on_lost(self, lost: Callable[[], object] | None) -> None:
        """Calls `lost` when the client is gone; None takes it back.

        ASGI's `http.disconnect` says the same, but only a task of its own could wait for that beside an operation.
        """
        self._on_lost = lost


def _too_large(status: HTTPStatus, message: str) -> Refused:
    return Refused(status, message, code=RequestErrorCode.REQUEST_TOO_LARGE)


def _reason(error: httptools.HttpParserError) -> Refused:
    """What a callback of the parser refused, or that it can't read the request."""
    cause = error.__context__
    return cause if isinstance(cause, Refused) else Refused(HTTPStatus.BAD_REQUEST, NOT_HTTP)


class WebSocketProtocol(_CountsUnsent, WebSocketsSansIOProtocol):
    """Writes frames past the ASGI messages, where nothing compresses them, and is quiet about what clients do wrong.

    Closes a text frame that is not UTF-8 with 1007 (RFC 6455, section 8.1), where uvicorn also logs a traceback. Hand
    it to uvicorn as `ws`.
    """

    _expected: bytes = b""
    _received: Callable[[], None]

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        if self.handshake_initiated and not self.config.ws_per_message_deflate and not self.close_sent:
            extensions: Any = self.scope["extensions"]
            extensions[WRITER] = {"writer": self}
            # Written at once and not at the end of the loop's round; what the socket does not take is backpressure.
            self.transport.set_write_buffer_limits(high=0)

    async def send(self, message: Any) -> None:
        await super().send(message)
        if message["type"] == "websocket.accept":
            # Kilobytes that nobody asks for again, for as long as the connection lasts.
            del self.request, self.response
        elif message["type"] == "websocket.http.response.body":
            # uvicorn forgets that a refused handshake is complete, and would log an error.
            self.handshake_complete = True

    def write_frames(self, data: bytes) -> bool:
        """See transports.frames.FrameWriter."""
        transport = self.transport
        if self.close_sent or transport.is_closing():
            return False
        if len(data) > LARGE_BYTES and self.holding is not None and not self.holding.admits(len(data)):
            transport.abort()
            return False
        transport.write(data)
        if self._is_full:
            if self.holding is not None:
                self.holding.set_unsent(transport.get_write_buffer_size())
            return False
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        if self.holding is not None:
            self.holding.set_unsent(0)
            self.holding.set_unread(0)
        super().connection_lost(exc)

    def waiting(self, size: int) -> AbstractContextManager[None]:
        """See transports.frames.FrameWriter."""
        return nullcontext() if size <= LARGE_BYTES or self.holding is None else self.holding.waiting(size)

    async def frames_drained(self) -> None:
        """See transports.frames.FrameWriter."""
        await self.writable.wait()
        if self.disconnected:
            raise ConnectionError("The connection is lost.")

    def expect(self, text: bytes, received: Callable[[], None]) -> None:
        """See transports.frames.FrameWriter. `text` is shorter than 126 bytes."""
        self._expected, self._received = text, received

    def data_received(self, data: bytes) -> None:
        if self._expected and self._is_expected(data):
            self._expected = b""
            self._received()
        else:
            super().data_received(data)
            self._hold_unread()

    def _hold_unread(self) -> None:
        """Counts what has come of a large message that is not whole yet, and closes the websocket if it is too much."""
        conn, holding = self.conn, self.holding
        if holding is None or conn.state is not State.OPEN:
            return
        unread = len(conn.reader.buffer) + (conn.current_size or 0) + FRAGMENT_BYTES * len(self.frames)
        if unread > MAX_FRAME_BYTES:
            self._close(CloseCode.MESSAGE_TOO_BIG, f"Messages have at most {MAX_FRAME_BYTES} bytes")
        elif not holding.set_unread(unread if unread > LARGE_BYTES else 0):
            self._close(CloseCode.TRY_AGAIN_LATER, "Too much is held for this address, or for all")

    def _close(self, code: CloseCode, reason: str) -> None:
        """Closes the websocket without asking the application."""
        self.conn.send_close(code, reason)
        self.handle_parser_exception()

    def _is_expected(self, data: bytes) -> bool:
        """Whether all that has come is the expected message: an answer to a ping, read here at a tenth of the price.

        The parser holds no bytes here and is in no fragmented message. That it waits for the rest of a frame can't be
        seen, but the rest would have to look like this message, mask and all, by its sender's own will.
        """
        length = len(self._expected)
        if len(data) != length + 6 or data[0] != TEXT or data[1] != MASKED | length:
            return False
        conn = self.conn
        if conn.reader.buffer or conn.current_size is not None or conn.state is not State.OPEN:
            return False
        mask = (data[2:6] * (length // 4 + 1))[:length]
        return int.from_bytes(data[6:], "big") ^ int.from_bytes(mask, "big") == int.from_bytes(self._expected, "big")

    def abort(self) -> None:
        """See transports.frames.FrameWriter."""
        self.transport.abort()

    def send_receive_event_to_app(self) -> None:
        if self.curr_msg_data_type == "text" and not self.close_sent:
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:
                self.frames = []
                # The client's own close may have been read with this frame; it is handled next.
                if self.conn.state is State.OPEN:
                    self._close(CloseCode.INVALID_FRAME_PAYLOAD_DATA, "Text frames must be UTF-8")
                return
        super().send_receive_event_to_app()

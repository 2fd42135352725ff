"""uvicorn's protocols, extended to write what is encoded already: websocket frames and HTTP chunks."""

from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import State

from transports.close_codes import CloseCode

TEXT = 0x81
"""The first byte of a text message in one frame."""
MASKED = 0x80
"""The bit that clients set in the byte of the length; a length below 126 fits into the rest of it."""
WRITER = "parley.writer"
"""The ASGI extension under which a connection offers itself as a `FrameWriter` or a `ChunkWriter`."""


class HttpProtocol(HttpToolsProtocol):
    """Writes chunks past the ASGI messages, and cuts a connection whose client reads nothing any more.

    ASGI knows no such cut: what was written waits for the client, and the socket with it. Hand it to uvicorn as `http`.
    """

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {WRITER: {"writer": self}}

    def write_chunk(self, chunk: bytes) -> bool:
        """See transports.streams.ChunkWriter."""
        if self.flow.write_paused or self.transport.is_closing():
            return False
        self.transport.write(chunk)
        return True

    def abort(self) -> None:
        """See transports.streams.ChunkWriter."""
        self.transport.abort()


class WebSocketProtocol(WebSocketsSansIOProtocol):
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

    def write_frames(self, data: bytes) -> bool:
        """See transports.frames.FrameWriter."""
        if self.close_sent or self.disconnected or self.transport.is_closing():
            return False
        self.transport.write(data)
        return self.writable.is_set()

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
                    self.conn.send_close(CloseCode.INVALID_FRAME_PAYLOAD_DATA, "Text frames must be UTF-8")
                    self.handle_parser_exception()
                return
        super().send_receive_event_to_app()

"""Uvicorn's websocket, which also writes frames that are built already, and is quiet about what clients do wrong."""

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import State

WRITER = "parley.writer"
"""The ASGI extension under which a connection offers itself as a `transports.frames.Writer`."""


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """Writes whole frames past the ASGI messages, where nothing compresses them.

    Closes a text frame that is not UTF-8 with 1007 (RFC 6455, section 8.1), where uvicorn also logs a traceback. Hand
    it to uvicorn as `ws`.
    """

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        if self.handshake_initiated and not self.config.ws_per_message_deflate and not self.close_sent:
            extensions: Any = self.scope["extensions"]
            extensions[WRITER] = {"writer": self}

    def write_frames(self, data: bytes) -> bool:
        """See transports.frames.Writer."""
        if self.close_sent or self.disconnected or self.transport.is_closing():
            return False
        self.transport.write(data)
        return self.writable.is_set()

    async def frames_drained(self) -> None:
        """See transports.frames.Writer."""
        await self.writable.wait()
        if self.disconnected:
            raise ConnectionError("The connection is lost.")

    def abort(self) -> None:
        """See transports.frames.Writer."""
        self.transport.abort()

    def send_receive_event_to_app(self) -> None:
        if self.curr_msg_data_type == "text" and not self.close_sent:
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:
                self.frames = []
                # The client's own close may have been read with this frame; it is handled next.
                if self.conn.state is State.OPEN:
                    self.conn.send_close(1007, "Text frames must be UTF-8")
                    self.handle_parser_exception()
                return
        super().send_receive_event_to_app()

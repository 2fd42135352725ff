"""Uvicorn's websocket, made quiet about what clients do wrong."""

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import State


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """Closes a text frame that is not UTF-8 with 1007 (RFC 6455, section 8.1), where uvicorn also logs a traceback.

    Hand it to uvicorn as `ws`.
    """

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

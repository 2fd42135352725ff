"""Uvicorn's HTTP, made to let an application cut a connection whose client reads nothing any more.

ASGI knows no such thing: what was written waits for the client, and the socket with it.
"""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from transports.streams import ABORT


class HttpProtocol(HttpToolsProtocol):
    """Offers the ASGI extension `parley.abort`. Hand it to uvicorn as `http`."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {ABORT: {"abort": self.transport.abort}}

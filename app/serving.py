"""Serving: uvicorn with our protocols, on a socket of our own."""

import socket
import sys

import uvicorn
from uvicorn.supervisors import Multiprocess

from app.settings import Settings, fail
from transports.protocol import HttpProtocol, WebSocketProtocol

MAX_FRAME_BYTES = 65_536
GRACE_SECONDS = 6
SILENT_SECONDS = 10
"""How long a peer may leave what it was sent unacknowledged."""


def serve(chosen: Settings) -> None:
    """Serves until it is told to stop, in as many processes as the settings say."""
    config = uvicorn.Config(
        "server:create_app",
        factory=True,
        workers=chosen.workers,
        log_level="warning",
        access_log=False,
        server_header=False,
        # The transports read X-Forwarded-For themselves, from trusted proxies only.
        proxy_headers=False,
        http=HttpProtocol,
        ws=WebSocketProtocol,
        ws_max_size=MAX_FRAME_BYTES,
        ws_per_message_deflate=False,
        # The transports ping, and know who does not answer.
        ws_ping_interval=None,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    sockets = [listening_socket(chosen.host, chosen.port)]
    if chosen.workers > 1:
        Multiprocess(config, sockets=sockets).run()
    else:
        uvicorn.Server(config).run(sockets=sockets)


def listening_socket(host: str, port: int) -> socket.socket:
    """A socket of our own, because asyncio turns Nagle's delay off only where the protocol is named.

    Ends with one line.
    """
    try:
        family, kind, proto, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP, flags=socket.AI_PASSIVE
        )[0]
        opened = socket.socket(family, kind, proto)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if sys.platform == "linux":
            # Connections inherit it; without, a client that vanished pins its socket for a quarter of an hour.
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SILENT_SECONDS * 1000)
        opened.bind(address)
    except OSError as error:
        fail(f"PARLEY_HOST and PARLEY_PORT: {host}:{port} can't be listened on: {error.strerror}")
    opened.set_inheritable(True)
    return opened

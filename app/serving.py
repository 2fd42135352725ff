"""Serving: uvicorn with Parley's protocols, on a listening socket that Parley opens itself."""

import socket
import sys

import uvicorn
from uvicorn.supervisors import Multiprocess

from app.settings import Settings, fail
from transports.protocol import MAX_FRAME_BYTES, HttpProtocol, WebSocketProtocol

GRACE_SECONDS = 6
SILENT_SECONDS = 10
"""How long sent bytes may stay unacknowledged before the kernel closes the connection (TCP_USER_TIMEOUT)."""


def serve(chosen: Settings) -> None:
    """Serves until a signal stops it, in `workers` processes."""
    config = uvicorn.Config(
        "server:create_app",
        factory=True,
        workers=chosen.workers,
        log_level="warning",
        # uvicorn's records are written as all others are.
        log_config=None,
        access_log=False,
        server_header=False,
        # The transports read X-Forwarded-For themselves, from trusted proxies only.
        proxy_headers=False,
        http=HttpProtocol,
        ws=WebSocketProtocol,
        ws_max_size=MAX_FRAME_BYTES,
        ws_per_message_deflate=False,
        # The transports send pings themselves and close connections that do not answer.
        ws_ping_interval=None,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    sockets = [listening_socket(chosen.host, chosen.port)]
    if chosen.workers > 1:
        Multiprocess(config, sockets=sockets).run()
    else:
        uvicorn.Server(config).run(sockets=sockets)


def listening_socket(host: str, port: int) -> socket.socket:
    """Opens the listening socket. An address that can't be bound ends the program with one line.

    It names its protocol (IPPROTO_TCP), since asyncio sets TCP_NODELAY only on sockets that do.
    """
    try:
        family, kind, proto, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP, flags=socket.AI_PASSIVE
        )[0]
        opened = socket.socket(family, kind, proto)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if sys.platform == "linux":
            # Accepted connections inherit it. Without it a vanished client keeps its socket for 15 minutes.
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SILENT_SECONDS * 1000)
        opened.bind(address)
    except OSError as error:
        fail(f"PARLEY_HOST and PARLEY_PORT: Can't listen on {host}:{port}: {error.strerror}. Choose a free address.")
    opened.set_inheritable(True)
    return opened

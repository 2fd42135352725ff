"""Texts that are made already, sent by picows: the limit of a websocket server for Python."""

import asyncio
import os

import uvloop
from picows import WSListener, WSMsgType, WSTransport, ws_create_server

from bench.peers.python.control import Control
from bench.peers.python.events import next_message

_transports: set[WSTransport] = set()


class Follower(WSListener):
    """One connection."""

    def on_ws_connected(self, transport: WSTransport) -> None:
        _transports.add(transport)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        _transports.discard(transport)


async def main() -> None:
    """Serves until the process receives a signal to end."""
    server = await ws_create_server(lambda _request: Follower(), os.environ["HOST"], int(os.environ["PORT"]))
    await Control(make=next_message, publish=_publish, followers=_count).listen()
    await server.serve_forever()


async def _publish(message: bytes) -> None:
    for transport in _transports:
        transport.send(WSMsgType.TEXT, message)


async def _count() -> int:
    return len(_transports)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())

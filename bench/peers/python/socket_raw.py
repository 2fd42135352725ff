"""Whole frames that are made already, written by `socket.send` in a loop, without a handshake: the floor for Python."""

import asyncio
import os
import socket

from bench.peers.python.control import Control
from bench.peers.python.events import next_message

_BACKLOG = 1024
_followers: set[socket.socket] = set()


async def main() -> None:
    """Serves until the process receives a signal to end."""
    loop = asyncio.get_running_loop()
    await Control(make=_frame, publish=_publish, followers=_count).listen()
    with socket.create_server((os.environ["HOST"], int(os.environ["PORT"])), backlog=_BACKLOG) as server:
        server.setblocking(False)
        while True:
            follower, _ = await loop.sock_accept(server)
            follower.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            _followers.add(follower)
            # They say nothing: what can be read is that they leave.
            loop.add_reader(follower, _left, follower)


def _left(follower: socket.socket) -> None:
    asyncio.get_running_loop().remove_reader(follower)
    _followers.discard(follower)
    follower.close()


async def _frame() -> bytes:
    message = await next_message()
    return b"\x81\x7e" + len(message).to_bytes(2, "big") + message


async def _publish(frame: bytes) -> None:
    for follower in _followers:
        follower.send(frame)


async def _count() -> int:
    return len(_followers)


if __name__ == "__main__":
    asyncio.run(main())

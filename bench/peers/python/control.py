"""How a bench makes a server publish: on a port of its own, a command a line, each answered by a number.

`prepare N` makes the next N events, so that to publish them is all that is left to do; `publish` publishes them one
after the other, and its answer is the moment it began, in ns of the clock that all processes of a machine share;
`followers` counts those who listen.
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Control(Generic[T]):
    """Takes the commands and hands them on."""

    def __init__(
        self,
        *,
        make: Callable[[], Awaitable[T]],
        publish: Callable[[T], Awaitable[None]],
        followers: Callable[[], Awaitable[int]],
    ) -> None:
        self._make = make
        self._publish = publish
        self._followers = followers
        self._made: list[T] = []
        self._listening: asyncio.Server | None = None

    async def listen(self) -> None:
        """Takes commands from now on, at the port that the environment names."""
        port = int(os.environ["CONTROL_PORT"])
        self._listening = await asyncio.start_server(self._serve, os.environ["HOST"], port)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(b"%d\n" % await self._obey(*line.decode().split()))
        writer.close()

    async def _obey(self, command: str, count: str = "0") -> int:
        if command == "prepare":
            self._made = [await self._make() for _ in range(int(count))]
            return len(self._made)
        if command == "publish":
            began = time.monotonic_ns()
            for made in self._made:
                await self._publish(made)
            return began
        return await self._followers()

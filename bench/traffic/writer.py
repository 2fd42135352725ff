"""Writes replies beside the server that is measured, in a process of its own, at a steady rate.

On `write RATE EXCEPT` it prints 0 and begins to add replies by the use case that addReply calls, to discussions by
Zipf's law but never to EXCEPT (0 for none). On `rest` it ends, waits for the writes under way, and prints how many it
committed.
"""

import asyncio
import contextlib
import os
import sys
from itertools import count
from random import Random

import uvloop

from bench import prose
from bench.traffic.readers import ranked, zipf
from db.database import Database
from forum.replies import AddReply, add_reply
from forum.use_cases import Actor, Forum

_USERS = 200
_TEXTS = 200


class Writer:
    """Adds replies until it is to rest."""

    def __init__(self, forum: Forum, discussions: int) -> None:
        self._forum = forum
        self._numbers, self._weights = ranked(discussions), zipf(discussions)
        self._random = random = Random("writer")
        self._texts = [prose.body(random, prose.paragraphs(random)) for _ in range(_TEXTS)]
        self._written = count(1)

    async def write(self, per_second: float, spared: int, stop: asyncio.Event) -> int:
        """Writes until it is to stop; returns how many replies were committed. Raises what a write raised."""
        start, begun = asyncio.get_running_loop().time(), set[asyncio.Task[object]]()
        for turn in count():
            with contextlib.suppress(TimeoutError):
                # The first half an interval after the beginning, so that a short turn has its share.
                async with asyncio.timeout_at(start + (turn + 0.5) / per_second):
                    await stop.wait()
            if stop.is_set():
                break
            begun.add(asyncio.create_task(self._add(spared)))
        return len(await asyncio.gather(*begun))

    async def _add(self, spared: int) -> object:
        number = spared
        while number == spared:
            (number,) = self._random.choices(self._numbers, cum_weights=self._weights)
        actor = Actor(self._random.randint(1, _USERS))
        body = f"{self._random.choice(self._texts)}\n\nNo. {next(self._written)}"
        return await add_reply(self._forum, actor, AddReply(discussion_id=number, body=body))


async def main() -> None:
    """Obeys until its input ends."""
    commands = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    async with Database(os.environ["DATABASE_URL"]) as database:
        writer = Writer(Forum(database), int(os.environ["DISCUSSIONS"]))
        stop, writing = asyncio.Event(), set[asyncio.Task[int]]()
        while line := await commands.readline():
            command, *values = line.decode().split()
            if command == "write":
                _answer(0)
                writing.add(asyncio.create_task(writer.write(float(values[0]), int(values[1]), stop)))
            else:
                stop.set()
                _answer(await writing.pop())
                stop.clear()


def _answer(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())

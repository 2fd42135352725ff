"""Writes replies beside a Parley, so that what its process spends on an event is the delivery alone.

A process of its own, on the database and the bus of the Parley that is measured. On `prepare` it commits replies
with the use case that addReply calls, and holds their notifications back. On `publish` it sends them.
"""

import asyncio
import os
import re
import urllib.request

import uvloop

from bench import data
from bench.peers.python.control import Control
from db.database import Database
from forum.replies import AddReply, add_reply
from forum.use_cases import Actor, Forum
from live.bus import Bus

BODY = (
    "Whoever follows this discussion hears of this reply once and in its place,"
    " whatever else happens on the way there and back again."
)
_AUTHOR = 2
_FOLLOWERS = re.compile(r"^parley_followers (\d+)", re.MULTILINE)

LogHead = tuple[int, int]
"""A discussion, and the number of the last event in its log."""


async def main() -> None:
    """Obeys until the process receives a signal to end."""
    committed: list[LogHead] = []
    bus = Bus(os.environ["BUS_URL"])
    await bus.start()
    async with Database(os.environ["DATABASE_URL"], notify=lambda *head: committed.append(head)) as database:
        forum, actor, command = Forum(database), Actor(_AUTHOR), AddReply(discussion_id=data.NUMBER, body=BODY)

        async def write() -> LogHead:
            await add_reply(forum, actor, command)
            return committed.pop()

        async def publish(head: LogHead) -> None:
            bus.notify(*head)

        await Control(make=write, publish=publish, followers=_followers).listen()
        await asyncio.Event().wait()


async def _followers() -> int:
    metrics = await asyncio.to_thread(_metrics)
    found = _FOLLOWERS.search(metrics)
    if found is None:
        raise LookupError("Parley's metrics do not count followers.")
    return int(found[1])


def _metrics() -> str:
    with urllib.request.urlopen(f"{os.environ['PARLEY_URL']}/metrics", timeout=60) as answer:  # noqa: S310 - our own
        return bytes(answer.read()).decode()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())

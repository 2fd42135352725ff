"""Servers with a bug each, to see that a run finds it: `python -m tests.faults.bugs NAME` serves."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from typing import NoReturn

from app.commands.serving import serve
from db import idempotency
from live.cursors import Cursor
from live.follower import Batch
from live.hub import Hub


def no_poll() -> None:
    """Nothing but bells makes it look."""

    async def poll(_hub: Hub) -> NoReturn:
        while True:
            await asyncio.sleep(3600)

    Hub._poll = poll  # type: ignore[method-assign,assignment]


def resumption_skips_one() -> None:
    """Who comes back with a cursor hears from the event after the next one on."""
    follow = Hub.follow

    async def skipping(hub: Hub, discussion_id: int, after: Cursor | None = None) -> AsyncGenerator[Batch, None]:
        resumes = after is not None and after.number > 0
        async for batch in follow(hub, discussion_id, after):
            if resumes and batch.events:
                resumes = False
                yield Batch(batch.events[1:], batch.cursor, batch.caught_up)
            else:
                yield batch

    Hub.follow = skipping  # type: ignore[method-assign,assignment]


def keys_are_not_kept() -> None:
    """A repeat is written again."""

    async def claim(*_: object) -> None:
        """Claims nothing, so that no outcome can be kept either."""

    idempotency.claim = claim  # type: ignore[assignment]


BUGS = {bug.__name__: bug for bug in (no_poll, resumption_skips_one, keys_are_not_kept)}


if __name__ == "__main__":
    BUGS[sys.argv[1]]()
    serve(demo_data=False)

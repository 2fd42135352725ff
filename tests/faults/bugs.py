"""Servers with a bug each, to see that a run finds it: `python -m tests.faults.bugs NAME` serves."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from typing import Any, NoReturn

from app.commands.serving import serve
from db import idempotency
from db.database import Transaction
from db.kinds import EventKind
from db.statements import WriteStatement
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


def updates_are_not_fed() -> None:
    """What becomes of a discussion itself is in its log, and not in the feed."""
    run_many = Transaction.run_many
    updating: set[int] = set()

    async def some(tx: Transaction, command: WriteStatement, parameters: list[dict[str, Any]]) -> None:
        if any(each.get("kind") == EventKind.DISCUSSION_UPDATED for each in parameters):
            updating.add(id(tx))
        if id(tx) in updating and parameters and "source_number" in parameters[0]:
            updating.remove(id(tx))
        else:
            await run_many(tx, command, parameters)

    Transaction.run_many = some  # type: ignore[method-assign,assignment]


def keys_are_not_kept() -> None:
    """A repeat is written again."""

    async def claim(*_: object) -> None:
        """Claims nothing, so that no outcome can be kept either."""

    idempotency.claim = claim  # type: ignore[assignment]


BUGS = {bug.__name__: bug for bug in (no_poll, resumption_skips_one, updates_are_not_fed, keys_are_not_kept)}


if __name__ == "__main__":
    BUGS[sys.argv[1]]()
    serve(demo_data=False)

"""A follower whose cursor can't be honoured is told to fetch anew, and never passes over anything in silence."""

import secrets
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import bindparam, delete, func, select, update

import db.events
from db.database import Database, Transaction
from db.statements import WriteStatement
from db.tables import events, feed, log_heads, outbox
from tests.support.http import Data, People, Person
from tests.support.servers import Parley
from tests.support.websocket import EVENTS, REPLIES, following, numbers

pytestmark = pytest.mark.anyio

_forget_events = WriteStatement(
    delete(events).where(events.c.log_id == bindparam("discussion"), events.c.number > bindparam("number"))
)
_forget_fed = [
    WriteStatement(delete(table).where(log == bindparam("discussion"), number > bindparam("number")))
    for table, log, number in (
        (outbox, outbox.c.source_log_id, outbox.c.source_number),
        (feed, feed.c.log_id, feed.c.number),
    )
]
_set_head = WriteStatement(
    update(log_heads)
    .where(log_heads.c.log_id == bindparam("discussion"))
    .values(
        last_event=bindparam("number"),
        last_epoch=func.coalesce(
            select(events.c.epoch)
            .where(events.c.log_id == bindparam("discussion"), events.c.number == bindparam("number"))
            .scalar_subquery(),
            log_heads.c.epoch,
        ),
    )
)
_rewrite = WriteStatement(
    update(events)
    .where(events.c.log_id == bindparam("discussion"), events.c.number >= bindparam("number"))
    .values(epoch=bindparam("epoch"))
)
_rewrite_head = WriteStatement(
    update(log_heads).where(log_heads.c.log_id == bindparam("discussion")).values(last_epoch=bindparam("epoch"))
)
_begin_anew = WriteStatement(
    update(log_heads).where(log_heads.c.log_id == bindparam("discussion")).values(epoch=bindparam("epoch"))
)
_restart = WriteStatement(
    update(events)
    .where(events.c.log_id == bindparam("discussion"), events.c.number == bindparam("number"))
    .values(epoch=bindparam("epoch"))
)
_end_anew = WriteStatement(
    update(log_heads)
    .where(log_heads.c.log_id == bindparam("discussion"), log_heads.c.last_event == bindparam("number"))
    .values(last_epoch=bindparam("epoch"))
)


class Restored:
    """The server's database, changed behind its back as a backup that is restored changes it."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def to(self, discussion: str, number: int) -> None:
        """What came after event `number` is gone. Numbers are those of `numbers`."""
        where = {"discussion": int(discussion[2:]), "number": number + 1}
        await self._run((_forget_events, where), (_set_head, where), *[(forget, where) for forget in _forget_fed])

    async def rewritten(self, discussion: str, number: int) -> None:
        """The events from `number` on are others of the same numbers."""
        where = {"discussion": int(discussion[2:]), "number": number + 1, "epoch": b"rewriten"}
        await self._run((_rewrite, where), (_rewrite_head, where))

    async def begun_anew(self, discussion: str) -> None:
        """It is another discussion of the same number, as far as its beginning goes."""
        where = {"discussion": int(discussion[2:]), "number": 1, "epoch": b"begunnew"}
        await self._run((_begin_anew, where), (_restart, where), (_end_anew, where))

    async def trimmed(self, discussion: str, floor: int) -> None:
        await self._run((db.events.set_floor, {"log": int(discussion[2:]), "floor": floor + 1}))

    async def _run(self, *commands: tuple[WriteStatement, dict[str, Any]]) -> None:
        await self.database.write(lambda tx: self._all(tx, commands))

    @staticmethod
    async def _all(tx: Transaction, commands: tuple[tuple[WriteStatement, dict[str, Any]], ...]) -> None:
        for command, parameters in commands:
            await tx.run(command, **parameters)


@pytest.fixture
async def restored(site: Parley) -> AsyncIterator[Restored]:
    async with Database(str(site.settings["database_url"])) as opened:
        yield Restored(opened)


def page(asks: Person, discussion: str, after: str) -> Data:
    """The first page of events after a cursor."""
    query = """query ($id: ID!, $after: String!) { discussion(id: $id) { events(after: $after) {
      nodes { eventNumber } pageInfo { endCursor hasNextPage } resyncRequired { __typename cursor reason } } } }"""
    found: Data = asks.ask(query, id=discussion, after=after)["discussion"]["events"]
    return found


async def is_told(site: Parley, asks: Person, discussion: str, after: str, reason: str) -> None:
    """Checks all three ways to go on from a cursor: none goes on, and each says why."""
    told = {"__typename": "ResyncRequired", "cursor": after, "reason": reason}
    async with following(site, EVENTS, discussion, after) as follower:
        assert await follower.item() == told
        await follower.completed()
    async with following(site, REPLIES, discussion, after) as follower:
        error = await follower.error()
        assert error["extensions"] == {"code": "RESYNC_REQUIRED", "reason": reason}
    assert page(asks, discussion, after) == {
        "nodes": [],
        "pageInfo": {"endCursor": after, "hasNextPage": False},
        "resyncRequired": told,
    }


async def goes_on(site: Parley, asks: Person, discussion: str, after: str, *expected: int) -> None:
    """Checks that a cursor brings these events, all three ways."""
    async with following(site, EVENTS, discussion, after) as follower:
        assert numbers(await follower.replayed()) == list(expected)
    async with following(site, REPLIES, discussion, after) as follower:
        assert numbers(await follower.items(len(expected))) == list(expected)
    assert numbers(page(asks, discussion, after)["nodes"]) == list(expected)


def cursors(asks: Person, discussion: str, replies: int) -> list[str]:
    """Adds replies; gives the cursors from before the first to after the last."""
    words = (secrets.token_hex(4) for _ in range(replies))
    added = (asks.write("addReply", discussionId=discussion, body=body)["eventCursor"] for body in words)
    return [asks.cursor(discussion), *added]


async def test_a_cursor_below_the_floor_needs_a_resync_for_a_trimmed_log(
    site: Parley, crowd: People, restored: Restored
) -> None:
    ada = crowd()
    discussion = ada.start()
    after = cursors(ada, discussion, 4)
    await restored.trimmed(discussion, 3)
    for cursor in after[:3]:
        await is_told(site, ada, discussion, cursor, "LOG_TRIMMED")
    await goes_on(site, ada, discussion, after[3], 4)
    await goes_on(site, ada, discussion, after[4])


async def test_a_cursor_past_a_restored_backup_needs_a_resync(site: Parley, crowd: People, restored: Restored) -> None:
    ada = crowd()
    discussion = ada.start()
    after = cursors(ada, discussion, 4)
    await restored.to(discussion, 2)
    for cursor in after[3:]:
        await is_told(site, ada, discussion, cursor, "HISTORY_CHANGED")
    await goes_on(site, ada, discussion, after[2])
    # Other events take the numbers that were lost.
    again = cursors(ada, discussion, 3)
    for cursor in after[3:]:
        await is_told(site, ada, discussion, cursor, "HISTORY_CHANGED")
    await goes_on(site, ada, discussion, after[1], 2, 3, 4, 5)
    await goes_on(site, ada, discussion, again[2], 5)


async def test_a_cursor_of_rewritten_events_needs_a_resync(site: Parley, crowd: People, restored: Restored) -> None:
    ada = crowd()
    discussion = ada.start()
    after = cursors(ada, discussion, 4)
    await restored.rewritten(discussion, 3)
    for cursor in after[3:]:
        await is_told(site, ada, discussion, cursor, "HISTORY_CHANGED")
    await goes_on(site, ada, discussion, after[2], 3, 4)


async def test_a_cursor_of_a_recreated_discussion_needs_a_resync(
    site: Parley, crowd: People, restored: Restored
) -> None:
    ada = crowd()
    discussion = ada.start()
    beginning, first = cursors(ada, discussion, 1)
    await restored.begun_anew(discussion)
    await is_told(site, ada, discussion, beginning, "HISTORY_CHANGED")
    await goes_on(site, ada, discussion, first)


async def test_the_poll_sends_connected_followers_a_resync(site: Parley, crowd: People, restored: Restored) -> None:
    ada = crowd()
    lost, rewritten, begun = ada.start(), ada.start(), ada.start()
    for discussion in (lost, rewritten):
        cursors(ada, discussion, 3)
    now = {discussion: ada.cursor(discussion) for discussion in (lost, rewritten, begun)}
    async with (
        following(site, EVENTS, lost, now[lost]) as one,
        following(site, EVENTS, rewritten, now[rewritten]) as two,
        following(site, EVENTS, begun, now[begun]) as three,
        following(site, REPLIES, lost, now[lost]) as four,
    ):
        followers = {one: lost, two: rewritten, three: begun}
        for follower in followers:
            assert await follower.replayed() == []
        await restored.to(lost, 2)
        await restored.rewritten(rewritten, 3)
        await restored.begun_anew(begun)
        for follower, discussion in followers.items():
            told = {"__typename": "ResyncRequired", "cursor": now[discussion], "reason": "HISTORY_CHANGED"}
            assert await follower.item() == told
            await follower.completed()
        assert (await four.error())["extensions"] == {"code": "RESYNC_REQUIRED", "reason": "HISTORY_CHANGED"}
    await goes_on(site, ada, begun, ada.cursor(begun))


async def test_a_connected_follower_gets_no_event_of_another_history(
    site: Parley, crowd: People, restored: Restored
) -> None:
    ada = crowd()
    discussion = ada.start()
    after = cursors(ada, discussion, 3)
    async with following(site, EVENTS, discussion, after[1]) as follower:
        assert numbers(await follower.replayed()) == [2, 3]
        await restored.to(discussion, 2)
        again = cursors(ada, discussion, 2)
        told = await follower.item()
        assert told == {"__typename": "ResyncRequired", "cursor": after[3], "reason": "HISTORY_CHANGED"}
        # Who fetched anew follows the new history, though the old follower is still there.
        async with following(site, EVENTS, discussion, again[0]) as refreshed:
            assert numbers(await refreshed.replayed()) == [3, 4]
            ada.reply(discussion)
            assert numbers([await refreshed.item()]) == [5]
        await follower.completed()

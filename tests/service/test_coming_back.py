"""A follower is cut again and again while several people write: nothing is lost, doubled or out of order."""

import asyncio
import random
from functools import partial
from typing import Any

import pytest

from tests.node import npm
from tests.servers import Parley
from tests.service.asking import People, Person
from tests.service.cable import Cable
from tests.service.following import EVENTS, REPLIES, following, until

pytestmark = pytest.mark.anyio

WRITERS = 4
REPLIES_EACH = 30
CUTS = 3
PATIENCE_SECONDS = 60
BYTES_BETWEEN_CUTS = 3_000
"""Some ten replies."""


async def write(people: People, discussion: str, replies_each: int = REPLIES_EACH) -> None:
    """Several people reply at the same time, each one reply after the other."""

    def replies(person: Person) -> None:
        for turn in range(replies_each):
            person.reply(discussion, f"Reply {turn} of {person.name}.")

    await asyncio.gather(*(asyncio.to_thread(replies, people()) for _ in range(WRITERS)))


def carried_more(cable: Cable, than: int) -> bool:
    return cable.carried > than


async def hear(parley: Parley, document: str, discussion: str, after: str, last: int) -> tuple[list[int], int]:
    """Follows to the event `last`, cut after every few frames; gives the number of each raw frame, and the cuts.

    What a frame says is handled as it comes; the cursor of the last one handled goes into the next attempt.
    """
    chance = random.Random(last)
    heard: list[int] = []
    cuts = 0
    while not heard or heard[-1] < last:
        async with following(parley, document, discussion, after) as follower:
            for _ in range(chance.randrange(1, 12)):
                item = await follower.item()
                after = item["cursor"]
                if item["__typename"] == "ReplyAdded":
                    heard.append(item["eventNumber"])
                if heard and heard[-1] == last:
                    break
            # Frames that were received and not handled are never looked at.
            follower.cut()
            cuts += 1
    return heard, cuts


async def test_a_follower_that_is_cut_in_a_loop_hears_each_reply_once_and_in_order(
    parley: Parley, people: People
) -> None:
    discussion = people().start()
    after = people.reader.cursor(discussion)
    last = WRITERS * REPLIES_EACH
    hearing = (hear(parley, document, discussion, after, last) for document in (EVENTS, REPLIES, EVENTS, REPLIES))
    async with asyncio.timeout(PATIENCE_SECONDS):
        followed, _ = await asyncio.gather(asyncio.gather(*hearing), write(people, discussion))
    for heard, cuts in followed:
        assert heard == list(range(1, last + 1))
        assert cuts > 5


@pytest.mark.node
async def test_graphql_ws_that_is_cut_three_times_hears_each_reply_once_and_in_order(
    parley: Parley, people: People
) -> None:
    await asyncio.to_thread(npm.install)
    discussion = people().start()
    after = people.reader.cursor(discussion)
    each = REPLIES_EACH // (CUTS + 1)
    last = WRITERS * each * (CUTS + 1)
    cable = Cable(parley)
    async with asyncio.timeout(PATIENCE_SECONDS), cable.plugged():
        client = npm.start("resume.mjs", cable.ws_url, REPLIES, discussion, after, str(last))
        finished = asyncio.create_task(asyncio.to_thread(npm.finish, client))
        for _ in range(CUTS):
            carried = cable.carried + BYTES_BETWEEN_CUTS
            # There is always more to come after a cut, however slow this process is to make it.
            writing = asyncio.create_task(write(people, discussion, each))
            await until(partial(carried_more, cable, carried), "replies to come")
            cable.pull()
            await writing
        await write(people, discussion, each)
        followed: Any = await finished
    assert followed["numbers"] == list(range(1, last + 1))
    # Raw frames: those that came are those that were handled, and the client was cut as often as the cable was pulled.
    assert followed["frames"] == last
    assert len([code for code in followed["codes"] if code == 1006]) == CUTS

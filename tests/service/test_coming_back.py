"""A follower that is cut again and again while several users write misses, repeats and reorders nothing."""

import asyncio
import random

import pytest

from tests.support.http import People, Person
from tests.support.servers import Parley
from tests.support.timeouts import SCENARIO_SECONDS
from tests.support.websocket import EVENTS, REPLIES, following, numbers

pytestmark = pytest.mark.anyio

WRITERS = 4
REPLIES_EACH = 30


async def write(people: People, discussion: str) -> None:
    """Several people reply at the same time, each one reply after the other."""

    def replies(person: Person) -> None:
        for turn in range(REPLIES_EACH):
            person.reply(discussion, f"Reply {turn} of {person.name}.")

    await asyncio.gather(*(asyncio.to_thread(replies, people()) for _ in range(WRITERS)))


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
                    heard += numbers([item])
                if heard and heard[-1] == last:
                    break
            # Frames that were received and not handled are never looked at.
            follower.cut()
            cuts += 1
    return heard, cuts


async def test_a_follower_cut_in_a_loop_gets_each_reply_once_and_in_order(parley: Parley, people: People) -> None:
    discussion = people().start()
    after = people.reader.cursor(discussion)
    last = WRITERS * REPLIES_EACH
    hearing = (hear(parley, document, discussion, after, last) for document in (EVENTS, REPLIES, EVENTS, REPLIES))
    async with asyncio.timeout(SCENARIO_SECONDS):
        followed, _ = await asyncio.gather(asyncio.gather(*hearing), write(people, discussion))
    for heard, cuts in followed:
        assert heard == list(range(1, last + 1))
        assert cuts > 5

"""Followers who share executions: what is one's own stays one's own, and nobody is shown what was deleted before."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from tests.support.http import People
from tests.support.servers import Parley
from tests.support.websocket import EVENTS, following, numbers

pytestmark = pytest.mark.anyio

FOLLOWERS = 12
WORDS = 24


async def test_a_shared_execution_shows_a_client_mutation_id_to_its_sender_only(parley: Parley, people: People) -> None:
    ada, ben = people(), people()
    discussion = ada.start()
    async with AsyncExitStack() as stack:
        followers = {
            (person.handle if person else None, at): await stack.enter_async_context(
                following(parley, EVENTS, discussion, token=person.token if person else None)
            )
            for person in (ada, ben, None)
            for at in range(FOLLOWERS)
        }
        for follower in followers.values():
            await follower.replayed()
        writers = [ada, ben, ben, ada, ben]
        for number, writer in enumerate(writers, 1):
            await asyncio.to_thread(writer.reply, discussion, clientMutationId=f"key-{number}")
        for (handle, _), follower in followers.items():
            items = await follower.items(len(writers))
            assert numbers(items) == [1, 2, 3, 4, 5]
            expected = [f"key-{at}" if writer.handle == handle else None for at, writer in enumerate(writers, 1)]
            assert [item["clientMutationId"] for item in items] == expected


async def test_a_follower_that_joins_after_a_deletion_never_gets_the_words(parley: Parley, people: People) -> None:
    ada = people()
    discussion = ada.start()
    beginning = ada.cursor(discussion)
    words = [f"canary{at}x" for at in range(WORDS)]
    replies = [ada.reply(discussion, body=word) for word in words]
    gone: list[str] = []

    async def delete() -> None:
        for word, reply in zip(words, replies, strict=True):
            await asyncio.to_thread(ada.delete, reply)
            gone.append(word)

    async def catch_up() -> None:
        before = list(gone)
        async with following(parley, EVENTS, discussion, beginning) as follower:
            heard = str(await follower.replayed())
        assert [word for word in before if word in heard] == []

    async def come_and_go() -> None:
        while len(gone) < WORDS:
            await catch_up()
        await catch_up()

    await asyncio.gather(delete(), *[come_and_go() for _ in range(6)])
    assert len(gone) == WORDS

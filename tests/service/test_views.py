"""Views: counted once for each viewer or address in half an hour, some moments later."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from db import discussions, users, views
from db.database import Database, Transaction
from tests.db import writing
from tests.support.backends import Backend
from tests.support.http import People, Person, people_of
from tests.support.servers import JWT_SECRET, Parley
from tests.support.waiting import eventually


@pytest.fixture(scope="module")
def proxied(backend: Backend) -> Iterator[People]:
    """People at a server behind a proxy that it trusts."""
    server = Parley.start(
        database_url=backend.migrated_database(),
        bus_url=backend.bus_url,
        jwt_secret=JWT_SECRET,
        trusted_proxies="127.0.0.1",
    )
    with people_of(server) as made:
        yield made
    server.stop()


def count(asks: Person, discussion: str) -> int:
    views: int = asks.node(discussion, "... on Discussion { viewCount }")["viewCount"]
    return views


def test_a_view_counts_once_for_each_user_and_each_reader_address(proxied: People) -> None:
    ada, grace = proxied.several("Ada", "Grace")
    discussion = ada.start()
    for _ in range(2):
        for who in (
            ada,
            grace.at("192.0.2.1"),
            grace.at("192.0.2.2"),
            *map(proxied.reader.at, ("192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2", "2001:db8::ffff:1")),
        ):
            payload = who.write("recordView", discussionId=discussion, clientMutationId="given back")
            assert payload["clientMutationId"] == "given back" and payload["discussion"]["id"] == discussion
    eventually(lambda: count(ada, discussion) >= 5, "five views")
    # All that was seen before the other discussion has been flushed with it.
    for who in (ada, grace, proxied.reader.at("192.0.2.2")):
        who.write("recordView", discussionId=discussion)
    other = ada.start()
    ada.write("recordView", discussionId=other)
    eventually(lambda: count(ada, other) == 1, "the flush")
    # A /64 network of IPv6 is one reader.
    assert count(ada, discussion) == 5


def test_a_view_costs_the_viewer_no_write_of_the_limits(proxied: People) -> None:
    ada = proxied()
    discussion = ada.start()
    for _ in range(70):
        ada.write("recordView", discussionId=discussion)
    assert ada.reply(discussion)


def test_a_deleted_discussion_cannot_be_viewed(proxied: People) -> None:
    ada = proxied()
    discussion = ada.start()
    ada.write("deleteDiscussion", discussionId=discussion)
    assert proxied.reader.refused("recordView", discussionId=discussion) == {
        "__typename": "DiscussionNotFound",
        "code": "DISCUSSION_NOT_FOUND",
        "path": ["input", "discussionId"],
    }


@pytest.mark.anyio
async def test_a_viewer_counts_again_after_half_an_hour(database: Database) -> None:
    async def start(tx: Transaction) -> int:
        ada = await users.add_user(tx, users.Person(handle="ada", name="Ada"))
        return await writing.start_discussion(tx, ada)

    discussion = await database.write(start)

    async def flush_after(minutes: float, *looks: bytes) -> int:
        async def flush(tx: Transaction) -> None:
            tx.at += timedelta(minutes=minutes)
            await views.flush(tx, [(discussion, viewer) for viewer in looks])

        await database.write(flush)
        row: Any = await database.row(discussions.by_ids, ids=[discussion])
        return int(row.view_count)

    assert await flush_after(0, b"ada", b"grace", b"ada") == 2
    assert await flush_after(29, b"ada", b"grace") == 2
    assert await flush_after(30.1, b"ada") == 3
    assert await flush_after(31, b"ada", b"grace") == 4
    assert await flush_after(60.2, b"ada") == 5

    async def forget(tx: Transaction) -> None:
        tx.at += timedelta(minutes=70)
        await views.forget(tx)

    await database.write(forget)
    assert await flush_after(70, b"grace", b"ada") == 6

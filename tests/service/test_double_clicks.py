"""A button that is pressed twice: without a clientMutationId, the same words in the same place are written once."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import bindparam, select, update

import db.idempotency
from db.database import Database, Transaction
from db.rows import Row
from db.statements import Statement, WriteStatement
from db.tables import idempotency_keys as keys
from forum.use_cases import REPEATED_SECONDS
from tests.support.http import Data, People, Person, people_of, put, raced
from tests.support.servers import JWT_SECRET, Parley, PostgreSQL, Valkey

CLICKS = 16
REPLY = """mutation ($input: AddReplyInput!) { addReply(input: $input) {
    repeated eventCursor bodyChanged reply { id sequence state } errors { ... on MutationError { code } } } }"""
START = """mutation ($input: StartDiscussionInput!) { startDiscussion(input: $input) {
    repeated discussion { id } edge { node { id } } errors { ... on MutationError { code } } } }"""


def reply(asks: Person, discussion: str, body: str = "Once.", **more: Any) -> Data:
    payload: Data = asks.ask(REPLY, input={"discussionId": discussion, "body": body, **more})["addReply"]
    return payload


def start(asks: Person, title: str = "Title", body: str = "Once.", **more: Any) -> Data:
    payload: Data = asks.ask(START, input={"title": title, "body": body, **more})["startDiscussion"]
    return payload


def count(asks: Person, discussion: str) -> int:
    found: int = asks.node(discussion, "... on Discussion { replies { totalCount } }")["replies"]["totalCount"]
    return found


def started(asks: Person) -> int:
    query = "query ($handle: String!) { user(handle: $handle) { discussions { totalCount } } }"
    found: int = asks.ask(query, handle=asks.handle)["user"]["discussions"]["totalCount"]
    return found


def user_id(asks: Person) -> int:
    found: str = asks.ask("{ viewer { user { id } } }")["viewer"]["user"]["id"]
    return int(found.removeprefix("U_"))


class KeptRow(Row):
    """A key that was kept."""

    __slots__ = ()

    mutation: str
    key: str


_kept = Statement(select(keys.c.mutation, keys.c.key).where(keys.c.user_id == bindparam("user")), KeptRow)


def kept(parley: Parley, person: Person) -> list[KeptRow]:
    """The keys of a person in the database."""

    async def read() -> list[KeptRow]:
        async with Database(str(parley.settings["database_url"])) as database:
            return await database.rows(_kept, user=number)

    number = user_id(person)
    return asyncio.run(read())


def age(parley: Parley, person: Person, by: timedelta) -> None:
    """Makes the keys of a person older."""
    url = str(parley.settings["database_url"])
    to = bindparam("to", type_=keys.c.created_at.type)
    statement = WriteStatement(update(keys).where(keys.c.user_id == bindparam("user")).values(created_at=to))

    async def write(tx: Transaction) -> None:
        await tx.run(statement, user=number, to=tx.at - by)

    number = user_id(person)
    put(url, write)


def test_a_second_click_gets_the_first_reply(people: People) -> None:
    ada = people()
    discussion = ada.start()
    cursor = ada.cursor(discussion)
    first, *others = [reply(ada, discussion) for _ in range(3)]
    assert (first["repeated"], first["errors"]) == (False, [])
    assert others == [first | {"repeated": True}] * 2
    assert len(ada.events(discussion, cursor)) == count(ada, discussion) == 1
    # Numbers are as if nobody had clicked twice.
    assert reply(ada, discussion, "Another.")["reply"]["sequence"] == 2


def test_a_second_click_gets_the_first_discussion(people: People) -> None:
    ada = people()
    first, *others = [start(ada) for _ in range(3)]
    assert (first["repeated"], first["errors"]) == (False, [])
    assert others == [first | {"repeated": True}] * 2
    assert started(ada) == 1


def test_blanks_and_composed_letters_make_no_other_words(people: People) -> None:
    ada = people()
    discussion = ada.start()
    first = reply(ada, discussion, "Caf\u00e9 au lait.")["reply"]["id"]
    again = reply(ada, discussion, "  Cafe\u0301  au\nlait.\n")
    assert (again["reply"]["id"], again["repeated"]) == (first, True)
    first = start(ada, "Caf\u00e9")["discussion"]["id"]
    assert start(ada, " Cafe\u0301 ")["discussion"]["id"] == first


def test_other_words_place_or_person_are_no_second_click(people: People) -> None:
    ada, grace = people.several("Ada", "Grace")
    discussion, other = ada.start(), ada.start()
    parent = ada.reply(discussion, "A parent.")
    source = [{"sourceId": parent, "text": "A parent."}]
    made = [
        reply(ada, discussion),
        reply(grace, discussion),
        reply(ada, other),
        reply(ada, discussion, "once."),
        reply(ada, discussion, replyToId=parent),
        reply(ada, discussion, replyToId=parent, quotes=source),
        start(ada, categoryId=None),
        start(grace),
        start(ada, "Another title"),
        start(ada, body="Other words."),
    ]
    assert [payload["errors"] for payload in made] == [[]] * len(made)
    assert [payload["repeated"] for payload in made] == [False] * len(made)
    # Left out, null and the place of before are the same place.
    for again in (reply(ada, discussion, replyToId=parent, quotes=source), start(ada), reply(ada, discussion)):
        assert again["repeated"]


def test_a_repeat_under_a_key_says_so(people: People) -> None:
    ada = people()
    discussion = ada.start()
    answers = [reply(ada, discussion, clientMutationId="key") for _ in range(2)]
    assert [answer["repeated"] for answer in answers] == [False, True]
    assert [start(ada, clientMutationId="key")["repeated"] for _ in range(2)] == [False, True]
    # Under keys of their own, the same words are meant.
    assert not reply(ada, discussion, clientMutationId="other")["repeated"]
    assert not reply(ada, discussion)["repeated"]
    assert count(ada, discussion) == 3


@pytest.mark.parametrize("given", [{}, {"clientMutationId": "key"}], ids=["without a key", "under a key"])
def test_of_racing_clicks_one_is_written(people: People, given: Data) -> None:
    ada = people()
    discussion = ada.start()
    replies = raced([partial(reply, ada, discussion, **given)] * CLICKS)
    assert sorted(answer.pop("repeated") for answer in replies) == [False] + [True] * (CLICKS - 1)
    assert replies == [replies[0]] * CLICKS
    assert count(ada, discussion) == 1
    starts = raced([partial(start, ada, **given)] * CLICKS)
    assert sorted(answer["repeated"] for answer in starts) == [False] + [True] * (CLICKS - 1)
    assert len({answer["discussion"]["id"] for answer in starts}) == 1


def test_a_first_that_was_deleted_is_written_again(people: People) -> None:
    ada = people()
    discussion = ada.start()
    first = reply(ada, discussion)["reply"]
    ada.delete(first["id"])
    second, third = reply(ada, discussion), reply(ada, discussion)
    assert (second["repeated"], second["reply"]["state"]) == (False, "VISIBLE")
    assert second["reply"]["id"] != first["id"]
    assert third == second | {"repeated": True}
    gone = start(ada)["discussion"]["id"]
    ada.write("deleteDiscussion", discussionId=gone)
    assert [start(ada)["repeated"] for _ in range(2)] == [False, True]


def test_an_edited_first_is_answered_as_it_is_now(people: People) -> None:
    ada = people()
    discussion = ada.start()
    first = reply(ada, discussion)["reply"]["id"]
    ada.edit(first, "Other words.")
    again = reply(ada, discussion)
    assert (again["reply"]["id"], again["repeated"]) == (first, True)


def test_after_a_minute_the_same_words_are_a_new_post(people: People, parley: Parley) -> None:
    ada = people()
    discussion = ada.start(clientMutationId=None)
    assert not reply(ada, discussion)["repeated"]
    age(parley, ada, timedelta(seconds=REPEATED_SECONDS - 20))
    assert reply(ada, discussion)["repeated"]
    age(parley, ada, timedelta(seconds=REPEATED_SECONDS))
    assert [reply(ada, discussion)["repeated"] for _ in range(2)] == [False, True]
    # One row for the same words, however often they come.
    assert sorted(row.mutation.split()[0] for row in kept(parley, ada)) == ["addReply", "startDiscussion"]


def test_no_client_can_name_the_key_of_words(people: People, parley: Parley) -> None:
    ada = people()
    discussion = ada.start()
    first = reply(ada, discussion)["reply"]["id"]
    (key,) = [row.key for row in kept(parley, ada) if row.mutation.startswith("addReply")]
    named = reply(ada, discussion, clientMutationId=key)
    assert (named["repeated"], named["errors"]) == (False, [])
    assert named["reply"]["id"] != first
    assert reply(ada, discussion)["reply"]["id"] == first
    assert reply(ada, discussion, "Other words.", clientMutationId=key)["errors"] == [
        {"code": "IDEMPOTENCY_KEY_REUSED"}
    ]


def test_a_write_under_a_key_keeps_no_words(people: People, parley: Parley) -> None:
    ada = people()
    reply(ada, ada.start(), clientMutationId="key")
    assert sorted(row.mutation for row in kept(parley, ada)) == ["addReply", "startDiscussion"]


def test_the_keys_of_words_are_dropped_by_the_job(people: People, parley: Parley) -> None:
    ada, bo = people(), people("Bo")
    discussion = ada.start()
    for person in (ada, bo):
        reply(person, discussion)
        reply(person, discussion, clientMutationId="key")
    age(parley, ada, db.idempotency.WORDS_KEPT + timedelta(minutes=1))
    put(str(parley.settings["database_url"]), db.idempotency.forget)
    assert sorted(row.mutation for row in kept(parley, ada)) == ["addReply", "startDiscussion"]
    assert len(kept(parley, bo)) == 2


@pytest.fixture(scope="module")
def twins(postgresql: PostgreSQL, valkey: Valkey) -> Iterator[tuple[People, People]]:
    """People of two servers on one database, which takes PostgreSQL: SQLite is for one process."""
    url = postgresql.new_database()
    one, other = (Parley.start(database_url=url, bus_url=valkey.url, jwt_secret=JWT_SECRET) for _ in range(2))
    with people_of(one) as here, people_of(other) as there:
        yield here, there
    one.stop()
    other.stop()


def test_clicks_at_two_processes_at_once_make_one_post(twins: tuple[People, People]) -> None:
    here, there = twins
    ada = here()
    twin = Person(there.http, ada.token, ada.handle, ada.name)
    discussion = ada.start()
    for round_ in range(4):
        replies = raced([partial(reply, person, discussion, f"Round {round_}.") for person in (ada, twin)] * 4)
        assert sorted(answer["repeated"] for answer in replies) == [False] + [True] * 7
        starts = raced([partial(start, person, f"Round {round_}") for person in (ada, twin)] * 4)
        assert sorted(answer["repeated"] for answer in starts) == [False] + [True] * 7
    assert count(ada, discussion) == 4
    assert started(ada) == 5

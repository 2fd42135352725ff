"""One clientMutationId is one write: repeats, races, and another input under the same key."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support.http import Data, People, Person, key, people_of, raced
from tests.support.servers import JWT_SECRET, Parley, PostgreSQL, Valkey
from tests.support.websocket import numbers

RACERS = 64


def replies(asks: Person, discussion: str) -> int:
    count: int = asks.node(discussion, "... on Discussion { replies { totalCount } }")["replies"]["totalCount"]
    return count


def test_a_repeat_gives_the_same_objects_as_they_are_now(people: People) -> None:
    ada = people()
    given = {"title": "T", "body": "B", "clientMutationId": "start"}
    discussion = ada.write("startDiscussion", **given)["discussion"]["id"]
    assert ada.write("startDiscussion", **given)["discussion"]["id"] == discussion
    reply = {"discussionId": discussion, "body": "Words.", "clientMutationId": "reply"}
    first = ada.write("addReply", **reply)
    ada.edit(first["reply"]["id"], "Other words.", clientMutationId="edit")
    again = ada.write("addReply", **reply)
    assert again["reply"]["body"] == "Other words." and again["reply"]["id"] == first["reply"]["id"]
    assert again["eventCursor"] == first["eventCursor"]
    # An edit that is repeated is no conflict, though its version has passed.
    assert ada.edit(first["reply"]["id"], "Other words.", clientMutationId="edit")["version"] == 2
    for _ in range(2):
        assert ada.delete(first["reply"]["id"], clientMutationId="delete")["version"] == 3
    assert ada.write("addReply", **reply)["reply"]["state"] == "DELETED"
    # A second one would be listed.
    assert replies(ada, discussion) == 0


def test_racing_duplicates_make_one_row_and_get_the_same_answer(people: People) -> None:
    ada = people()
    discussion = ada.start()
    cursor = ada.cursor(discussion)
    given = {"discussionId": discussion, "body": "Once.", "clientMutationId": "once"}
    answers = raced([lambda: ada.payload("addReply", **given)] * RACERS)
    assert answers == [answers[0]] * RACERS
    assert answers[0]["errors"] == [] and answers[0]["reply"]["sequence"] == 1
    assert len(ada.events(discussion, cursor)) == replies(ada, discussion) == 1


def test_racing_edits_under_one_key_make_one_version(people: People) -> None:
    ada = people()
    reply = ada.reply(ada.start())
    given = {"replyId": reply, "expectedVersion": 1, "body": "Edited.", "clientMutationId": "once"}
    answers = raced([lambda: ada.payload("editReply", **given)] * 16)
    assert answers == [answers[0]] * 16
    assert answers[0]["errors"] == [] and answers[0]["reply"]["version"] == 2


def test_racing_starts_make_one_discussion(people: People) -> None:
    ada = people()
    given = {"title": "T", "body": "B", "clientMutationId": "once"}
    answers = raced([lambda: ada.payload("startDiscussion", **given)] * 16)
    assert answers == [answers[0]] * 16
    started = "query ($handle: String!) { user(handle: $handle) { discussions { totalCount } } }"
    assert ada.ask(started, handle=ada.handle)["user"]["discussions"]["totalCount"] == 1


def test_racing_writes_under_keys_of_their_own_are_numbered_without_a_gap(people: People) -> None:
    ada = people()
    discussion = ada.start()
    cursor = ada.cursor(discussion)
    writes = [lambda: ada.payload("addReply", discussionId=discussion, body="One of many.", **key())] * 32
    sequences = sorted(answer["reply"]["sequence"] for answer in raced(writes))
    assert sequences == list(range(1, 33))
    assert numbers(ada.events(discussion, cursor)) == sequences


def test_a_key_belongs_to_one_person_and_one_mutation(people: People) -> None:
    ada, grace = people.several("Ada", "Grace")
    discussion = ada.write("startDiscussion", title="T", body="B", clientMutationId="key")["discussion"]["id"]
    first = ada.reply(discussion, "Words.", clientMutationId="key")
    assert grace.reply(discussion, "Words.", clientMutationId="key") != first


def test_another_input_under_the_same_key_is_refused(people: People) -> None:
    ada = people()
    discussion, other = ada.start(), ada.start()
    ada.reply(discussion, "Words.", clientMutationId="key")
    for change in ({"body": "Other words."}, {"discussionId": other}, {"quotes": [{"sourceId": other, "text": "To"}]}):
        given: dict[str, Any] = {"discussionId": discussion, "body": "Words.", "clientMutationId": "key"} | change
        assert ada.refused("addReply", **given) == {
            "__typename": "IdempotencyKeyReused",
            "code": "IDEMPOTENCY_KEY_REUSED",
            "path": ["input", "clientMutationId"],
        }
    assert replies(ada, discussion) == 1 and replies(ada, other) == 0


def test_what_is_null_is_another_input_than_what_is_left_out(people: People) -> None:
    ada = people()
    given: dict[str, Any] = {"discussionId": ada.start(), "expectedVersion": 1, "title": "T", "clientMutationId": "key"}
    ada.write("editDiscussion", **given)
    # Null takes a discussion out of its category, and left out it stays.
    assert ada.refused("editDiscussion", **given, categoryId=None)["code"] == "IDEMPOTENCY_KEY_REUSED"


def test_of_racing_inputs_under_one_key_one_is_written(people: People) -> None:
    ada = people()
    discussion = ada.start()

    def write(body: str) -> Callable[[], Data]:
        return lambda: ada.payload("addReply", discussionId=discussion, body=body, clientMutationId="key")

    answers = raced([write(f"Words {at % 2}.") for at in range(16)])
    assert len({answer["reply"]["id"] for answer in answers if answer["reply"]}) == 1
    refused = [answer for answer in answers if not answer["reply"]]
    assert len(refused) == 8
    assert {error["code"] for one in refused for error in one["errors"]} == {"IDEMPOTENCY_KEY_REUSED"}
    assert replies(ada, discussion) == 1


def test_a_failure_is_not_stored(people: People) -> None:
    ada, moderator = people(), people("Mo", moderator=True)
    discussion = ada.start()
    given = {"discussionId": discussion, "body": "Words.", "clientMutationId": "key"}
    moderator.write("lockDiscussion", discussionId=discussion)
    assert ada.refused("addReply", **given)["code"] == "DISCUSSION_LOCKED"
    moderator.write("unlockDiscussion", discussionId=discussion)
    assert ada.write("addReply", **given)["reply"]["sequence"] == 1
    # Nor does it hold the key for its input.
    assert ada.refused("addReply", **given | {"body": "", "clientMutationId": "other"})["code"] == "BODY_EMPTY"
    assert ada.write("addReply", **given | {"clientMutationId": "other"})["reply"]["sequence"] == 2


@pytest.mark.parametrize("key", ["", "k" * 129, "\0"])
def test_a_key_that_cannot_be_kept_is_a_bad_argument(people: People, key: str) -> None:
    ada = people()
    mutation = "mutation ($input: StartDiscussionInput!) { startDiscussion(input: $input) { clientMutationId } }"
    assert ada.codes(mutation, input={"title": "T", "body": "B", "clientMutationId": key}) == ["BAD_ARGUMENT"]
    longest = {"title": "T", "body": "B", "clientMutationId": "\U0001f3c3" * 128}
    assert ada.write("startDiscussion", **longest)["clientMutationId"] == longest["clientMutationId"]


@pytest.fixture(scope="module")
def twins(postgresql: PostgreSQL, valkey: Valkey) -> Iterator[tuple[People, People]]:
    """People of two servers on one database and bus, which takes PostgreSQL: SQLite is for one process."""
    url = postgresql.new_database()
    # With the limits as they are by themselves: duplicates in a race must not use them up.
    one, other = (Parley.start(database_url=url, bus_url=valkey.url, jwt_secret=JWT_SECRET) for _ in range(2))
    with people_of(one) as here, people_of(other) as there:
        yield here, there
    one.stop()
    other.stop()


def test_duplicates_that_race_over_two_processes_make_one_row(twins: tuple[People, People]) -> None:
    here, there = twins
    ada = here()
    twin = Person(there.http, ada.token, ada.handle, ada.name)
    discussion = ada.start()
    cursor = ada.cursor(discussion)
    given = {"discussionId": discussion, "body": "Once.", "clientMutationId": "once"}
    both = [lambda: ada.payload("addReply", **given), lambda: twin.payload("addReply", **given)]
    answers = raced(both * (RACERS // 2))
    assert answers == [answers[0]] * RACERS
    assert answers[0]["errors"] == []
    assert len(ada.events(discussion, cursor)) == replies(ada, discussion) == 1


def test_a_user_first_seen_by_two_processes_is_one_user(twins: tuple[People, People]) -> None:
    here, there = twins
    ada = here()
    twin = Person(there.http, ada.token)
    query = "{ viewer { user { id handle } } }"
    seen = raced([lambda: ada.ask(query), lambda: twin.ask(query)] * 8)
    assert seen == [seen[0]] * 16
    assert seen[0]["viewer"]["user"]["handle"] == ada.handle

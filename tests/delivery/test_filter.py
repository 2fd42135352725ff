"""The outside filter: it is asked before a post is written, asked again while it is away, and obeyed."""

import json
import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from delivery.filter import signature, signing_key
from tests.delivery.filters import KEY, SECRET, Filter
from tests.support.backends import Backend
from tests.support.http import Data, People, Person, claims, people_of, signed
from tests.support.servers import JWT_SECRET, UNLIMITED, Parley
from tests.support.waiting import eventually

HELD = "held { id kind state reasons reply { id } }"
ADD = f"""mutation ($input: AddReplyInput!) {{ addReply(input: $input) {{ reply {{ id }} {HELD}
  errors {{ ... on MutationError {{ code }} }} }} }}"""
EDIT = f"""mutation ($input: EditReplyInput!) {{ editReply(input: $input) {{ reply {{ id version }} {HELD}
  errors {{ ... on MutationError {{ code }} }} }} }}"""
NOW = "... on HeldPost { id kind state reasons reply { id } decision { action by { handle } } }"


@pytest.fixture(scope="module")
def outside() -> Filter:
    found = Filter()
    with found.open():
        pass
    return found


@pytest.fixture(scope="module")
def people(backend: Backend, outside: Filter, tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    """People of a server that asks the filter."""
    server = Parley.start(
        database_url=backend.migrated_database(),
        bus_url=backend.bus_url,
        folder=tmp_path_factory.mktemp("filtered"),
        jwt_secret=JWT_SECRET,
        hold_links=3,
        filter_url=outside.url,
        filter_secret=SECRET,
        **UNLIMITED,
    )
    with people_of(server) as made:
        yield made
    server.stop()


@pytest.fixture
def answering(outside: Filter) -> Iterator[Filter]:
    """The filter, listening and content."""
    outside.answer = {"action": "publish"}
    outside.asked.clear()
    with outside.open():
        yield outside
    assert outside.forged == 0


@pytest.fixture
def discussion(people: People) -> str:
    # What moderators write is not asked about.
    return people("Mo", moderator=True).start()


def adds(person: Person, discussion: str, body: str) -> Data:
    payload: Data = person.ask(ADD, input={"discussionId": discussion, "body": body})["addReply"]
    assert payload["errors"] == []
    return payload


def test_the_signature_is_that_of_standard_webhooks() -> None:
    # The example of the specification's libraries.
    key = signing_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body) == expected


@pytest.mark.parametrize("secret", ["", "abc", "whsec_", "whsec_!!", "whsec_YWJj", f"x{SECRET}", SECRET + "="])
def test_a_secret_of_another_form_is_refused(secret: str) -> None:
    with pytest.raises(ValueError, match="whsec_ and 24 to 64 random bytes in base64"):
        signing_key(secret)
    assert signing_key(SECRET) == KEY


def test_what_it_lets_through_is_published(people: People, answering: Filter, discussion: str) -> None:
    ada = people("Ada")
    payload = adds(ada, discussion, "Fine **words**, [here](/d/1).")
    assert (payload["held"], payload["reply"] is None) == (None, False)
    (asked,) = answering.asked
    user = ada.ask("{ viewer { user { id } } }")["viewer"]["user"]["id"]
    assert asked == {
        "kind": "REPLY",
        "author": {"id": user, "name": ada.name, "isGuest": False},
        "discussionId": discussion,
        "title": None,
        "body": "Fine **words**, [here](/d/1).",
        "bodyText": "Fine words, here.",
        "links": [],
    }


def test_moderators_and_applications_are_not_asked_about(people: People, answering: Filter, discussion: str) -> None:
    bot = Person(people.http, signed(claims(f"bot-{secrets.token_hex(4)}", parley_role="application")))
    assert adds(bot, discussion, "Beep.")["held"] is None
    assert adds(people("Mo", moderator=True), discussion, "Order.")["held"] is None
    assert answering.asked == []


def test_what_it_holds_stays_for_moderators(people: People, answering: Filter, discussion: str) -> None:
    answering.answer = {"action": "hold", "reason": "It smells."}
    ada = people("Ada")
    held = adds(ada, discussion, "Hm.")["held"]
    assert held["reasons"] == ["FILTER"]
    payload = ada.ask(EDIT, input={"replyId": "R_999", "expectedVersion": 1, "body": "x"})["editReply"]
    assert payload["errors"] == [{"code": "REPLY_NOT_FOUND"}]
    answering.answer = {"action": "publish"}
    reply = adds(ada, discussion, "Fine.")["reply"]["id"]
    answering.answer = {"action": "hold"}
    edited = ada.ask(EDIT, input={"replyId": reply, "expectedVersion": 1, "body": "Worse."})["editReply"]
    assert (edited["held"]["kind"], edited["reply"]["version"]) == ("EDIT", 1)
    # An edit that changes nothing is not asked about.
    before = len(answering.asked)
    ada.ask(EDIT, input={"replyId": reply, "expectedVersion": 1, "body": "Fine."})
    assert len(answering.asked) == before


@pytest.mark.parametrize(
    "answer", ["slow", "moved", "failing", "long", "nonsense", {"action": "?"}, {}], ids=json.dumps
)
def test_without_an_answer_a_post_waits_until_there_is_one(
    people: People, answering: Filter, discussion: str, answer: Any
) -> None:
    answering.answer = answer
    ada = people("Ada")
    held = adds(ada, discussion, f"When {answer} is over.")["held"]
    assert (held["state"], held["reasons"]) == ("HELD", ["FILTER"])
    answering.answer = {"action": "publish"}
    eventually(lambda: ada.node(held["id"], NOW)["state"] == "PUBLISHED", "its publication", seconds=60)
    found = ada.node(held["id"], NOW)
    assert ada.node(found["reply"]["id"], "... on Reply { body }")["body"] == f"When {answer} is over."
    # Nobody did it but the server.
    assert found["decision"] == {"action": "PUBLISH", "by": None}
    query = """query ($id: ID!) { auditLog(filter: {discussionId: $id}, first: 1) {
      nodes { action actor { id } held { id } } } }"""
    entries = people("Mo", moderator=True).ask(query, id=discussion)["auditLog"]["nodes"]
    assert entries == [{"action": "PUBLISH", "actor": None, "held": {"id": held["id"]}}]


def test_one_that_was_away_is_asked_again_when_it_is_back(people: People, outside: Filter, discussion: str) -> None:
    ada = people("Ada")
    through, stays = (adds(ada, discussion, body)["held"] for body in ("Fine.", "See https://spam.example/x"))
    assert (through["reasons"], stays["reasons"]) == (["FILTER"], ["LINKS", "FILTER"])
    outside.answer = {"action": "publish"}
    with outside.open():
        eventually(lambda: ada.node(through["id"], NOW)["state"] == "PUBLISHED", "its publication", seconds=60)
        # What something else holds stays, for that alone.
        eventually(lambda: ada.node(stays["id"], NOW)["reasons"] == ["LINKS"], "the answer about the other", seconds=60)
    assert ada.node(stays["id"], NOW)["state"] == "HELD"


def test_what_it_holds_when_it_is_back_stays(people: People, outside: Filter, discussion: str) -> None:
    ada = people("Ada")
    held = adds(ada, discussion, "Hm.")["held"]
    outside.answer = {"action": "hold"}
    outside.asked.clear()
    with outside.open():
        eventually(lambda: len(outside.asked) > 0, "its question", seconds=60)
        outside.answer = {"action": "publish"}
        other = adds(ada, discussion, "Fine.")
        assert other["reply"] is not None
    assert ada.node(held["id"], NOW)["state"] == "HELD"
    assert [asked["body"] for asked in outside.asked].count("Hm.") == 1


def test_a_post_in_a_deleted_discussion_is_left_to_moderators(people: People, outside: Filter, discussion: str) -> None:
    ada, mo = people("Ada"), people("Mo", moderator=True)
    held = adds(ada, discussion, "Too late.")["held"]
    mo.write("deleteDiscussion", discussionId=discussion)
    after = adds(ada, mo.start(), "After it.")["held"]
    outside.answer = {"action": "publish"}
    with outside.open():
        eventually(lambda: ada.node(after["id"], NOW)["state"] == "PUBLISHED", "the other publication", seconds=60)
    assert ada.node(held["id"], NOW)["state"] == "HELD"

"""What a write may hold and how many there may be: settings all, refused alike on both databases."""

import json
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.backends import Backend
from tests.support.http import People, Person, document, people_of, raced
from tests.support.servers import JWT_SECRET, Parley

LIMITS: dict[str, Any] = {"title_length": 10, "opening_post_length": 60, "reply_length": 40, "depth": 2, "quotes": 2}
PERSON, ADDRESS = 5, 8


@pytest.fixture(scope="module")
def small(backend: Backend) -> Iterator[People]:
    """People at a server that allows little, behind a proxy that it trusts."""
    server = Parley.start(
        database_url=backend.migrated_database(),
        bus_url=backend.bus_url,
        jwt_secret=JWT_SECRET,
        guests=False,
        trusted_proxies="127.0.0.0/8",
        writes_per_minute=PERSON,
        writes_per_minute_of_address=ADDRESS,
        **LIMITS,
    )
    with people_of(server) as made:
        yield made
    server.stop()


def refused(people: People, mutation: str, by: Person | None = None, **given: Any) -> tuple[str, list[str], int | None]:
    """The code, the path below input, and the limit of the one error, at another address each time.

    Each time another person's, if nobody is named: only authors edit.
    """
    error = (by or people()).at(fresh_address()).refused(mutation, **given)
    assert error["code"] == "".join(f"_{c}" if c.isupper() else c for c in error["__typename"]).upper().lstrip("_")
    assert error["path"][0] == "input"
    return error["__typename"], error["path"][1:], error.get("limit")


addresses = iter(range(1, 2**16))


def fresh_address() -> str:
    """An address from which nobody has written."""
    return f"2001:db8:0:{next(addresses):x}::1"


def test_the_site_says_what_it_allows(small: People) -> None:
    limits = small.reader.ask("{ site { limits { titleLength openingPostLength replyLength depth quotes } } }")
    assert limits["site"]["limits"] == {
        "titleLength": 10,
        "openingPostLength": 60,
        "replyLength": 40,
        "depth": 2,
        "quotes": 2,
    }


def test_lengths_are_limited_in_characters_each_by_a_setting(small: People) -> None:
    title, opening, reply = "\U0001f600" * 10, "\U0001f600" * 60, "\U0001f600" * 40
    ada = small().at(fresh_address())
    discussion = ada.start(opening, title)
    post = ada.reply(discussion, reply)
    too_long = ("BodyTooLong", ["body"])
    assert refused(small, "startDiscussion", title=title + "x", body="B") == ("TitleTooLong", ["title"], 10)
    assert refused(small, "startDiscussion", title="T", body=opening + "x") == (*too_long, 60)
    assert refused(small, "addReply", discussionId=discussion, body=reply + "x") == (*too_long, 40)
    assert refused(small, "editReply", ada, replyId=post, expectedVersion=1, body=reply + "x") == (*too_long, 40)
    edited = {"discussionId": discussion, "expectedVersion": 1}
    assert refused(small, "editDiscussion", ada, **edited, title=title + "x") == ("TitleTooLong", ["title"], 10)
    assert refused(small, "editDiscussion", ada, **edited, body=opening + "x") == (*too_long, 60)
    # The attribution and words that are put before a body count; and so do the words of a quote by themselves.
    given = [{"sourceId": discussion, "text": "\U0001f600" * 30}]
    assert refused(small, "addReply", discussionId=discussion, body="x" * 10, quotes=given) == (*too_long, 40)
    given = [{"sourceId": discussion, "text": "x" * 41}]
    long_quote = ("BodyTooLong", ["quotes", "0", "text"], 40)
    assert refused(small, "addReply", discussionId=discussion, body="x", quotes=given) == long_quote


@pytest.mark.parametrize("blank", ["", " \n\t", "\u200b\u200d", "\u00a0\u3000", "\u2028"])
def test_a_title_and_a_body_need_something_to_see(small: People, blank: str) -> None:
    discussion = small().at(fresh_address()).start("B", "T")
    assert refused(small, "startDiscussion", title=blank, body="B") == ("TitleEmpty", ["title"], None)
    assert refused(small, "startDiscussion", title="T", body=blank) == ("BodyEmpty", ["body"], None)
    assert refused(small, "addReply", discussionId=discussion, body=blank) == ("BodyEmpty", ["body"], None)


def test_a_nul_character_is_invalid_text_in_every_input(small: People) -> None:
    ada = small().at(fresh_address())
    discussion = ada.start("B", "T")
    post = ada.reply(discussion, "B")
    invalid = "InvalidText"
    assert refused(small, "startDiscussion", title="a\0b", body="B") == (invalid, ["title"], None)
    assert refused(small, "startDiscussion", title="T", body="a\0b") == (invalid, ["body"], None)
    assert refused(small, "addReply", discussionId=discussion, body="\0") == (invalid, ["body"], None)
    assert refused(small, "editReply", ada, replyId=post, expectedVersion=1, body="\0") == (invalid, ["body"], None)
    edited = {"discussionId": discussion, "expectedVersion": 1}
    assert refused(small, "editDiscussion", ada, **edited, title="\0") == (invalid, ["title"], None)
    assert refused(small, "editDiscussion", ada, **edited, body="\0") == (invalid, ["body"], None)


@pytest.mark.parametrize("escape", ["\\ud800", "\\udfff", "a\\udc00\\ud800b"])
def test_a_lone_surrogate_is_no_text_and_no_graphql(small: People, escape: str) -> None:
    def send(raw: str) -> tuple[int, str]:
        headers = {"Content-Type": "application/json", "Accept": "application/graphql-response+json"}
        answer = small.http.post(
            "/graphql", content=raw.encode(), headers=headers | {"Authorization": f"Bearer {token}"}
        )
        (error,) = answer.json()["errors"]
        return answer.status_code, error["extensions"]["code"]

    token = small().token
    body = json.dumps({"query": document("startDiscussion"), "variables": {"input": {"title": "T", "body": "HERE"}}})
    assert send(body.replace("HERE", escape)) == (400, "INVALID_TEXT")
    literal = 'mutation { startDiscussion(input: {title: "T", body: "HERE"}) { clientMutationId } }'
    assert send(json.dumps({"query": literal.replace("HERE", escape)})) == (400, "GRAPHQL_PARSE_FAILED")


def test_a_body_of_more_than_a_mebibyte_is_not_even_read(small: People) -> None:
    answer = small.reader.post(document("startDiscussion"), input={"title": "T", "body": "x" * 1_048_576})
    assert answer.status_code == 413


def test_replies_stand_only_so_deep(small: People) -> None:
    ada = small().at(fresh_address())
    discussion = ada.start("B", "T")
    deepest = None
    for _ in range(3):
        deepest = ada.reply(discussion, "B", deepest)
    given: dict[str, Any] = {"discussionId": discussion, "replyToId": deepest, "body": "B"}
    assert refused(small, "addReply", **given) == ("TooDeep", ["replyToId"], 2)


def test_a_body_makes_only_so_many_quotes_nested_ones_included(small: People) -> None:
    ada = small().at(fresh_address())
    discussion = ada.start("B", "T")
    # A blockquote that names nobody is no quote.
    assert ada.reply(discussion, "> A said:\n> > A said:\n\n> a\n\n> b")
    three = "> A said:\n> > A said:\n> > > A said:"
    assert refused(small, "addReply", discussionId=discussion, body=three) == ("TooManyQuotes", ["body"], 2)
    given = [{"sourceId": discussion, "text": "B"}] * 3
    assert refused(small, "addReply", discussionId=discussion, body="B", quotes=given) == (
        "TooManyQuotes",
        ["quotes"],
        2,
    )


def test_guests_are_not_taken_where_they_are_off(small: People) -> None:
    error = small.reader.at(fresh_address()).refused("signInAsGuest", name="Zoe")
    assert error == {"__typename": "NotAllowed", "code": "NOT_ALLOWED", "path": None}


def test_a_user_who_writes_too_often_gets_the_reset_time(small: People) -> None:
    ada = small()
    discussion = ada.at(fresh_address()).start("B", "T")
    began = datetime.now(UTC)
    for _ in range(PERSON - 1):
        ada.at(fresh_address()).reply(discussion, "B")
    address = fresh_address()
    for _ in range(ADDRESS + 1):
        error = ada.at(address).refused("addReply", discussionId=discussion, body="B", clientMutationId="late")
        assert (error["__typename"], error["code"], error["path"]) == ("RateLimited", "RATE_LIMITED", None)
        room = datetime.fromisoformat(error["resetAt"]) - began
        assert timedelta(seconds=50) < room < timedelta(seconds=65)
    # What is refused to one is not taken from the others at the address; reading goes on; nothing was written.
    assert small().at(address).reply(discussion, "B")
    read = ada.node(discussion, "... on Discussion { replyCount }")
    assert read["replyCount"] == PERSON


def test_a_repeat_under_its_key_is_answered_though_there_is_no_room(small: People) -> None:
    ada = small()
    given = {"title": "T", "body": "B", "clientMutationId": "first"}
    discussion = ada.at(fresh_address()).write("startDiscussion", **given)["discussion"]["id"]
    for _ in range(PERSON - 1):
        ada.at(fresh_address()).reply(discussion, "B")
    assert ada.at(fresh_address()).refused("addReply", discussionId=discussion, body="B")["code"] == "RATE_LIMITED"
    assert ada.at(fresh_address()).write("startDiscussion", **given)["discussion"]["id"] == discussion


def test_racing_duplicates_count_as_one_write(small: People) -> None:
    ada, address = small(), fresh_address()
    discussion = ada.at(address).start("B", "T")
    given = {"discussionId": discussion, "body": "Once.", "clientMutationId": "once"}
    answers = raced([lambda: ada.at(address).payload("addReply", **given)] * 24)
    assert answers == [answers[0]] * 24
    for _ in range(PERSON - 2):
        ada.at(address).reply(discussion, "B")
    assert ada.at(address).refused("addReply", discussionId=discussion, body="B")["code"] == "RATE_LIMITED"


def test_an_address_that_writes_too_often_is_limited_for_all_users(small: People) -> None:
    address, other = fresh_address(), fresh_address()
    discussion = small().at(other).start("B", "T")
    for _ in range(ADDRESS):
        small().at(address).reply(discussion, "B")
    ada = small()
    # The hop that the proxy adds counts; what a client pretends stands left of it.
    for hops in (address, f"{fresh_address()}, {address}", f"{address}, 127.0.0.1", f"[{address}]:4711"):
        error = ada.at(hops).refused("addReply", discussionId=discussion, body="B")
        assert error["code"] == "RATE_LIMITED" and error["resetAt"].endswith("Z")


GUESTS, BYTES, BYTES_OF_GUEST, BYTES_OF_ADDRESS, UNITS = 3, 60_000, 15_000, 110_000, 12


@pytest.fixture(scope="module")
def frugal(backend: Backend) -> Iterator[People]:
    """People at a server that takes few guests and little text, behind a proxy that it trusts."""
    server = Parley.start(
        database_url=backend.migrated_database(),
        bus_url=backend.bus_url,
        jwt_secret=JWT_SECRET,
        guests=True,
        trusted_proxies="127.0.0.0/8",
        writes_per_minute=UNITS,
        guests_per_hour_of_address=GUESTS,
        bytes_per_day=BYTES,
        bytes_per_day_of_guest=BYTES_OF_GUEST,
        bytes_per_day_of_address=BYTES_OF_ADDRESS,
    )
    with people_of(server) as made:
        yield made
    server.stop()


def guest(people: People, address: str) -> Person:
    token = people.reader.at(address).write("signInAsGuest", name=f"Guest {secrets.token_hex(6)}")["token"]
    return Person(people.http, token, address=address)


def is_limited(error: dict[str, Any], *, hours: float) -> bool:
    """Whether this is RATE_LIMITED with a reset within these hours, but not much earlier."""
    left = datetime.fromisoformat(error["resetAt"]) - datetime.now(UTC)
    return error["code"] == "RATE_LIMITED" and timedelta(hours=0.9 * hours) < left < timedelta(hours=hours, seconds=9)


def test_an_address_makes_few_guests_an_hour(frugal: People) -> None:
    address = fresh_address()
    for number in range(GUESTS):
        guest(frugal, address.replace("::1", f"::{number + 1}"))
    taken = frugal()
    assert taken.at(fresh_address()).start()
    # A name that is taken makes no guest, and is not counted.
    for _ in range(GUESTS):
        assert frugal.reader.at(fresh_address()).refused("signInAsGuest", name=taken.name)["code"] == "NAME_TAKEN"
    error = frugal.reader.at(address).refused("signInAsGuest", name="One more")
    assert is_limited(error, hours=1)
    assert guest(frugal, fresh_address()).start()


def test_people_guests_and_addresses_write_so_many_bytes_a_day(frugal: People) -> None:
    text = "\u00e4" * 3_500  # 7,000 bytes, which count as two writes.
    ada = frugal()
    discussion = ada.at(fresh_address()).start("B", "T")
    writer = guest(frugal, fresh_address())
    for _ in range(2):
        writer.reply(discussion, text)
    given = {"discussionId": discussion, "body": text}
    assert is_limited(writer.refused("addReply", **given), hours=24)
    # What is not kept is not counted, and short texts still fit.
    assert preview(writer, text) == []
    assert writer.reply(discussion, "Short.")
    at = fresh_address()
    for _ in range(BYTES_OF_ADDRESS // 14_001):
        frugal().at(at).reply(discussion, text * 2)
    assert is_limited(frugal().at(at).refused("addReply", **given | {"body": text * 2}), hours=24)
    assert frugal().at(fresh_address()).reply(discussion, text)


def preview(person: Person, body: str) -> list[str]:
    answer = person.ask("query ($body: String!) { previewBody(body: $body) { errors { code } } }", body=body)
    return [error["code"] for error in answer["previewBody"]["errors"]]


def test_anonymous_previews_of_an_address_count_as_one_person(frugal: People) -> None:
    address = fresh_address()
    reader, member = frugal.reader.at(address), frugal().at(address)
    for _ in range(UNITS):
        assert preview(reader, "Short.") == []
    assert preview(reader, "Short.") == ["RATE_LIMITED"]
    # It takes nothing from those who signed in at that address, nor from readers elsewhere.
    assert preview(member, "Short.") == []
    assert preview(frugal.reader.at(fresh_address()), "Short.") == []


@pytest.mark.parametrize(("body", "room"), [("Short.", UNITS), ("x" * 4_900, UNITS), ("x " * 7_000, UNITS // 3)])
def test_previews_and_posts_count_by_the_length_of_their_text(frugal: People, body: str, room: int) -> None:
    writer = frugal()
    for _ in range(room):
        assert preview(writer.at(fresh_address()), body) == []
    assert preview(writer.at(fresh_address()), body) == ["RATE_LIMITED"]
    ada = frugal()
    discussion = ada.at(fresh_address()).start("B", "T")
    quotes = [{"sourceId": discussion, "text": "B"}] if room == UNITS else []
    # Bytes of the day would be the first limit of longer posts.
    for _ in range(min(room - 1, BYTES // (len(body) + 1))):
        ada.at(fresh_address()).reply(discussion, body, quotes=quotes)
    assert ada.at(fresh_address()).refused("addReply", discussionId=discussion, body=body)["code"] == "RATE_LIMITED"

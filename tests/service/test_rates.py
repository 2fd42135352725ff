"""What may be spent in a minute: told with any query, counted on HTTP and websocket alike, shared between processes."""

import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from execution.documents import CHARGE_PER_CHARACTER
from tests.support.backends import Backend
from tests.support.http import Data, People, Person, people_of
from tests.support.servers import JWT_SECRET, Parley, PostgreSQL, Valkey, told
from tests.support.waiting import eventually
from tests.support.websocket import connected

RATE = "{ rateLimit { cost limit remaining resetAt } }"
RATE_COSTS = 5
COSTING = "query ($n: Int!) { discussions(first: $n) { nodes { id } } }"
RATE_AND_COSTING = "query ($n: Int!) { rateLimit { cost remaining } discussions(first: $n) { nodes { id } } }"
WIDER_RATE = RATE.replace("cost", "cost a: cost")
WRITE = """mutation { startDiscussion(input: { title: "T", body: "B" }) {
    discussion { replies(first: 10) { nodes { id } } } } }"""
FOLLOW = 'subscription { replyAdded(discussionId: "D_1") { cursor eventNumber edge { depth cursor } } }'
NUMBERED = """mutation { startDiscussion(input: { title: "T", body: "B" }) { discussion { id } } }"""
REPLY = """mutation ($id: ID!) { addReply(input: { discussionId: $id, body: "B" }) { errors { code } } }"""
EVENT_COSTS = 5 + 50 * 21
WIDE_EVENTS = """subscription ($id: ID!) { replyAdded(discussionId: $id) { cursor edge { node {
    mentions { a: start b: start c: start d: start e: start f: start g: start h: start i: start j: start
        k: start l: start m: start n: start o: start p: start q: start r: start s: start t: start
        u: start } } } } }"""
KNOWN = (COSTING, RATE_AND_COSTING, WIDER_RATE, WRITE, FOLLOW, NUMBERED, REPLY, WIDE_EVENTS)
PERSON, ADDRESS = 3_000, 30_000
SETTINGS: dict[str, Any] = {
    "jwt_secret": JWT_SECRET,
    "trusted_proxies": "127.0.0.0/8",
    "cost_per_minute": PERSON,
    "cost_per_minute_of_address": ADDRESS,
    "max_cost": PERSON,
}


@pytest.fixture(scope="module")
def poor(backend: Backend) -> Iterator[Parley]:
    """A server at which little may be spent, behind a proxy that it trusts."""
    # Another database of Valkey: there, nobody else has spent what this address may.
    bus_url = backend.bus_url.replace("/0", "/1")
    server = Parley.start(database_url=backend.migrated_database(), bus_url=bus_url, **SETTINGS)
    yield server
    server.stop()


@pytest.fixture
def people(poor: Parley) -> Iterator[People]:
    with people_of(poor) as made:
        for document in KNOWN:
            # A document that the server does not know costs more.
            made.reader.at(fresh_address()).post(document, n=1)
        soon_whole(made.reader.at(fresh_address()))
        yield made


def fresh_address() -> str:
    """An address of a network from which nobody has asked."""
    return f"2001:db8:{secrets.randbelow(2**16):x}:{secrets.randbelow(2**16):x}::1"


def rate(person: Person) -> Data:
    told: Data = person.ask(RATE)["rateLimit"]
    return told


def soon_whole(person: Person) -> None:
    """Waits for the next minute where this one is nearly over, so that a test is not overtaken by it."""
    reset_at = datetime.fromisoformat(rate(person)["resetAt"])
    if reset_at - datetime.now(UTC) < timedelta(seconds=5):
        eventually(lambda: datetime.now(UTC) > reset_at, "the next minute")


def spend(person: Person, cost: int, *codes: str) -> None:
    """Sends a query of that cost. The resolver refuses so long a page, but that is after it was paid for."""
    assert person.codes(COSTING, n=cost - 2) == list(codes or ["BAD_ARGUMENT"])


def test_the_rate_limit_is_that_of_the_very_request(people: People) -> None:
    ada = people()
    before = datetime.now(UTC)
    first = rate(ada)
    assert (first["cost"], first["limit"], first["remaining"]) == (RATE_COSTS, PERSON, PERSON - RATE_COSTS)
    assert timedelta(0) < datetime.fromisoformat(first["resetAt"]) - before <= timedelta(seconds=61)
    spend(ada, 190)
    more = ada.ask(RATE_AND_COSTING, n=48)["rateLimit"]
    assert more == {"cost": 50 + 3, "remaining": PERSON - RATE_COSTS - 190 - 53}


def test_a_user_has_one_budget_and_all_at_an_address_share_another(people: People) -> None:
    ada, ben = people.several("Ada", "Ben")
    here, there = fresh_address(), fresh_address()
    assert rate(ada.at(here))["remaining"] == PERSON - RATE_COSTS
    assert rate(ada.at(there))["remaining"] == PERSON - 2 * RATE_COSTS
    assert rate(ben.at(here))["remaining"] == PERSON - RATE_COSTS
    assert rate(people.reader.at(here)) | {"resetAt": None} == {
        "cost": RATE_COSTS,
        "limit": ADDRESS,
        "remaining": ADDRESS - 3 * RATE_COSTS,
        "resetAt": None,
    }
    # Of IPv6, whoever has one address of a /64 has them all.
    assert rate(people.reader.at(f"{here}234"))["remaining"] == ADDRESS - 4 * RATE_COSTS
    assert rate(people.reader.at("198.51.100.7"))["remaining"] == ADDRESS - RATE_COSTS
    assert rate(people.reader.at("198.51.100.8"))["remaining"] == ADDRESS - RATE_COSTS


def test_signed_in_users_spend_what_their_address_has(people: People) -> None:
    address = fresh_address()
    for user in people.several(*["Ada"] * (ADDRESS // 2_500)):
        spend(user.at(address), 2_500)
    for person in (people().at(address), people.reader.at(address)):
        spend(person, 2_500, "RATE_LIMITED")
    spend(people().at(fresh_address()), 2_500)


def test_what_is_not_left_is_refused_and_nothing_is_executed(people: People) -> None:
    ada = people()
    spend(ada, PERSON - 10)
    answer = ada.post(WRITE)
    (error,) = answer.json()["errors"]
    assert "data" not in answer.json()
    extensions = error["extensions"]
    reset_at = datetime.fromisoformat(extensions.pop("resetAt"))
    assert extensions == {"code": "RATE_LIMITED", "cost": 14, "limit": PERSON, "remaining": 10}
    assert abs((reset_at - datetime.now(UTC)).total_seconds() - int(answer.headers["retry-after"])) < 3
    # What was refused took nothing, and smaller things are served.
    assert rate(ada)["remaining"] == 10 - RATE_COSTS
    assert ada.codes(WIDER_RATE) == ["RATE_LIMITED"]
    assert people().ask("{ discussions { totalCount } }")["discussions"]["totalCount"] == 0


def test_document_is_charged_before_it_is_read_until_it_is_known(people: People) -> None:
    reader = people.reader.at(fresh_address())
    remaining = rate(reader)["remaining"]
    for text in ("{ nothing" + secrets.token_hex(4) + " }", "{ " + secrets.token_hex(8)):
        for _ in range(2):
            assert reader.codes(text)[0].startswith("GRAPHQL_")
            remaining -= CHARGE_PER_CHARACTER * len(text) + RATE_COSTS
            assert rate(reader)["remaining"] == remaining
    # The blanks make it a new document.
    again = RATE + " " * secrets.randbelow(20) + "#" + secrets.token_hex(4)
    costs = [reader.ask(again)["rateLimit"]["remaining"] for _ in range(2)]
    assert costs == [remaining - CHARGE_PER_CHARACTER * len(again) - RATE_COSTS, costs[0] - RATE_COSTS]
    assert reader.codes("{ nothing" + " " * ADDRESS + "}") == ["RATE_LIMITED"]


@pytest.mark.anyio
async def test_each_event_is_paid_for_and_a_stream_without_budget_may_resume(poor: Parley, people: People) -> None:
    ada, *writers = [people() for _ in range(6)]
    discussion = people().ask(NUMBERED)["startDiscussion"]["discussion"]["id"]
    async with connected(poor, ada.token) as socket:
        await socket.follow(WIDE_EVENTS, id=discussion)
        before = rate(ada)["remaining"]
        cursors: list[str] = []
        for writer in writers:
            writer.ask(REPLY, id=discussion)
            frame = await socket.frame()
            if frame["type"] == "error":
                break
            cursors.append(frame["payload"]["data"]["replyAdded"]["cursor"])
        else:
            pytest.fail("The stream was never ended.")
        (error,) = frame["payload"]
        assert error["extensions"]["code"] == "RATE_LIMITED"
        # The last one was delivered before it was charged.
        assert len(cursors) == before // EVENT_COSTS + 1


@pytest.mark.anyio
async def test_a_websocket_spends_of_the_same_budget(poor: Parley, people: People) -> None:
    ada = people()
    async with connected(poor, ada.token) as socket:
        await socket.follow(RATE)
        assert (await socket.item())["remaining"] == PERSON - RATE_COSTS
        assert (await socket.frame())["type"] == "complete"
        spend(ada, PERSON - 2 * RATE_COSTS)
        await socket.follow(FOLLOW)
        assert (await socket.error())["extensions"]["code"] == "RATE_LIMITED"
        await socket.follow(RATE)
        assert (await socket.item())["remaining"] == 0


def test_what_was_spent_at_one_process_is_soon_gone_at_the_other(
    postgresql: PostgreSQL, valkey: Valkey, tmp_path: Path
) -> None:
    url, half = postgresql.new_database(), 500_000
    told("migrate", database_url=url)
    plenty = SETTINGS | {"cost_per_minute": 2 * half, "cost_per_minute_of_address": 9 * half, "max_cost": 2 * half}
    with ExitStack() as stack:
        one, other = [Parley.start(database_url=url, bus_url=valkey.url, folder=tmp_path, **plenty) for _ in range(2)]
        stack.callback(one.stop)
        stack.callback(other.stop)
        people, elsewhere = stack.enter_context(people_of(one)), stack.enter_context(people_of(other))
        soon_whole(people.reader.at(fresh_address()))
        ada = people()
        there = Person(elsewhere.http, ada.token)
        spend(ada, half)
        # A process hears what others counted when it tells what it counted itself; asking alone never takes so much.
        eventually(lambda: rate(there)["remaining"] < half, "the other's count")
        spend(there, half, "RATE_LIMITED")

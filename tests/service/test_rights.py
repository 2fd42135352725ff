"""Rights while a stream lives: who is suspended is refused everywhere, and what they follow ends."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx2
import pytest
from structlog.testing import capture_logs

import access.authenticator
import access.suspensions
import db.users
from access.suspensions import SuspensionMonitor
from access.tokens import BadToken, Tokens
from db.database import Database
from db.rows import Row
from live.bus import Bus
from tests.servers import Parley, run, told
from tests.service.asking import ISSUER, People, Person, claims, signed
from tests.service.following import EVENTS, following, opened, until

pytestmark = pytest.mark.anyio

SOON_SECONDS = 1.0


@pytest.fixture
def settings(parley: Parley) -> dict[str, object]:
    """What the command line needs to speak of the session's server."""
    return dict(parley.settings)


def command(name: str, person: Person, settings: dict[str, object]) -> str:
    return told(name, "--handle", person.handle, **settings)


async def suspended(person: Person, settings: dict[str, object]) -> float:
    """Suspends somebody, and gives the moment at which the command had ended."""
    await asyncio.to_thread(command, "suspend", person, settings)
    return time.monotonic()


def refusal(person: Person) -> str | None:
    """Why a person's token is refused; None where it is not."""
    answer = person.post("{ viewer { isGuest } }")
    if answer.status_code == 200:
        return None
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "UNAUTHENTICATED"
    message: str = error["message"]
    return message


async def test_streams_of_who_is_suspended_end_within_a_second_and_those_of_others_go_on(
    parley: Parley, people: People, settings: dict[str, object]
) -> None:
    ada, grace = people.several("Ada", "Grace")
    discussion = grace.start()
    async with (
        following(parley, EVENTS, discussion, token=ada.token) as hers,
        following(parley, EVENTS, discussion, token=ada.token) as hers_too,
        following(parley, EVENTS, discussion, token=grace.token) as others,
        following(parley, EVENTS, discussion) as readers,
    ):
        for follower in (hers, hers_too, others, readers):
            await follower.replayed()
        at = await suspended(ada, settings)
        assert await hers.closed() == 4403
        assert await hers_too.closed() == 4403
        assert time.monotonic() - at < SOON_SECONDS
        grace.reply(discussion)
        for follower in (others, readers):
            assert (await follower.item())["eventNumber"] == 1


def test_an_event_stream_of_who_is_suspended_is_told_and_cut(
    parley: Parley, people: People, settings: dict[str, object]
) -> None:
    ada = people()
    discussion = ada.start()
    asked = {"query": EVENTS, "variables": {"id": discussion}}
    headers = {"Accept": "text/event-stream", "Authorization": f"Bearer {ada.token}"}
    with httpx2.stream("POST", f"{parley.url}/graphql", json=asked, headers=headers, timeout=SOON_SECONDS) as response:
        lines = response.iter_lines()
        assert any("CaughtUp" in line for line in lines)
        command("suspend", ada, settings)
        assert any("UNAUTHENTICATED" in line for line in lines)
        with pytest.raises(httpx2.RemoteProtocolError):
            list(lines)


async def test_a_suspended_token_is_refused_before_the_ack(
    parley: Parley, people: People, settings: dict[str, object]
) -> None:
    ada = people()
    ada.start()
    await suspended(ada, settings)
    # At once, when the server may still remember that ada was welcome.
    async with opened(parley) as socket:
        await socket.send(type="connection_init", payload={"authorization": f"Bearer {ada.token}"})
        assert await socket.frames_until_closed() == []
        assert await socket.closed() == 4403


def test_who_was_remembered_is_refused_and_comes_back(people: People, settings: dict[str, object]) -> None:
    ada, grace = people.several("Ada", "Grace")
    discussion = ada.start()
    assert refusal(ada) is None
    assert command("suspend", ada, settings) == f"@{ada.handle} is suspended.\n"
    deadline = time.monotonic() + SOON_SECONDS
    while refusal(ada) is None:
        assert time.monotonic() < deadline
    assert refusal(ada) == f"The token is of @{ada.handle}, who has been suspended."
    # Whatever token names the person.
    identity = claims("somebody", sub=f"id-{ada.handle}", iss=ISSUER, name="Somebody else")
    assert refusal(Person(ada.http, signed(identity))) == refusal(ada)
    ours = told("token", "--handle", ada.handle, **settings).strip()
    assert refusal(Person(ada.http, ours)) == refusal(ada)
    assert refusal(grace) is None
    # What they wrote stays, and says who wrote it.
    assert grace.node(discussion, "... on Discussion { author { handle } }")["author"] == {"handle": ada.handle}
    assert command("suspend", ada, settings) == f"@{ada.handle} is suspended.\n"
    assert command("unsuspend", ada, settings) == f"@{ada.handle} is not suspended.\n"
    assert refusal(ada) is None
    assert ada.reply(discussion)


@pytest.mark.parametrize("name", ["suspend", "unsuspend"])
def test_an_unknown_handle_is_told_in_one_line(name: str, settings: dict[str, object]) -> None:
    done = run(name, "--handle", "nobody-of-this-name", **settings)
    assert done.returncode != 0
    assert done.stdout == ""
    assert done.stderr == 'parley: No person has the handle "nobody-of-this-name".\n'


async def test_a_deleted_discussion_ends_its_streams_within_a_second(parley: Parley, people: People) -> None:
    ada, mo = people(), people("Mo", moderator=True)
    discussion = ada.start()
    async with following(parley, EVENTS, discussion) as follower:
        await follower.replayed()
        mo.write("deleteDiscussion", discussionId=discussion)
        at = time.monotonic()
        assert (await follower.item())["discussion"]["state"] == "DELETED"
        await follower.completed()
        assert time.monotonic() - at < SOON_SECONDS


@asynccontextmanager
async def rights_of(
    database: Database, *, poll: tuple[float, float] = (3600.0, 3600.0)
) -> AsyncIterator[SuspensionMonitor]:
    bus = Bus("memory://")
    rights = SuspensionMonitor(database, bus, poll_seconds=poll)
    await bus.start()
    await rights.start()
    try:
        yield rights
    finally:
        await rights.stop()
        await bus.stop()


async def add_person(database: Database, *, is_suspended: bool = False) -> int:
    person = db.users.Person("ada", "Ada", is_suspended=is_suspended)
    return await database.write(lambda tx: db.users.add_user(tx, person))


async def test_who_was_suspended_before_the_rights_are_held_is_told_too(database: Database) -> None:
    person, other = await add_person(database, is_suspended=True), await add_person(database)
    async with rights_of(database) as rights:
        ended: list[str] = []
        # The first may be told by the poll that comes with the start, the next one has to be looked at by itself.
        releases = [rights.hold(person, ended.append)]
        await until(lambda: len(ended) == 1, "the first to be told")
        releases.append(rights.hold(person, ended.append))
        releases[0]()
        rights.hold(other, lambda _: ended.append("never"))
        await until(lambda: len(ended) == 2, "the second to be told")
        assert ended == ["Suspended"] * 2
        for release in [*releases, *releases]:
            release()
        assert list(rights._holds) == [other]


async def test_who_is_remembered_is_looked_up_anew_for_a_connection(database: Database) -> None:
    person, tokens = await add_person(database), Tokens(secrets.token_bytes(32))
    authorization = f"Bearer {tokens.write(person, timedelta(hours=1))}"
    async with rights_of(database) as rights:
        people = access.authenticator.Authenticator(database, tokens, rights)
        await people.viewer(authorization)
        await database.write(lambda tx: db.users.suspend_user(tx, person))
        with pytest.raises(BadToken, match="suspended"):
            await people.viewer(authorization, from_memory=False)


async def test_a_suspension_that_nobody_tells_of_is_found_also_after_the_database_was_away(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await add_person(database)
    rows, failures = database.rows, 0

    async def fail(*_: object, **__: object) -> list[Row]:
        nonlocal failures
        failures += 1
        raise OSError("The database is away.")

    monkeypatch.setattr(access.suspensions, "RETRY_SECONDS", 0.01)
    with capture_logs() as logs:
        async with rights_of(database, poll=(0.01, 0.02)) as rights:
            ended: list[str] = []
            let_go = rights.hold(person, lambda _: ended.append("let go"))
            rights.hold(person, ended.append)
            let_go()
            monkeypatch.setattr(database, "rows", fail)
            await until(lambda: failures > 3, "the database to be asked in vain")
            await database.write(lambda tx: db.users.suspend_user(tx, person))
            monkeypatch.setattr(database, "rows", rows)
            await until(lambda: bool(ended), "the suspension to be found")
    assert set(ended) == {"Suspended"}
    assert [entry["log_level"] for entry in logs] == ["warning"]

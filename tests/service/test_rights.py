"""Rights while a stream lives: it ends when they change, and its client goes on with those of then."""

import asyncio
from functools import partial

import httpx2
import pytest

from tests.support.http import ISSUER, People, Person, claims, signed
from tests.support.servers import Parley, run, told
from tests.support.timeouts import SOON_SECONDS
from tests.support.waiting import eventually
from tests.support.websocket import EVENTS, following, numbers

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("networks_are_forgotten")]


HOW_TO_WRITE_DATES = "write a date as 2026-12-31, or a date and a time as 2026-12-31T18:00."


@pytest.fixture
def settings(parley: Parley) -> dict[str, object]:
    """What the command line needs to speak of the session's server."""
    return dict(parley.settings)


def command(name: str, person: Person, settings: dict[str, object]) -> str:
    return told(name, "--handle", person.handle, **settings)


async def suspend(person: Person, settings: dict[str, object]) -> None:
    await asyncio.to_thread(command, "suspend", person, settings)


def refusal(person: Person) -> str | None:
    """Why a person may not write; None if they may."""
    payload = person.payload("setPresence", discussionId="D_0")
    (error,) = payload["errors"]
    if error["code"] == "DISCUSSION_NOT_FOUND":
        return None
    assert error["code"] == "SUSPENDED"
    # They read all the same.
    assert person.ask("{ viewer { role } }")["viewer"] is not None
    message: str = error["message"]
    return message


async def test_a_suspension_ends_the_users_streams_and_no_others(
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
        await suspend(ada, settings)
        # Their clients reconnect after this code, and go on as readers.
        assert await hers.closed() == 1012
        assert await hers_too.closed() == 1012
        grace.reply(discussion)
        for follower in (others, readers):
            assert numbers([await follower.item()]) == [1]


def test_an_event_stream_of_a_suspended_user_is_cut_and_resumes(
    parley: Parley, people: People, settings: dict[str, object]
) -> None:
    ada, grace = people.several("Ada", "Grace")
    discussion = ada.start()
    asked = {"query": EVENTS, "variables": {"id": discussion, "after": ada.cursor(discussion)}}
    headers = {"Accept": "text/event-stream", "Authorization": f"Bearer {ada.token}"}
    opened = partial(httpx2.stream, "POST", f"{parley.url}/graphql", json=asked, headers=headers, timeout=SOON_SECONDS)
    with opened() as response:
        lines = response.iter_lines()
        assert any("CaughtUp" in line for line in lines)
        command("suspend", ada, settings)
        with pytest.raises(httpx2.RemoteProtocolError):
            list(lines)
    grace.reply(discussion, "Who is there?")
    with opened() as response:
        assert response.status_code == 200
        assert any("ReplyAdded" in line for line in response.iter_lines())


async def test_a_suspended_user_follows_as_a_reader_until_they_are_unsuspended(
    parley: Parley, people: People, settings: dict[str, object]
) -> None:
    ada, grace = people.several("Ada", "Grace")
    discussion = ada.start()
    await suspend(ada, settings)
    # At once, when the server may still remember that ada might write.
    async with following(parley, EVENTS, discussion, token=ada.token) as hers:
        await hers.replayed()
        grace.reply(discussion)
        assert numbers([await hers.item()]) == [1]
        await asyncio.to_thread(command, "unsuspend", ada, settings)
        assert await hers.closed() == 1012
    assert ada.reply(discussion)


@pytest.mark.parametrize("roles", [("moderator", "member"), ("application", "moderator")])
async def test_another_role_ends_the_users_streams_unless_it_has_the_same_rights(
    parley: Parley, people: People, settings: dict[str, object], roles: tuple[str, str]
) -> None:
    ada, grace = people.several("Ada", "Grace")
    discussion = grace.start()
    ada.ask("{ viewer { role } }")
    for role in roles:
        async with (
            following(parley, EVENTS, discussion, token=ada.token) as hers,
            following(parley, EVENTS, discussion, token=grace.token) as others,
        ):
            for follower in (hers, others):
                await follower.replayed()
            said = await asyncio.to_thread(told, "role", "--handle", ada.handle, "--role", role, **settings)
            assert said == f"@{ada.handle} is a{'n' if role == 'application' else ''} {role}.\n"
            if role == "application":
                grace.reply(discussion)
                await hers.item()
            else:
                assert await hers.closed() == 1012
                assert hers.socket.close_reason == "Rights changed"
                grace.reply(discussion)
            await others.item()
        is_moderator = ada.ask("{ viewer { isModerator } }")["viewer"]["isModerator"]
        assert is_moderator is (role == "moderator")


def test_a_suspended_user_may_not_write_until_unsuspended(people: People, settings: dict[str, object]) -> None:
    ada, grace = people.several("Ada", "Grace")
    discussion = ada.start()
    assert refusal(ada) is None
    assert command("suspend", ada, settings) == f"@{ada.handle} is suspended.\n"
    eventually(lambda: refusal(ada) is not None, "the refusal")
    assert refusal(ada) == "You are suspended: you can read, and write nothing."
    # Whatever token names the person.
    identity = claims("somebody", sub=f"id-{ada.handle}", iss=ISSUER, name="Somebody else")
    assert refusal(Person(ada.http, signed(identity))) == refusal(ada)
    ours = told("token", "--handle", ada.handle, **settings).strip()
    assert refusal(Person(ada.http, ours)) == refusal(ada)
    assert refusal(grace) is None
    # What they wrote stays, and says who wrote it.
    assert grace.node(discussion, "... on Discussion { author { handle } }")["author"] == {"handle": ada.handle}
    again = told("suspend", "--handle", ada.handle, "--until", "2999-12-31", "--reason", "Spam", **settings)
    assert again == f"@{ada.handle} is suspended until 2999-12-31 00:00 UTC.\n"
    until = "You are suspended until 2999-12-31 00:00 UTC: you can read, and write nothing."
    assert refusal(ada) == f'{until} The reason: "Spam"'
    assert command("unsuspend", ada, settings) == f"@{ada.handle} is not suspended.\n"
    eventually(lambda: refusal(ada) is None, "the end of the refusal")
    assert ada.reply(discussion)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--until", "soon"], f'--until is "soon": {HOW_TO_WRITE_DATES}'),
        (["--until", "2020-01-02"], "2020-01-02 00:00 UTC is past: choose a later end, or none."),
        (["--reason", "x" * 501], "The reason has 501 characters; 500 are allowed."),
    ],
)
def test_a_suspension_that_cannot_be_is_refused_in_one_line(
    people: People, settings: dict[str, object], arguments: list[str], why: str
) -> None:
    ada = people()
    ada.start()
    done = run("suspend", "--handle", ada.handle, *arguments, **settings)
    assert (done.returncode != 0, done.stdout, done.stderr) == (True, "", f"parley: {why}\n")
    assert refusal(ada) is None


@pytest.mark.parametrize("name", ["suspend", "unsuspend", "premoderate"])
def test_an_unknown_handle_gives_one_line(name: str, settings: dict[str, object]) -> None:
    done = run(name, "--handle", "nobody-of-this-name", **settings)
    assert done.returncode != 0
    assert done.stdout == ""
    assert done.stderr == 'parley: No user has the handle "nobody-of-this-name".\n'


async def test_a_deleted_discussion_ends_its_streams(parley: Parley, people: People) -> None:
    ada, mo = people(), people("Mo", moderator=True)
    discussion = ada.start()
    async with following(parley, EVENTS, discussion) as follower:
        await follower.replayed()
        mo.write("deleteDiscussion", discussionId=discussion)
        assert (await follower.item())["discussion"]["state"] == "DELETED"
        await follower.completed()

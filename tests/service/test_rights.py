"""Rights while a stream lives: who is suspended is refused everywhere, and what they follow ends."""

import asyncio

import httpx2
import pytest

from tests.support.http import ISSUER, People, Person, claims, signed
from tests.support.servers import Parley, run, told
from tests.support.timeouts import SOON_SECONDS
from tests.support.waiting import eventually
from tests.support.websocket import EVENTS, following, numbers, opened

pytestmark = pytest.mark.anyio


@pytest.fixture
def settings(parley: Parley) -> dict[str, object]:
    """What the command line needs to speak of the session's server."""
    return dict(parley.settings)


def command(name: str, person: Person, settings: dict[str, object]) -> str:
    return told(name, "--handle", person.handle, **settings)


async def suspend(person: Person, settings: dict[str, object]) -> None:
    await asyncio.to_thread(command, "suspend", person, settings)


def refusal(person: Person) -> str | None:
    """Why a person's token is refused; None where it is not."""
    answer = person.post("{ viewer { isGuest } }")
    if answer.status_code == 200:
        return None
    assert answer.status_code == 403
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "SUSPENDED"
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
        assert await hers.closed() == 4403
        assert await hers_too.closed() == 4403
        grace.reply(discussion)
        for follower in (others, readers):
            assert numbers([await follower.item()]) == [1]


def test_an_event_stream_of_a_suspended_user_gets_an_error_and_ends(
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
        assert any("SUSPENDED" in line for line in lines)
        with pytest.raises(httpx2.RemoteProtocolError):
            list(lines)


async def test_a_suspended_token_is_refused_before_the_ack(
    parley: Parley, people: People, settings: dict[str, object]
) -> None:
    ada = people()
    ada.start()
    await suspend(ada, settings)
    # At once, when the server may still remember that ada was welcome.
    async with opened(parley) as socket:
        await socket.send(type="connection_init", payload={"authorization": f"Bearer {ada.token}"})
        assert await socket.frames_until_closed() == []
        assert await socket.closed() == 4403
        assert socket.socket.close_reason == "Suspended"


def test_a_suspended_user_is_refused_until_unsuspended(people: People, settings: dict[str, object]) -> None:
    ada, grace = people.several("Ada", "Grace")
    discussion = ada.start()
    assert refusal(ada) is None
    assert command("suspend", ada, settings) == f"@{ada.handle} is suspended.\n"
    eventually(lambda: refusal(ada) is not None, "the refusal")
    assert refusal(ada) == f"The user of this token, @{ada.handle}, is suspended."
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

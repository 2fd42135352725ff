"""Roles of people, as tokens and moderators gave them, wherever they are shown; and who started a discussion."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.http import Data, People, Person, claims, signed
from tests.support.servers import Parley, run

SHOWN = "author { role isGuest } authorRole byDiscussionAuthor"


def role(people: People, handle: str) -> str:
    """What everybody sees of a person."""
    found = people.reader.ask("query ($handle: String!) { user(handle: $handle) { role } }", handle=handle)
    shown: str = found["user"]["role"]
    return shown


def sign_in(people: People, handle: str, **said: Any) -> Person:
    person = Person(people.http, signed(claims(handle, **said)), handle)
    person.ask("{ viewer { isModerator } }")
    return person


def shown(reader: Person, post: str) -> Data:
    found: Data = reader.node(post, f"... on Post {{ {SHOWN} }}")
    del found["__typename"]
    return found


def test_the_role_of_the_latest_token_is_shown(people: People) -> None:
    handle = people().handle
    for claim, expected in (
        (None, "MEMBER"),
        ("moderator", "MODERATOR"),
        ("application", "APPLICATION"),
        ("admin", "MEMBER"),
        ("moderator", "MODERATOR"),
        (["moderator"], "MEMBER"),
        ("moderator", "MODERATOR"),
        (None, "MEMBER"),
    ):
        sign_in(people, handle, parley_role=claim)
        assert role(people, handle) == expected, claim


def test_an_older_token_that_is_still_used_takes_no_role_back(people: People) -> None:
    handle = people().handle
    older = sign_in(people, handle, iat=1_000)
    newer = sign_in(people, handle, iat=2_000, parley_role="moderator")
    for _ in range(2):
        assert older.ask("{ viewer { isModerator } }") == {"viewer": {"isModerator": True}}
        assert role(people, handle) == "MODERATOR"
    assert newer.ask("{ viewer { isModerator } }") == {"viewer": {"isModerator": True}}


def test_without_iat_the_token_that_expires_last_is_the_newest(people: People) -> None:
    handle = people().handle
    now = datetime.now(UTC)
    older = sign_in(people, handle, name="Ada Once", exp=now + timedelta(minutes=10))
    newer = sign_in(people, handle, name="Ada Now", exp=now + timedelta(minutes=15))
    after = people.reader.ask("{ feedCursor }")["feedCursor"]
    for person in (older, newer, older):
        assert person.ask("{ viewer { user { name } } }") == {"viewer": {"user": {"name": "Ada Now"}}}
    asked = """query ($after: String!, $user: ID!) { feedEvents(after: $after, filter: {authorId: $user}) {
        nodes { cursor } } }"""
    user = newer.ask("{ viewer { user { id } } }")["viewer"]["user"]["id"]
    assert people.reader.ask(asked, after=after, user=user)["feedEvents"]["nodes"] == []


def test_the_role_shown_is_what_every_token_of_the_person_has(people: People) -> None:
    ada, bo = people(), people("Bo")
    discussion = ada.start()
    replies = [ada.reply(discussion) for _ in range(2)]
    older = sign_in(people, bo.handle, iat=1)
    assert older.refused("deleteReply", replyId=replies[0])["code"] == "NOT_ALLOWED"
    sign_in(people, bo.handle, parley_role="moderator", iat=2)
    assert older.delete(replies[0])["state"] == "DELETED"
    newest = sign_in(people, bo.handle, iat=3)
    assert role(people, bo.handle) == "MEMBER"
    for person in (older, newest):
        assert person.refused("deleteReply", replyId=replies[1])["code"] == "NOT_ALLOWED"


def test_a_token_of_the_command_line_makes_a_moderator_for_good(people: People, parley: Parley) -> None:
    ada = people()
    ada.ask("{ viewer { isModerator } }")
    for moderator in (True, False):
        ours = Person(people.http, parley.token(ada.handle, moderator=moderator))
        assert ours.ask("{ viewer { isModerator role } }")["viewer"] == {"isModerator": True, "role": "MODERATOR"}
        assert role(people, ada.handle) == "MODERATOR"
    # Neither does a token of the identity provider that does not say so.
    assert sign_in(people, ada.handle).ask("{ viewer { isModerator } }")["viewer"]["isModerator"] is True


def test_a_guest_stays_a_guest(people: People, parley: Parley) -> None:
    payload = people.reader.write("signInAsGuest", name=f"Guest {people().handle}")
    handle = payload["viewer"]["user"]["handle"]
    assert role(people, handle) == "GUEST"
    refused = run("token", "--handle", handle, "--moderator", **parley.settings)
    assert refused.returncode != 0
    why = "guests get no role: they have to sign in with an account."
    assert refused.stderr == f"parley: @{handle} is a guest, and {why}\n"
    number = payload["viewer"]["user"]["id"].removeprefix("U_")
    lifted = claims(handle, iss="parley", sub=number, parley_role="moderator")
    guest = Person(people.http, signed(lifted))
    assert guest.ask("{ viewer { isGuest isModerator } }")["viewer"] == {"isGuest": True, "isModerator": False}
    assert role(people, handle) == "GUEST"


def test_posts_show_the_role_of_their_author_and_whether_they_started_the_discussion(people: People) -> None:
    ada, bo = people(), people("Bo")
    guest = Person(people.http, people.reader.write("signInAsGuest", name=f"Zoe {bo.handle}")["token"])
    discussion = ada.start()
    posts = {"Ada": discussion, "Bo": bo.reply(discussion, "Bo's."), "guest": guest.reply(discussion, "A guest's.")}
    posts["Ada again"] = ada.reply(discussion, "Mine.", to=posts["Bo"])
    bo = sign_in(people, bo.handle, name=bo.name, parley_role="moderator")
    expected = {
        "Ada": ("MEMBER", True),
        "Bo": ("MODERATOR", False),
        "guest": ("GUEST", False),
        "Ada again": ("MEMBER", True),
    }
    for name, (its_role, by_starter) in expected.items():
        author = {"role": its_role, "isGuest": its_role == "GUEST"}
        assert shown(people.reader, posts[name]) == {
            "author": author,
            "authorRole": its_role,
            "byDiscussionAuthor": by_starter,
        }, name
    fields = f"authorRole byDiscussionAuthor quotes {{ attributedTo {{ role }} source {{ {SHOWN} }} }}"
    page = f"""query ($id: ID!) {{ discussion(id: $id) {{ authorRole byDiscussionAuthor
        thread {{ nodes {{ {fields} }} }} replies {{ nodes {{ {fields} }} }} }} }}"""
    bo.reply(discussion, "> Mine.\n\nYours.", to=posts["Ada again"], quotes=[_quote(posts["Ada again"], "Mine.")])
    found = people.reader.ask(page, id=discussion)["discussion"]
    assert (found["authorRole"], found["byDiscussionAuthor"]) == ("MEMBER", True)
    thread = [(each["authorRole"], each["byDiscussionAuthor"]) for each in found["thread"]["nodes"]]
    assert thread == [("MODERATOR", False), ("MEMBER", True), ("MODERATOR", False), ("GUEST", False)]
    quoted = [quote for each in found["replies"]["nodes"] for quote in each["quotes"]]
    starter = {"author": {"role": "MEMBER", "isGuest": False}, "authorRole": "MEMBER", "byDiscussionAuthor": True}
    assert quoted == [{"attributedTo": {"role": "MEMBER"}, "source": starter}]


def _quote(source: str, text: str) -> Data:
    return {"sourceId": source, "text": text}


def test_tombstones_show_no_role(people: People) -> None:
    ada, mod = people(), people("Mod", moderator=True)
    discussion = ada.start()
    reply, other = ada.reply(discussion, "Mine."), ada.reply(discussion, "Mine, too.")
    nobody = {"author": None, "authorRole": None, "byDiscussionAuthor": False}
    ada.delete(reply)
    assert shown(people.reader, reply) == nobody
    assert shown(people.reader, other)["byDiscussionAuthor"] is True
    mod.write("deleteDiscussion", discussionId=discussion)
    assert [shown(people.reader, post) for post in (discussion, other)] == [nobody] * 2

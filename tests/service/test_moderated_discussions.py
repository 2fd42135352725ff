"""What moderators do with a discussion as a whole: pin it, move it, give it another title, also while it is locked."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from sqlalchemy import text

from db import migrate
from tests.support.http import Data, People, Person, key
from tests.support.servers import Parley

pytestmark = pytest.mark.anyio

SHOWN = """... on Discussion { title version pinned locked body lastEditedAt viewerCanModerate category { id slug }
    event: eventCursor revisions(first: 10) { nodes { version title body editor { handle } } } }"""
Act = Callable[[Person, str], Data]


async def entries(site: Parley, discussion: str) -> list[tuple[Any, ...]]:
    """The audit entries of a discussion: action, actor's handle, user's handle, reason and what it was before."""
    query = text(
        "SELECT action, actor.handle, concerned.handle, reason, former, category_id FROM audit_entries"
        " LEFT JOIN users AS actor ON actor.id = actor_id LEFT JOIN users AS concerned ON concerned.id = user_id"
        " WHERE discussion_id = :id ORDER BY audit_entries.id"
    )
    number = int(discussion.removeprefix("D_"))
    url = str(site.settings["database_url"])
    return await migrate.transact(url, lambda connection: [tuple(r) for r in connection.execute(query, {"id": number})])


def category(person: Person, **more: Any) -> str:
    slug = key()["clientMutationId"]
    made: str = person.write("addCategory", slug=slug, name=slug.title(), **more)["category"]["id"]
    return made


def changes(person: Person, discussion: str, after: str) -> list[tuple[str, list[str] | None]]:
    """The events behind a cursor, with what they say has changed."""
    fields = "... on DiscussionUpdated { changes }"
    return [(str(each["__typename"]), each.get("changes")) for each in person.events(discussion, after, fields)]


class Case(NamedTuple):
    """An act of a moderator on a discussion that is as it was started."""

    mutation: str
    given: Callable[[Person], Data]
    changes: str
    action: str


CASES = {
    "pin": Case("pinDiscussion", lambda _: {}, "PIN", "PIN_DISCUSSION"),
    "move": Case("moveDiscussion", lambda mo: {"categoryId": category(mo)}, "CATEGORY", "MOVE_DISCUSSION"),
    "retitle": Case(
        "retitleDiscussion", lambda _: {"title": "Better", "expectedVersion": 1}, "TITLE", "RETITLE_DISCUSSION"
    ),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("locked", [False, True])
async def test_an_act_leaves_one_event_and_one_entry(site: Parley, crowd: People, name: str, locked: bool) -> None:
    ada, mo, case = crowd("Ada"), crowd("Mo", moderator=True), CASES[name]
    discussion = ada.start()
    if locked:
        mo.write("lockDiscussion", discussionId=discussion)
    given = case.given(mo)
    begin = mo.node(discussion, SHOWN)["event"]
    acted = mo.write(case.mutation, discussionId=discussion, reason="Because.", **given)["discussion"]
    assert acted["id"] == discussion and acted["body"] == "To begin with."
    assert changes(ada, discussion, begin) == [("DiscussionUpdated", [case.changes])]
    # The same once more changes nothing, so it leaves nothing.
    if "expectedVersion" in given:
        given["expectedVersion"] = 2
    assert mo.write(case.mutation, discussionId=discussion, reason="Again.", **given)["discussion"] == acted
    assert len(changes(ada, discussion, begin)) == 1
    found = await entries(site, discussion)
    assert [each[:4] for each in found[locked:]] == [(case.action, mo.handle, ada.handle, "Because.")]


@pytest.mark.parametrize("name", CASES)
async def test_only_moderators_act_on_discussions(site: Parley, crowd: People, name: str) -> None:
    ada, bo, mo, case = crowd("Ada"), crowd("Bo"), crowd("Mo", moderator=True), CASES[name]
    discussion = ada.start()
    before, given = mo.node(discussion, SHOWN), case.given(mo)
    for person in (ada, bo):
        error = person.refused(case.mutation, discussionId=discussion, **given)
        assert (error["code"], error["path"]) == ("NOT_ALLOWED", ["input", "discussionId"])
        assert person.node(discussion, SHOWN)["viewerCanModerate"] is False
    stranger = crowd.reader.payload(case.mutation, discussionId=discussion, **given)
    assert stranger["errors"][0]["code"] == "NOT_SIGNED_IN"
    for missing in ("D_999999", "R_1"):
        assert mo.refused(case.mutation, discussionId=missing, **given)["code"] == "DISCUSSION_NOT_FOUND"
    long = mo.refused(case.mutation, discussionId=discussion, reason="x" * 501, **given)
    assert (long["code"], long["path"]) == ("REASON_TOO_LONG", ["input", "reason"])
    assert mo.node(discussion, SHOWN) == before and before["viewerCanModerate"] is True
    mo.write("deleteDiscussion", discussionId=discussion)
    assert mo.refused(case.mutation, discussionId=discussion, **given)["code"] == "DISCUSSION_NOT_FOUND"
    assert mo.node(discussion, SHOWN)["viewerCanModerate"] is False
    assert [each[0] for each in await entries(site, discussion)] == ["DELETE_DISCUSSION"]


async def test_an_act_with_the_same_key_is_done_once(site: Parley, crowd: People) -> None:
    ada, mo = crowd("Ada"), crowd("Mo", moderator=True)
    discussion, same = ada.start(), key()
    for _ in range(3):
        assert mo.write("pinDiscussion", discussionId=discussion, **same)["discussion"]["pinned"] is True
    mo.write("unpinDiscussion", discussionId=discussion)
    # A repeat is answered as it was, and does not pin it again.
    assert mo.write("pinDiscussion", discussionId=discussion, **same)["discussion"]["pinned"] is False
    assert [each[0] for each in await entries(site, discussion)] == ["PIN_DISCUSSION", "UNPIN_DISCUSSION"]


async def test_a_move_names_both_categories(site: Parley, crowd: People) -> None:
    ada, mo = crowd("Ada"), crowd("Mo", moderator=True)
    here, there = category(mo), category(mo)
    discussion = ada.start(categoryId=here)
    for goal in (there, None, here):
        moved = mo.write("moveDiscussion", discussionId=discussion, categoryId=goal)["discussion"]
        assert moved["version"] == 1
        found = mo.node(discussion, SHOWN)["category"]
        assert (found and found["id"]) == goal
        for place in (here, there):
            fields = "... on Category { discussions(first: 5) { nodes { id } } }"
            listed = mo.node(place, fields)["discussions"]["nodes"]
            assert ({"id": discussion} in listed) is (place == goal)
    error = mo.refused("moveDiscussion", discussionId=discussion, categoryId="C_999999")
    assert (error["code"], error["path"]) == ("CATEGORY_NOT_FOUND", ["input", "categoryId"])
    numbers = {each: int(each.removeprefix("C_")) for each in (here, there)}
    assert [(each[4], each[5]) for each in await entries(site, discussion)] == [
        (f'{{"category":{numbers[here]}}}', numbers[there]),
        (f'{{"category":{numbers[there]}}}', None),
        ('{"category":null}', numbers[here]),
    ]


async def test_a_title_by_a_moderator_is_a_version_with_the_same_words(site: Parley, crowd: People) -> None:
    ada, bo, mo = crowd("Ada"), crowd("Bo"), crowd("Mo", moderator=True)
    source = bo.reply(ada.start(), "Words that are quoted.")
    discussion = ada.start(
        "> Words that are quoted.\n\nOpening.",
        "Misteak",
        quotes=[{"sourceId": source, "text": "Words that are quoted."}],
    )
    quotes = "... on Post { body quotes { id status sourceVersion } }"
    before = mo.node(discussion, quotes)
    mo.write("retitleDiscussion", discussionId=discussion, title="  A  mistake ", expectedVersion=1)
    shown = mo.node(discussion, SHOWN)
    assert (shown["title"], shown["version"]) == ("A mistake", 2) and shown["lastEditedAt"] is not None
    assert mo.node(discussion, quotes) == before
    versions = [(each["version"], each["title"], each["editor"]) for each in shown["revisions"]["nodes"]]
    assert versions == [(1, "Misteak", {"handle": ada.handle}), (2, "A mistake", {"handle": mo.handle})]
    # The author reads the versions, and not which moderator it was.
    assert [each["editor"] for each in ada.node(discussion, SHOWN)["revisions"]["nodes"]] == [
        {"handle": ada.handle},
        None,
    ]
    found = ada.ask('{ search(query: "mistake quoted opening", first: 50) { nodes { id } } }')["search"]["nodes"]
    assert {"id": discussion} in found
    # The author edits it on: that version is theirs, with the moderator's title.
    ada.write("editDiscussion", discussionId=discussion, expectedVersion=2, body="Other words.")
    versions = mo.node(discussion, SHOWN)["revisions"]["nodes"]
    assert [each["editor"]["handle"] for each in versions] == [ada.handle, mo.handle, ada.handle]
    assert [each["title"] for each in versions] == ["Misteak", "A mistake", "A mistake"]
    assert [each[4] for each in await entries(site, discussion)] == ['{"version":1}']


def test_a_title_is_refused_like_any_other(crowd: People) -> None:
    ada, mo = crowd("Ada"), crowd("Mo", moderator=True)
    discussion = ada.start(title="Fine")
    for title, code in ((" \u200b ", "TITLE_EMPTY"), ("x" * 201, "TITLE_TOO_LONG"), ("a\u0000b", "INVALID_TEXT")):
        error = mo.refused("retitleDiscussion", discussionId=discussion, title=title, expectedVersion=1)
        assert (error["code"], error["path"]) == (code, ["input", "title"])
    ada.write("editDiscussion", discussionId=discussion, expectedVersion=1, body="Changed meanwhile.")
    error = mo.refused("retitleDiscussion", discussionId=discussion, title="Finer", expectedVersion=1)
    assert (error["code"], error["path"]) == ("EDIT_CONFLICT", ["input", "expectedVersion"])
    assert error["current"]["version"] == 2 and error["current"]["body"] == "Changed meanwhile."

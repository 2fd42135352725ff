"""Acts of moderation are taken back by the inverse act, unless somebody has changed their subject since."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import pytest

from tests.support.http import Data, People, Person, key, raced
from tests.support.waiting import eventually

pytestmark = pytest.mark.usefixtures("networks_are_forgotten")

ENTRIES = """query ($first: Int!) { auditLog(first: $first) { nodes {
    id action canUndo reason total done skipped undoes { id } undoneBy { id } } } }"""
UNDO = """mutation ($input: UndoInput!) { undo(input: $input) { auditEntry { id action reason undoes { id canUndo } }
    errors { ... on MutationError { code message path } } } }"""
REMOVE = """mutation ($input: RemovePostsInput!) { removePosts(input: $input) {
    posts discussions repliesOfOthers auditEntry { id action total }
    errors { ... on MutationError { code path } } } }"""
SHOWN = """... on Post { state body author { name } }
    ... on Discussion { title locked pinned category { id } replyCount }
    ... on Category { name description position premoderated }
    ... on User { role suspension { reason until } isPremoderated: premoderated }"""


class Subject(NamedTuple):
    """Who acts on what."""

    moderator: Person
    other_moderator: Person
    author: Person
    author_id: str
    discussion: str
    reply: str
    category: str
    another: str


def subject(crowd: People) -> Subject:
    ada, mo = crowd("Ada"), crowd("Mo", moderator=True)
    slugs = [key()["clientMutationId"] for _ in range(2)]
    here, there = [mo.write("addCategory", slug=slug, name="Before")["category"]["id"] for slug in slugs]
    discussion = ada.start("To begin with.", "Before", categoryId=here)
    return Subject(
        mo,
        crowd("Max", moderator=True),
        ada,
        ada.ask("{ viewer { user { id } } }")["viewer"]["user"]["id"],
        discussion,
        ada.reply(discussion, "Quite so."),
        here,
        there,
    )


def latest(person: Person) -> Data:
    entry: Data = person.ask(ENTRIES, first=1)["auditLog"]["nodes"][0]
    return entry


def undo(person: Person, entry: str, **more: object) -> Data:
    payload: Data = person.ask(UNDO, input={"auditEntryId": entry} | more)["undo"]
    return payload


def shown(who: Subject) -> list[Data]:
    nodes = (who.discussion, who.reply, who.category, who.author_id)
    return [who.moderator.node(each, SHOWN) for each in nodes]


def sanction(mutation: str, result: str = "user { id }") -> str:
    kind = mutation[0].upper() + mutation[1:]
    return f"""mutation ($input: {kind}Input!) {{ {mutation}(input: $input) {{ {result}
        errors {{ ... on MutationError {{ message }} }} }} }}"""


def sanctioned(person: Person, mutation: str, **given: object) -> None:
    assert person.ask(sanction(mutation), input=given)[mutation]["errors"] == []


Act = Callable[[Person, Subject], object]


def restored(person: Person, who: Subject) -> None:
    person.delete(who.reply)
    person.write("restoreReply", replyId=who.reply)


def restored_whole(person: Person, who: Subject) -> None:
    person.write("deleteDiscussion", discussionId=who.discussion)
    person.write("restoreDiscussion", discussionId=who.discussion)


def unlocked(person: Person, who: Subject) -> None:
    person.write("lockDiscussion", discussionId=who.discussion)
    person.write("unlockDiscussion", discussionId=who.discussion)


def unpinned(person: Person, who: Subject) -> None:
    person.write("pinDiscussion", discussionId=who.discussion)
    person.write("unpinDiscussion", discussionId=who.discussion)


def unsuspended(person: Person, who: Subject) -> None:
    sanctioned(person, "suspendUser", userId=who.author_id, reason="A day off.")
    sanctioned(person, "unsuspendUser", userId=who.author_id)


def _retitle(person: Person, who: Subject, title: str) -> None:
    version = person.node(who.discussion, "... on Post { version }")["version"]
    person.write("retitleDiscussion", discussionId=who.discussion, title=title, expectedVersion=version)


class Case(NamedTuple):
    """An act, the action of its entry and of the one that takes it back, and later acts after which it cannot be."""

    act: Act
    action: str
    inverse: str
    later: list[Act]


CASES = {
    "delete a reply": Case(
        lambda mo, who: mo.delete(who.reply),
        "DELETE_POST",
        "RESTORE_POST",
        [
            lambda mo, who: mo.write("restoreReply", replyId=who.reply),
            lambda mo, who: mo.write("deleteDiscussion", discussionId=who.discussion),
        ],
    ),
    "restore a reply": Case(
        restored,
        "RESTORE_POST",
        "DELETE_POST",
        [
            lambda mo, who: mo.delete(who.reply),
            lambda _mo, who: who.author.delete(who.reply),
            lambda mo, who: mo.write("deleteDiscussion", discussionId=who.discussion),
        ],
    ),
    "delete a discussion": Case(
        lambda mo, who: mo.write("deleteDiscussion", discussionId=who.discussion),
        "DELETE_DISCUSSION",
        "RESTORE_DISCUSSION",
        [lambda mo, who: mo.write("restoreDiscussion", discussionId=who.discussion)],
    ),
    "restore a discussion": Case(
        restored_whole,
        "RESTORE_DISCUSSION",
        "DELETE_DISCUSSION",
        [lambda mo, who: mo.write("deleteDiscussion", discussionId=who.discussion)],
    ),
    "lock": Case(
        lambda mo, who: mo.write("lockDiscussion", discussionId=who.discussion),
        "LOCK_DISCUSSION",
        "UNLOCK_DISCUSSION",
        [
            lambda mo, who: mo.write("unlockDiscussion", discussionId=who.discussion),
            lambda mo, who: mo.write("deleteDiscussion", discussionId=who.discussion),
        ],
    ),
    "unlock": Case(
        unlocked,
        "UNLOCK_DISCUSSION",
        "LOCK_DISCUSSION",
        [lambda mo, who: mo.write("lockDiscussion", discussionId=who.discussion)],
    ),
    "pin": Case(
        lambda mo, who: mo.write("pinDiscussion", discussionId=who.discussion),
        "PIN_DISCUSSION",
        "UNPIN_DISCUSSION",
        [
            lambda mo, who: mo.write("unpinDiscussion", discussionId=who.discussion),
            lambda mo, who: mo.write("deleteDiscussion", discussionId=who.discussion),
        ],
    ),
    "unpin": Case(
        unpinned,
        "UNPIN_DISCUSSION",
        "PIN_DISCUSSION",
        [lambda mo, who: mo.write("pinDiscussion", discussionId=who.discussion)],
    ),
    "move": Case(
        lambda mo, who: mo.write("moveDiscussion", discussionId=who.discussion, categoryId=who.another),
        "MOVE_DISCUSSION",
        "MOVE_DISCUSSION",
        [
            lambda mo, who: mo.write("moveDiscussion", discussionId=who.discussion, categoryId=None),
            lambda _mo, who: who.author.write(
                "editDiscussion", discussionId=who.discussion, expectedVersion=1, categoryId=None
            ),
        ],
    ),
    "take out of a category": Case(
        lambda mo, who: mo.write("moveDiscussion", discussionId=who.discussion, categoryId=None),
        "MOVE_DISCUSSION",
        "MOVE_DISCUSSION",
        [lambda mo, who: mo.write("moveDiscussion", discussionId=who.discussion, categoryId=who.another)],
    ),
    "retitle": Case(
        lambda mo, who: _retitle(mo, who, "After"),
        "RETITLE_DISCUSSION",
        "RETITLE_DISCUSSION",
        [
            lambda mo, who: _retitle(mo, who, "Later"),
            lambda _mo, who: who.author.write(
                "editDiscussion", discussionId=who.discussion, expectedVersion=2, title="Mine"
            ),
            lambda mo, who: mo.write("deleteDiscussion", discussionId=who.discussion),
        ],
    ),
    "edit a category": Case(
        lambda mo, who: mo.write("editCategory", categoryId=who.category, name="After", position=7),
        "EDIT_CATEGORY",
        "EDIT_CATEGORY",
        [
            lambda mo, who: mo.write("editCategory", categoryId=who.category, name="Later"),
            lambda mo, who: mo.write("editCategory", categoryId=who.category, position=8),
        ],
    ),
    "suspend": Case(
        lambda mo, who: sanctioned(mo, "suspendUser", userId=who.author_id, reason="A day off."),
        "SUSPEND_USER",
        "UNSUSPEND_USER",
        [
            lambda mo, who: sanctioned(mo, "unsuspendUser", userId=who.author_id),
            lambda mo, who: sanctioned(mo, "suspendUser", userId=who.author_id, reason="Two days off."),
        ],
    ),
    "unsuspend": Case(
        unsuspended,
        "UNSUSPEND_USER",
        "SUSPEND_USER",
        [lambda mo, who: sanctioned(mo, "suspendUser", userId=who.author_id)],
    ),
    "give a role": Case(
        lambda mo, who: sanctioned(mo, "setRole", userId=who.author_id, role="APPLICATION"),
        "SET_ROLE",
        "SET_ROLE",
        [lambda mo, who: sanctioned(mo, "setRole", userId=who.author_id, role="MEMBER")],
    ),
    "premoderate": Case(
        lambda mo, who: sanctioned(mo, "premoderateUser", userId=who.author_id, premoderated=True),
        "PREMODERATE_USER",
        "PREMODERATE_USER",
        [lambda mo, who: sanctioned(mo, "premoderateUser", userId=who.author_id, premoderated=False)],
    ),
}
INVERSES = {"restore a reply", "restore a discussion", "unlock", "unpin", "unsuspend"}
"""Acts that are an inverse of an act before: what that had made is there again when they are taken back."""


@pytest.mark.parametrize("name", CASES)
def test_an_act_is_taken_back_once(crowd: People, name: str) -> None:
    who, case = subject(crowd), CASES[name]
    before = shown(who)
    case.act(who.moderator, who)
    entry = latest(who.moderator)
    assert (entry["action"], entry["canUndo"], entry["undoneBy"]) == (case.action, True, None)
    # Another moderator than the one who did it takes it back.
    given = {"reason": "It was a mistake.", **key()}
    made = undo(who.other_moderator, entry["id"], **given)
    assert made["errors"] == []
    inverse = made["auditEntry"]
    assert (inverse["action"], inverse["reason"]) == (case.inverse, "It was a mistake.")
    assert inverse["undoes"] == {"id": entry["id"], "canUndo": False}
    assert latest(who.moderator)["id"] == inverse["id"]
    if name not in INVERSES:
        assert shown(who) == before
    # A repeat with the key is answered alike, and another one is refused.
    assert undo(who.other_moderator, entry["id"], **given)["auditEntry"] == inverse
    (error,) = undo(who.moderator, entry["id"])["errors"]
    assert (error["code"], error["path"]) == ("CONFLICT", ["input", "auditEntryId"])
    # What was taken back can be done again, by taking that back.
    if latest(who.moderator)["canUndo"]:
        assert undo(who.moderator, inverse["id"])["errors"] == []


LATER = [(name, at) for name, case in CASES.items() for at in range(len(case.later))]


@pytest.mark.parametrize(("name", "at"), LATER)
def test_an_act_is_not_taken_back_after_a_later_one(crowd: People, name: str, at: int) -> None:
    who, case = subject(crowd), CASES[name]
    case.act(who.moderator, who)
    entry = latest(who.moderator)
    case.later[at](who.moderator, who)
    now = shown(who)
    found = {each["id"]: each for each in who.moderator.ask(ENTRIES, first=5)["auditLog"]["nodes"]}
    assert found[entry["id"]]["canUndo"] is False
    count = latest(who.moderator)["id"]
    (error,) = undo(who.moderator, entry["id"])["errors"]
    assert (error["code"], error["path"]) == ("CONFLICT", ["input", "auditEntryId"])
    assert shown(who) == now
    assert latest(who.moderator)["id"] == count


@pytest.mark.parametrize("name", ["lock", "pin", "move", "edit a category", "delete a reply", "premoderate"])
def test_the_first_of_two_equal_acts_is_not_taken_back_twice(crowd: People, name: str) -> None:
    who, case = subject(crowd), CASES[name]
    case.act(who.moderator, who)
    first = latest(who.moderator)["id"]
    assert undo(who.moderator, first)["errors"] == []
    case.act(who.moderator, who)
    second, now = latest(who.moderator)["id"], shown(who)
    found = {each["id"]: each["canUndo"] for each in who.moderator.ask(ENTRIES, first=5)["auditLog"]["nodes"]}
    assert (found[first], found[second]) == (False, True)
    assert [error["code"] for error in undo(who.moderator, first)["errors"]] == ["CONFLICT"]
    assert shown(who) == now
    assert undo(who.moderator, second)["errors"] == []


def test_of_two_who_take_an_act_back_at_once_one_does(crowd: People) -> None:
    who = subject(crowd)
    for name in ("pin", "premoderate", "edit a category", "delete a reply"):
        CASES[name].act(who.moderator, who)
        entry = latest(who.moderator)["id"]
        tried = raced([partial(undo, each, entry) for each in who[:2] * 2])
        codes = sorted(error["code"] for made in tried for error in made["errors"])
        assert codes == ["CONFLICT"] * 3


def test_a_title_is_taken_back_after_the_words_were_edited(crowd: People) -> None:
    who = subject(crowd)
    _retitle(who.moderator, who, "After")
    entry = latest(who.moderator)
    who.author.write("editDiscussion", discussionId=who.discussion, expectedVersion=2, body="Other words.")
    assert undo(who.moderator, entry["id"])["errors"] == []
    found = who.moderator.node(who.discussion, SHOWN)
    assert (found["title"], found["body"]) == ("Before", "Other words.")


def test_only_moderators_take_acts_back(crowd: People) -> None:
    who = subject(crowd)
    who.moderator.delete(who.reply)
    entry = latest(who.moderator)["id"]
    assert undo(who.author, entry)["errors"][0]["code"] == "NOT_ALLOWED"
    assert undo(crowd.reader, entry)["errors"][0]["code"] == "NOT_SIGNED_IN"
    for wrong in ("A_999999999", "R_1", ""):
        assert undo(who.moderator, wrong)["errors"][0]["code"] == "AUDIT_ENTRY_NOT_FOUND"
    long = undo(who.moderator, entry, reason="x" * 501)["errors"][0]
    assert (long["code"], long["path"]) == ("REASON_TOO_LONG", ["input", "reason"])


def test_what_cannot_be_taken_back_says_why(crowd: People) -> None:
    who = subject(crowd)
    added = next(
        each for each in who.moderator.ask(ENTRIES, first=2)["auditLog"]["nodes"] if each["action"] == "ADD_CATEGORY"
    )
    assert added["canUndo"] is False
    (error,) = undo(who.moderator, added["id"])["errors"]
    assert error["code"] == "NOT_ALLOWED" and "rename it" in error["message"]


def test_a_suspension_that_replaced_another_gives_way_to_it(crowd: People) -> None:
    who = subject(crowd)
    end = "2099-01-02T03:04:05+00:00"
    sanctioned(who.moderator, "suspendUser", userId=who.author_id, reason="First.", until=end)
    before = shown(who)
    sanctioned(who.moderator, "suspendUser", userId=who.author_id, reason="Second.")
    assert undo(who.moderator, latest(who.moderator)["id"])["errors"] == []
    assert shown(who) == before


def removal(person: Person, **given: object) -> Data:
    payload: Data = person.ask(REMOVE, input=given)["removePosts"]
    return payload


def test_what_somebody_wrote_is_removed_and_brought_back(crowd: People) -> None:
    who, bo = subject(crowd), crowd("Bo")
    others = bo.start()
    theirs = [who.reply, who.author.reply(others, "Below another."), who.discussion]
    answer = bo.reply(who.discussion, "An answer.", to=who.reply)
    before = [crowd.reader.node(each, SHOWN) for each in (*theirs, answer, others)]
    expected = {"posts": 3, "discussions": 1, "repliesOfOthers": 1}
    dry = removal(who.moderator, authorId=who.author_id, dryRun=True)
    assert dry == expected | {"auditEntry": None, "errors": []}
    same = {"authorId": who.author_id, "reason": "Spam.", **key()}
    made = removal(who.moderator, **same)
    entry = made["auditEntry"]
    assert made == expected | {"auditEntry": {"id": entry["id"], "action": "REMOVE_POSTS", "total": 3}, "errors": []}
    assert removal(who.moderator, **same) == made

    def done(id_: str) -> bool:
        found = {each["id"]: each for each in who.moderator.ask(ENTRIES, first=5)["auditLog"]["nodes"]}
        return bool(found[id_]["done"] + found[id_]["skipped"] == found[id_]["total"] == 3)

    eventually(lambda: done(entry["id"]), "the removal to end")
    assert all(crowd.reader.node(each, SHOWN)["state"] == "DELETED" for each in (*theirs, answer))
    fields = "... on Post { deletion { by reason body } }"
    assert who.author.node(theirs[1], fields)["deletion"] == {
        "by": "MODERATOR",
        "reason": "Spam.",
        "body": "Below another.",
    }
    back = undo(who.other_moderator, entry["id"])["auditEntry"]
    assert back["action"] == "RESTORE_POSTS"
    eventually(lambda: done(back["id"]), "the posts to come back")
    assert [crowd.reader.node(each, SHOWN) for each in (*theirs, answer, others)] == before
    assert undo(who.moderator, back["id"])["errors"][0]["code"] == "NOT_ALLOWED"
    assert undo(who.moderator, entry["id"])["errors"][0]["code"] == "CONFLICT"


def test_a_post_that_was_restored_by_itself_leaves_its_removal_to_be_undone(crowd: People) -> None:
    who = subject(crowd)
    others = crowd("Bo").start()
    replies = [who.author.reply(others, f"Reply {at}.") for at in range(2)]
    entry = removal(who.moderator, authorId=who.author_id)["auditEntry"]["id"]
    eventually(
        lambda: all(crowd.reader.node(each, SHOWN)["state"] == "DELETED" for each in replies), "the replies to go"
    )
    who.moderator.write("restoreReply", replyId=replies[0])
    found = {each["id"]: each for each in who.moderator.ask(ENTRIES, first=3)["auditLog"]["nodes"]}
    assert found[entry]["undoneBy"] is None and found[entry]["canUndo"] is True
    assert undo(who.moderator, entry)["errors"] == []
    eventually(lambda: crowd.reader.node(replies[1], SHOWN)["state"] == "VISIBLE", "the other reply to come back")


def test_only_moderators_remove_what_somebody_wrote(crowd: People) -> None:
    who = subject(crowd)
    for dry in (True, False):
        for person, code in ((who.author, "NOT_ALLOWED"), (crowd.reader, "NOT_SIGNED_IN")):
            refused = removal(person, authorId=who.author_id, dryRun=dry)
            assert [error["code"] for error in refused["errors"]] == [code]
            assert refused["posts"] == 0 and refused["auditEntry"] is None
        for wrong in ("U_999999999", "R_1"):
            refused = removal(who.moderator, authorId=wrong, dryRun=dry)
            assert refused["errors"] == [{"code": "USER_NOT_FOUND", "path": ["input", "authorId"]}]
    assert removal(who.moderator, authorId=who.author_id, since="2099-01-01T00:00:00Z")["auditEntry"] is None

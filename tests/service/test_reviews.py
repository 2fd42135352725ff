"""Reports, the review queue, claims and decisions: one decision for each reported version, for moderators' eyes."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, text

from db import migrate
from db.database import Database
from db.kinds import ReportReason
from db.statements import moment_text
from forum.deletions import purge_deleted_posts
from tests.support.http import Data, People, Person, raced
from tests.support.servers import Parley
from tests.support.waiting import eventually

ITEM = """id kind state version postVersion body title reportCount
post { id state ... on Node { __typename } } author { handle } claimedBy { handle } claimedUntil
reports { totalCount nodes { id reason note postVersion reporter { handle } } }
decision { action reason by { handle } }"""
ERRORS = "errors { ... on MutationError { code message path } }"
REPORT = f"mutation ($input: ReportPostInput!) {{ it: reportPost(input: $input) {{ reported {ERRORS} }} }}"
CLAIM = (
    f"mutation ($input: ClaimReviewInput!) {{ it: claimReview(input: $input) {{ reviewItem {{ {ITEM} }} {ERRORS} }} }}"
)
DECIDE = f"""mutation ($input: DecideReviewInput!) {{ it: decideReview(input: $input) {{ reviewItem {{ {ITEM} }}
errors {{ ... on MutationError {{ code message path }} ... on Conflict {{ current {{ {ITEM} }} }} }} }} }}"""
QUEUE = f"""query ($filter: ReviewQueueFilter, $first: Int, $after: String) {{
reviewQueue(filter: $filter, first: $first, after: $after) {{ totalCount pageInfo {{ hasNextPage endCursor }}
nodes {{ {ITEM} }} }} }}"""
LOG = """query ($filter: AuditLogFilter, $first: Int, $after: String) {
auditLog(filter: $filter, first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor }
nodes { id action reason actor { handle } user { handle } discussion { id } post { id } reviewItem { id } canUndo
undoes { id } undoneBy { id } category { id } total done skipped } } }"""


def do(person: Person, document: str, **given: Any) -> Data:
    """The payload of a mutation."""
    payload: Data = person.ask(document, input=given)["it"]
    return payload


def reported(person: Person, post: str, reason: str = "SPAM", **more: Any) -> bool:
    """Reports a post, and returns whether that added something."""
    payload = do(person, REPORT, postId=post, reason=reason, **more)
    assert payload["errors"] == [], payload
    added: bool = payload["reported"]
    return added


def queue(moderator: Person, **chosen: Any) -> list[Data]:
    """All items of the queue."""
    found: list[Data] = moderator.ask(QUEUE, filter=chosen, first=100)["reviewQueue"]["nodes"]
    return found


def item_of(moderator: Person, post: str) -> Data:
    """The open item of a post."""
    (item,) = [item for item in queue(moderator) if item["post"]["id"] == post]
    return item


def decided(moderator: Person, item: Data, action: str, **more: Any) -> Data:
    """Decides an item as it was seen."""
    payload = do(moderator, DECIDE, reviewItemId=item["id"], action=action, expectedVersion=item["version"], **more)
    assert payload["errors"] == [], payload
    found: Data = payload["reviewItem"]
    return found


def code(payload: Data) -> tuple[str, list[str] | None]:
    (error,) = payload["errors"]
    assert error["message"].strip()
    return error["code"], error["path"]


@pytest.fixture(scope="module")
def moderator(crowd: People) -> Person:
    return crowd("Mod", moderator=True)


def test_reports_of_a_post_are_merged_into_one_item(crowd: People, moderator: Person) -> None:
    ada, bo, cy = crowd.several("Ada", "Bo", "Cy")
    discussion = ada.start(title="Cheap watches")
    reply = ada.reply(discussion, "Buy **now**.")
    for post, kind, body, title in (
        (reply, "Reply", "Buy **now**.", None),
        (discussion, "Discussion", "To begin with.", "Cheap watches"),
    ):
        assert reported(bo, post, "SPAM", note="  Again and again. ")
        assert not reported(bo, post, "ABUSE")
        assert reported(cy, post, "OTHER")
        item = item_of(moderator, post)
        assert item["kind"] == "REPORTED" and item["state"] == "OPEN" and item["decision"] is None
        assert (item["post"]["__typename"], item["body"], item["title"]) == (kind, body, title)
        assert (item["author"]["handle"], item["postVersion"], item["version"]) == (ada.handle, 1, 2)
        nodes = item["reports"]["nodes"]
        assert [(node["reporter"]["handle"], node["reason"], node["note"]) for node in nodes] == [
            (bo.handle, "SPAM", "Again and again."),
            (cy.handle, "OTHER", None),
        ]
        assert item["reportCount"] == item["reports"]["totalCount"] == 2
        assert moderator.node(nodes[0]["id"], "... on Report { note }") == {
            "__typename": "Report",
            "note": "Again and again.",
        }
        assert moderator.node(item["id"], "... on ReviewItem { version }")["version"] == 2


def test_two_moderators_who_decide_at_once_make_one_decision(crowd: People) -> None:
    ada, bo = crowd.several("Ada", "Bo")
    moderators = [crowd("Mod", moderator=True) for _ in range(2)]
    discussion = ada.start()
    actions = ["DISMISS", "DELETE_POST"]
    for number in range(6):
        post = ada.reply(discussion) if number % 3 else ada.start()
        assert reported(bo, post)
        item = item_of(moderators[0], post)
        first, second = raced(
            [
                partial(
                    do,
                    moderator,
                    DECIDE,
                    reviewItemId=item["id"],
                    action=actions[(number + at) % 2],
                    expectedVersion=item["version"],
                )
                for at, moderator in enumerate(moderators)
            ]
        )
        winner, loser = (first, second) if not first["errors"] else (second, first)
        assert winner["errors"] == [] and loser["reviewItem"] is None
        decided_item = winner["reviewItem"]
        assert (decided_item["state"], decided_item["version"]) == ("DECIDED", item["version"] + 1)
        (error,) = loser["errors"]
        assert error["code"] == "CONFLICT" and error["current"] == decided_item
        entries = moderators[0].ask(LOG, filter={"userId": _id(ada)}, first=1)["auditLog"]["nodes"]
        assert entries[0]["reviewItem"] == {"id": item["id"]}
        decision = decided_item["decision"]
        assert decision["by"] == entries[0]["actor"]
        is_deleted = moderators[0].node(post, "... on Post { state }")["state"] == "DELETED"
        assert is_deleted == (decision["action"] in ("DELETE_POST", "DELETE_DISCUSSION"))


def _id(person: Person) -> str:
    found: str = person.ask("{ viewer { user { id } } }")["viewer"]["user"]["id"]
    return found


@pytest.mark.parametrize("seed", range(4))
def test_item_opens_again_for_a_newer_version_alone(crowd: People, moderator: Person, seed: int) -> None:
    chance = random.Random(seed)
    ada, *reporters = crowd.several("Ada", "Bo", "Cy", "Di")
    reply = ada.reply(ada.start())
    version, newest, item_version, first = 1, 0, 0, None
    said: set[tuple[str, int]] = set()
    is_open = False
    for step in range(25):
        act = chance.choice(["report", "report", "report", "edit", "decide"])
        if act == "edit":
            ada.edit(reply, f"Again {step}.", version)
            version += 1
        elif act == "report":
            reporter = chance.choice(reporters)
            adds = (reporter.handle, version) not in said and (is_open or version > newest)
            assert reported(reporter, reply, chance.choice(list(ReportReason)).value) == adds
            if adds:
                said.add((reporter.handle, version))
                first = first if is_open else version
                newest, is_open, item_version = max(newest, version), True, item_version + 1
        elif is_open:
            decided(moderator, item_of(moderator, reply), "DISMISS")
            is_open, item_version = False, item_version + 1
        items = [item for item in queue(moderator, authorId=_id(ada)) if item["post"]["id"] == reply]
        assert len(items) == is_open
        if is_open:
            assert (items[0]["version"], items[0]["postVersion"]) == (item_version, first)
            assert items[0]["reportCount"] == len(said)
            assert items[0]["decision"] is None


def test_decision_is_about_the_version_that_was_seen(crowd: People, moderator: Person) -> None:
    ada, bo, cy = crowd.several("Ada", "Bo", "Cy")
    reply = ada.reply(ada.start())
    assert reported(bo, reply)
    seen = item_of(moderator, reply)
    other = crowd("Mod", moderator=True)
    # A claim changes nothing that is decided about.
    claimed = do(other, CLAIM, reviewItemId=seen["id"])["reviewItem"]
    assert claimed["version"] == seen["version"]
    assert reported(cy, reply, "ABUSE")
    payload = do(moderator, DECIDE, reviewItemId=seen["id"], action="DISMISS", expectedVersion=seen["version"])
    assert code(payload) == ("CONFLICT", ["input", "expectedVersion"])
    current = payload["errors"][0]["current"]
    assert current["reportCount"] == 2 and current["version"] == seen["version"] + 1
    assert current["claimedBy"] == {"handle": other.handle}
    item = decided(moderator, current, "DISMISS", reason=" It is fine. ")
    assert item["decision"] == {"action": "DISMISS", "reason": "It is fine.", "by": {"handle": moderator.handle}}
    assert item["claimedBy"] is None and item["body"] is None
    again = do(moderator, DECIDE, reviewItemId=item["id"], action="DISMISS", expectedVersion=item["version"])
    assert code(again) == ("CONFLICT", ["input", "reviewItemId"])
    assert again["errors"][0]["current"] == item


def test_decision_fits_the_kind_and_is_written_once_a_key(crowd: People, moderator: Person) -> None:
    ada, bo = crowd.several("Ada", "Bo")
    reply = ada.reply(ada.start())
    assert reported(bo, reply)
    item = item_of(moderator, reply)
    for action in ("PUBLISH", "REJECT"):
        payload = do(moderator, DECIDE, reviewItemId=item["id"], action=action, expectedVersion=item["version"])
        assert code(payload) == ("NOT_ALLOWED", ["input", "action"])
    for wrong in ("I_999999999", "R_1", "x"):
        payload = do(moderator, DECIDE, reviewItemId=wrong, action="DISMISS", expectedVersion=1)
        assert code(payload) == ("REVIEW_ITEM_NOT_FOUND", ["input", "reviewItemId"])
        assert code(do(moderator, CLAIM, reviewItemId=wrong)) == ("REVIEW_ITEM_NOT_FOUND", ["input", "reviewItemId"])
    long = do(moderator, DECIDE, reviewItemId=item["id"], action="DISMISS", expectedVersion=1, reason="x" * 501)
    assert code(long) == ("REASON_TOO_LONG", ["input", "reason"])
    given = {"reviewItemId": item["id"], "action": "DELETE_POST", "expectedVersion": item["version"]}
    first, second = [do(moderator, DECIDE, clientMutationId="one key", **given) for _ in range(2)]
    assert first == second and first["reviewItem"]["decision"]["action"] == "DELETE_POST"
    (entry,) = moderator.ask(LOG, filter={"userId": _id(ada)})["auditLog"]["nodes"]
    assert entry["post"] == {"id": reply}


def test_posts_that_cannot_be_reported(crowd: People, moderator: Person) -> None:
    ada, bo = crowd.several("Ada", "Bo")
    discussion = ada.start()
    reply = ada.reply(discussion)
    can = "... on Post { viewerCanReport }"
    for person, expected in ((ada, False), (bo, True), (moderator, True), (crowd.reader, False)):
        assert [person.node(post, can)["viewerCanReport"] for post in (discussion, reply)] == [expected] * 2
    assert code(do(ada, REPORT, postId=reply, reason="SPAM")) == ("NOT_ALLOWED", ["input", "postId"])
    assert code(do(crowd.reader, REPORT, postId=reply, reason="SPAM"))[0] == "NOT_SIGNED_IN"
    assert code(do(bo, REPORT, postId=reply, reason="SPAM", note="x" * 501)) == ("REASON_TOO_LONG", ["input", "note"])
    assert code(do(bo, REPORT, postId=reply, reason="SPAM", note="\x01"))[0] == "INVALID_TEXT"
    ada.delete(reply)
    for gone in (reply, "R_999999999", "D_999999999", "U_1", "", "x"):
        assert code(do(bo, REPORT, postId=gone, reason="SPAM")) == ("POST_NOT_FOUND", ["input", "postId"]), gone
    assert not bo.node(reply, can)["viewerCanReport"]


def test_claim_lasts_ten_minutes_and_is_for_one_moderator(crowd: People, moderator: Person, site: Parley) -> None:
    ada, bo = crowd.several("Ada", "Bo")
    other = crowd("Mod", moderator=True)
    reply = ada.reply(ada.start())
    assert reported(bo, reply)
    item = item_of(moderator, reply)
    claimed = do(moderator, CLAIM, reviewItemId=item["id"])["reviewItem"]
    assert claimed["claimedBy"] == {"handle": moderator.handle}
    ends = datetime.fromisoformat(claimed["claimedUntil"])
    assert timedelta(minutes=9) < ends - datetime.now(UTC) <= timedelta(minutes=10)
    refused = do(other, CLAIM, reviewItemId=item["id"])
    assert code(refused) == ("CONFLICT", ["input", "reviewItemId"])
    # Whoever has not claimed it releases nothing.
    assert do(other, CLAIM, reviewItemId=item["id"], release=True)["reviewItem"] == claimed
    assert [each["id"] for each in queue(moderator, claimedByMe=True)] == [item["id"]]
    assert queue(other, claimedByMe=True) == []
    released = do(moderator, CLAIM, reviewItemId=item["id"], release=True)["reviewItem"]
    assert released["claimedBy"] is None and released["claimedUntil"] is None
    do(moderator, CLAIM, reviewItemId=item["id"])
    ends = _end_claim(site, item["id"], in_seconds=1)

    def is_over() -> bool:
        """Nothing is written meanwhile: an answer that was kept would be sent although the claim has ended."""
        asked_at = datetime.now(UTC)
        claimed = item_of(other, reply)["claimedBy"]
        assert claimed is None or asked_at <= ends
        return claimed is None

    eventually(is_over, "the end of the claim")
    assert queue(moderator, claimedByMe=True) == []
    assert do(other, CLAIM, reviewItemId=item["id"])["reviewItem"]["claimedBy"] == {"handle": other.handle}


def _end_claim(site: Parley, item: str, *, in_seconds: float) -> datetime:
    """Has a claim end soon. Returns when."""
    url = str(site.settings["database_url"])
    ends = datetime.now(UTC) + timedelta(seconds=in_seconds)

    def change(connection: Connection) -> None:
        update = text("UPDATE review_items SET claim_ends_at = :ends WHERE id = :item")
        value = moment_text(ends) if url.startswith("sqlite") else ends
        connection.execute(update, {"ends": value, "item": int(item[2:])})

    asyncio.run(migrate.transact(url, change))
    return ends


@pytest.mark.parametrize("what", ["reply", "opening", "reply of a deleted discussion", "raised"])
def test_deletion_outside_of_the_queue_decides_the_open_item(crowd: People, moderator: Person, what: str) -> None:
    ada, bo = crowd.several("Ada", "Bo")
    discussion = ada.start()
    reply = ada.reply(discussion)
    bo.reply(discussion)
    post = discussion if what == "opening" else reply
    assert reported(bo, post)
    seen = item_of(moderator, post)
    if what == "raised":
        ada.delete(reply)
        assert item_of(moderator, post)["body"] == "Quite so."
    if what in ("reply", "raised"):
        moderator.delete(reply, reason="Outside.")
        action = "DELETE_POST"
    else:
        moderator.write("deleteDiscussion", discussionId=discussion, reason="Outside.")
        action = "DELETE_DISCUSSION"
    assert [item for item in queue(moderator) if item["post"]["id"] == post] == []
    item = moderator.node(seen["id"], f"... on ReviewItem {{ {ITEM} }}")
    assert item["state"] == "DECIDED" and item["version"] == seen["version"] + 1
    assert item["decision"] == {"action": action, "reason": "Outside.", "by": {"handle": moderator.handle}}
    late = do(moderator, DECIDE, reviewItemId=seen["id"], action="DISMISS", expectedVersion=seen["version"])
    assert code(late)[0] == "CONFLICT"
    (entry,) = moderator.ask(LOG, filter={"userId": _id(ada)})["auditLog"]["nodes"]
    expected = None if what == "reply of a deleted discussion" else {"id": seen["id"]}
    assert (entry["action"], entry["reviewItem"]) == (action, expected)


def test_decision_about_what_its_author_or_a_moderator_has_deleted(crowd: People, moderator: Person) -> None:
    ada, bo = crowd.several("Ada", "Bo")
    discussion = ada.start(title="Gone")
    reply, alone = ada.reply(discussion), ada.start(title="Mine")
    for post in (reply, alone):
        assert reported(bo, post)
    ada.delete(reply)
    ada.write("deleteDiscussion", discussionId=alone)
    for post, words, title in ((reply, "Quite so.", None), (alone, "To begin with.", "Mine")):
        item = item_of(moderator, post)
        assert (item["body"], item["title"], item["post"]["state"]) == (words, title, "DELETED")
        action = "DELETE_POST" if post == reply else "DELETE_DISCUSSION"
        assert decided(moderator, item, "DELETE_POST", reason="Spam.")["decision"]["action"] == action
        deletion = moderator.node(post, "... on Post { deletion { by reason } }")["deletion"]
        assert deletion == {"by": "MODERATOR", "reason": "Spam."}
    # A report that comes while a moderator deletes leaves an item, which is decided like any other.
    other = ada.reply(ada.start())
    assert reported(bo, other)
    item = item_of(moderator, other)
    ada.delete(other)
    assert decided(moderator, item_of(moderator, other), "DISMISS")["decision"]["action"] == "DISMISS"
    assert moderator.node(other, "... on Post { deletion { by } }")["deletion"] == {"by": "AUTHOR"}
    assert moderator.node(item["id"], "... on ReviewItem { body }")["body"] is None


async def _purge(url: str) -> None:
    async with Database(url) as database:
        await purge_deleted_posts(database, before=datetime.now(UTC))


def test_reported_version_is_kept_until_it_is_decided(crowd: People, moderator: Person, site: Parley) -> None:
    ada, bo = crowd.several("Ada", "Bo")
    discussion = ada.start()
    kept, edited, other = [ada.reply(discussion, f"Words {number}.") for number in range(3)]
    for post in (kept, edited):
        assert reported(bo, post)
    ada.edit(edited, "Harmless.")
    assert item_of(moderator, edited)["body"] == "Words 1."
    for post in (kept, edited, other):
        ada.delete(post)
    asyncio.run(_purge(str(site.settings["database_url"])))
    words = "... on Post { deletion { body } }"
    assert [ada.node(post, words)["deletion"]["body"] for post in (kept, edited, other)] == [
        "Words 0.",
        "Harmless.",
        None,
    ]
    assert [item_of(moderator, post)["body"] for post in (kept, edited)] == ["Words 0.", "Words 1."]
    for post in (kept, edited):
        decided(moderator, item_of(moderator, post), "DISMISS")
    asyncio.run(_purge(str(site.settings["database_url"])))
    assert [ada.node(post, words)["deletion"]["body"] for post in (kept, edited, other)] == [None] * 3


def test_queue_and_audit_log_have_pages_and_filters(crowd: People, moderator: Person) -> None:
    ada, bo = crowd.several("Ada", "Bo")
    discussion = ada.start()
    replies = [ada.reply(discussion) for _ in range(7)]
    for reply in replies:
        assert reported(bo, reply)
    author = _id(ada)
    found, after = [], None
    while True:
        page = moderator.ask(QUEUE, filter={"authorId": author, "kind": "REPORTED"}, first=3, after=after)[
            "reviewQueue"
        ]
        assert page["totalCount"] == 7
        found += [item["post"]["id"] for item in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert found == replies
    assert queue(moderator, authorId=author, kind="HELD") == queue(moderator, authorId=author, state="DECIDED") == []
    begun = datetime.now(UTC)
    for reply in replies[:5]:
        decided(moderator, item_of(moderator, reply), "DISMISS" if reply == replies[0] else "DELETE_POST")
    assert [each["post"]["id"] for each in queue(moderator, authorId=author, state="DECIDED")] == replies[:5]
    everything, after = [], None
    while True:
        log = moderator.ask(LOG, filter={"userId": author}, first=2, after=after)["auditLog"]
        assert log["totalCount"] == 5
        everything += log["nodes"]
        after = log["pageInfo"]["endCursor"]
        if not log["pageInfo"]["hasNextPage"]:
            break
    assert [entry["post"]["id"] for entry in everything] == replies[4::-1]
    assert {entry["discussion"]["id"] for entry in everything} == {discussion}
    for chosen, count in (
        ({"actions": ["DISMISS"]}, 1),
        ({"actions": ["DISMISS", "DELETE_POST"], "actorId": _id(moderator)}, 5),
        ({"actions": []}, 0),
        ({"actorId": author}, 0),
        ({"discussionId": discussion}, 5),
        ({"since": begun.isoformat()}, 5),
        ({"until": begun.isoformat()}, 0),
    ):
        assert moderator.ask(LOG, filter={"userId": author} | chosen)["auditLog"]["totalCount"] == count, chosen
    entry = everything[0]["id"]
    assert moderator.node(entry, "... on AuditEntry { action undoneBy { id } }")["action"] == "DELETE_POST"
    for query in (QUEUE, LOG):
        for cursor in ("", "x", "a1x", "i1", "i9999999999999999999.1", found[0]):
            assert moderator.codes(query, after=cursor) == ["BAD_CURSOR"], cursor
        assert moderator.codes(query, first=101) == ["BAD_ARGUMENT"]


def test_everyone_but_moderators_is_refused(crowd: People, moderator: Person) -> None:
    ada, bo = crowd.several("Ada", "Bo")
    reply = ada.reply(ada.start())
    assert reported(bo, reply, note="A note.")
    item = item_of(moderator, reply)
    report = item["reports"]["nodes"][0]["id"]
    moderator.delete(reply)
    (entry,) = moderator.ask(LOG, filter={"userId": _id(ada)})["auditLog"]["nodes"]
    guest = crowd.reader.write("signInAsGuest", name=f"Guest {crowd('G').handle}")["token"]
    ids = [item["id"], report, entry["id"]]
    strangers = [ada, bo, crowd.reader, Person(crowd.http, guest)]
    for person in strangers:
        for field in ("reviewQueue { totalCount }", "auditLog { totalCount }", "moderationCursor"):
            answer = person.post(f"{{ {field} site {{ name }} }}").json()
            name = field.split()[0]
            assert [error["extensions"]["code"] for error in answer["errors"]] == ["NOT_ALLOWED"]
            assert answer["data"][name] is None and answer["data"]["site"]["name"]
        assert person.ask("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids)["nodes"] == [None] * 3
        expected = "NOT_SIGNED_IN" if person.token is None else "NOT_ALLOWED"
        assert code(do(person, CLAIM, reviewItemId=item["id"]))[0] == expected
        payload = do(person, DECIDE, reviewItemId=item["id"], action="DISMISS", expectedVersion=1)
        assert code(payload)[0] == expected and payload["errors"][0].get("current") is None
    seen = moderator.ask("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids)["nodes"]
    assert [node["id"] for node in seen] == ids


PREMODERATE = f"mutation ($input: PremoderateUserInput!) {{ it: premoderateUser(input: $input) {{ {ERRORS} }} }}"
ADD = f"mutation ($input: AddReplyInput!) {{ it: addReply(input: $input) {{ reply {{ id }} held {{ id }} {ERRORS} }} }}"
HELD = """... on HeldPost { state body author { handle } reply { id } decision { action reason by { handle } } }"""


def held_reply(person: Person, discussion: str, body: str) -> str:
    """The id of a reply that is held."""
    payload = do(person, ADD, discussionId=discussion, body=body)
    assert payload["errors"] == [] and payload["reply"] is None
    found: str = payload["held"]["id"]
    return found


def test_held_posts_are_published_and_rejected_once(crowd: People, moderator: Person) -> None:
    ada, bo = crowd.several("Ada", "Bo")
    other = crowd("Mod", moderator=True)
    discussion = bo.start()
    assert do(moderator, PREMODERATE, userId=_id(ada), premoderated=True)["errors"] == []
    waiting = [held_reply(ada, discussion, f"Held {number}.") for number in range(2)]
    by_held = "... on ReviewItem { held { id } }"
    items = queue(moderator, authorId=_id(ada), kind="HELD")
    assert [moderator.node(item["id"], by_held)["held"]["id"] for item in items] == waiting
    assert {(item["kind"], item["body"], item["post"], item["reportCount"]) for item in items} == {
        ("HELD", None, None, 0)
    }
    for action in ("DISMISS", "DELETE_POST"):
        payload = do(moderator, DECIDE, reviewItemId=items[0]["id"], action=action, expectedVersion=1)
        assert code(payload) == ("NOT_ALLOWED", ["input", "action"])
    given = {"reviewItemId": items[0]["id"], "expectedVersion": 1, "reason": "Fine."}
    outcomes = raced([partial(do, each, DECIDE, action="PUBLISH", **given) for each in (moderator, other)])
    assert sorted(len(outcome["errors"]) for outcome in outcomes) == [0, 1]
    (lost,) = [outcome["errors"][0] for outcome in outcomes if outcome["errors"]]
    assert lost["code"] == "CONFLICT" and lost["current"]["state"] == "DECIDED"
    assert decided(moderator, items[1], "REJECT", reason="No.")["decision"]["action"] == "REJECT"
    published, rejected = [ada.node(each, HELD) for each in waiting]
    assert (published["state"], rejected["state"], rejected["reply"]) == ("PUBLISHED", "REJECTED", None)
    assert [each["decision"]["reason"] for each in (published, rejected)] == ["Fine.", "No."]
    assert [each["decision"]["by"] for each in (published, rejected)] == [None, None]
    reply = crowd.reader.node(published["reply"]["id"], "... on Reply { body author { handle } }")
    assert (reply["body"], reply["author"]["handle"]) == ("Held 0.", ada.handle)
    assert [bo.node(each, HELD) for each in waiting] == [None, None]
    entries = moderator.ask(LOG, filter={"userId": _id(ada), "actions": ["PUBLISH", "REJECT"]})["auditLog"]["nodes"]
    assert [entry["action"] for entry in entries] == ["REJECT", "PUBLISH"]
    assert entries[1]["post"] == {"id": published["reply"]["id"]}
    of_entry = moderator.node(entries[0]["id"], "... on AuditEntry { held { id } }")
    assert of_entry["held"] == {"id": waiting[1]}


def test_held_post_of_a_deleted_discussion_stays_open_and_can_be_rejected(crowd: People, moderator: Person) -> None:
    ada, bo = crowd.several("Ada", "Bo")
    discussion = bo.start()
    do(moderator, PREMODERATE, userId=_id(ada), premoderated=True)
    held_reply(ada, discussion, "Too late.")
    moderator.write("deleteDiscussion", discussionId=discussion)
    (item,) = queue(moderator, authorId=_id(ada))
    payload = do(moderator, DECIDE, reviewItemId=item["id"], action="PUBLISH", expectedVersion=1)
    assert code(payload)[0] == "DISCUSSION_NOT_FOUND"
    assert queue(moderator, authorId=_id(ada)) == [item]
    assert decided(moderator, item, "REJECT")["state"] == "DECIDED"


def test_decision_suspends_the_author_or_nothing_happens(crowd: People, moderator: Person) -> None:
    ada, bo = crowd.several("Ada", "Bo")
    reply = ada.reply(ada.start())
    assert reported(bo, reply)
    item = item_of(moderator, reply)
    given = {"reviewItemId": item["id"], "action": "DELETE_POST", "expectedVersion": item["version"], "reason": "Spam."}
    past = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
    refused = do(moderator, DECIDE, **given, suspendAuthorUntil=past)
    assert code(refused) == ("UNTIL_PASSED", ["input", "suspendAuthorUntil"])
    assert item_of(moderator, reply) == item
    until = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    payload = do(moderator, DECIDE, **given, suspendAuthorUntil=until)
    assert payload["errors"] == [] and payload["reviewItem"]["decision"]["action"] == "DELETE_POST"
    entries = moderator.ask(LOG, filter={"userId": _id(ada)})["auditLog"]["nodes"]
    assert [(entry["action"], entry["reviewItem"], entry["reason"]) for entry in entries] == [
        ("SUSPEND_USER", {"id": item["id"]}, "Spam."),
        ("DELETE_POST", {"id": item["id"]}, "Spam."),
    ]
    # Who is suspended writes nothing, reports included, and moderates nothing.
    assert code(do(ada, REPORT, postId=bo.start(), reason="SPAM"))[0] == "SUSPENDED"
    assert not ada.node(bo.start(), "... on Post { viewerCanReport }")["viewerCanReport"]
    assert ada.codes("{ reviewQueue { totalCount } }") == ["NOT_ALLOWED"]
    own = moderator.reply(bo.start())
    assert reported(bo, own)
    yours = do(
        moderator,
        DECIDE,
        reviewItemId=item_of(moderator, own)["id"],
        action="DISMISS",
        expectedVersion=1,
        suspendAuthorUntil=until,
    )
    assert code(yours) == ("NOT_ALLOWED", ["input", "suspendAuthorUntil"])


def test_a_key_of_before_gives_nothing_to_who_is_no_moderator_any_more(crowd: People, moderator: Person) -> None:
    ada, bo, former = crowd("Ada"), crowd("Bo"), crowd("Mod", moderator=True)
    discussion = ada.start()
    claimed, deleted = [ada.reply(discussion) for _ in range(2)]
    assert reported(bo, claimed, note="Between us.") and reported(bo, deleted)
    item = item_of(former, deleted)
    entry = "auditEntry { id reason }"
    undoing = f"mutation ($input: UndoInput!) {{ it: undo(input: $input) {{ {entry} {ERRORS} }} }}"
    removing = f"mutation ($input: RemovePostsInput!) {{ it: removePosts(input: $input) {{ {entry} {ERRORS} }} }}"
    author = ada.ask("{ viewer { user { id } } }")["viewer"]["user"]["id"]
    acts: list[tuple[str, Data]] = [
        (CLAIM, {"reviewItemId": item_of(former, claimed)["id"]}),
        (DECIDE, {"reviewItemId": item["id"], "action": "DELETE_POST", "expectedVersion": item["version"]}),
    ]
    for document, given in acts:
        assert do(former, document, clientMutationId="before", **given)["reviewItem"]["author"]
    (latest,) = former.ask(LOG, filter={"discussionId": discussion}, first=1)["auditLog"]["nodes"]
    for document, given in ((undoing, {"auditEntryId": latest["id"]}), (removing, {"authorId": author})):
        assert do(former, document, clientMutationId="before", reason="Between us.", **given)["auditEntry"]["reason"]
        acts.append((document, given | {"reason": "Between us."}))
    user = former.ask("{ viewer { user { id } } }")["viewer"]["user"]["id"]
    moderator.write("setRole", userId=user, role="MEMBER")
    eventually(lambda: former.ask("{ viewer { role } }")["viewer"]["role"] == "MEMBER", "the other role")
    for document, given in acts:
        payload = do(former, document, clientMutationId="before", **given)
        assert payload["errors"] == []
        assert payload.get("reviewItem") is None and payload.get("auditEntry") is None

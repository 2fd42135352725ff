"""Reports, the review queue, claims and decisions: one decision for each reported version, for moderators' eyes."""

from typing import Any

import pytest

from tests.support.http import Data, People, Person

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

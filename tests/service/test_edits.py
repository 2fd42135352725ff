"""Edits that change nothing, and what an edit tells of what it changed."""

from typing import Any

import pytest

from tests.support.http import Data, People, Person, document, quotes_of, raced
from tests.support.waiting import eventually

TOLD = {
    "addReply": "bodyChanged reply { id version body }",
    "editReply": "bodyChanged droppedQuoteIds reply { id version body }",
    "startDiscussion": "bodyChanged discussion { id version body }",
    "editDiscussion": "bodyChanged droppedQuoteIds discussion { id version body }",
}


def told(person: Person, mutation: str, **given: Any) -> Data:
    """What a payload tells of the body and quotes that were stored."""
    kind = mutation[0].upper() + mutation[1:]
    query = f"mutation ($input: {kind}Input!) {{ {mutation}(input: $input) {{ {TOLD[mutation]} errors {{ code }} }} }}"
    payload: Data = person.ask(query, input=given)[mutation]
    return payload


def versions(person: Person, post: str) -> tuple[Any, ...]:
    """What any edit would change of a post."""
    read = person.node(post, "... on Post { version lastEditedAt bodyHtml revisions { totalCount } quotes { id } }")
    return read["version"], read["lastEditedAt"], read["bodyHtml"], read["revisions"]["totalCount"], read["quotes"]


@pytest.mark.parametrize("body", ["So.", "> Some words.\n\nSo.", "Some  *words*\n\n- with\n- more\n"])
def test_an_edit_of_a_reply_to_the_same_text_is_no_edit(people: People, body: str) -> None:
    ada, grace = people.several("Ada", "Grace")
    discussion = ada.start()
    source = ada.reply(discussion, "Some words.")
    tie: Data = {"quotes": [{"sourceId": source, "text": "Some words."}]} if body.startswith(">") else {}
    reply = grace.reply(discussion, body, **tie)
    quoting = ada.reply(discussion, "Yes.", quotes=[{"sourceId": reply, "text": "words" if "words" in body else "So"}])
    before, cursor = versions(grace, reply), ada.cursor(discussion)
    for more in ({}, tie, {"clientMutationId": "a key"}, {"clientMutationId": "a key"}):
        payload = told(grace, "editReply", replyId=reply, expectedVersion=1, body=body, **more)
        assert payload["errors"] == [] and payload["reply"] == {"id": reply, "version": 1, "body": body}
        assert (payload["bodyChanged"], payload["droppedQuoteIds"]) == (False, [])
    assert versions(grace, reply) == before
    # A later event shows that none came before it, from the jobs that notify of changed sources either.
    grace.edit(reply, f"{body} And more.")
    eventually(lambda: len(ada.events(discussion, cursor)) >= 2, "the edit and the notification of it")
    kinds = [event["__typename"] for event in ada.events(discussion, cursor)]
    assert kinds == ["ReplyEdited", "QuoteStatusChanged"]
    assert quotes_of(ada, quoting) != []
    # The version is checked all the same.
    error = grace.refused("editReply", replyId=reply, expectedVersion=1, body=f"{body} And more.")
    assert error["code"] == "EDIT_CONFLICT"


def test_an_edit_of_a_discussion_without_a_change_is_no_edit(people: People) -> None:
    ada, moderator = people("Ada"), people("Mo", moderator=True)
    discussion = ada.start("To begin with.", "A title")
    before, cursor = versions(ada, discussion), ada.cursor(discussion)
    nothing: list[Data] = [
        {},
        {"title": "A title"},
        {"title": " A  title "},
        {"body": "To begin with."},
        {"title": "A title", "body": "To begin with.", "categoryId": None},
        {"quotes": []},
    ]
    for given in nothing:
        payload = told(ada, "editDiscussion", discussionId=discussion, expectedVersion=1, **given)
        assert payload["errors"] == [] and payload["discussion"]["version"] == 1
    for mutation in ("unlockDiscussion", "lockDiscussion", "lockDiscussion"):
        moderator.write(mutation, discussionId=discussion)
    assert versions(ada, discussion) == before
    # One lock alone.
    assert [event["__typename"] for event in ada.events(discussion, cursor)] == ["DiscussionUpdated"]
    moderator.write("unlockDiscussion", discussionId=discussion)
    for number, given in enumerate(({"title": "Another title"}, {"body": "To end with."}), 1):
        payload = told(ada, "editDiscussion", discussionId=discussion, expectedVersion=number, **given)
        assert payload["discussion"]["version"] == number + 1
    assert ada.refused("editDiscussion", discussionId=discussion, expectedVersion=1)["code"] == "EDIT_CONFLICT"


def test_payloads_tell_that_the_stored_body_is_another_one(people: People) -> None:
    ada, grace = people.several("Ada", "Grace")
    discussion = ada.start()
    source = ada.reply(discussion, "Some words.")
    quotes = [{"sourceId": source, "text": "Some words."}]
    for mutation, given in (
        ("addReply", {"discussionId": discussion}),
        ("startDiscussion", {"title": "A title"}),
    ):
        for body, is_changed in (("So.", True), ("> Some words.\n\nSo.", False)):
            sent = given | {"body": body, "quotes": quotes, "clientMutationId": body}
            payload = told(grace, mutation, **sent)
            assert told(grace, mutation, **sent) == payload
            post = payload.get("reply") or payload["discussion"]
            assert payload["bodyChanged"] is is_changed
            assert (post["body"] != body) is is_changed
            edit = {"replyId": post["id"]} if mutation == "addReply" else {"discussionId": post["id"]}
            edited = "editReply" if mutation == "addReply" else "editDiscussion"
            key = f"key of {post['id']}"
            # Edited from the text that was typed, the quote is gone, and the payload says so.
            before = [quote["id"] for quote in quotes_of(grace, post["id"])]
            payload = told(grace, edited, expectedVersion=1, body="No, never.", clientMutationId=key, **edit)
            assert (payload["bodyChanged"], payload["droppedQuoteIds"]) == (False, before)
            again = told(grace, edited, expectedVersion=1, body="No, never.", clientMutationId=key, **edit)
            assert again == payload
            payload = told(grace, edited, expectedVersion=2, body="So.", quotes=quotes, **edit)
            assert (payload["bodyChanged"], payload["droppedQuoteIds"]) == (True, [])


def test_an_edit_tells_which_quotes_it_changed_or_dropped(people: People) -> None:
    ada, grace = people.several("Ada", "Grace")
    discussion = ada.start()
    source = ada.reply(discussion, "One word. Two words. Three words.")
    texts = ("One word.", "Two words.", "Three words.")
    body = "\n\n".join(f"> {text}\n\nYes." for text in texts)
    reply = grace.reply(discussion, body, quotes=[{"sourceId": source, "text": text} for text in texts])
    first, second, third = (quote["id"] for quote in quotes_of(grace, reply))
    kept = told(grace, "editReply", replyId=reply, expectedVersion=1, body=f"{body} Indeed.")
    assert kept["droppedQuoteIds"] == []
    changed = body.replace("Two words.", "Two lies.").replace("> Three words.\n\n", "")
    payload = told(grace, "editReply", replyId=reply, expectedVersion=2, body=changed)
    assert payload["droppedQuoteIds"] == [second, third]
    assert next(quote["id"] for quote in quotes_of(grace, reply)) == first
    assert told(grace, "editReply", replyId=reply, expectedVersion=3, body=" ")["droppedQuoteIds"] == []


def test_an_edit_is_refused_before_its_text_is_looked_at(people: People) -> None:
    ada, grace = people.several("Ada", "Grace")
    discussion = ada.start()
    reply, gone = ada.reply(discussion), ada.reply(discussion)
    ada.delete(gone)
    for post, edit, who, version, code in (
        ({"replyId": reply}, "editReply", grace, 1, "NOT_ALLOWED"),
        ({"replyId": reply}, "editReply", ada, 2, "EDIT_CONFLICT"),
        ({"replyId": gone}, "editReply", ada, 1, "REPLY_NOT_FOUND"),
        ({"discussionId": discussion}, "editDiscussion", grace, 1, "NOT_ALLOWED"),
        ({"discussionId": discussion}, "editDiscussion", ada, 2, "EDIT_CONFLICT"),
    ):
        # The body alone would be refused, too.
        assert who.refused(edit, expectedVersion=version, body="", **post)["code"] == code
    kinds = '{ __type(name: "EditReplyError") { possibleTypes { name } } }'
    names = {kind["name"] for kind in ada.ask(kinds)["__type"]["possibleTypes"]}
    assert "ReplyNotFound" in names and "DiscussionNotFound" not in names


def test_racing_repeats_of_an_edit_have_one_outcome(people: People) -> None:
    ada = people("Ada")
    reply = ada.reply(ada.start())
    given = {"replyId": reply, "expectedVersion": 1, "body": "Edited.", "clientMutationId": "a key"}
    payloads = raced([lambda: ada.ask(document("editReply"), input=given)["editReply"] for _ in range(8)])
    assert all(payload["errors"] == [] and payload["reply"]["version"] == 2 for payload in payloads)

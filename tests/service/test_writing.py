"""Writing: discussions and replies made, changed, locked and buried, and what is refused."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tests.support.http import People, Person, document
from tests.support.websocket import numbers

EVERYTHING = """
id state createdAt lastEditedAt deletedAt version url body bodyHtml bodyText
author { handle name } discussion { id title body }
mentions { attributedName user { handle } }
quotes(maxDepth: 9) {
  id attributedName bodyHtml bodyText post { id body } source { id body author { name } } attributedTo { name }
}
quotedBy { nodes {
  id bodyText attributedName attributedTo { name } source { id body author { name } } post { id body }
} }
revisions { totalCount nodes { id title body bodyHtml editor { name } } }
"""
POST = f"""
__typename
... on Reply {{ {EVERYTHING} sequence path replyCount descendantCount replyTo {{ id body author {{ name }} }} }}
... on Discussion {{ {EVERYTHING} title number replyCount participantCount locked }}
... on Quote {{ id bodyText attributedTo {{ name }} source {{ id body author {{ name }} }} post {{ id body }} }}
... on Revision {{ id revisionTitle: title body bodyHtml editor {{ name }} }}
"""
ALL = f"""
query ($ids: [ID!]!, $discussion: ID!, $after: String!, $handle: String!) {{
  nodes(ids: $ids) {{ {POST} }}
  discussion(id: $discussion) {{
    {EVERYTHING} title number replyCount participantCount viewCount
    replies {{ totalCount nodes {{ {EVERYTHING} sequence }} }}
    thread {{ totalCount nodes {{ {EVERYTHING} sequence replies {{ nodes {{ id body }} }} ancestors {{ id body }} }} }}
    events(after: $after) {{
      nodes {{
        __typename eventNumber clientMutationId
        ... on ReplyAdded {{ reply {{ id body }} edge {{ node {{ id body }} }} }}
        ... on ReplyEdited {{ reply {{ id body }} }} ... on ReplyDeleted {{ reply {{ id body }} }}
        ... on QuoteStatusChanged {{ post {{ id body }} }} discussion {{ id title body }}
      }}
    }}
  }}
  discussions(first: 100) {{ nodes {{ id title body author {{ name }} }} }}
  user(handle: $handle) {{
    replies {{ totalCount nodes {{ id body }} }} discussions {{ totalCount nodes {{ id title body }} }}
  }}
}}
"""


def test_a_discussion_begins_with_its_opening_post_and_an_empty_log(people: People) -> None:
    ada = people()
    payload = ada.write("startDiscussion", title="  On \n tea ", body="*Green* or black?", clientMutationId="a key")
    made = payload["discussion"]
    assert payload["clientMutationId"] == "a key"
    assert made["title"] == "On tea"
    assert made["bodyHtml"] == '<p dir="auto"><em>Green</em> or black?</p>\n'
    assert made["id"] == f"D_{made['number']}"
    fields = """... on Discussion { version state locked viewCount replyCount participantCount category { id }
        author { handle } createdAt lastActivityAt lastEditedAt deletedAt bodyText quotes { id } mentions { start } }"""
    read = people.reader.node(made["id"], fields)
    assert read["author"] == {"handle": ada.handle}
    assert (read["version"], read["state"], read["locked"], read["bodyText"]) == (
        1,
        "VISIBLE",
        False,
        "Green or black?",
    )
    assert (read["viewCount"], read["replyCount"], read["participantCount"]) == (0, 0, 1)
    assert read["createdAt"] == read["lastActivityAt"] and read["createdAt"].endswith("Z")
    assert read["lastEditedAt"] is read["deletedAt"] is read["category"] is None
    assert read["quotes"] == read["mentions"] == []
    assert people.reader.events(made["id"], people.reader.cursor(made["id"])) == []


def test_a_reply_gets_the_next_sequence_and_the_path_of_its_parent(people: People) -> None:
    ada, grace = people.several("Ada", "Grace")
    discussion = ada.start()
    start = ada.cursor(discussion)
    first = grace.write("addReply", discussionId=discussion, body="One.")
    second = ada.write("addReply", discussionId=discussion, replyToId=first["reply"]["id"], body="Two.")
    assert [first["reply"]["path"], second["reply"]["path"]] == [[1], [1, 2]]
    assert second["edge"]["depth"] == 1 and second["edge"]["node"]["id"] == second["reply"]["id"]
    assert [event["__typename"] for event in ada.events(discussion, start)] == ["ReplyAdded", "ReplyAdded"]
    assert numbers(ada.events(discussion, first["eventCursor"])) == [2]
    assert second["eventCursor"] == ada.cursor(discussion)
    counts = ada.node(discussion, "... on Discussion { replyCount participantCount reply(sequence: 1) { replyCount } }")
    assert (counts["replyCount"], counts["participantCount"], counts["reply"]) == (2, 2, {"replyCount": 1})


def test_an_edit_makes_the_next_version_and_keeps_the_one_before(people: People) -> None:
    ada = people()
    discussion = ada.start()
    reply = ada.reply(discussion, "First words.")
    cursor = ada.cursor(discussion)
    edited = ada.edit(reply, "Second words.", clientMutationId="mine")
    assert (edited["version"], edited["body"]) == (2, "Second words.")
    assert "Second words." in edited["bodyHtml"]
    (event,) = ada.events(discussion, cursor, "... on ReplyEdited { reply { id version } }")
    assert event["reply"] == {"id": reply, "version": 2}
    assert event["clientMutationId"] == "mine"
    assert people.reader.events(discussion, cursor)[0]["clientMutationId"] is None
    revisions = (
        "... on Post { lastEditedAt revisions { totalCount nodes { id version body title editor { handle } } } }"
    )
    kept = ada.node(reply, revisions)
    assert kept["lastEditedAt"] is not None
    assert [revision["body"] for revision in kept["revisions"]["nodes"]] == ["First words.", "Second words."]
    assert {revision["editor"]["handle"] for revision in kept["revisions"]["nodes"]} == {ada.handle}


def test_versions_are_read_by_the_author_and_moderators_only(people: People) -> None:
    ada, grace = people.several("Ada", "Grace")
    discussion = ada.start("First words.", "First title")
    ada.write("editDiscussion", discussionId=discussion, expectedVersion=1, title="Second title")
    asked = "... on Post { revisions { totalCount nodes { id title body } } }"
    read = ada.node(discussion, asked)["revisions"]
    assert [revision["title"] for revision in read["nodes"]] == ["First title", "Second title"]
    one = read["nodes"][0]["id"]
    for who, may in ((ada, True), (people("Mo", moderator=True), True), (grace, False), (people.reader, False)):
        assert who.node(discussion, asked)["revisions"] == (read if may else {"totalCount": 0, "nodes": []})
        assert (who.node(one, "id") is not None) == may


def test_the_later_edit_of_a_version_conflicts_and_returns_the_post(people: People) -> None:
    ada = people()
    discussion = ada.start("Words.", "Its title")
    reply = ada.reply(discussion, "Words.")
    ada.edit(reply, "Other words.")
    ada.write("editDiscussion", discussionId=discussion, expectedVersion=1, body="Other words.")
    expected = {"__typename": "EditConflict", "code": "EDIT_CONFLICT", "path": ["input", "expectedVersion"]}
    above = {"id": discussion, "title": "Its title"}
    for version in (1, 3, 0, -1):
        error = ada.refused("editReply", replyId=reply, expectedVersion=version, body="Lost.")
        current = {"__typename": "Reply", "id": reply, "version": 2, "body": "Other words.", "discussion": above}
        assert error == expected | {"current": current}
        error = ada.refused("editDiscussion", discussionId=discussion, expectedVersion=version, title="Lost")
        current = {
            "__typename": "Discussion",
            "id": discussion,
            "version": 2,
            "body": "Other words.",
            "discussion": above,
        }
        assert error == expected | {"current": current}


def test_what_an_edit_of_a_discussion_leaves_out_stays(people: People) -> None:
    ada = people()
    discussion = ada.start("Words.", "Title")
    changed = ada.write("editDiscussion", discussionId=discussion, expectedVersion=1, title="Other title")["discussion"]
    assert (changed["title"], changed["body"], changed["version"]) == ("Other title", "Words.", 2)
    changed = ada.write("editDiscussion", discussionId=discussion, expectedVersion=2, body="Other words.")["discussion"]
    assert (changed["title"], changed["body"], changed["version"]) == ("Other title", "Other words.", 3)


def test_a_tombstone_keeps_its_place_and_its_words_and_author_are_nowhere(people: People) -> None:
    ada, grace, lin = people.several("Ada", "Grace", "Lin")
    canary = f"canary{ada.handle}"
    discussion = grace.start("To begin with.")
    start = grace.cursor(discussion)
    source = grace.reply(discussion, f"Well said. @{lin.handle}")
    words = f"{canary} first. Shared words. @{lin.handle}\n\n> [x](/d/{discussion[2:]}#reply-1):\n> Well said."
    doomed = ada.reply(discussion, words, source, clientMutationId="the doomed")
    answer = grace.reply(discussion, "> Shared words.", doomed, quotes=[{"sourceId": doomed, "text": "Shared words."}])
    # No attribution names her: what others wrote is theirs, and stays.
    (quote,) = quotes(grace, doomed)
    ada.edit(doomed, words.replace("first", "second"))
    ids = [discussion, source, doomed, answer, quote, *quotes(grace, answer), "V_1_1"]
    ids += [f"V_{doomed[2:]}_{version}" for version in (1, 2, 3)]
    moderator = people("Mo", moderator=True)
    asked = {"ids": ids, "discussion": discussion, "after": start, "handle": ada.handle}
    before = [who.post(ALL, **asked).text for who in (ada, people.reader, moderator)]
    assert [canary in text and ada.name in text for text in before] == [True, True, True]

    cursor = ada.cursor(discussion)
    ada.delete(doomed)
    for who in (ada, grace, people.reader, moderator):
        raw = who.post(ALL, **asked).text
        assert "errors" not in json.loads(raw)
        assert canary not in raw
        assert ada.name not in raw
    repeat = ada.post(
        document("addReply"),
        input={"discussionId": discussion, "replyToId": source, "body": words, "clientMutationId": "the doomed"},
    )
    assert '"state":"DELETED"' in repeat.text and canary not in repeat.text

    tomb = people.reader.node(doomed, f"... on Reply {{ {EVERYTHING} sequence path replyCount descendantCount }}")
    assert (tomb["state"], tomb["version"], tomb["author"]) == ("DELETED", 3, None)
    assert tomb["body"] == tomb["bodyHtml"] == tomb["bodyText"] == ""
    assert tomb["mentions"] == tomb["quotes"] == tomb["revisions"]["nodes"] == []
    assert (tomb["sequence"], tomb["path"], tomb["replyCount"], tomb["descendantCount"]) == (2, [1, 2], 1, 1)
    assert tomb["quotedBy"]["nodes"][0]["attributedTo"] is None
    assert people.reader.node(source, "... on Post { quotedBy { totalCount } }")["quotedBy"] == {"totalCount": 0}
    whole = people.reader.node(discussion, "... on Discussion { replyCount participantCount }")
    assert (whole["replyCount"], whole["participantCount"]) == (3, 1)
    (event, *rest) = people.reader.events(discussion, cursor, "... on ReplyDeleted { reply { id version } }")
    assert (event["__typename"], event["reply"]) == ("ReplyDeleted", {"id": doomed, "version": 3})
    assert {other["__typename"] for other in rest} <= {"QuoteStatusChanged"}
    # The next reply goes on counting: a sequence is never given again.
    after = grace.write("addReply", discussionId=discussion, body="Go on.")["reply"]
    assert after["sequence"] == 4


def quotes(asks: Person, post: str) -> list[str]:
    return [quote["id"] for quote in asks.node(post, "... on Post { quotes { id } }")["quotes"]]


def test_deleting_a_discussion_makes_a_tombstone_of_each_of_its_posts(people: People) -> None:
    ada, moderator = people("Ada"), people("Mo", moderator=True)
    canary = f"canary{ada.handle}"
    discussion = ada.start(f"{canary} body", f"{canary} title")
    start = ada.cursor(discussion)
    one = ada.reply(discussion, f"{canary} one")
    two = ada.reply(discussion, f"{canary} two", one)
    ada.delete(one)
    ada.write("editDiscussion", discussionId=discussion, expectedVersion=1, title=f"{canary} other title")
    ids = [discussion, one, two] + [f"V_{post[2:]}_{version}" for post in (one, two) for version in (1, 2)]
    deleted = moderator.write("deleteDiscussion", discussionId=discussion)["discussion"]
    assert (deleted["state"], deleted["version"], deleted["title"], deleted["body"]) == ("DELETED", 3, "", "")
    asked = {"ids": ids, "discussion": discussion, "after": start, "handle": ada.handle}
    for who in (ada, people.reader, moderator):
        raw = who.post(ALL, **asked).text
        data = json.loads(raw)["data"]
        assert canary not in raw and ada.name not in raw
        assert [node and node["state"] for node in data["nodes"]] == ["DELETED"] * 3 + [None] * 4
        assert [node["version"] for node in data["nodes"][:3]] == [3, 2, 2]
        assert data["discussion"]["thread"]["totalCount"] == data["discussion"]["replyCount"] == 0
        assert discussion not in [node["id"] for node in data["discussions"]["nodes"]]
        assert data["user"] == {
            "replies": {"totalCount": 0, "nodes": []},
            "discussions": {"totalCount": 0, "nodes": []},
        }
        kinds = [event["__typename"] for event in data["discussion"]["events"]["nodes"]]
        assert kinds == ["ReplyAdded", "ReplyAdded", "ReplyDeleted", "DiscussionUpdated", "DiscussionUpdated"]


def test_authors_delete_unanswered_discussions_and_moderators_any(people: People) -> None:
    ada, grace, moderator = people("Ada"), people("Grace"), people("Mo", moderator=True)
    refusal = {"__typename": "NotAllowed", "code": "NOT_ALLOWED", "path": ["input", "discussionId"]}
    discussion = ada.start()
    can = "... on Post { viewerCanDelete }"
    assert ada.node(discussion, can)["viewerCanDelete"] and not grace.node(discussion, can)["viewerCanDelete"]
    assert grace.refused("deleteDiscussion", discussionId=discussion) == refusal
    ada.write("deleteDiscussion", discussionId=discussion)
    answered = ada.start()
    reply = grace.reply(answered)
    assert not ada.node(answered, can)["viewerCanDelete"] and moderator.node(answered, can)["viewerCanDelete"]
    assert ada.refused("deleteDiscussion", discussionId=answered) == refusal
    # A removed answer does not count, and one that was answered does.
    grace.reply(answered, to=reply)
    grace.delete(reply)
    assert ada.refused("deleteDiscussion", discussionId=answered) == refusal
    moderator.write("deleteDiscussion", discussionId=answered)


def test_a_locked_discussion_refuses_replies_and_edits(people: People) -> None:
    ada, moderator = people("Ada"), people("Mo", moderator=True)
    discussion = ada.start()
    reply = ada.reply(discussion)
    cursor = ada.cursor(discussion)
    for mutation in ("lockDiscussion", "unlockDiscussion"):
        refusal = {"__typename": "NotAllowed", "code": "NOT_ALLOWED", "path": ["input", "discussionId"]}
        assert ada.refused(mutation, discussionId=discussion) == refusal
    can = "... on Post { viewerCanReply viewerCanEdit }"
    for _ in range(2):
        assert moderator.write("lockDiscussion", discussionId=discussion)["discussion"]["locked"] is True
    locked = {"__typename": "DiscussionLocked", "code": "DISCUSSION_LOCKED"}
    given: list[tuple[str, str, dict[str, Any]]] = [
        ("addReply", "discussionId", {"discussionId": discussion, "body": "Late."}),
        ("editReply", "replyId", {"replyId": reply, "expectedVersion": 1, "body": "Late."}),
        ("editDiscussion", "discussionId", {"discussionId": discussion, "expectedVersion": 1, "title": "Late"}),
    ]
    for mutation, part, input in given:
        assert ada.refused(mutation, **input) == locked | {"path": ["input", part]}
    assert (ada.node(reply, can)["viewerCanReply"], ada.node(reply, can)["viewerCanEdit"]) == (False, False)
    assert moderator.write("unlockDiscussion", discussionId=discussion)["discussion"]["locked"] is False
    assert (ada.node(reply, can)["viewerCanReply"], ada.node(reply, can)["viewerCanEdit"]) == (True, True)
    for mutation, _, input in given:
        ada.write(mutation, **input)
    kinds = [event["__typename"] for event in ada.events(discussion, cursor)]
    assert kinds == ["DiscussionUpdated"] * 2 + ["ReplyAdded", "ReplyEdited", "DiscussionUpdated"]


def test_authors_edit_posts_and_authors_or_moderators_delete_them(people: People) -> None:
    ada, grace, moderator = people("Ada"), people("Grace"), people("Mo", moderator=True)
    discussion = ada.start()
    reply, other = ada.reply(discussion), ada.reply(discussion)
    refusal = {"__typename": "NotAllowed", "code": "NOT_ALLOWED"}
    for who in (grace, moderator):
        error = who.refused("editReply", replyId=reply, expectedVersion=1, body="Mine now.")
        assert error == refusal | {"path": ["input", "replyId"]}
        error = who.refused("editDiscussion", discussionId=discussion, expectedVersion=1, body="Mine now.")
        assert error == refusal | {"path": ["input", "discussionId"]}
    assert grace.refused("deleteReply", replyId=reply) == refusal | {"path": ["input", "replyId"]}
    assert moderator.delete(reply)["state"] == ada.delete(other)["state"] == "DELETED"


def test_a_reader_without_a_token_writes_nothing(people: People) -> None:
    ada = people()
    discussion = ada.start()
    reply = ada.reply(discussion)
    writes: dict[str, dict[str, Any]] = {
        "startDiscussion": {"title": "T", "body": "B"},
        "editDiscussion": {"discussionId": discussion, "expectedVersion": 1},
        "deleteDiscussion": {"discussionId": discussion},
        "addReply": {"discussionId": discussion, "body": "B"},
        "editReply": {"replyId": reply, "expectedVersion": 1, "body": "B"},
        "deleteReply": {"replyId": reply},
        "lockDiscussion": {"discussionId": discussion},
        "unlockDiscussion": {"discussionId": discussion},
    }
    for mutation, given in writes.items():
        error = people.reader.refused(mutation, **given)
        assert error == {"__typename": "NotSignedIn", "code": "NOT_SIGNED_IN", "path": None}, mutation


def test_what_is_not_there_is_named_as_the_part_of_the_input_that_names_it(people: People) -> None:
    ada, moderator = people("Ada"), people("Mo", moderator=True)
    discussion, elsewhere = ada.start(), ada.start()
    reply, deleted, stranger = ada.reply(discussion), ada.reply(discussion), ada.reply(elsewhere)
    moderator.delete(deleted)
    gone = ada.start()
    moderator.write("deleteDiscussion", discussionId=gone)

    def refused(mutation: str, **given: Any) -> tuple[str, str, list[str]]:
        error = moderator.refused(mutation, **given)
        return error["__typename"], error["code"], error["path"]

    for absent in ("D_999999999", gone, reply, "D_0", "D_9223372036854775808", "12", "", "D_1 ", "\0"):
        missing = ("DiscussionNotFound", "DISCUSSION_NOT_FOUND", ["input", "discussionId"])
        for mutation in ("deleteDiscussion", "lockDiscussion", "unlockDiscussion", "recordView"):
            assert refused(mutation, discussionId=absent) == missing
        assert refused("addReply", discussionId=absent, body="B") == missing
        assert refused("editDiscussion", discussionId=absent, expectedVersion=1, title="T") == missing
    for absent in ("R_999999999", deleted, discussion, "R_-1", "x", "\0"):
        missing = ("ReplyNotFound", "REPLY_NOT_FOUND", ["input", "replyId"])
        assert refused("editReply", replyId=absent, expectedVersion=1, body="B") == missing
        assert refused("deleteReply", replyId=absent) == missing
    for absent in ("R_999999999", stranger, discussion, "x"):
        missing = ("ParentNotFound", "PARENT_NOT_FOUND", ["input", "replyToId"])
        assert refused("addReply", discussionId=discussion, replyToId=absent, body="B") == missing
    gone_parent = ("ParentDeleted", "PARENT_DELETED", ["input", "replyToId"])
    assert refused("addReply", discussionId=discussion, replyToId=deleted, body="B") == gone_parent
    for absent in ("C_999999999", discussion, "x"):
        missing = ("CategoryNotFound", "CATEGORY_NOT_FOUND", ["input", "categoryId"])
        assert refused("startDiscussion", title="T", body="B", categoryId=absent) == missing
        error = ada.refused("editDiscussion", discussionId=discussion, expectedVersion=1, categoryId=absent)
        assert (error["__typename"], error["code"], error["path"]) == missing


def test_a_refused_write_leaves_no_trace(people: People) -> None:
    ada = people()
    discussion = ada.start()
    cursor = ada.cursor(discussion)
    ada.refused("addReply", discussionId=discussion, replyToId="R_999999999", body="B")
    ada.refused("addReply", discussionId=discussion, body="")
    assert ada.cursor(discussion) == cursor
    assert ada.write("addReply", discussionId=discussion, body="B")["reply"]["sequence"] == 1


SAMPLES = {
    "a script": "<script>alert(1)</script>",
    "a handler": '<img src=x onerror="alert(1)">',
    "a script link": "[x](javascript:alert(1)) [y](JaVaScRiPt:alert(1)) [z](&#106;avascript:alert(1))",
    "a data link": "[x](data:text/html;base64,PHNjcmlwdD4=) ![y](data:image/svg+xml,<svg/onload=alert(1)>)",
    "an autolink": "<javascript:alert(1)> <vbscript:x>",
    "a broken-out attribute": '[x](http://e.example/"onmouseover="alert(1)) ![x](http://e.example/"onerror="alert(1))',
    "a title": '[x](http://e.example "\\"onmouseover=alert(1) ")',
    "a fence": '```"><script>alert(1)</script>\nx\n```',
    "a forged quote": '> <blockquote data-quote-id="Q_1">x</blockquote>',
    "a style": '<p style="position:fixed">x</p><style>*{}</style><iframe src="//e.example"></iframe>',
    "an svg": "<svg><script>alert(1)</script></svg><math><mi//xlink:href='data:x,<script>'>",
}


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)
def test_markdown_becomes_html_that_can_do_nothing(people: People, sample: str) -> None:
    ada = people()
    discussion = ada.start(f"{sample}\n\n> **{ada.name} said:**\n>\n> {sample}", f"Title {sample[:80]}")
    read = people.reader.node(discussion, "... on Post { bodyHtml quotes { bodyHtml } }")
    html = (read["bodyHtml"] + "".join(quote["bodyHtml"] for quote in read["quotes"])).lower()
    for tag in ("<script", "<iframe", "<style", "<svg", "<math"):
        assert tag not in html
    inside_tags = [part.partition(">")[0] for part in html.split("<")[1:]]
    for tag in inside_tags:
        attributes = tag.replace("&quot;", "")
        assert " on" not in attributes.replace('title="on', "") or attributes.startswith("/"), tag
        assert "javascript:" not in tag and "vbscript:" not in tag and "data:" not in tag and "position" not in tag


def test_markdown_is_rendered_as_people_know_it(people: People) -> None:
    body = "# Tea\n\n- *green*\n- ~~black~~\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\nhttps://tea.example\n`code`"
    reply = people().start(body)
    html = people.reader.node(reply, "... on Post { bodyHtml }")["bodyHtml"]
    for part in (">Tea</h1>", "<em>green</em>", "<s>black</s>", "align-right", 'href="https://tea.example"', "<br"):
        assert part in html, part
    assert 'rel="nofollow noopener ugc"' in html


def moments(asks: Person, post: str) -> Callable[[str], datetime]:
    read = asks.node(post, "... on Post { createdAt lastEditedAt deletedAt }")
    return lambda name: datetime.fromisoformat(read[name])


def test_moments_say_when_it_was_written_edited_and_deleted(people: People) -> None:
    ada = people()
    reply = ada.reply(ada.start(), "Words.")
    ada.edit(reply, "Other words.")
    edited = moments(ada, reply)
    assert edited("createdAt") < edited("lastEditedAt")
    ada.delete(reply)
    deleted = moments(ada, reply)
    assert deleted("lastEditedAt") < deleted("deletedAt")


INVISIBLE = (
    *"\u115f\u1160\u3164\uffa0\u2800\u180e\u17b4\u034f\u180b\u0301\u200b\u00ad\u2060\u3000\U0001bca0\U000e0041\U000e0100",
    "\u3164 \u2800",
    " \n\t",
)
SHOWS_NOTHING = (
    *INVISIBLE,
    *(
        "[](http://x.example)",
        "&nbsp;",
        "&#8203;",
        ">",
        "#",
        "- ",
        "| |\n|---|",
        "```\n```",
        "**\u3164**",
    ),
)
UNSTORABLE = ("a\x01b", "a\x1bb", "a\x7fb", "a\x9bb", "a\uffffb", "a\U0010fffeb")


def test_what_shows_nothing_is_refused_at_every_door(people: People) -> None:
    ada = people()
    discussion = ada.start("Words.")
    reply = ada.reply(discussion, "Words.")
    preview = "query ($body: String!) { previewBody(body: $body) { errors { code } } }"
    for codes, bodies in (("BODY_EMPTY", SHOWS_NOTHING), ("INVALID_TEXT", UNSTORABLE)):
        for body in bodies:
            refused = [
                ada.refused("startDiscussion", title="Words", body=body)["code"],
                ada.refused("addReply", discussionId=discussion, body=body)["code"],
                ada.refused("editReply", replyId=reply, expectedVersion=1, body=body)["code"],
                ada.refused("editDiscussion", discussionId=discussion, expectedVersion=1, body=body)["code"],
                ada.ask(preview, body=body)["previewBody"]["errors"][0]["code"],
            ]
            assert refused == [codes] * 5, repr(body)
    for code, titles in (("TITLE_EMPTY", INVISIBLE), ("INVALID_TEXT", (*UNSTORABLE, "a\u202eb", "a\u2066b"))):
        for title in titles:
            refused = [
                ada.refused("startDiscussion", title=title, body="Words.")["code"],
                ada.refused("editDiscussion", discussionId=discussion, expectedVersion=1, title=title)["code"],
            ]
            assert refused == [code] * 2, repr(title)


def test_what_shows_something_is_taken(people: People) -> None:
    ada = people()
    discussion = ada.start("Words.", "A title with a joiner: \u06a9\u062a\u0627\u0628\u200c\u0647\u0627")
    for body in (
        "[Note]: important",
        "***",
        "![](https://x.example/a.png)",
        "`x`",
        "```\nx\n```",
        "1986. A season.",
        "\U0001f44d",
    ):
        assert ada.reply(discussion, body)
    read = people.reader.node(ada.reply(discussion, "[Ada]: yes\n[Bo]: no"), "... on Post { bodyText }")
    assert read["bodyText"] == "[Ada]: yes\n[Bo]: no"

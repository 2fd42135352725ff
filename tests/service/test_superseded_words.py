"""Words that an edit removed: nobody but the author and moderators learns them from quotes, however they ask."""

import string
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.support.http import Data, People, Person, quotes_of

SECRET = "k7qz9"
SAID = f"To be honest, my secret is {SECRET} thanks."
ALPHABET = sorted({*SECRET, *string.digits[:4], *"abcxyz"})

Guess = Callable[[str], object]
"""Everything that a stranger is answered about words, without what differs between any two writes."""


@dataclass
class Doors:
    """The ways to have words compared with a reply that was edited."""

    stranger: Person
    discussion: str
    source: str
    author: Person

    def seen(self, post: str, words: str) -> object:
        """What everybody sees of the quotes of a post, the guess itself left out."""
        fields = """status sourceVersion source { id } attributedTo { handle } omissions { start length }
            parent { id } bodyText bodyHtml"""
        shown = f"... on Post {{ version bodyText quotes(maxDepth: 9) {{ {fields} }} quotedBy {{ totalCount }} }}"
        quoted = "... on Post { quotedBy { totalCount nodes { status sourceVersion post { version } } } }"
        read: Data = self.stranger.node(post, shown) | self.stranger.node(self.source, quoted)
        self.stranger.delete(post) if post.startswith("R_") else self.stranger.write(
            "deleteDiscussion", discussionId=post
        )
        return str(read).replace(words, "<the guess>")

    def requested(self, words: str, **more: object) -> object:
        quotes = [{"sourceId": self.source, "text": words} | more]
        return self.seen(self.stranger.reply(self.discussion, f"> {words}", quotes=quotes), words)

    def requested_version(self, words: str) -> object:
        return self.requested(words, sourceVersion=1)

    def put_before(self, words: str) -> object:
        quotes = [{"sourceId": self.source, "text": words}]
        return self.seen(self.stranger.reply(self.discussion, "So.", quotes=quotes), words)

    def by_name(self, words: str) -> object:
        return self.seen(self.stranger.reply(self.discussion, f"> **{self.author.name} said:**\n>\n> {words}"), words)

    def by_link(self, words: str) -> object:
        sequence = self.stranger.node(self.source, "... on Reply { sequence }")["sequence"]
        link = f"[{self.author.name}](/d/{self.discussion[2:]}#reply-{sequence})"
        return self.seen(self.stranger.reply(self.discussion, f"> {link}:\n>\n> {words}"), words)

    def edited(self, words: str) -> object:
        reply = self.stranger.reply(self.discussion, "So.")
        self.stranger.edit(reply, f"> {words}", quotes=[{"sourceId": self.source, "text": words, "sourceVersion": 1}])
        return self.seen(reply, words)

    def edited_after_a_tie(self, words: str) -> object:
        reply = self.by_request("Call me.")
        payload = self.stranger.write("editReply", replyId=reply, expectedVersion=1, body=f"> {words}")
        assert payload["errors"] == []
        return self.seen(reply, words)

    def by_request(self, words: str) -> str:
        return self.stranger.reply(self.discussion, f"> {words}", quotes=[{"sourceId": self.source, "text": words}])

    def started(self, words: str) -> object:
        quotes = [{"sourceId": self.source, "text": words, "sourceVersion": 1}]
        return self.seen(self.stranger.start(f"> {words}", quotes=quotes), words)

    def edited_opening(self, words: str) -> object:
        discussion = self.stranger.start("So.")
        quotes = [{"sourceId": self.source, "text": words, "sourceVersion": 1}]
        self.stranger.write("editDiscussion", discussionId=discussion, expectedVersion=1, body="So.", quotes=quotes)
        return self.seen(discussion, words)

    def previewed(self, words: str) -> object:
        query = """query ($body: String!, $id: ID, $quotes: [QuoteInput!]) {
            previewBody(body: $body, discussionId: $id, quotes: $quotes) { body bodyHtml errors { code } } }"""
        quotes = [{"sourceId": self.source, "text": words, "sourceVersion": 1}]
        read = self.stranger.ask(query, body=f"> {words}", id=self.discussion, quotes=quotes)["previewBody"]
        head, _, tail = read["bodyHtml"].partition("data-quote-id=")
        return str((read["body"], read["errors"], head, tail.partition(">")[2])).replace(words, "<the guess>")

    def edited_again(self, words: str) -> object:
        """The status after a further edit of the source: it must not tell what an earlier version said, either."""
        reply = self.by_request(words)
        version = self.author.node(self.source, "... on Post { version }")["version"]
        self.author.edit(self.source, f"Call me{'.' * version}", version)
        read = str([(quote["status"], quote["bodyText"]) for quote in quotes_of(self.stranger, reply)])
        self.stranger.delete(reply)
        return read.replace(words, "<the guess>")


DOORS = [name for name in vars(Doors) if not name.startswith("_") and name not in ("seen", "by_request")]


@pytest.fixture(params=["member", "guest"])
def stranger(people: People, request: pytest.FixtureRequest) -> Person:
    """Somebody who may write and has not read what was removed."""
    if request.param == "member":
        return people("Eve")
    name = people("Eve").name
    token = people.reader.write("signInAsGuest", name=name)["token"]
    return Person(people.http, token, name.lower(), name)


@pytest.fixture
def doors(people: People, stranger: Person) -> Doors:
    ada = people("Ada")
    discussion = ada.start()
    source = ada.reply(discussion, SAID)
    ada.edit(source, "Call me.")
    return Doors(stranger, discussion, source, ada)


@pytest.mark.parametrize("door", DOORS)
def test_a_guess_at_removed_words_is_answered_alike(doors: Doors, door: str) -> None:
    guess: Guess = getattr(doors, door)
    true, false = guess(f"my secret is {SECRET}"), guess("my secret is xxxxx")
    assert true == false
    assert "SOURCE_EDITED" not in str(true)


@pytest.mark.parametrize("door", ["requested_version", "by_name"])
def test_removed_words_are_not_found_letter_by_letter(doors: Doors, door: str) -> None:
    guess: Guess = getattr(doors, door)
    # By a prefix of a word, as an ellipsis once allowed, and by whole words.
    assert len({guess(f"my secret is k{letter}\u2026") for letter in ALPHABET}) == 1
    assert len({guess(f"my secret is {word}") for word in (SECRET, "k7", "other", "kept")}) == 1


def test_author_and_moderators_still_quote_an_earlier_version(people: People) -> None:
    ada, moderator = people("Ada"), people("Mo", moderator=True)
    discussion = ada.start()
    source = ada.reply(discussion, SAID)
    ada.edit(source, "Call me.")
    for who in (ada, moderator):
        for more in ({}, {"sourceVersion": 1}):
            quotes = [{"sourceId": source, "text": f"my secret is {SECRET}"} | more]
            (quote,) = quotes_of(who, who.reply(discussion, "So.", quotes=quotes), "sourceVersion")
            assert (quote["status"], quote["sourceVersion"]) == ("SOURCE_EDITED", 1)
        by_name = who.reply(discussion, f"> **{ada.name} said:**\n>\n> my secret is {SECRET}")
        assert [quote["status"] for quote in quotes_of(who, by_name)] == ["SOURCE_EDITED"]


@pytest.mark.parametrize("kind", ["reply", "opening post"])
def test_who_read_before_the_edit_quotes_what_they_had_read(people: People, kind: str) -> None:
    ada, grace = people.several("Ada", "Grace")
    discussion = ada.start(SAID)
    source = ada.reply(discussion, SAID) if kind == "reply" else discussion
    read_at = grace.cursor(discussion)

    def edit(body: str, version: int) -> None:
        if kind == "reply":
            ada.edit(source, body, version)
        else:
            ada.write("editDiscussion", discussionId=source, expectedVersion=version, body=body)

    edit("Call me.", 1)
    between = grace.cursor(discussion)
    edit("Do call me.", 2)
    after = grace.cursor(discussion)
    words = f"my secret is {SECRET}"

    def quote(position: str | None, text: str = words, **more: object) -> tuple[str, int]:
        quotes = [{"sourceId": source, "text": text} | more]
        (made,) = quotes_of(
            grace, grace.reply(discussion, f"> {text}", quotes=quotes, readAt=position), "sourceVersion"
        )
        return made["status"], made["sourceVersion"]

    assert quote(read_at) == quote(read_at, sourceVersion=1) == ("SOURCE_EDITED", 1)
    # The version of that position alone: neither a later one nor an earlier one.
    assert quote(between) == quote(after) == quote(None) == ("ALTERED", 3)
    assert quote(between, "Call me.", sourceVersion=2) == ("VERBATIM", 2)
    assert quote(read_at, "Do call me.") == ("VERBATIM", 3)
    assert quote(read_at, words, sourceVersion=2) == ("ALTERED", 3)
    assert quote(grace.cursor(grace.start())) == ("ALTERED", 3)
    # Kept through edits of the quoting post, whoever asks and with whichever position.
    reply = grace.reply(discussion, "So.", quotes=[{"sourceId": source, "text": words}], readAt=read_at)
    body = grace.node(reply, "... on Post { body }")["body"]
    grace.edit(reply, f"{body} Indeed.")
    assert [one["status"] for one in quotes_of(grace, reply)] == ["SOURCE_EDITED"]
    grace.edit(reply, f"{body} Yes.", 2, quotes=[{"sourceId": source, "text": words}])
    assert [one["status"] for one in quotes_of(grace, reply)] == ["SOURCE_EDITED"]


def test_a_position_before_the_source_was_written_proves_nothing(people: People) -> None:
    ada, grace = people.several("Ada", "Grace")
    discussion = ada.start()
    ada.reply(discussion)
    read_at = grace.cursor(discussion)
    source = ada.reply(discussion, SAID)
    ada.edit(source, "Call me.")
    quotes = [{"sourceId": source, "text": f"my secret is {SECRET}"}]
    (quote,) = quotes_of(grace, grace.reply(discussion, "So.", quotes=quotes, readAt=read_at), "sourceVersion")
    assert (quote["status"], quote["sourceVersion"]) == ("ALTERED", 2)


def test_a_lock_is_no_edit_of_what_was_read(people: People) -> None:
    ada, grace, moderator = people("Ada"), people("Grace"), people("Mo", moderator=True)
    discussion = ada.start(SAID)
    ada.write("editDiscussion", discussionId=discussion, expectedVersion=1, body="Call me.")
    read_at = grace.cursor(discussion)
    for mutation in ("lockDiscussion", "unlockDiscussion"):
        moderator.write(mutation, discussionId=discussion)
    quotes = [{"sourceId": discussion, "text": f"my secret is {SECRET}"}]
    reply = grace.reply(discussion, "So.", quotes=quotes, readAt=read_at)
    assert [quote["status"] for quote in quotes_of(grace, reply)] == ["ALTERED"]


def test_a_read_position_that_is_no_cursor_is_refused(people: People) -> None:
    ada = people("Ada")
    discussion = ada.start()
    query = """mutation ($input: AddReplyInput!) { addReply(input: $input) { errors { code } } }"""
    given = {"discussionId": discussion, "body": "So.", "readAt": "nonsense"}
    assert ada.codes(query, input=given) == ["BAD_CURSOR"]
    preview = 'query ($at: String) { previewBody(body: "So.", readAt: $at) { body } }'
    assert ada.codes(preview, at="nonsense") == ["BAD_CURSOR"]

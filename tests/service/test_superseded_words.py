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


def proof_of(person: Person, post: str) -> dict[str, object]:
    """What a quote input has of the version that is read now."""
    read = person.node(post, "... on Post { version versionProof }")
    return {"sourceVersion": read["version"], "versionProof": read["versionProof"]}


@pytest.mark.parametrize("kind", ["reply", "opening post"])
def test_who_read_before_the_edit_quotes_what_they_had_read(people: People, kind: str) -> None:
    ada, grace = people.several("Ada", "Grace")
    discussion = ada.start(SAID)
    source = ada.reply(discussion, SAID) if kind == "reply" else discussion
    other = ada.reply(discussion, SAID)

    def edit(body: str, version: int) -> None:
        if kind == "reply":
            ada.edit(source, body, version)
        else:
            ada.write("editDiscussion", discussionId=source, expectedVersion=version, body=body)

    first = proof_of(grace, source)
    edit("Call me.", 1)
    second = proof_of(grace, source)
    edit("Do call me.", 2)
    third = proof_of(grace, source)
    words = f"my secret is {SECRET}"

    def quote(proof: dict[str, object], text: str = words) -> tuple[str, int]:
        quotes = [{"sourceId": source, "text": text} | proof]
        (made,) = quotes_of(grace, grace.reply(discussion, f"> {text}", quotes=quotes), "sourceVersion")
        return made["status"], made["sourceVersion"]

    assert quote(first) == ("SOURCE_EDITED", 1)
    # A proof is of its version, and of its post, alone.
    altered = ("ALTERED", 3)
    for proof in (second, third):
        assert quote(proof | {"sourceVersion": 1}) == altered
    assert quote(first | {"sourceVersion": 2}) == quote({"sourceVersion": 1}) == quote({}) == altered
    assert quote({"versionProof": first["versionProof"]}) == altered
    assert quote(proof_of(grace, other)) == altered
    for forged in ("", "nonsense", "\u00e9", "0" * 30):
        assert quote(first | {"versionProof": forged}) == altered
    assert quote(second) == ("ALTERED", 2)
    assert quote(second, "Call me.") == ("VERBATIM", 2)
    assert quote(third, "Do call me.") == ("VERBATIM", 3)
    # It is kept through edits of the quoting post, with a proof and without.
    reply = grace.reply(discussion, "So.", quotes=[{"sourceId": source, "text": words} | first])
    body = grace.node(reply, "... on Post { body }")["body"]
    grace.edit(reply, f"{body} Indeed.")
    assert [one["status"] for one in quotes_of(grace, reply)] == ["SOURCE_EDITED"]
    grace.edit(reply, f"{body} Yes.", 2, quotes=[{"sourceId": source, "text": words}])
    assert [one["status"] for one in quotes_of(grace, reply)] == ["SOURCE_EDITED"]


def test_a_replay_of_the_log_proves_no_reading_of_what_was_edited(people: People) -> None:
    ada, eve = people.several("Ada", "Eve")
    discussion = ada.start()
    cursor = eve.cursor(discussion)
    source = ada.reply(discussion, SAID)
    ada.edit(source, "Call me.")
    replayed = eve.events(discussion, cursor, "... on ReplyAdded { reply { version versionProof body } }")
    (reply,) = [event["reply"] for event in replayed if event["__typename"] == "ReplyAdded"]
    assert (reply["version"], reply["body"]) == (2, "Call me.")
    for version in (1, 2):
        quotes = [
            {
                "sourceId": source,
                "sourceVersion": version,
                "versionProof": reply["versionProof"],
                "text": f"my secret is {SECRET}",
            }
        ]
        (quote,) = quotes_of(eve, eve.reply(discussion, "So.", quotes=quotes), "sourceVersion")
        assert (quote["status"], quote["sourceVersion"]) == ("ALTERED", 2)


def test_a_proof_is_the_same_for_all_readers_and_pages(people: People) -> None:
    ada, grace = people.several("Ada", "Grace")
    discussion = ada.start()
    reply = ada.reply(discussion)
    query = """query ($id: ID!) { discussion(id: $id) { versionProof
        thread(first: 9) { nodes { versionProof } } replies(first: 9) { nodes { versionProof } } } }"""
    read = [who.ask(query, id=discussion)["discussion"] for who in (ada, grace, people.reader)]
    assert read[0] == read[1] == read[2]
    proof = grace.node(reply, "... on Post { versionProof }")["versionProof"]
    assert read[0]["thread"]["nodes"] == read[0]["replies"]["nodes"] == [{"versionProof": proof}]
    assert read[0]["versionProof"] != proof

"""Reads and writes over hostile posts and people: each is answered or refused, and nothing blocks the event loop.

That the loop stays free is what the fixture `event_loops_are_free` looks at after each test, here as everywhere. The
server is one of its own: erasures in other tests would look through all these posts.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from graphql import GraphQLObjectType, build_schema, get_named_type, is_leaf_type, is_required_argument

from tests.support import hostile
from tests.support.http import ADD_REPLY, Data, People, Person, claims, signed
from tests.support.servers import ROOT, Parley
from tests.support.websocket import connected

REFUSALS = {"TOO_COSTLY", "RATE_LIMITED", "TIMED_OUT"}
"""The codes with which a costly operation may be refused."""
SCHEMA = build_schema((ROOT / "schema.graphql").read_text())


@dataclass(frozen=True, slots=True)
class Corpus:
    """A discussion with a hostile reply of each kind, each edited once."""

    discussion: str
    number: int
    replies: dict[str, str]
    """Ids by what the reply is full of."""
    author: Person


@pytest.fixture(scope="module")
def corpus(crowd: People) -> Corpus:
    """Written once for a server, by people with names of all scripts."""
    salt = secrets.token_hex(4)

    def person(name: str) -> Person:
        said = claims(f"{salt}-{hostile.NAMES.index(name)}", name=name, preferred_username=name)
        return Person(crowd.http, signed(said), name, name)

    author = person(hostile.NAMES[0])
    discussion = author.start("Hostile posts follow.", f"Hostile {salt}")
    number: int = author.node(discussion, "... on Discussion { number }")["number"]
    replies = {}
    for kind, body in hostile.BODIES.items():
        replies[kind] = author.reply(discussion, body)
        author.edit(replies[kind], f"{body[:-1]}!")
    for name in hostile.NAMES:
        person(name).reply(discussion, f"@{name} and {name}")
    return Corpus(discussion, number, replies, author)


def answered(asks: Person, query: str, **variables: object) -> Data | None:
    """The data of an operation; None if it was refused for what it costs."""
    response = asks.post(query, **variables)
    answer = response.json()
    assert {error["extensions"]["code"] for error in answer.get("errors", ())} <= REFUSALS, response.text[:1_000]
    data: Data | None = answer.get("data")
    return data


def selection(type_name: str, depth: int, within: tuple[str, ...] = ()) -> str:
    """All fields of a type that need no arguments, and of what they hold down to a depth."""
    found = []
    on = SCHEMA.type_map[type_name]
    assert isinstance(on, GraphQLObjectType)
    for name, field in on.fields.items():
        named = get_named_type(field.type)
        if any(is_required_argument(each) for each in field.args.values()):
            continue
        if is_leaf_type(named):
            found.append(name)
        elif isinstance(named, GraphQLObjectType) and depth and named.name not in within:
            size = "(first: 5)" if "first" in field.args else ""
            below = selection(named.name, depth - 1, (*within, type_name))
            found.append(f"{name}{size} {{ {below} }}" if below else "")
    return " ".join(found)


@pytest.mark.parametrize("kind", hostile.BODIES)
def test_each_hostile_reply_is_read_with_all_its_fields(crowd: People, corpus: Corpus, kind: str) -> None:
    query = f"query ($id: ID!) {{ node(id: $id) {{ ... on Reply {{ {selection('Reply', 1)} }} }} }}"
    for asks in (crowd.reader, corpus.author):
        assert answered(asks, query, id=corpus.replies[kind]) is not None


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_whole_threads_of_hostile_replies_are_answered_or_refused(crowd: People, corpus: Corpus, depth: int) -> None:
    nodes = selection("Reply", depth)
    for size in (5, 50):
        query = f"query ($id: ID!) {{ discussion(id: $id) {{ thread(first: {size}) {{ nodes {{ {nodes} }} }} }} }}"
        answered(crowd.reader, query, id=corpus.discussion)


def test_aliases_of_one_large_text_are_refused(crowd: People, corpus: Corpus) -> None:
    aliases = " ".join(f"a{at}: bodyHtml" for at in range(400))
    for kind in ("addresses", "tables", "links"):
        query = f"query ($id: ID!) {{ node(id: $id) {{ ... on Reply {{ {aliases} }} }} }}"
        assert answered(crowd.reader, query, id=corpus.replies[kind]) is None


def test_large_variables_are_refused_or_cost_what_one_use_does(crowd: People, corpus: Corpus) -> None:
    quotes = [{"sourceId": "", "text": ""}] * 36_000
    for asks in (crowd.reader, corpus.author):
        aliases = " ".join(f'a{at}: previewBody(body: "x", quotes: $q) {{ body }}' for at in range(10))
        answer = asks.post(f"query ($q: [QuoteInput!]) {{ {aliases} }}", q=quotes).json()
        assert answer.get("errors"), answer
    many: Data = {f"v{at}": [[]] * 1_000 for at in range(100)}
    assert corpus.author.post("{ viewer { user { id } } }", **many).status_code < 500


def test_versions_of_hostile_replies_are_read_by_their_author(corpus: Corpus) -> None:
    aliases = " ".join(f"a{at}: bodyHtml" for at in range(20))
    query = f"""query ($id: ID!) {{ node(id: $id) {{ ... on Reply {{
        revisions(first: 20) {{ nodes {{ version body bodyHtml {aliases} }} }} }} }} }}"""
    for kind in ("tables", "addresses", "nested quotes"):
        answered(corpus.author, query, id=corpus.replies[kind])


def test_hostile_replies_are_quoted_by_name_and_by_words(crowd: People, corpus: Corpus) -> None:
    quoter = crowd("Grace")
    name = hostile.NAMES[0]
    for words in ("Words that were never written.", "a", "a \u2026 a \u2026 a"):
        quoted = quoter.reply(corpus.discussion, f"> **{name} said:**\n>\n> {words}\n\nSo?")
        answered(crowd.reader, "query ($id: ID!) { node(id: $id) { ... on Post { quotes { status } } } }", id=quoted)
    for source in corpus.replies.values():
        quotes = [{"sourceId": source, "sourceVersion": 1, "text": "Words that were never written."}] * 3
        given = {"discussionId": corpus.discussion, "body": "Indeed.", "quotes": quotes}
        assert answered(quoter, ADD_REPLY, input=given)
    statuses = "query ($id: ID!) { discussion(id: $id) { replies(last: 50) { nodes { quotes { status } } } } }"
    assert answered(crowd.reader, statuses, id=corpus.discussion)


def test_hostile_bodies_are_previewed(crowd: People) -> None:
    for body in hostile.BODIES.values():
        preview = "query ($b: String!) { previewBody(body: $b) { bodyHtml errors { code } } }"
        assert answered(crowd("Ada"), preview, b=f"{body}\n\n{body}"[:40_000])


@pytest.mark.parametrize(
    "query",
    [
        "a",
        "a b",
        " ".join(f'"{"a " * length}"' for length in range(1, 21)),
        f'"{"a " * 120}"',
        "\u6f22",
        "@ab",
        "a@b.cc",
        "*" * 400,
        "\u0301" * 100,
    ],
)
def test_hostile_posts_are_searched(crowd: People, corpus: Corpus, query: str) -> None:
    asked = "query ($q: String!) { search(query: $q, first: 50) { totalCount edges { snippet } } }"
    for _ in range(3):
        answered(crowd.reader, asked, q=query[:500])


def test_pages_and_feeds_of_hostile_posts_are_served(crowd: People, corpus: Corpus) -> None:
    for path in ("/", f"/d/{corpus.number}", f"/d/{corpus.number}/feed.atom", "/feed.atom", "/schema.graphql"):
        for _ in range(2):
            first = crowd.http.get(path, follow_redirects=True)
            assert first.status_code in (200, 429), path
            if tag := first.headers.get("ETag"):
                again = crowd.http.get(path, headers={"If-None-Match": tag}, follow_redirects=True)
                assert again.status_code in (200, 304, 429)


def refused_documents() -> Iterator[str]:
    """Documents that validation refuses, each in its own way, none seen before."""
    salt = secrets.token_hex(4)
    for at in range(20):
        yield "{" + "".join(f" x{salt}{at}x{field}" for field in range(1_500)) + " }"
    for at in range(4):
        yield "{" + "".join(f' a: search(query: "{salt}{field}{at}") {{ totalCount }}' for field in range(150)) + " }"
        yield f"query q{salt}{at} {{ ...f0 }}" + "".join(
            f" fragment f{each} on Query {{ ...f{each + 1} ...f{each + 2} }}" for each in range(150)
        )
        yield f"{{ site {{ name ...on Site {{ x{salt}{at}: name }}" + " name(a: 1)" * 200 + " } }"


@pytest.mark.anyio
async def test_one_socket_with_refused_documents_leaves_others_their_turn(site: Parley) -> None:
    async with connected(site) as socket:
        documents = list(refused_documents())
        for at, document in enumerate(documents):
            await socket.follow(document, str(at))
        for _ in documents:
            assert (await socket.frame())["type"] == "error"


def test_refused_documents_are_answered(crowd: People) -> None:
    for document in refused_documents():
        assert "errors" in crowd.reader.post(document).json()


def test_introspection_does_not_turn_batching_off(crowd: People, corpus: Corpus) -> None:
    nodes = selection("Reply", 0)
    query = f"""query ($id: ID!) {{ __schema {{ queryType {{ name }} }}
        discussion(id: $id) {{ thread(first: 50) {{ nodes {{ {nodes} author {{ handle }} }} }} }} }}"""
    answered(crowd.reader, query, id=corpus.discussion)


@pytest.mark.anyio
async def test_followers_of_a_hostile_discussion_are_served(site: Parley, corpus: Corpus) -> None:
    fields = selection("Reply", 1)
    document = f"""subscription ($id: ID!) {{ discussionEvents(discussionId: $id) {{
        ... on ReplyAdded {{ reply {{ {fields} }} }} }} }}"""
    async with connected(site) as socket:
        for at in range(10):
            await socket.follow(document, str(at), id=corpus.discussion)
        corpus.author.reply(corpus.discussion, hostile.BODIES["names"])
        for _ in range(10):
            assert (await socket.frame())["type"] in ("next", "error")


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        ("query", "post(legacyUrl: $text) { id }"),
        ("query", "discussion(legacyUrl: $text) { id }"),
        ("query", "discussions(after: $text) { totalCount }"),
        ("query", "search(query: $text) { totalCount }"),
        ("query", "user(handle: $text) { id }"),
        ("mutation", "signInAsGuest(input: { name: $text }) { errors { code } }"),
        ("query", "previewBody(body: $text) { errors { code } }"),
        ("query", 'previewBody(body: "x", quotes: [{ sourceId: "R_1", text: $text }]) { errors { code } }'),
        ("mutation", 'startDiscussion(input: { title: $text, body: "x" }) { errors { code } }'),
        ("mutation", 'startDiscussion(input: { title: "x", body: $text }) { errors { code } }'),
    ],
)
@pytest.mark.parametrize("unit", ["/%41", "a b ", "&a=%25"])
def test_a_long_text_that_many_aliases_use_takes_no_time(crowd: People, kind: str, field: str, unit: str) -> None:
    aliases = " ".join(f"a{at}: {field}" for at in range(30))
    answer = crowd().post(f"{kind} ($text: String!) {{ {aliases} }}", text=unit * (900_000 // len(unit)))
    assert answer.json()

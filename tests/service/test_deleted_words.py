"""Words that were deleted or are held are found nowhere: by no field of the schema, on no page, in no feed or log."""

import json
import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice

import anyio
import pytest
from graphql import GraphQLInterfaceType, GraphQLSchema, build_client_schema, get_introspection_query
from sqlalchemy import text

import db.categories
from db import migrate
from db.database import Database
from forum.deletions import purge_deleted_posts
from tests.support import preloaded, watchdog
from tests.support.backends import Backend
from tests.support.http import Data, People, Person, claims, people_of, put, quotes_of, signed
from tests.support.schema_walk import Operation, SchemaWalk, reached
from tests.support.servers import JWT_SECRET, UNLIMITED, Parley, told
from tests.support.waiting import eventually
from tests.support.websocket import connected

pytestmark = pytest.mark.anyio

ALL = ("stranger", "member", "suspended", "moderator")
PUBLIC = ("stranger", "member", "suspended")
"""Those who may not read what moderators may."""
REFUSALS = {"UNAUTHENTICATED", "NOT_ALLOWED", "NOT_FOUND", "BAD_ARGUMENT"}
"""The errors that operations may have which are filled with all ids there are."""
WITHOUT_WORDS = {"ResyncRequired"}
"""Types that nothing in this test brings: of a log that was trimmed."""
ENDING = {
    "discussionEvents": None,
    "feed": None,
    "moderationEvents": None,
    "presence": 1,
    "replyAdded": 1,
    "viewerEvents": None,
}
"""After how many items a subscription has said enough; None: it says CaughtUp. A new one needs a line here."""


@dataclass
class Site:
    """A site of which much was deleted, and who must not read which words."""

    parley: Parley
    people: People
    walkers: dict[str, Person]
    author: Person
    """Of much that was deleted."""
    holder: Person
    """The author of what is held."""
    secrets: dict[str, Sequence[str]] = field(default_factory=dict)
    """Each word, and the walkers who must not find it."""
    ids: dict[str, str] = field(default_factory=dict)
    """All ids there are, with the types that they name if they name something."""
    discussion_of: dict[str, str] = field(default_factory=dict)
    """The discussion of each post."""
    cursors: dict[str, str] = field(default_factory=dict)
    """A cursor at the beginning of each discussion."""
    feed_cursor: str = ""
    own_cursors: dict[tuple[str, str], str] = field(default_factory=dict)
    """Where streams of their own begin for each walker, by the subscription's name."""
    category: str = ""

    def secret(self, what: str, of: Sequence[str] = ALL) -> str:
        word = f"zq{what}{secrets.token_hex(4)}"
        self.secrets[word] = of
        return word

    def searched(self) -> Iterator[str]:
        """One word of each post, and each title."""
        yield from (word for word in self.secrets if ("body" in word or "title" in word) and "old" not in word)

    def of(self, letter: str) -> list[str]:
        return [json.dumps(each) for each in self.ids if each.startswith(letter)]

    def values(self, name: str, node_id: str | None) -> Sequence[str] | None:
        """What arguments of this name are tried with; of arguments below a node, what fits that node."""
        here = self.discussion_of.get(node_id or "")
        match name:
            case "id":
                # All of them are walked as nodes.
                return self.of("D_")
            case "ids":
                return [
                    f"[{', '.join(islice(map(json.dumps, self.ids), at, at + 90))}]"
                    for at in range(0, len(self.ids), 90)
                ]
            case "discussionId" | "discussionIds":
                return self.of("D_")
            case "authorId" | "userId" | "actorId":
                return self.of("U_")
            case "reviewItemId":
                return self.of("I_")
            case "heldPostId":
                return self.of("H_")
            case "auditEntryId":
                return self.of("A_")
            case "postId":
                # Every reason is tried with each of them.
                return self.of("R_")[::6] + self.of("D_")[::3]
            case "categoryId":
                return self.of("C_")
            case "replyId" | "replyToId" | "root" | "around":
                return [
                    json.dumps(each)
                    for each, discussion in self.discussion_of.items()
                    if each.startswith("R_") and here in (None, discussion)
                ]
            case "sourceId":
                # Some of each kind: every mutation is tried with each of them.
                return self.of("D_")[::3] + self.of("R_")[::3]
            case "after":
                # A cursor of another log is an error.
                known = self.cursors.get(here or "", self.feed_cursor if node_id is None else "")
                return [json.dumps(known)] if known else []
            case "number":
                return [each.removeprefix('"D_').removesuffix('"') for each in self.of("D_")]
            case "sequence" | "aroundSequence":
                return [str(at) for at in (1, 2, 3, 8)]
            case "query":
                return [json.dumps(each) for each in (*self.searched(), "common", "zq", self.author.handle[:3])]
            case "text":
                return ['"Common words."']
            case "body" | "title" | "reason" | "note" | "description":
                return ['"Common words. See #1, #2 and #3."']
            case "name":
                return ['"Gus"']
            case "handle":
                return [json.dumps(person.handle) for person in (*self.walkers.values(), self.author) if person.handle]
            case "slug":
                return ['"sea"']
            case "legacyUrl":
                return ['"1:Comment:2"']
            case "last":
                return ["40"]
            case "maxDepth":
                return ["0", "9"]
            case "expectedVersion" | "sourceVersion":
                return ["1"]
            case "clientMutationId" | "versionProof":
                return ['"key"']
            case "since":
                return [json.dumps((datetime.now(UTC) - timedelta(days=1)).isoformat())]
            case "until" | "suspendAuthorUntil":
                return [json.dumps((datetime.now(UTC) + timedelta(days=1)).isoformat())]
            case "position":
                return ["1"]
            case "createdAfter":
                return [json.dumps((datetime.now(UTC) - timedelta(days=1)).isoformat())]
            case "createdBefore":
                return [json.dumps((datetime.now(UTC) + timedelta(days=1)).isoformat())]
        return None


@pytest.fixture(autouse=True)
def event_loops_are_free() -> Iterator[None]:
    """Lets the event loop of this server be blocked: it takes documents of 25 times the tokens that others take."""
    yield
    watchdog.blocked(preloaded.BLOCKED)


@pytest.fixture(scope="module")
def parley(backend: Backend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parley]:
    """A server of its own, on a database that holds nothing else."""
    server = Parley.start(
        database_url=backend.migrated_database(),
        bus_url=backend.bus_url,
        folder=tmp_path_factory.mktemp("words"),
        guests=True,
        jwt_secret=JWT_SECRET,
        max_cost=2**31 - 1,
        max_tokens=50_000,
        **UNLIMITED,
    )
    yield server
    server.stop()


@pytest.fixture(scope="module")
def people(parley: Parley) -> Iterator[People]:
    with people_of(parley) as made:
        yield made


class Writing:
    """Writes posts full of secrets."""

    def __init__(self, site: Site, moderator: Person, home: str, source: str) -> None:
        self.site, self.moderator, self.home, self.source = site, moderator, home, source

    def words(self, what: str, of: Sequence[str]) -> str:
        secret, member = self.site.secret, self.site.walkers["member"]
        return (
            f"> **{secret(f'{what}name', of)} said:**\n>\n> A {secret(f'{what}quote', of)}.\n"
            f">\n> > The {secret(f'{what}inner', of)}.\n\n"
            f"Common words {secret(f'{what}body', of)} of @{member.handle}.\n\n"
            f"```\n{secret(f'{what}code', of)}\n```\n\n||{secret(f'{what}spoiler', of)}||\n\n"
            f"[a](https://example.org/{secret(f'{what}link', of)}) ![{secret(f'{what}image', of)}](https://example.org/a.png)"
            f" See #1."
        )

    def quotes(self, what: str) -> list[Data]:
        word = next(each for each in reversed(self.site.secrets) if each.startswith(f"zq{what}quote"))
        return [{"sourceId": self.source, "text": f"A {word}."}]

    def reply(self, by: Person, what: str, of: Sequence[str], home: str = "") -> str:
        first, second = self.words(f"{what}old", of), self.words(what, of)
        made = by.reply(home or self.home, first, quotes=self.quotes(f"{what}old"))
        # Their ids are known to all who have read the post before.
        self.site.ids |= {quote["id"]: "Quote" for quote in quotes_of(by, made, depth=9)}
        by.edit(made, second, quotes=self.quotes(what))
        self.site.ids |= {quote["id"]: "Quote" for quote in quotes_of(by, made, depth=9)}
        return made

    def start(self, by: Person, what: str, of: Sequence[str]) -> str:
        titles = [f"About {self.site.secret(f'{what}title{at}', of)}" for at in range(2)]
        made = by.start(self.words(f"{what}oldstart", of), titles[0], categoryId=self.site.category)
        by.write(
            "editDiscussion",
            discussionId=made,
            title=titles[1],
            body=self.words(f"{what}start", of),
            expectedVersion=1,
        )
        return made

    def delete(self, post: str, by: Person, what: str, of: Sequence[str] = PUBLIC) -> None:
        reason = f"Since {self.site.secret(f'{what}reason', of)}."
        if post.startswith("D_"):
            by.write("deleteDiscussion", discussionId=post, reason=reason)
        else:
            by.write("deleteReply", replyId=post, reason=reason)


def written(parley: Parley, people: People) -> Site:
    """A site with secrets that were deleted in every way there is."""
    url = str(parley.settings["database_url"])
    ada, bo, eve, mo = people("Ada"), people("Bo"), people("Eve"), people("Mo", moderator=True)
    walkers = {
        "stranger": people.reader,
        "member": bo,
        "suspended": people("Sue"),
        "moderator": people("Mia", moderator=True),
    }
    walkers["moderator"].ask("{ viewer { isModerator } }")
    site = Site(parley, people, walkers, ada, people("Hal"))
    site.feed_cursor = bo.ask("{ feedCursor }")["feedCursor"]
    for name, walker in walkers.items():
        if walker.token:
            cursor = walker.ask("{ viewer { eventCursor } }")["viewer"]["eventCursor"]
            site.own_cursors[name, "viewerEvents"] = cursor
    cursor = walkers["moderator"].ask("{ moderationCursor }")["moderationCursor"]
    site.own_cursors["moderator", "moderationEvents"] = cursor
    made = put(url, lambda tx: db.categories.category(tx, slug="sea", name="Sea", description="All about it."))
    site.category = f"C_{made}"
    home = bo.start("Common words of old.", "The home", categoryId=site.category)
    source = bo.reply(home, "Common words to quote from.")
    write = Writing(site, mo, home, source)

    def everything(
        what: str, by: Person, deleted_by: Sequence[Person], of: Sequence[str], reasons: Sequence[str]
    ) -> None:
        reply, start = write.reply(by, what, of), write.start(by, what, of)
        for at, deleter in enumerate(deleted_by):
            write.delete(reply, deleter, f"{what}{at}", reasons)
            write.delete(start, deleter, f"{what}start{at}", reasons)

    async def purge() -> None:
        async with Database(url) as database:
            assert await purge_deleted_posts(database, before=datetime.now(UTC)) > 0

    everything("purged", ada, [ada], ALL, PUBLIC)
    everything("purgedmod", ada, [mo], ALL, PUBLIC)
    anyio.run(purge)
    # Of what moderators delete they may read the words, and all reasons.
    everything("author", ada, [ada], ALL, PUBLIC)
    everything("mod", ada, [mo], PUBLIC, PUBLIC)
    everything("raised", ada, [ada, mo], ALL, PUBLIC)
    everything("erasedauthor", eve, [eve], ALL, ALL)
    everything("erasedmod", eve, [mo], ALL, ALL)
    everything("erased", eve, [], ALL, ALL)

    # A discussion that a moderator deletes with what others wrote, and what they had deleted before.
    whole = write.start(ada, "whole", PUBLIC)
    below = write.reply(ada, "below", PUBLIC, whole)
    before = write.reply(ada, "before", ALL, whole)
    bo.reply(whole, "Common words below.", below)
    ada.delete(before)
    # The reason is for all whose posts it deleted.
    write.delete(whole, mo, "whole", ("stranger",))

    moderate(site, write)

    # What stands around the secrets: quotes and answers of tombstones, restored posts, names that change.
    quoted = ada.reply(home, f"Common words are blue. {site.secret('tied')}")
    tied = [{"sourceId": quoted, "text": "Common words are blue."}]
    bo.reply(home, "> Common words are blue.\n\nYes.", quoted, quotes=tied)
    eve_said = eve.reply(home, f"Common erased {site.secret('evesaid')}.")
    bo.reply(home, f"So says @{eve.handle}.", eve_said)
    abridged = [{"sourceId": source, "text": "Common words \u2026 from."}]
    old = bo.reply(home, f"Common words {site.secret('superseded', ('stranger',))}.")
    bo.edit(old, "> Common words \u2026 from.\n\nCommon words now.", quotes=abridged)
    bo.reply(home, f"Common words for @{ada.handle}.")
    ada.delete(quoted)
    back = ada.reply(home, "Common words come back.", source)
    ada.delete(back)
    ada.write("restoreReply", replyId=back)
    empty = bo.start("Common words.", "The other")
    bo.write("editDiscussion", discussionId=empty, title="The next", expectedVersion=1)
    Person(people.http, signed(claims(ada.handle, name=f"{ada.name}a")), ada.handle).ask("{ viewer { user { id } } }")
    told("erase", "--handle", eve.handle, "--yes", **parley.settings)

    def status() -> bool:
        asked = """query ($after: String!) {
            feedEvents(after: $after, filter: {kinds: [QUOTE_STATUS_CHANGED]}) {
            nodes { event { ... on QuoteStatusChanged { cursor } } } } }"""
        return any(item["event"] for item in bo.ask(asked, after=site.feed_cursor)["feedEvents"]["nodes"])

    eventually(status, "the notices of deleted sources")
    find_ids(site, url)
    return site


def done(by: Person, mutation: str, fields: str, **given: object) -> Data:
    """The payload of a mutation that must succeed."""
    kind = f"{mutation[0].upper()}{mutation[1:]}Input!"
    asked = (
        f"mutation ($input: {kind}) {{ it: {mutation}(input: $input) {{ {fields} errors {{ __typename message }} }} }}"
    )
    payload: Data = by.ask(asked, input=given)["it"]
    assert payload["errors"] == []
    return payload


def moderate(site: Site, write: Writing) -> None:
    """Has posts held, reported and decided about, with secrets in all that moderators and those people write."""
    hal, rex, mo = site.holder, site.people("Rex"), write.moderator

    def user_id(person: Person) -> str:
        found: str = person.ask("{ viewer { user { id } } }")["viewer"]["user"]["id"]
        return found

    published = hal.reply(write.home, "Common words that are edited soon.")
    started = hal.start("Common words that are edited soon.", "Edited soon")
    premoderated = {"userId": user_id(hal), "premoderated": True}
    mo.write("premoderateUser", **premoderated, reason=f"Since {site.secret('premodreason', PUBLIC)}.")

    def hold(name: str, what: str, **more: object) -> str:
        return str(done(hal, name, "held { id }", body=write.words(what, PUBLIC), **more)["held"]["id"])

    def title(what: str) -> str:
        return f"About {site.secret(f'{what}title', PUBLIC)}"

    hold("addReply", "heldreply", discussionId=write.home)
    hold("startDiscussion", "heldstart", title=title("heldstart"))
    hold("editReply", "heldedit", replyId=published, expectedVersion=1)
    hold("editDiscussion", "heldtitle", discussionId=started, title=title("heldtitle"), expectedVersion=1)
    rejected = hold("addReply", "heldrejected", discussionId=write.home)
    withdrawn = hold("addReply", "heldwithdrawn", discussionId=write.home)
    done(hal, "withdrawHeldPost", "held { id }", heldPostId=withdrawn)

    def decide(post: str, action: str, what: str) -> None:
        asked = "{ reviewQueue(first: 100) { nodes { id version post { id } held { id } } } }"
        items = mo.ask(asked)["reviewQueue"]["nodes"]
        item = next(each for each in items if post in ((each["post"] or {}).get("id"), (each["held"] or {}).get("id")))
        decision = {"reviewItemId": item["id"], "expectedVersion": item["version"], "action": action}
        done(
            mo, "decideReview", "reviewItem { id }", **decision, reason=f"Since {site.secret(f'{what}reason', PUBLIC)}."
        )

    decide(rejected, "REJECT", "rejected")
    member = site.walkers["member"]
    for action in (None, "DISMISS", "DELETE_POST"):
        what = f"reported{(action or 'open').lower()}".replace("_", "")
        reported = rex.reply(
            write.home, f"Common words {site.secret(f'{what}body', PUBLIC if action == 'DELETE_POST' else ())}."
        )
        note = f"Look at {site.secret(f'{what}note', ('stranger', 'suspended'))}."
        done(member, "reportPost", "reported", postId=reported, reason="OTHER", note=note)
        if action is not None:
            decide(reported, action, what)
    gone = rex.reply(write.home, f"Common words {site.secret('reporteddeletedbody', PUBLIC)}.")
    done(member, "reportPost", "reported", postId=gone, reason="SPAM")
    rex.delete(gone)
    suspended = site.walkers["suspended"]
    until = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    reason = f"Since {site.secret('suspendedreason', ('stranger', 'member'))}."
    mo.write("suspendUser", userId=user_id(suspended), until=until, reason=reason)
    mo.write("suspendUser", userId=user_id(rex), reason=f"Since {site.secret('rexreason', PUBLIC)}.")


def find_ids(site: Site, url: str) -> None:
    """Fills the ids of everything that is in the database, and of what was there."""

    def read(query: str) -> list[tuple[int, ...]]:
        async def rows() -> list[tuple[int, ...]]:
            return await migrate.transact(url, lambda to: [tuple(row) for row in to.execute(text(query)).all()])

        return anyio.run(rows)

    for number, discussion, sequence, version in read("SELECT id, discussion_id, sequence, version FROM posts"):
        post = f"R_{number}" if sequence else f"D_{discussion}"
        site.ids[post] = "Reply" if sequence else "Discussion"
        site.discussion_of[post] = f"D_{discussion}"
        site.ids |= {f"V_{number}_{at}": "Revision" for at in range(1, version + 1)}
    for letter, name, table in (
        ("U", "User", "users"),
        ("C", "Category", "categories"),
        ("Q", "Quote", "quotes"),
        ("A", "AuditEntry", "audit_entries"),
        ("H", "HeldPost", "held_posts"),
        ("I", "ReviewItem", "review_items"),
        ("P", "Report", "reports"),
    ):
        site.ids |= {f"{letter}_{number}": name for (number,) in read(f"SELECT id FROM {table}")}
    started = """query ($after: String!) {
        feedEvents(after: $after, first: 100, filter: {kinds: [DISCUSSION_STARTED]}) {
        nodes { event { ... on DiscussionStarted { cursor discussion { id } } } } } }"""
    for item in site.people.reader.ask(started, after=site.feed_cursor)["feedEvents"]["nodes"]:
        # Some events of the site pass every filter.
        if item["event"]:
            site.cursors[item["event"]["discussion"]["id"]] = item["event"]["cursor"]
    assert {*site.cursors} == {*site.discussion_of.values()}


class Search:
    """Looks for the words that one person must not find, and notes what the answers reached."""

    def __init__(self, site: Site, walker: str, wanted: str = "") -> None:
        self.site, self.walker, self.person = site, walker, site.walkers[walker]
        words = [word for word, of in site.secrets.items() if (word.startswith(wanted) if wanted else walker in of)]
        self.forbidden = re.compile("|".join(words))
        self.reached: set[str] = set()
        self.found: dict[str, str] = {}
        """Each word that was found, and where first."""

    def look(self, said: str, where: str) -> None:
        for word in {*self.forbidden.findall(said.lower())}:
            self.found.setdefault(word, where)

    def ask(self, operation: Operation) -> None:
        response = self.person.post(operation.text, **operation.variables)
        self.take(response.json(), response.text, operation)

    def take(self, answer: Data, said: str, operation: Operation) -> None:
        codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
        assert codes <= REFUSALS, (codes, answer["errors"][:2], operation.text[:2_000], operation.variables)
        self.reached.update(reached(answer.get("data")))
        self.look(said, f"{self.walker}: {operation.text[:200]} {operation.variables}")


def schema_of(people: People) -> GraphQLSchema:
    return build_client_schema(people.reader.ask(get_introspection_query()))  # type: ignore[arg-type]


def walk_queries(walk: SchemaWalk, schema: GraphQLSchema, searches: Sequence[Search], own: Sequence[Search]) -> None:
    """Asks each operation as all people in turn: the server reads its document once."""
    for operation in walk.root(schema.query_type, kind="query"):
        for search in (*searches, *own):
            search.ask(operation)
    for node_id, type_name in searches[0].site.ids.items():
        for operation in walk.node(node_id, type_name):
            for search in (*searches, *own):
                search.ask(operation)


async def walk_streams(walk: SchemaWalk, schema: GraphQLSchema, search: Search) -> None:
    """Follows each stream from the beginning of what it is about, until it has said all that there was."""
    site = search.site
    for operation in walk.root(schema.subscription_type, kind="subscription"):
        name = operation.field.removeprefix("Subscription.")
        left = ENDING[name]
        variables = dict(operation.variables)
        if name in ("moderationEvents", "viewerEvents"):
            variables["after"] = site.own_cursors.get((search.walker, name))
        if name == "replyAdded":
            left = replies_added(site, operation.variables["discussionId"])
        async with connected(site.parley, search.person.token) as socket:
            await socket.follow(operation.text, **variables)
            while left is None or left > 0:
                frame = await socket.frame()
                if frame["type"] == "complete":
                    break
                payload = {"errors": frame["payload"]} if frame["type"] == "error" else frame["payload"]
                search.take(payload, json.dumps(frame, ensure_ascii=False), operation)
                if frame["type"] == "error" or '"CaughtUp"' in json.dumps(frame):
                    break
                left = left - 1 if left is not None else None


def replies_added(site: Site, discussion: str) -> int:
    """How many replies a stream of new replies has to say."""
    asked = """query ($after: String!, $ids: [ID!]!) { feedEvents(
        after: $after, first: 100, filter: {kinds: [REPLY_ADDED], discussionIds: $ids}) {
        nodes { event { ... on ReplyAdded { cursor } } } } }"""
    found = site.people.reader.ask(asked, after=site.feed_cursor, ids=[discussion])["feedEvents"]["nodes"]
    return sum(bool(item["event"]) for item in found)


def walk_mutations(walk: SchemaWalk, schema: GraphQLSchema, search: Search) -> None:
    """Tries to write about each of the ids. Deletions are last, so that there is something to write about."""
    operations = list(walk.root(schema.mutation_type, kind="mutation"))
    for operation in sorted(operations, key=lambda each: "Mutation.delete" in each.field):
        search.ask(operation)


def walk_pages(search: Search) -> None:
    """Reads all pages, feeds and maps that lead to each other, and those of all discussions and people."""
    site, person = search.site, search.person
    headers = {"Authorization": f"Bearer {person.token}"} if person.token else {}
    numbers = [each.removeprefix("D_") for each in site.cursors]
    handles = [each.handle for each in (*site.walkers.values(), site.author) if each.handle]
    waiting = ["/", "/feed.atom", "/sitemap.xml", "/robots.txt", "/metrics", "/schema.graphql", "/search?q=common"]
    waiting += [f"/d/{number}{rest}" for number in numbers for rest in ("", "/feed.atom", "/x?after=1", "/x?reply=2")]
    waiting += [f"/u/{handle}" for handle in handles]
    seen: set[str] = set()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        response = person.http.get(path, headers=headers, follow_redirects=False)
        assert response.status_code < 500, path
        said = f"{response.headers.get('location', '')} {response.text}"
        search.look(said, f"{search.walker}: {path}")
        links = re.findall(r"""(?:<loc>|href=["'])(?:https?://[^/<"']+)?(/[^<"'#]*)""", said)
        waiting += [link.replace("&amp;", "&") for link in links if not link.startswith(("/assets", "/language"))]
    assert len(seen) > 30


@pytest.mark.parametrize(
    "backend", ["sqlite", pytest.param("postgresql", marks=pytest.mark.long)], indirect=True, scope="module"
)
async def test_deleted_words_are_found_by_no_field_of_the_schema_and_nowhere_else(
    parley: Parley, people: People
) -> None:
    site = await anyio.to_thread.run_sync(written, parley, people)
    schema = await anyio.to_thread.run_sync(schema_of, people)
    walk = SchemaWalk(schema, site.values)
    searches = [Search(site, name) for name in site.walkers]
    # It is found by the same walk as who may read it.
    site.walkers |= {"author": site.author, "holder": site.holder}
    own = [Search(site, "author", "zqauthor"), Search(site, "holder", "zqheld")]
    await anyio.to_thread.run_sync(walk_queries, walk, schema, searches, own)
    found_own = {word[:-8] for search in own for word in search.found}
    assert {"zqauthorbody", "zqauthorquote", "zqauthorstartbody"} <= found_own
    assert {f"zqheld{what}body" for what in ("reply", "start", "edit", "rejected", "withdrawn")} <= found_own
    for search in searches:
        await walk_streams(walk, schema, search)
        await anyio.to_thread.run_sync(walk_pages, search)
    # A moderator, who may restore posts for all, is last. Who is suspended may write nothing (test_sanctions).
    for search in [each for each in searches if each.walker != "suspended"]:
        await anyio.to_thread.run_sync(walk_mutations, walk, schema, search)
        search.look(parley.log(), "the log of the server")
    found = {word: where for search in searches for word, where in search.found.items()}
    assert found == {}

    seen = set().union(*(search.reached for search in (*searches, *own)))
    left = {each for each in walk.fields() - seen if each.partition(".")[0] not in WITHOUT_WORDS}
    errors = schema.type_map["MutationError"]
    assert isinstance(errors, GraphQLInterfaceType)
    refused = {each.name for each in schema.get_possible_types(errors)}
    # What is wrong is said by a code and a number, but for what stands there instead.
    left = {each for each in left if each.partition(".")[0] not in refused or each == "EditConflict.current"}
    assert " ".join(sorted(left)) == ""

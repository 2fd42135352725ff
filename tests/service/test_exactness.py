"""Answers are kept and never stale: beside a server that keeps none, and while others write."""

import asyncio
import random
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import update

from db.statements import WriteStatement
from db.tables import discussions
from tests.support.acts import Acts
from tests.support.backends import Backend
from tests.support.exactness import LIST, PAGE, Exactness
from tests.support.http import People, Person, people_of, put
from tests.support.servers import JWT_SECRET, UNLIMITED, Parley, PostgreSQL, Valkey, told

pytestmark = pytest.mark.anyio

REQUESTS = 1_000
LONG_REQUESTS = 100_000
SETTINGS = {"jwt_secret": JWT_SECRET, "guests": True, **UNLIMITED}

QUERIES = (
    PAGE,
    """query ($number: Int!) { discussion(number: $number) { number title locked viewCount participantCount
      body viewerCanReply viewerCanEdit deletion { by reason body } category { slug name }
      thread(first: 50, order: NEWEST) { edges { cursor depth node { id state version sequence descendantCount
        replyCount viewerCanEdit viewerCanDelete viewerCanRestore deletion { by reason } mentions { user { handle } }
        byDiscussionAuthor authorRole author { handle name role }
        quotes { status bodyText attributedTo { name } } } } } } }""",
    LIST,
    "{ categories(first: 20) { totalCount nodes { id name discussions(first: 3) { totalCount nodes { id } } } } }",
    """{ search(query: "reply", first: 10) { totalCount nodes { post { id } } } }""",
    '{ people(query: "a") { handle name role } }',
)


def counted(server: Parley, name: str) -> float:
    """A metric of a server, the sum of all its series."""
    text = httpx2.get(f"{server.url}/metrics").text
    return sum(float(value) for value in re.findall(rf"^{name}(?:{{.*}})? (\S+)$", text, re.MULTILINE))


class Beside:
    """A server that keeps answers, and one that keeps none, on one database."""

    def __init__(self, keeps: Parley, fresh: Parley, acts: Acts, readers: list[tuple[Person, Person]]) -> None:
        self.keeps = keeps
        self.fresh = fresh
        self.acts = acts
        self.readers = readers
        """Each reader at the one and at the other."""

    def compare(self, number: int) -> None:
        """Asks both for the same, by turns so that the one has answers to send again."""
        for query in QUERIES:
            for here, there in self.readers:
                later = there.post(query, number=number).json()
                while True:
                    expected = later
                    answers = [here.post(query, number=number).json() for _ in range(2)]
                    later = there.post(query, number=number).json()
                    # Jobs write meanwhile, such as notices of changed sources.
                    if later == expected:
                        break
                assert answers == [expected] * 2

    def act(self, chance: random.Random) -> None:
        """Lets somebody do something, or be called another name, or a command make a category."""
        drawn = chance.random()
        if drawn < 0.08:
            self.acts.rename(chance.randrange(len(self.acts.people)))
        elif drawn < 0.12:
            self.acts.add_category()
        else:
            self.acts.act(chance.choice(self.acts.people), chance)


def at(http: httpx2.Client, person: Person) -> Person:
    """The same person at another server."""
    return Person(http, person.token, person.handle, person.name)


def number_of(discussion: str) -> int:
    return int(discussion.removeprefix("D_"))


@pytest.fixture(scope="module")
def beside(backend: Backend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Beside]:
    url = backend.migrated_database()
    with ExitStack() as stack:
        servers = []
        for kept in (64, 0):
            folder: Path = tmp_path_factory.mktemp("exact")
            started = Parley.start(
                database_url=url, bus_url=backend.bus_url, folder=folder, page_cache_mb=kept, **SETTINGS
            )
            stack.callback(started.stop)
            servers.append(started)
        keeps, fresh = servers
        people, others = stack.enter_context(people_of(keeps)), stack.enter_context(people_of(fresh)).http
        crowd = people.several("Ada", "Bob", "Cleo")
        moderator = people("Mo", moderator=True)
        for each in (*crowd, moderator):
            each.ask("{ viewer { user { id } } }")
        readers = [(each, at(others, each)) for each in (people.reader, crowd[0], crowd[1], moderator)]
        # They write at the server that keeps nothing: what the other knows, it has from the database.
        acts = Acts([at(others, each) for each in crowd], at(others, moderator), url)
        yield Beside(keeps, fresh, acts, readers)


def test_answers_are_those_of_a_server_that_keeps_none(beside: Beside) -> None:
    chance = random.Random(3)
    for _ in range(25):
        beside.act(chance)
        if beside.acts.discussions:
            beside.compare(number_of(chance.choice(beside.acts.discussions[-3:]).id))
    assert counted(beside.keeps, "parley_page_cache_hits_total") > 150
    assert counted(beside.fresh, "parley_page_cache_hits_total") == 0


def test_a_page_is_kept_while_others_write_elsewhere(beside: Beside) -> None:
    (reader, _), (_, writer) = beside.readers[0], beside.readers[1]
    quiet, busy = writer.start(), writer.start()
    writer.reply(quiet)
    for _ in range(2):
        reader.ask(PAGE, number=number_of(quiet))
    before = counted(beside.keeps, "parley_page_cache_hits_total")
    for _ in range(10):
        writer.reply(busy)
        reader.ask(PAGE, number=number_of(quiet))
    assert counted(beside.keeps, "parley_page_cache_hits_total") == before + 10


def test_a_quote_follows_its_source_in_another_discussion(beside: Beside) -> None:
    (reader, _), (_, writer) = beside.readers[0], beside.readers[1]
    source = writer.reply(writer.start(), "Said once.")
    quoting = writer.start()
    writer.reply(quoting, "As was said.", quotes=[{"sourceId": source, "text": "Said once."}])
    query = """query ($number: Int!) { discussion(number: $number) {
      thread(first: 5) { nodes { quotes { status } } } } }"""

    def status() -> str:
        found: set[str] = set()
        for _ in range(3):
            (reply,) = reader.ask(query, number=number_of(quoting))["discussion"]["thread"]["nodes"]
            found.add(reply["quotes"][0]["status"])
        (only,) = found
        return only

    seen = [status()]
    writer.edit(source, "Said in another way.")
    seen.append(status())
    writer.delete(source)
    seen.append(status())
    writer.write("restoreReply", replyId=source)
    seen.append(status())
    assert seen == ["VERBATIM", "SOURCE_EDITED", "SOURCE_DELETED", "SOURCE_EDITED"]


def test_a_discussion_that_was_not_there_is_shown_once_it_is(beside: Beside) -> None:
    (reader, _), (_, writer) = beside.readers[0], beside.readers[1]
    next_number = number_of(writer.start()) + 1
    for _ in range(3):
        assert reader.ask(PAGE, number=next_number)["discussion"] is None
    assert number_of(writer.start()) == next_number
    assert reader.ask(PAGE, number=next_number)["discussion"] is not None


def test_an_erased_person_is_in_no_kept_answer(beside: Beside) -> None:
    (reader, _), (_, writer) = beside.readers[0], beside.readers[1]
    people = People(writer.http, reader)
    gone = people("Gone")
    discussion = gone.start(title="By somebody who leaves")
    writer.reply(discussion, f"Well, @{gone.handle}, no.")
    number = number_of(discussion)
    for _ in range(3):
        assert gone.name in reader.post(PAGE, number=number).text
    told("erase", "--handle", gone.handle, "--yes", **beside.fresh.settings)
    for _ in range(3):
        text = reader.post(PAGE, number=number).text
        assert gone.name not in text
        assert gone.handle not in text
    beside.compare(number)


def test_rows_changed_by_hand_are_shown_once_touch_was_run(beside: Beside) -> None:
    (reader, _), (_, writer) = beside.readers[0], beside.readers[1]
    number = number_of(writer.start(title="As it was"))
    for _ in range(3):
        assert reader.ask(PAGE, number=number)["discussion"]["title"] == "As it was"
    by_hand = WriteStatement(update(discussions).where(discussions.c.id == number).values(title="By hand"))
    put(str(beside.fresh.settings["database_url"]), lambda tx: tx.run(by_hand))
    told("touch", **beside.fresh.settings)
    assert reader.ask(PAGE, number=number)["discussion"]["title"] == "By hand"


def test_what_is_about_a_request_or_its_sender_is_never_kept(beside: Beside) -> None:
    people = [reader for reader, _ in beside.readers]
    before = counted(beside.keeps, "parley_page_cache_hits_total")
    for _ in range(3):
        for each in people:
            viewer = each.ask("{ viewer { user { handle } tokenExpiresAt } }")["viewer"]
            assert (viewer["user"]["handle"] if viewer else "") == each.handle
            assert each.ask("{ rateLimit { cost remaining } }")["rateLimit"]["cost"] > 0
            each.ask("{ feedCursor }")
    # Who nobody is, is the same for all who are nobody: that may be kept.
    assert counted(beside.keeps, "parley_page_cache_hits_total") - before <= 3


async def run_exactly(servers: list[Parley], requests: int) -> Exactness:
    run = Exactness(servers)
    await run.prepare()
    await run.run(requests)
    return run


@contextmanager
def two(url: str, bus_url: str, folder: Path) -> Iterator[list[Parley]]:
    """Two processes on one database. With SQLite, each has a bus of its own, and hears of nothing of the other."""
    with ExitStack() as stack:
        servers = []
        for _ in range(2):
            servers.append(Parley.start(database_url=url, bus_url=bus_url, folder=folder, **SETTINGS))
            stack.callback(servers[-1].stop)
        yield servers


@pytest.mark.parametrize("requests", [REQUESTS, pytest.param(LONG_REQUESTS, marks=pytest.mark.long)])
async def test_no_answer_is_older_than_its_question(backend: Backend, tmp_path: Path, requests: int) -> None:
    with two(backend.migrated_database(), backend.bus_url, tmp_path) as servers:
        run = await run_exactly(servers, requests)
        hits = sum(counted(each, "parley_page_cache_hits_total") for each in servers)
    assert run.failures == []
    assert run.lost == 0
    # Enough was written to make answers old, and enough was kept to be old.
    assert run.written > requests / 200
    assert hits > requests / 20


@pytest.mark.parametrize("requests", [REQUESTS, pytest.param(LONG_REQUESTS, marks=pytest.mark.long)])
async def test_no_answer_outlives_a_crash_of_postgresql(valkey: Valkey, tmp_path: Path, requests: int) -> None:
    server = PostgreSQL.start(durable=True)
    try:
        url = server.new_database()
        told("migrate", database_url=url)
        with two(url, valkey.url, tmp_path) as servers:
            run = Exactness(servers)
            await run.prepare()
            reading = asyncio.create_task(run.run(requests))
            crashes = 1 if requests == REQUESTS else 3
            for part in range(1, crashes + 1):
                while run.asked < requests * part / (crashes + 1) and not reading.done():
                    await asyncio.sleep(0.05)
                await asyncio.to_thread(server.kill)
                await asyncio.to_thread(server.restart)
            await reading
            hits = sum(counted(each, "parley_page_cache_hits_total") for each in servers)
    finally:
        server.stop()
    assert run.asked - run.lost > requests / 4
    assert hits > requests / 40

"""Pages and feeds are kept, never stale, bounded, and charged to the address of their reader."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from contextvars import ContextVar
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

import db.categories
from app.process import Process
from app.settings import Settings
from bench import data
from db.database import Database, Transaction
from db.snapshots import Snapshot
from db.statements import Statement
from tests.support.backends import Backend
from tests.support.http import People, Person, claims, people_of, put, signed
from tests.support.servers import JWT_SECRET, Parley, told
from web.kept import KeptPages, Page
from web.routes import site

COST_OF_ADDRESS = 50_000
PATHS = ["/", "/search", "/feed.atom", "/d/{number}/a-title", "/d/{number}/feed.atom", "/d/999999/x", "/schema.graphql"]


pytestmark = pytest.mark.usefixtures("networks_are_forgotten")


@pytest.fixture(scope="module")
def people(parley: Parley) -> Iterator[People]:
    with people_of(parley) as made:
        yield made


class Reader:
    """Reads the page and the feed of a discussion, the front page and the site's feed, each with its last ETag."""

    def __init__(self, http: httpx2.Client, discussion: str) -> None:
        number = discussion.removeprefix("D_")
        self.http = http
        self.paths = [f"/d/{number}", f"/d/{number}/feed.atom", "/", "/feed.atom"]
        self.known: dict[str, httpx2.Response] = {}

    def read(self) -> dict[str, str]:
        """What each shows now; an answer without a body stands for what was known."""
        shown = {}
        for path in self.paths:
            known = self.known.get(path)
            headers = {"If-None-Match": known.headers["ETag"]} if known and "ETag" in known.headers else {}
            answer = self.http.get(path, headers=headers, follow_redirects=True)
            if answer.status_code == 304:
                assert known is not None
                assert answer.headers["ETag"] == known.headers["ETag"]
                assert answer.content == b""
            else:
                self.known[path] = answer
            shown[path] = self.known[path].text
        return shown


def test_no_page_is_stale_after_a_category_was_changed(people: People) -> None:
    mo = people("Mo", moderator=True)
    made = mo.write("addCategory", slug=mo.handle.lower(), name="Before")["category"]["id"]
    page, _, front, _ = (reader := Reader(people.http, mo.start(categoryId=made))).paths
    assert all("Before" in reader.read()[path] for path in (page, front))
    mo.write("editCategory", categoryId=made, name="Afterwards")
    assert all("Afterwards" in reader.read()[path] and "Before<" not in reader.read()[path] for path in (page, front))
    mo.write("addCategory", slug=f"{mo.handle.lower()}-2", name="A second one", position=-1)
    assert "A second one" in reader.read()[front]


def test_the_front_page_begins_with_what_is_pinned_however_old(people: People) -> None:
    mo = people("Mo", moderator=True)
    pinned = mo.ask("{ discussions(first: 100, filter: { pinned: true }) { nodes { id } } }")["discussions"]["nodes"]
    for discussion in pinned:
        mo.write("unpinDiscussion", discussionId=discussion["id"])
    old = mo.start(title=f"House rules of {mo.handle}")
    for number in range(20):
        mo.start(title=f"Newer, {number}")
    reader = Reader(people.http, old)

    def titles() -> list[str]:
        return re.findall(r'<h2 dir="auto"><a [^>]*>([^<]*)</a>', reader.read()["/"])

    assert titles()[0] == "Newer, 19"
    mo.write("pinDiscussion", discussionId=old)
    assert titles()[:2] == [f"House rules of {mo.handle}", "Newer, 19"]
    mo.write("retitleDiscussion", discussionId=old, title=f"Rules of {mo.handle}", expectedVersion=1)
    assert titles()[0] == f"Rules of {mo.handle}"
    # With the newest activity it would be on the page by its place, too.
    mo.reply(old)
    assert titles()[0] == f"Rules of {mo.handle}"
    assert titles().count(f"Rules of {mo.handle}") == 1
    mo.write("unpinDiscussion", discussionId=old)
    mo.start(title="The newest")
    assert titles()[:2] == ["The newest", f"Rules of {mo.handle}"]


def test_no_page_is_stale_after_a_write_of_any_kind(people: People, parley: Parley, backend: Backend) -> None:
    ada, bo, mo = people("Ada"), people("Bo"), people("Mo", moderator=True)
    discussion = ada.start("Opening words.", "First title")
    page, feed, front, site_feed = (reader := Reader(people.http, discussion)).paths
    assert ada.name in reader.read()[front]
    reply = bo.reply(discussion, "A first reply.")
    assert all(bo.name in reader.read()[path] for path in (page, feed, site_feed))
    (row,) = (row for row in re.findall("<li .*?</li>", reader.read()[front], re.DOTALL) if "First title" in row)
    assert f"{bo.name}</bdi> replied" in row and ">1</span><span" in row
    assert reader.read() == reader.read()

    bo.edit(reply, "An edited reply.")
    for path in (page, feed, site_feed):
        assert "An edited reply." in reader.read()[path]
        assert "A first reply." not in reader.read()[path]

    ada.write("editDiscussion", discussionId=discussion, title="Second title", expectedVersion=1)
    assert all("Second title" in shown for shown in reader.read().values())
    assert all("First title" not in reader.read()[path] for path in (page, feed))

    ada.write("editDiscussion", discussionId=discussion, body="Other words, of a kept page.", expectedVersion=2)
    assert all("Other words, of a kept page." in reader.read()[path] for path in (page, feed, site_feed))

    # A new name comes with a token, and is in no log.
    for person, paths in ((bo, (page, feed, front, site_feed)), (ada, (page, feed, front, site_feed))):
        name = f"Somebody {person.handle}"
        renamed = Person(people.http, signed(claims(person.handle, name=name)), person.handle, name)
        renamed.ask("{ viewer { user { name } } }")
        assert all(name in reader.read()[path] for path in paths)
        assert all(person.name not in reader.read()[path] for path in paths)

    bo.delete(reply)
    assert [path for path, shown in reader.read().items() if "An edited reply." in shown] == []
    assert "This reply was deleted." in reader.read()[page]

    quoted = mo.reply(discussion, "To be quoted.")
    quoting = mo.reply(discussion, "So it is, on a kept page.", quotes=[{"sourceId": quoted, "text": "To be quoted."}])
    reader.read()
    elsewhere = ada.start("> To be quoted.", quotes=[{"sourceId": quoted, "text": "To be quoted."}])
    quoting_page = (other := Reader(people.http, elsewhere)).paths[0]
    assert "of &#34;Second title&#34;</a>" in other.read()[quoting_page]
    ada.write("editDiscussion", discussionId=discussion, title="Third title of a kept page", expectedVersion=3)
    assert "of &#34;Third title of a kept page&#34;</a>" in other.read()[quoting_page]
    name = f"Somebody {mo.handle}"
    Person(people.http, signed(claims(mo.handle, name=name, parley_role="moderator")), mo.handle, name).ask(
        "{ viewer { user { name } } }"
    )
    assert f"<bdi>{name}</bdi> said in" in other.read()[quoting_page]

    async def categorise(tx: Transaction) -> int:
        return await db.categories.category(tx, slug="new-here", name="New here", description=None)

    put(backend.database_url, categorise)
    assert 'href="/?category=new-here"' in reader.read()[front]

    mo.edit(quoted, "Said otherwise.")
    assert 'data-status="SOURCE_EDITED"' in other.read()[quoting_page]
    assert all("Said otherwise." in reader.read()[path] for path in (page, feed, site_feed))
    mo.delete(quoting)
    assert [path for path, shown in reader.read().items() if "So it is, on a kept page." in shown] == []

    mo.write("lockDiscussion", discussionId=discussion)
    reader.read()
    mo.write("deleteDiscussion", discussionId=discussion)
    shown = reader.read()
    assert [reader.known[path].status_code for path in (page, feed)] == [410, 410]
    assert all(
        "Other words, of a kept page." not in text and "Third title of a kept page" not in text
        for text in shown.values()
    )


def test_no_page_keeps_the_words_or_name_of_an_erased_person(people: People, parley: Parley) -> None:
    ada, bo = people("Ada"), people("Bo")
    discussion = bo.start(f"What {ada.name} said.", f"On {ada.name}")
    reader = Reader(people.http, discussion)
    ada.reply(discussion, "Mine alone.")
    bo.reply(discussion, f"As {ada.name} said.")
    shown = reader.read()
    assert all(ada.name in text for text in shown.values())
    told("suspend", "--handle", ada.handle, **parley.settings)
    told("erase", "--handle", ada.handle, "--yes", **parley.settings)
    shown = reader.read()
    assert not any(ada.name in text or "Mine alone." in text for text in shown.values())


ATTEMPTS = 100
READS: ContextVar[list[str] | None] = ContextVar("READS", default=None)
"""The statements that a request has read, in its own task and those that it starts; not those of the server's tasks."""


@pytest.mark.anyio
async def test_a_page_that_has_not_changed_costs_no_statement_after_it_was_read_twice(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    def counted(rows: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def read(reader: Database | Snapshot, statement: Statement[Any], **parameters: Any) -> Any:
            if (reads := READS.get()) is not None:
                reads.append(statement.row.__name__)
            return await rows(reader, statement, **parameters)

        return read

    url = backend.new_database()
    await data.fill(url, data.rows(data.Size(discussions=2, replies=60, users=5)))
    process = Process(Settings(database_url=url))
    monkeypatch.setattr(Database, "rows", counted(Database.rows))
    monkeypatch.setattr(Snapshot, "rows", counted(Snapshot.rows))
    pages = Starlette(routes=site(process.pages, public_url="http://parley", site_name="Parley", demo=False).routes)
    number = data.NUMBER
    async with (
        process.lifespan(pages),
        httpx2.AsyncClient(transport=httpx2.ASGITransport(pages), base_url="http://parley") as http,
    ):
        for path in (f"/d/{number}", f"/d/{number}?after=50", f"/d/{number}/feed.atom", "/", "/feed.atom"):
            known = await http.get(path, follow_redirects=True)
            assert known.status_code == 200
            for headers, status in (({"If-None-Match": known.headers["ETag"]}, 304), ({}, 200)):
                taken = []
                while 0 not in taken:
                    READS.set([])
                    assert (await http.get(known.url, headers=headers)).status_code == status
                    taken.append(len(READS.get() or []))
                    READS.set(None)
                    # One to see what has changed; the second time the state of the database, too. On PostgreSQL a
                    # commit in any of its databases counts as a change.
                    assert taken[-1] <= 2 and len(taken) < ATTEMPTS, (path, taken)


@pytest.fixture(scope="module")
def poor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parley]:
    folder = tmp_path_factory.mktemp("poor")
    server = Parley.start(
        database_url=f"sqlite:///{folder}/parley.db",
        folder=folder,
        jwt_secret=JWT_SECRET,
        trusted_proxies="127.0.0.1",
        cost_per_minute_of_address=COST_OF_ADDRESS,
    )
    yield server
    server.stop()


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", PATHS)
def test_pages_are_charged_to_the_address_of_their_reader(poor: Parley, method: str, path: str) -> None:
    address = f"192.0.2.{2 * PATHS.index(path) + (method == 'HEAD')}"
    with people_of(poor) as people:
        discussion = people("Ada").start()
        path = path.format(number=discussion.removeprefix("D_"))
        from_there = {"X-Forwarded-For": address}
        assert people.http.request(method, path, headers=from_there).status_code in (200, 404)
        # Pages and operations are paid from one budget.
        query = "{ discussions(first: 100) { nodes { author { id name handle } thread(first: 10) { nodes { id } } } } }"

        def is_refused() -> bool:
            answer = people.http.post("/graphql", json={"query": query}, headers=from_there).json()
            return "errors" in answer and answer["errors"][0]["extensions"]["code"] == "RATE_LIMITED"

        refused = None
        # A minute may begin in between.
        while refused is None or not is_refused():
            while not is_refused():
                pass
            while (refused := people.http.request(method, path, headers=from_there)).status_code != 429:
                assert refused.status_code in (200, 404)
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
        if method == "GET":
            said = f"of {COST_OF_ADDRESS} are left" if path == "/schema.graphql" else "Try again in"
            assert said in refused.text
        # Other addresses have budgets of their own.
        assert people.http.request(method, path, headers={"X-Forwarded-For": "198.51.100.7"}).status_code != 429


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_page_whose_posts_are_too_large_together_shows_fewer(people: People) -> None:
    ada = people("Ada")
    discussion = ada.start("To begin with.", "Many long ones")
    for at in range(46):
        ada.reply(discussion, f"Long {at}: `{'&' * 39_980}`")
    number = discussion.removeprefix("D_")
    page = people.http.get(f"/d/{number}/many-long-ones")
    assert page.status_code == 200
    assert page.text.count('<article id="reply-') == 5
    assert 'rel="next">Show more replies</a>' in page.text
    feed = people.http.get(f"/d/{number}/feed.atom")
    assert feed.status_code == 200
    assert "Long 45:" in feed.text
    assert people.http.get("/feed.atom").status_code == 200


def page_of(size: int, *, is_exact: bool = True) -> Page:
    return Page(b"x" * size, "text/html", is_exact=is_exact)


@pytest.mark.anyio
async def test_a_page_that_many_ask_for_at_once_is_made_once() -> None:
    kept, made, may_end = KeptPages(), 0, asyncio.Event()

    async def make() -> Page:
        nonlocal made
        made += 1
        await may_end.wait()
        return page_of(1)

    asked = [asyncio.create_task(kept.get("a", make)) for _ in range(10)]
    await asyncio.sleep(0)
    # The others get it although the first is gone.
    asked[0].cancel()
    await asyncio.sleep(0)
    may_end.set()
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(answers[0], asyncio.CancelledError)
    assert answers[1:] == [page_of(1)] * 9
    assert await kept.get("a", make) == page_of(1)
    assert made == 1


@pytest.mark.anyio
async def test_kept_pages_are_bounded_in_number_and_bytes() -> None:
    kept, made = KeptPages(max_pages=3, max_bytes=100), list[str]()

    async def get(etag: str, size: int, *, is_exact: bool = True) -> bool:
        """Whether it was kept."""
        before = len(made)

        async def make() -> Page:
            made.append(etag)
            return page_of(size, is_exact=is_exact)

        assert len((await kept.get(etag, make)).body) == size
        return len(made) == before

    assert [await get(etag, 10) for etag in "abcabc"] == [False] * 3 + [True] * 3
    # The least recently used goes first.
    assert await get("a", 10)
    assert not await get("d", 10)
    assert [await get(etag, 10) for etag in "acd"] == [True] * 3
    assert not await get("e", 75)
    assert [await get(etag, 10) for etag in "de"[:1]] == [True]
    assert not await get("f", 101)
    assert not await get("f", 101)
    # What was made while something was written is of no version.
    assert not await get("g", 1, is_exact=False)
    assert not await get("g", 1, is_exact=False)


@pytest.mark.anyio
async def test_a_page_that_failed_is_made_again() -> None:
    kept = KeptPages()

    async def fail() -> Page:
        raise LookupError

    async def make() -> Page:
        return page_of(1)

    for _ in range(2):
        with pytest.raises(LookupError):
            await kept.get("a", fail)
    assert await kept.get("a", make) == page_of(1)

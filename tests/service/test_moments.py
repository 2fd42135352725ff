"""What a query shows is of one moment: somebody else writes after each of its statements, and nothing of that shows."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextvars import ContextVar
from typing import Any

import orjson
import pytest
from starlette.applications import Starlette

import db.users
from app.process import Process
from app.settings import Settings
from db import drivers
from execution.operation import Operation
from forum.discussions import EditDiscussion, StartDiscussion, edit_discussion, start_discussion
from forum.replies import AddReply, add_reply
from forum.use_cases import Actor
from tests.support.backends import Backend

pytestmark = pytest.mark.anyio

MOST_STATEMENTS = 20

PAGE = """
query ($id: ID!) { node(id: $id) { ... on Discussion {
  replies(first: 100) { totalCount nodes { id author { name } } }
  again: eventCursor
  thread(first: 100) { totalCount edges { node {
    id lastEvent author { name } quotes { status } discussion { title }
  } } }
  title eventNumber replyCount
} } }
"""
LISTS = """
{ discussions(first: 100) { totalCount nodes { id title author { name } } }
  found: search(query: "words", first: 100) { totalCount nodes { id discussion { title } } }
  feedCursor }
"""
SINCE = "query ($after: String!) { feedEvents(after: $after, first: 100) { nodes { __typename } edges { cursor } } }"

_is_query: ContextVar[bool] = ContextVar("_is_query", default=False)


class Seam:
    """Calls `write` after one statement of a query, which waits for it."""

    def __init__(self) -> None:
        self.after = -1
        self.count = 0
        self.write: Callable[[], Awaitable[None]] | None = None

    async def statement_ended(self) -> None:
        if not _is_query.get():
            return
        at, self.count = self.count, self.count + 1
        if at == self.after and self.write is not None:
            # In a task of its own, since the query's own statements are known by its context.
            _is_query.set(False)
            await asyncio.create_task(self.write())  # type: ignore[arg-type]
            _is_query.set(True)


@pytest.fixture
def seam(monkeypatch: pytest.MonkeyPatch) -> Seam:
    made = Seam()
    for kind in (drivers._PostgreSQLConnection, drivers._SQLiteConnection):

        def patched(rows: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
            async def then(*arguments: Any) -> Any:
                found = await rows(*arguments)
                await made.statement_ended()
                return found

            return then

        monkeypatch.setattr(kind, "rows", patched(kind.rows))
    return made


@pytest.fixture
async def process(backend: Backend) -> AsyncIterator[Process]:
    opened = Process(Settings(database_url=backend.migrated_database()))
    async with opened.lifespan(Starlette()):
        yield opened


async def ask(process: Process, text: str, **variables: Any) -> Any:
    async def run() -> bytes:
        _is_query.set(True)
        prepared = process.engine.prepare(Operation(text, variables))
        return await process.engine.execute(prepared, (await process.identify(None, "127.0.0.1")).context)

    answer = orjson.loads(await asyncio.create_task(run()))
    assert "errors" not in answer
    return answer["data"]


async def actor_of(process: Process) -> Actor:
    return Actor(await process.database.write(lambda tx: db.users.add_user(tx, db.users.Person("ada", "Ada"))))


async def test_a_page_and_its_cursor_are_of_one_moment(process: Process, seam: Seam) -> None:
    forum, actor = process.services.forum, await actor_of(process)
    started = await start_discussion(forum, actor, StartDiscussion(title="Title 0", body="Words."))
    number = started.discussion_id
    assert number is not None
    log: list[tuple[int, str, str]] = []
    """The number of each event, with the post that it adds, and the title since then."""
    title = "Title 0"

    async def write() -> None:
        nonlocal title
        added = await add_reply(forum, actor, AddReply(discussion_id=number, body="Words."))
        assert added.position is not None
        log.append((added.position.number, f"R_{added.post_id}", title))
        title = f"Title {len(log)}"
        edited = await edit_discussion(
            forum, actor, EditDiscussion(discussion_id=number, expected_version=len(log) // 2 + 1, title=title)
        )
        assert edited.position is not None
        log.append((edited.position.number, "", title))

    seam.write = write
    for seam.after in range(MOST_STATEMENTS):
        seam.count = 0
        page = (await ask(process, PAGE, id=f"D_{number}"))["node"]
        cursor = process.services.cursors.read(page["again"])
        assert cursor.number == page["eventNumber"]
        known = [(post, title) for event, post, title in log if event <= cursor.number]
        replies = [post for post, _ in known if post]
        assert page["title"] == (known[-1][1] if known else "Title 0")
        assert page["replyCount"] == page["thread"]["totalCount"] == page["replies"]["totalCount"] == len(replies)
        nodes = [edge["node"] for edge in page["thread"]["edges"]]
        assert [node["id"] for node in nodes] == [node["id"] for node in page["replies"]["nodes"]] == replies
        assert all(node["lastEvent"] <= cursor.number for node in nodes)
        assert {node["discussion"]["title"] for node in nodes} <= {page["title"]}
        if seam.after >= seam.count:
            break
    assert 4 < seam.count < MOST_STATEMENTS


async def test_lists_are_of_one_moment_and_the_feed_goes_on_from_there(process: Process, seam: Seam) -> None:
    forum, actor = process.services.forum, await actor_of(process)
    started: list[str] = []
    count = 0

    async def write() -> None:
        command = StartDiscussion(title=f"Title {len(started)}", body="Words.")
        started.append(f"D_{(await start_discussion(forum, actor, command)).discussion_id}")

    await write()
    seam.write = write
    for at in range(MOST_STATEMENTS):
        seam.after, seam.count = at, 0
        page = await ask(process, LISTS)
        count, seam.after = seam.count, -1
        shown = [node["id"] for node in page["discussions"]["nodes"]]
        assert sorted(shown) == sorted(started[: len(shown)])
        assert page["discussions"]["totalCount"] == page["found"]["totalCount"] == len(shown)
        assert {node["id"] for node in page["found"]["nodes"]} == set(shown)
        # The cursor is not later than the lists: whatever they lack comes after it.
        since = await ask(process, SINCE, after=page["feedCursor"])
        assert len(since["feedEvents"]["nodes"]) >= len(started) - len(shown)
        if at >= count:
            break
    assert 4 < count < MOST_STATEMENTS


async def test_queries_of_all_kinds_at_once_do_not_wait_for_each_other(process: Process) -> None:
    forum, actor = process.services.forum, await actor_of(process)
    before = (await ask(process, "{ feedCursor }"))["feedCursor"]
    started = await start_discussion(forum, actor, StartDiscussion(title="Title", body="Words."))
    text = f"""{{
      discussions(first: 5) {{ totalCount nodes {{ title author {{ name }} }} }}
      one: feedEvents(after: $after, first: 5) {{ edges {{ cursor node {{ event {{ ... on DiscussionStarted {{
        discussion {{ title }} }} }} }} }} }}
      previewBody(body: "Words.", quotes: [{{ sourceId: "D_{started.discussion_id}", text: "Words." }}]) {{ bodyHtml }}
      search(query: "words") {{ totalCount edges {{ snippet node {{ id }} }} }}
      two: feedEvents(after: $after, first: 5) {{ edges {{ cursor }} }}
      people(query: "a") {{ name }}
      feedCursor
    }}"""
    query = f"query ($after: String!) {text}"
    async with asyncio.timeout(60):
        answers = await asyncio.gather(*(ask(process, query, after=before) for _ in range(3 * drivers.POOL_SIZE)))
    keys = ["discussions", "one", "previewBody", "search", "two", "people", "feedCursor"]
    assert all(list(answer) == keys for answer in answers)
    # Each preview numbers its quotes by itself.
    assert all("Words." in answer.pop("previewBody")["bodyHtml"] for answer in answers)
    assert len({orjson.dumps(answer) for answer in answers}) == 1
    assert len(answers[0]["one"]["edges"]) == answers[0]["discussions"]["totalCount"] == 1

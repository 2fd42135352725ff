"""What a page costs in statements: one for each level, however many replies it shows and whoever wrote them."""

from collections.abc import AsyncIterator

import orjson
import pytest
from starlette.applications import Starlette

from bench import data, page
from execution.operation import Operation
from server import Process, Settings
from tests.conftest import Backend

pytestmark = pytest.mark.anyio

REPLIES = 300
SIZE = data.Size(discussions=3, replies=REPLIES, users=20)

NESTED = """
query ($number: Int!, $first: Int!) { discussion(number: $number) { thread(first: $first) {
  totalCount
  nodes {
    author { handle replies(first: 2) { nodes { id author { handle } } } }
    quotes { attributedTo { handle } source { author { handle } } post { author { handle } } }
    replyTo { author { handle } replyTo { author { handle } quotes { status } } }
    ancestors { author { handle } }
    replies(first: 2) { totalCount nodes { author { handle } quotes { status } } }
    mentions { user { handle } }
    revisions { nodes { editor { handle } } }
    viewerCanReply
    discussion { author { handle } }
  }
} } }
"""


@pytest.fixture
async def process(backend: Backend) -> AsyncIterator[Process]:
    """A server's insides on a small data set."""
    url = backend.new_database()
    await data.fill(url, data.rows(SIZE))
    opened = Process(Settings(database_url=url))
    async with opened.lifespan(Starlette()):
        yield opened


async def statements(process: Process, query: str, first: int) -> int:
    """How many statements the page takes; the least of three runs, since the server's own tasks read now and then."""
    prepared = process.engine.prepare(Operation(query, {"number": data.NUMBER, "first": first}))
    assert prepared.plan is not None
    taken = []
    for _ in range(3):
        context = (await process.open_context(None, "127.0.0.1")).context
        before = process.database.statement_count
        answer = orjson.loads(await process.engine.execute(prepared, context))
        taken.append(process.database.statement_count - before)
        assert "errors" not in answer
        thread = answer["data"]["discussion"]["thread"]
        assert len(thread.get("edges") or thread["nodes"]) == first
    return min(taken)


async def test_a_page_takes_one_statement_for_each_level(process: Process) -> None:
    query = page.QUERY.read_text()
    # The discussion with its cursor, the thread with its authors, and the quotes with their sources and speakers.
    assert [await statements(process, query, first) for first in (5, 50, REPLIES)] == [3, 3, 3]


async def test_nesting_takes_a_statement_a_level_and_none_a_row(process: Process) -> None:
    few, many = [await statements(process, NESTED, first) for first in (20, REPLIES)]
    assert many == few

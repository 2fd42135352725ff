"""What a page costs in statements: one for each level, however many replies it shows and whoever wrote them."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import orjson
import pytest
from graphql import get_named_type, is_leaf_type
from starlette.applications import Starlette

import db.replies
from access.viewer import SingleViewer
from app.process import Process
from app.settings import Settings
from bench import data, page
from db.database import Database, Transaction
from execution.operation import Operation, RequestRefused, StreamEnded
from execution.plan import Planner
from execution.results import Burst
from schema.root import schema as contract
from tests.support.backends import Backend

pytestmark = pytest.mark.anyio

REPLIES = 300
SIZE = data.Size(discussions=3, replies=REPLIES + 20, users=20)

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
    opened = Process(Settings(database_url=url, page_cache_mb=0))
    async with opened.lifespan(Starlette()):
        yield opened


async def statements(process: Process, query: str, first: int) -> int:
    """How many statements the page takes; the least of three runs, since the server's own tasks read now and then."""
    prepared = process.engine.prepare(Operation(query, {"number": data.NUMBER, "first": first}))
    assert prepared.plan is not None
    taken = []
    for _ in range(3):
        context = (await process.identify(None, "127.0.0.1")).context
        before = process.database.statement_count
        answer = orjson.loads(await process.engine.execute(prepared, context))
        taken.append(process.database.statement_count - before)
        assert "errors" not in answer
        thread = answer["data"]["discussion"]["thread"]
        assert len(thread.get("edges") or thread["nodes"]) == first
    return min(taken)


async def test_a_page_takes_one_statement_for_each_level(process: Process) -> None:
    query = page.QUERY.read_text()
    # The discussion with its cursor, the thread with its authors, and the quotes with their sources and quoted people.
    assert [await statements(process, query, first) for first in (5, 50, REPLIES)] == [3, 3, 3]


REPLY = "mutation ($input: AddReplyInput!) { addReply(input: $input) { errors { message } eventCursor } }"


@pytest.mark.parametrize(
    ("body", "key", "reads"),
    [
        ("Quite so.", None, 1),
        ("> Quite so.\n\n@person-4 said it.", None, 1),
        # The key is claimed before the lock.
        ("Quite so.", "a", 2),
    ],
)
async def test_a_reply_reads_once_in_its_transaction(
    process: Process, monkeypatch: pytest.MonkeyPatch, body: str, key: str | None, reads: int
) -> None:
    taken: list[str] = []
    for name in ("row", "rows"):
        original = getattr(Transaction, name)

        async def call(tx: Transaction, *arguments: Any, of: Any = original, **parameters: Any) -> Any:
            taken.append("read")
            return await of(tx, *arguments, **parameters)

        monkeypatch.setattr(Transaction, name, call)
    counts = []
    for number in range(3):
        context = replace((await process.identify(None, "127.0.0.1")).context, viewer=SingleViewer(3, "member"))
        given = {"discussionId": f"D_{data.NUMBER}", "body": f"{body} {number}"}
        if key is not None:
            given["clientMutationId"] = f"{key}{number}"
        taken.clear()
        prepared = process.engine.prepare(Operation(REPLY, {"input": given}))
        answer = orjson.loads(await process.engine.execute(prepared, context))
        counts.append(len(taken))
        assert answer["data"]["addReply"]["errors"] == []
    # What needs no answer travels with the read and the commit. The process's own tasks write now and then.
    assert min(counts) == reads


async def test_a_new_reply_is_shown_without_being_read(process: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = " ".join(selection("Reply", 1))
    text = (
        "mutation ($input: AddReplyInput!) { addReply(input: $input) {"
        f" reply {{ {asked} }} edge {{ cursor depth hiddenDescendantCount node {{ {asked} }} }} }} }}"
    )
    given = {"discussionId": f"D_{data.NUMBER}", "body": "> Quite so.\n\n@person-4 said it."}
    context = replace((await process.identify(None, "127.0.0.1")).context, viewer=SingleViewer(3, "moderator"))
    read: list[object] = []
    original = Database.rows

    async def rows(database: Database, statement: Any, **parameters: Any) -> Any:
        read.append(statement)
        return await original(database, statement, **parameters)

    monkeypatch.setattr(Database, "rows", rows)
    prepared = process.engine.prepare(Operation(text, {"input": given}))
    written = orjson.loads(await process.engine.execute(prepared, context))
    assert read and db.replies.by_ids not in read
    payload = written["data"]["addReply"]
    asking = Operation(f"query ($id: ID!) {{ node(id: $id) {{ ... on Reply {{ {asked} }} }} }}", payload["reply"])
    again = orjson.loads(await process.engine.execute(process.engine.prepare(asking), context))
    assert "errors" not in written
    assert payload["reply"] == payload["edge"]["node"] == again["data"]["node"]
    assert payload["reply"]["mentions"] and payload["edge"]["cursor"] == f"r{payload['reply']['sequence']}"


async def test_introspection_beside_a_page_takes_no_statement(process: Process) -> None:
    nodes = "nodes { author { name } replyTo { author { id } } quotes { status } }"
    page = f"discussion(number: $number) {{ thread(first: $first) {{ {nodes} }} }}"
    alone, beside, after = [
        await statements(process, f"query ($number: Int!, $first: Int!) {{ {fields} }}", REPLIES)
        for fields in (page, f"__schema {{ queryType {{ name }} }} {page}", f'{page} __type(name: "Post") {{ name }}')
    ]
    assert alone == beside == after < 8


async def test_nesting_takes_a_statement_a_level_and_none_a_row(process: Process) -> None:
    few, many = [await statements(process, NESTED, first) for first in (20, REPLIES)]
    assert many == few


def selection(type_name: str, below: int) -> list[str]:
    """What may be asked for of an object of this type: each of its fields by itself, of others what names them."""
    of_type: Any = contract._schema.type_map[type_name]
    asked = []
    for name, field in of_type.fields.items():
        named = get_named_type(field.type)
        if is_leaf_type(named):
            asked.append(name)
        elif name == "author" and below:
            asked += [f"author {{ {each} }}" for each in selection("User", 0)]
        elif name.endswith("s") and "edges" in getattr(named, "fields", {}):
            asked.append(f"{name}(first: 2) {{ nodes {{ __typename }} }}")
        else:
            asked.append(f"{name} {{ __typename }}")
    return asked


@pytest.mark.parametrize("at", ["nodes", "edges { node"])
async def test_a_page_reads_what_each_field_needs_by_itself(process: Process, at: str) -> None:
    # The columns of a reply are left out that nothing asked for needs: compared is what comes with all of them.
    fields = selection("Reply", 1)
    assert len(fields) > 25
    # A moderator, for whom what the viewer may do depends on more than on being nobody.
    context = replace((await process.identify(None, "127.0.0.1")).context, viewer=SingleViewer(3, "moderator"))
    for arguments in ("first: 40", "first: 40, maxDepth: 1"):
        for field in fields:
            texts = [
                f"{{ discussion(number: {data.NUMBER}) {{ thread({arguments}) {{ {at} {{ {asked} }} "
                f"{'}' if 'edges' in at else ''} }} }} }}"
                for asked in (field, f"{field} {EVERYTHING}")
            ]
            alone, beside = [
                orjson.loads(await process.engine.execute(process.engine.prepare(Operation(text)), context))
                for text in texts
            ]
            assert "errors" not in alone, field
            key = re.split(r"\W", field)[0]
            pairs = zip(replies_of(alone), replies_of(beside), strict=True)
            assert all(covers(more[key], one[key]) for one, more in pairs), field


class Unplanned(Planner):
    """Has graphql-core run an operation."""

    def __init__(self) -> None:
        pass

    def plan(self, _variables: object) -> None:
        return None


@pytest.mark.parametrize("above", ["ancestors {", "quotes { attributedTo {"])
async def test_a_parent_that_many_share_has_each_row_once(process: Process, above: str) -> None:
    context = (await process.identify(None, "127.0.0.1")).context
    asked = f"{above} replies(first: 2) {{ nodes {{ sequence }} }} {'}' * above.count('{')}"
    text = f"{{ discussion(number: {data.NUMBER}) {{ thread(first: 60) {{ nodes {{ {asked} }} }} }} }}"
    prepared = process.engine.prepare(Operation(text))
    levels = orjson.loads(await process.engine.execute(prepared, context))
    one_by_one = orjson.loads(await process.engine.execute(replace(prepared, planner=Unplanned()), context))
    assert levels == one_by_one


EVERYTHING = (
    "body bodyHtml bodyText version createdAt lastEditedAt deletedAt state legacyUrl replyTo { id } path replyCount"
    " descendantCount author { id createdAt }"
)


def replies_of(answer: Any) -> list[Any]:
    thread = answer["data"]["discussion"]["thread"]
    return [edge["node"] for edge in thread["edges"]] if "edges" in thread else thread["nodes"]


def covers(more: Any, one: Any) -> bool:
    """Whether an object says all that another says."""
    if isinstance(one, dict) and isinstance(more, dict):
        return all(covers(more[key], value) for key, value in one.items())
    return bool(more == one)


class RefusedSink:
    """The sink of a stream that must not start."""

    def begin(self, cursor: str) -> None:
        raise AssertionError("The stream started.")

    def write(self, burst: Burst) -> bool:
        raise AssertionError("The stream started.")

    async def drained(self) -> None: ...


async def test_an_altered_feed_cursor_costs_no_statement(process: Process) -> None:
    document = "subscription ($after: String!) { feed(after: $after) { __typename } }"
    prepared = process.engine.prepare(Operation(document, {"after": "altered"}))
    taken = []
    for _ in range(3):
        context = (await process.identify(None, "127.0.0.1")).context
        before = process.database.statement_count
        codes: list[str] = []
        try:
            await process.engine.deliver(prepared, context, RefusedSink())
        except (RequestRefused, StreamEnded) as refused:
            codes = [error["extensions"]["code"] for error in refused.errors]
        assert codes == ["BAD_CURSOR"]
        taken.append(process.database.statement_count - before)
    # The process's own tasks read now and then.
    assert min(taken) == 0

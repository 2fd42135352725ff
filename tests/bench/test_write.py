"""The bench of writes believes no answer: each is a row, no row is without an answer, and the counts agree."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from bench import data, stacks, write
from bench.measure import AnswersDiffer
from bench.peers.python.hand_written_reply import add_reply as write_by_hand
from db.database import Database
from db.tables import Moment, metadata
from forum.replies import AddReply, add_reply
from forum.use_cases import Actor, Forum
from tests.support.servers import PostgreSQL

SIZE = data.Size(discussions=3, replies=12, most_replies=4, users=write.AUTHORS)
DRAWN = {"epoch", "last_epoch", "outcome"}
"""Columns with something random."""
REPLY = "Two *lines*,\nand [a link](https://example.org)."


@pytest.fixture(scope="module")
def rows() -> data.Rows:
    return data.rows(SIZE)


@pytest.fixture(scope="module")
def filled(postgresql: PostgreSQL, rows: data.Rows) -> str:
    url = postgresql.new_database()
    asyncio.run(data.fill(url, rows))
    return url


@pytest.fixture
def harness(
    postgresql: PostgreSQL, filled: str, rows: data.Rows, tmp_path: Path, request: pytest.FixtureRequest
) -> write.Harness:
    stack: str = request.param
    sqlite = f"sqlite:///{tmp_path}/parley.db"
    if stack == "parley-sqlite":
        asyncio.run(data.fill(sqlite, rows))
    places = stacks.Places(postgresql.new_database(template=filled), sqlite, tmp_path)
    return write.Harness({stack: places}, rows, core=None, log=lambda _line: None)


PYTHON_STACKS = [stack for stack in write.STACKS if stack not in stacks.NODE_PEERS]


@pytest.mark.long
@pytest.mark.parametrize("harness", PYTHON_STACKS, indirect=True)
def test_a_stack_in_python_writes_what_it_answers(harness: write.Harness) -> None:
    check(harness)


@pytest.mark.long
@pytest.mark.node
@pytest.mark.parametrize("harness", ["mercurius-jit"], indirect=True)
def test_a_stack_in_node_writes_what_it_answers(harness: write.Harness) -> None:
    try:
        stacks.node()
    except stacks.NotSetUp as error:
        pytest.skip(f"NOT TESTED with the Node peers: {error}.")
    check(harness)


def check(harness: write.Harness) -> None:
    """Measures a stack for a moment; rows and counts are checked there."""
    rounds = harness.measure((1, SIZE.discussions), rounds=1, seconds=0.2)
    assert [row.discussions for (row,) in rounds] == [1, SIZE.discussions]
    assert all(row.writes_s > 0 and row.cpu_us > 0 and 0 < row.p50_ms <= row.p99_ms for (row,) in rounds)


@pytest.mark.anyio
async def test_the_endpoint_by_hand_leaves_the_rows_that_parley_leaves(
    postgresql: PostgreSQL, filled: str, rows: data.Rows
) -> None:
    ours, by_hand = (postgresql.new_database(template=filled) for _ in range(2))
    answered = next(row["id"] for row in rows["posts"] if row["sequence"] == 2 and row["deleted_at"] is None)
    async with Database(ours) as database:
        actor = Actor(user_id=7, is_client=True)
        for parent in (None, answered):
            await add_reply(Forum(database), actor, AddReply(discussion_id=1, reply_to_id=parent, body=REPLY))
    # On one connection the second reply is sent in two round trips, since all statements are prepared.
    async with asyncpg.create_pool(by_hand, min_size=1, max_size=1) as pool:
        for parent in (None, answered):
            given = {"discussionId": "D_1", "body": REPLY} | ({"replyToId": f"R_{parent}"} if parent else {})
            await write_by_hand(pool, given, 7)
    assert await tables(ours) == await tables(by_hand)


async def tables(url: str) -> dict[str, list[Any]]:
    """All rows of a database, by table, without moments and what is drawn."""
    connection = await asyncpg.connect(url)
    try:
        found = {"post_search": await connection.fetch("SELECT post_id, words::text FROM post_search ORDER BY 1")}
        for table in metadata.sorted_tables:
            kept = [f'"{each.name}"' for each in table.columns if each.type is not Moment and each.name not in DRAWN]
            names = ", ".join(kept)
            found[table.name] = await connection.fetch(f"SELECT {names} FROM {table.name} ORDER BY {names}")
        return found
    finally:
        await connection.close()


WRITTEN = (5, 1, 3, None, 7, "Text", "<p>Text</p>")


@pytest.mark.parametrize(
    ("answered", "posts", "counts", "complaint"),
    [
        ([WRITTEN], [], (4, 10, 10), "1 writes, which are not its 0 new posts"),
        ([], [WRITTEN], (5, 11, 11), "0 writes, which are not its 1 new posts"),
        ([WRITTEN, WRITTEN], [WRITTEN], (5, 11, 11), "2 writes, which are not its 1 new posts"),
        ([WRITTEN], [(*WRITTEN[:5], "Test", "<p>Text</p>")], (5, 11, 11), "not its 1 new posts"),
        ([WRITTEN], [WRITTEN], (5, 10, 11), r"counts \[0, 1\] more replies"),
    ],
)
def test_a_write_that_left_something_else_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
    answered: Sequence[tuple[Any, ...]],
    posts: Sequence[tuple[Any, ...]],
    counts: tuple[int, ...],
    complaint: str,
) -> None:
    monkeypatch.setattr(write, "read", lambda _url, query: posts if "body_html" in query else [counts])
    with pytest.raises(AnswersDiffer, match=complaint):
        write.check("a stack", "a database", (4, 10, 10), answered)


def test_an_answer_without_a_reply_is_noticed() -> None:
    (request, *_) = take(write.Replies(data.rows(SIZE), {"token": 7}).requests(80, 3))
    with pytest.raises(AnswersDiffer, match="RATE_LIMITED"):
        write.answered(
            "a stack", request, b'{"data":{"addReply":{"edge":null,"errors":["RATE_LIMITED"]}}}', {"token": 7}
        )


def test_no_two_replies_are_the_same(rows: data.Rows) -> None:
    bodies = [
        request.partition(b"\r\n\r\n")[2] for request in take(write.Replies(rows, {"token": 7}).requests(80, 3), 50)
    ]
    assert len(set(bodies)) == 50
    assert 15 <= sum(b"replyToId" in body for body in bodies) <= 35


def take(requests: Iterator[bytes], count: int = 1) -> list[bytes]:
    return [next(requests) for _ in range(count)]


def test_writes_are_compared_as_the_aims_are_put() -> None:
    ours = write.Row("parley-postgresql", 1_000, 800.0, 500.0, 3.0, 9.0)
    peers = [("strawberry-orm", 100.0, 9_000.0), ("mercurius-jit", 400.0, 400.0), ("hand-written", 900.0, 250.0)]
    rows = [ours, *(write.Row(name, 1_000, rate, cpu, 3.0, 9.0) for name, rate, cpu in peers)]
    found = "\n".join(map(str, write.ratios([[row] for row in rows])))
    assert "1,000 discussions: parley-postgresql has 8.00 times (8.00 to 8.00) the writes/s of strawberry" in found
    assert "2.00 times (2.00 to 2.00) the writes/s of mercurius" in found
    assert "2.00 times (2.00 to 2.00) the server CPU of the hand-written endpoint" in found
    assert write.table(rows).count("\n") == 1 + len(rows)

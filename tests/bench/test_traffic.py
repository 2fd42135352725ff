"""The bench of traffic writes what it says beside the readers, and notices a stack that shows them something old."""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from itertools import islice
from pathlib import Path

import orjson
import pytest

from bench import data, page, stacks
from bench.load import Connection
from bench.measure import AnswersDiffer
from bench.traffic import report
from bench.traffic.measure import CASES, Harness, Row, Writer, compare
from bench.traffic.readers import LISTS, SIGNED_IN, Readers, ranked
from tests.support.processes import HOST
from tests.support.servers import PostgreSQL
from tests.support.waiting import eventually

SIZE = data.Size(discussions=12, replies=8, most_replies=8, users=200)
_, _, BUSY, QUIET = CASES
PYTHON_STACKS = [stack for stack in stacks.STACKS if stack not in stacks.NODE_PEERS]


@pytest.fixture(scope="module")
def places(postgresql: PostgreSQL, tmp_path_factory: pytest.TempPathFactory) -> stacks.Places:
    folder = tmp_path_factory.mktemp("traffic")
    places = stacks.Places(postgresql.new_database(), f"sqlite:///{folder}/parley.db", folder / "answers")
    places.answers.mkdir()
    rows = data.rows(SIZE)
    for url in (places.postgresql, places.sqlite):
        asyncio.run(data.fill(url, rows))
    return places


def check(places: stacks.Places, wanted: list[str]) -> None:
    """Measures stacks for a moment; what they answer after the writes is compared there."""
    harness = Harness(places, SIZE.discussions, core=None, log=lambda _line: None)
    rows = [row for (row,) in harness.measure(wanted, [BUSY, QUIET], rounds=1, seconds=0.2)]
    assert [(row.stack, row.case) for row in rows] == [(stack, case.name) for stack in wanted for case in (BUSY, QUIET)]
    assert all(row.req_s > 0 and row.cpu_us >= 0 and 0 < row.p50_ms <= row.p99_ms for row in rows)
    assert all(row.writes_s > 0 for row in rows)
    assert all((row.hit_percent is not None) == (row.stack in stacks.CACHED) for row in rows)


@pytest.mark.long
def test_stacks_in_python_show_what_was_written_beside_them(places: stacks.Places) -> None:
    check(places, PYTHON_STACKS)


@pytest.mark.long
@pytest.mark.node
def test_stacks_in_node_show_what_was_written_beside_them(places: stacks.Places) -> None:
    try:
        stacks.node()
    except stacks.NotSetUp as error:
        pytest.skip(f"NOT TESTED with the Node peers: {error}.")
    check(places, list(stacks.NODE_PEERS))


def count_replies(path: Path) -> dict[int, int]:
    with closing(sqlite3.connect(path)) as connection:
        return dict(connection.execute("SELECT discussion_id, reply_count FROM discussion_counts").fetchall())


@pytest.fixture
def written(tmp_path: Path) -> Iterator[tuple[Path, Writer]]:
    """A SQLite file, and a writer to it."""
    path = tmp_path / "parley.db"
    asyncio.run(data.fill(f"sqlite:///{path}", data.rows(SIZE)))
    writer = Writer(f"sqlite:///{path}", SIZE.discussions)
    yield path, writer
    writer.close()


def test_the_writer_commits_what_it_counts_and_spares_the_quiet_page(written: tuple[Path, Writer]) -> None:
    path, writer = written
    quiet, before = ranked(SIZE.discussions)[0], count_replies(path)
    writer.begin(QUIET, quiet)
    eventually(lambda: sum(count_replies(path).values()) >= sum(before.values()) + 20, "20 replies", seconds=60)
    committed = writer.rest()
    after = count_replies(path)
    assert after[quiet] == before[quiet]
    assert committed == sum(after.values()) - sum(before.values())
    # After its rest it writes to all.
    writer.begin(BUSY, quiet)
    eventually(lambda: count_replies(path)[quiet] > before[quiet], "a reply to the most popular discussion", seconds=60)
    writer.rest()


def test_a_stack_that_shows_an_old_page_is_named_with_the_place(written: tuple[Path, Writer]) -> None:
    path, writer = written
    places = stacks.Places("", f"sqlite:///{path}", path.parent)
    bodies = [page.list_body(5), page.body(page.SIZES[0])]
    with ExitStack() as running:
        reference = stacks.start("parley-sqlite", places, size=page.SIZES[0])
        running.callback(reference.stop)
        with Connection(HOST, reference.port) as connection:
            for body in bodies:
                places.keep(body, connection.ask(page.request(HOST, reference.port, body)))
        static = stacks.start("static", places, size=page.SIZES[0])
        running.callback(static.stop)
        compare("static", static, reference, bodies)
        before = sum(count_replies(path).values())
        writer.begin(BUSY, 0)
        eventually(lambda: sum(count_replies(path).values()) > before, "a reply", seconds=60)
        writer.rest()
        with pytest.raises(AnswersDiffer, match=r"static answers otherwise.*\n.*discussions\.edges\[0\]"):
            compare("static", static, reference, bodies)


def test_popular_pages_are_read_more_often() -> None:
    requests = list(islice(Readers(100).of_all(80), 20_000))
    bodies = [orjson.loads(request.partition(b"\r\n\r\n")[2])["variables"] for request in requests]
    read = Counter(body["number"] for body in bodies if "number" in body)
    first, second, *_, last = ranked(100)
    assert read[first] == pytest.approx(2 * read[second], rel=0.1)
    assert read[first] == pytest.approx(100 * read[last], rel=0.5)
    assert sum("number" not in body for body in bodies) == pytest.approx(LISTS * len(bodies), rel=0.1)
    assert sum(b"Authorization" in request for request in requests) == pytest.approx(SIGNED_IN * len(bodies), rel=0.1)


def test_traffic_is_compared_as_the_aims_are_put() -> None:
    def row(stack: str, req_s: float, hits: float | None = None) -> list[Row]:
        return [Row(stack, CASES[1].name, req_s, 100.0, 1.0, 2.0, hits, 10.0)]

    rounds = [row("parley-sqlite", 600.0), row("parley-sqlite-hot", 6_000.0, 97.25), row("yoga-jit", 900.0)]
    rounds += [row("mercurius-jit", 1_000.0)]
    found = "\n".join(map(str, report.ratios(rounds)))
    assert (
        "10 writes a second: parley-sqlite-hot has 6.00 times (6.00 to 6.00) the requests/s of the best Node" in found
    )
    assert "parley-sqlite-hot has 10.0 times (10.0 to 10.0) the requests/s of Parley without its cache" in found
    lines = report.table([row for (row,) in rounds]).splitlines()
    assert [" 97.2 " in line for line in lines[2:]] == [False, True, False, False]

"""The benches compare like with like, and count right."""

import asyncio
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from xml.etree import ElementTree

import orjson
import pytest

from bench import chart, data, execution, load, page, report, rounds, stacks
from bench.measure import AnswersDiffer, Harness, Row
from db.database import Database
from db.migrate import migrate
from tests.bench import replay
from tests.support.processes import HOST
from tests.support.servers import PostgreSQL

SIZE = data.Size(discussions=3, replies=700, most_replies=5, users=20)
SIZES = (7, 500)
PYTHON_STACKS = ("parley-sqlite", *stacks.CACHED, *stacks.REVALIDATED, *stacks.PYTHON_PEERS)
ROW = Row(stack="parley-postgresql", n=50, req_s=2000.0, cpu_us=400.0, p50_ms=3.0, p99_ms=5.0, rss_mb=90.0)
EXECUTION = execution.Execution(500, 1.0, 50.0, 20.0, 1.5)


@pytest.fixture(scope="module")
def places(postgresql: PostgreSQL, tmp_path_factory: pytest.TempPathFactory) -> stacks.Places:
    folder = tmp_path_factory.mktemp("bench")
    places = stacks.Places(postgresql.new_database(), f"sqlite:///{folder}/parley.db", folder / "answers")
    places.answers.mkdir()
    rows = data.rows(SIZE)
    for url in (places.postgresql, places.sqlite):
        asyncio.run(data.fill(url, rows))
    return places


@pytest.fixture(scope="module")
def harness(places: stacks.Places) -> Harness:
    """One that has found the answers of all stacks in Python to be Parley's."""
    harness = Harness(places, core=None, sizes=SIZES, log=lambda _line: None)
    harness.compare(PYTHON_STACKS)
    return harness


@pytest.mark.anyio
async def test_the_data_set_is_what_parley_itself_would_have_written(postgresql: PostgreSQL) -> None:
    rows = data.rows(data.Size(discussions=1, replies=150, users=12))
    filled, written = postgresql.new_database(), postgresql.new_database()
    await data.fill(filled, rows)
    await migrate(written)
    async with Database(written) as database:
        await database.write(lambda tx: replay.add_people(tx, rows))
        await replay.replay(database, rows)
    assert await replay.tables(filled) == await replay.tables(written)


def test_the_page_holds_every_status_that_needs_the_source(places: stacks.Places, harness: Harness) -> None:
    body = page.body(SIZES[1])
    answer = orjson.loads(places.kept(body).read_bytes())
    edges = answer["data"]["discussion"]["thread"]["edges"]
    assert len(edges) == SIZES[1]
    statuses = Counter(quote["status"] for edge in edges for quote in edge["node"]["quotes"])
    assert set(statuses) == {"VERBATIM", "ALTERED", "SOURCE_EDITED", "SOURCE_DELETED"}
    assert any(edge["node"]["author"] is None for edge in edges)


def test_a_stack_is_measured_on_answers_that_stay_the_same(harness: Harness) -> None:
    wanted = ["hand-written", "parley-sqlite-304"]
    rows = [row for (row,) in harness.measure(wanted, rounds=1, seconds=0.2)]
    assert [(row.stack, row.n) for row in rows] == [(stack, size) for stack in wanted for size in SIZES]
    assert all(row.req_s > 0 and row.cpu_us > 0 and row.p50_ms <= row.p99_ms and row.rss_mb > 10 for row in rows)


@pytest.mark.node
def test_the_node_peers_answer_as_parley_does(places: stacks.Places) -> None:
    try:
        stacks.node()
    except stacks.NotSetUp as error:
        pytest.skip(f"NOT TESTED with the Node peers: {error}.")
    Harness(places, core=None, sizes=SIZES, log=lambda _line: None).compare(stacks.NODE_PEERS)


class TamperedPlaces(stacks.Places):
    """Where the static server finds another answer than Parley gave."""

    def keep(self, body: bytes, answer: bytes) -> None:
        super().keep(body, answer.replace(b'"status":"VERBATIM"', b'"status":"ALTERED"', 1))


def test_a_stack_that_answers_otherwise_is_named_with_the_place(places: stacks.Places, tmp_path: Path) -> None:
    tampered = TamperedPlaces(places.postgresql, places.sqlite, tmp_path)
    compared = Harness(tampered, core=None, sizes=SIZES[1:], log=lambda _line: None)
    with pytest.raises(AnswersDiffer, match=r"quotes\[0\]\.status: 'ALTERED' instead of 'VERBATIM'"):
        compared.compare(["static"])


@pytest.mark.parametrize(
    ("wanted", "given", "found"),
    [
        ({"a": [1, 2]}, {"a": [1]}, "a: 1 items instead of 2"),
        ({"a": {"b": 1}}, {"a": {"b": True}}, "a.b: 'True' instead of '1'"),
        ({"a": 1}, {"a": 1.0}, "a: '1.0' instead of '1'"),
        ({"a": None}, {}, "a: 'nothing' instead of 'None'"),
        ({}, {"errors": [1]}, "errors: '[1]' instead of 'nothing'"),
    ],
)
def test_answers_differ_where_json_does(wanted: object, given: object, found: str) -> None:
    assert list(page.differences(wanted, wanted)) == []
    assert list(page.differences(wanted, given)) == [found]


class Counting(BaseHTTPRequestHandler):
    """Answers in pieces, and counts the requests."""

    protocol_version = "HTTP/1.1"
    bodies: ClassVar[list[bytes]] = []
    chunked = False
    status = 200

    def do_POST(self) -> None:
        self.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(self.status)
        self.send_header(*(("Transfer-Encoding", "chunked") if self.chunked else ("Content-Length", "6")))
        self.end_headers()
        for piece in (b"[1", b",2", b",3"):
            self.wfile.write(b"2\r\n%b\r\n" % piece if self.chunked else piece)
            time.sleep(0.001)
        self.wfile.write(b"0\r\n\r\n" if self.chunked else b"")

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


class Listening(ThreadingHTTPServer):
    """Does not mind a client that hangs up."""

    def handle_error(self, request: object, client_address: object) -> None:
        """Says nothing."""


@pytest.fixture(params=["with a length", "in chunks"])
def counting(request: pytest.FixtureRequest) -> Iterator[tuple[int, type[Counting]]]:
    class Handler(Counting):
        bodies: ClassVar[list[bytes]] = []
        chunked = request.param == "in chunks"

    with Listening((HOST, 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port, Handler
        server.shutdown()
        thread.join()


def test_the_load_client_counts_every_answer_once(counting: tuple[int, type[Counting]]) -> None:
    port, handler = counting
    measured = load.load(HOST, port, page.request(HOST, port, b"query"), seconds=60, most=100)
    assert handler.bodies == [b"query"] * 100
    assert measured.answers == len(measured.milliseconds) == 100
    # The answers come in three pieces, with two pauses of a millisecond between.
    assert measured.milliseconds == sorted(measured.milliseconds)
    assert measured.milliseconds[0] >= 2


def test_the_load_client_reads_an_answer_in_pieces(counting: tuple[int, type[Counting]]) -> None:
    port, _ = counting
    with load.Connection(HOST, port) as connection:
        assert connection.ask(page.request(HOST, port, b"query")) == b"[1,2,3"


def test_a_page_that_is_asked_for_again_must_be_answered_without_its_body(harness: Harness) -> None:
    with harness.serving("parley-sqlite-304") as server, load.Connection(HOST, server.port) as connection:
        body = page.body(SIZES[0])
        connection.ask(page.get_request(HOST, server.port, body))
        again = page.get_request(HOST, server.port, body, etag=connection.etag)
        assert load.load(HOST, server.port, again, seconds=60, most=10, status=304).answers == 10
        changed = page.get_request(HOST, server.port, body, etag='W/"another"')
        with pytest.raises(load.BadAnswer, match="200 OK"):
            load.load(HOST, server.port, changed, seconds=60, most=10, status=304)


def test_the_load_client_takes_no_other_status(counting: tuple[int, type[Counting]]) -> None:
    port, handler = counting
    handler.status = 500
    with pytest.raises(load.BadAnswer, match="500"):
        load.load(HOST, port, page.request(HOST, port, b"query"), seconds=60, most=10)


@pytest.mark.anyio
async def test_execution_alone_gives_what_graphql_core_gives() -> None:
    # It compares the answers itself before it times anything.
    alone = await execution.measure(20, seconds=0.05)
    assert alone.n == 20
    assert min(alone.parley_ms, alone.graphql_core_ms, alone.finished_ms, alone.failing_ms) > 0


def test_json_holds_the_rows_by_the_names_agreed() -> None:
    found = json.loads(report.as_json([[ROW, replace(ROW, req_s=3000.0), replace(ROW, req_s=2500.0)]], EXECUTION))
    assert found["rows"] == [asdict(replace(ROW, req_s=2500.0))]
    assert set(found["rows"][0]) == {"stack", "n", "req_s", "cpu_us", "p50_ms", "p99_ms", "rss_mb"}
    assert found["ratios"] == []
    assert found["execution"]["over_graphql_core"] == 50.0


def test_the_report_compares_with_the_best_node_peer() -> None:
    peers = [("yoga-jit", 500.0), ("postgraphile", 800.0), ("strawberry-orm", 80.0), ("hand-written", 3000.0)]
    rows = [ROW, *(replace(ROW, stack=stack, req_s=req_s, cpu_us=200.0) for stack, req_s in peers)]
    rows += [
        replace(ROW, stack="parley-postgresql-hot", req_s=9600.0, cpu_us=90.0),
        replace(ROW, stack="static", cpu_us=45.0),
    ]
    found = "\n".join(report.comparisons([[row] for row in rows], EXECUTION))
    assert "parley-postgresql has 2.50 times (2.50 to 2.50) the requests/s of the best Node peer, postgraphile" in found
    assert "parley-postgresql-hot has 12.0 times (12.0 to 12.0) the requests/s of the best Node peer" in found
    assert "parley-postgresql-hot has 2.00 times (2.00 to 2.00) the server CPU of the static bytes" in found
    assert "parley-postgresql has 25.0 times (25.0 to 25.0) the requests/s of strawberry" in found
    assert "parley-postgresql has 2.00 times (2.00 to 2.00) the server CPU of the hand-written endpoint" in found
    assert "50 times faster than graphql-core" in found
    assert report.table(rows).count("\n") == len(rows) + 1


def test_a_ratio_compares_figures_of_the_same_round() -> None:
    # Each round is twice as slow as the one before: the ratio is the same in all but the last.
    found = rounds.ratio(
        "N=1", "ours", "theirs", "requests/s", [800.0, 400.0, 200.0, 100.0], [400.0, 200.0, 100.0, 25.0]
    )
    assert (found.median, found.low, found.high) == (2.0, 2.0, 2.5)


@pytest.mark.parametrize(
    ("stack", "cache"), [("parley-sqlite-hot", "on"), ("parley-sqlite", "off"), ("yoga-jit", "none")]
)
def test_the_table_says_whether_a_stack_has_a_page_cache(stack: str, cache: str) -> None:
    assert f"| {cache}" in " ".join(report.table([replace(ROW, stack=stack)]).split())


def test_the_chart_names_every_stack_and_figure() -> None:
    found = {"parley": {"few": 2000.0, "many": 300.0}, "peer & co": {"few": 90.0, "many": 1200.0}}
    drawn = ElementTree.fromstring(chart.svg("Per <second>", found))
    words = [element.text for element in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert {"Per <second> (logarithmic axis)", "few", "many", "parley", "peer & co", "2,000", "1,200"} <= set(words)


@pytest.mark.parametrize("run", ["thread", "traffic", "write", "fan-out", "search", "growth"])
def test_the_page_on_performance_has_one_place_for_the_figures_of_each_run(run: str) -> None:
    assert len(report.place(run).findall(report.PAGE.read_text())) == 1

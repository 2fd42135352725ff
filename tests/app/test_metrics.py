"""What /metrics says of operations, errors, the database and logs."""

import re
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

import db.deletion_jobs
import forum.jobs
from app.metrics import SECONDS, Histogram
from app.operations import _metrics
from app.process import Process
from app.settings import Settings
from forum.use_cases import Forum
from tests.db import feeds
from tests.support.backends import Backend
from tests.support.http import People, people_of
from tests.support.servers import ROOT, Parley
from tests.support.waiting import eventually, eventually_async
from tests.support.websocket import EVENTS, following
from transports.observations import Outcome

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def people(parley: Parley) -> Iterator[People]:
    with people_of(parley) as made:
        yield made


def samples(parley: Parley) -> dict[str, float]:
    """All values by their names with labels."""
    lines = httpx2.get(f"{parley.url}/metrics").text.splitlines()
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if not line.startswith("#")}


def operations(parley: Parley, kind: str, outcome: str) -> float:
    return samples(parley).get(f'parley_operation_seconds_count{{kind="{kind}",outcome="{outcome}"}}', 0.0)


def errors(parley: Parley, code: str) -> float:
    return samples(parley).get(f'parley_errors_total{{code="{code}"}}', 0.0)


def test_durations_are_counted_in_buckets_that_include_the_lower_ones() -> None:
    histogram = Histogram("a_seconds", "Text.", "kind")
    for seconds in (0.0001, 0.0005, 0.0006, 20.0):
        histogram.observe(("query",), seconds)
    histogram.observe(("mutation",), 0.3)
    found = {(each.name, *each.labels.values()): each.value for each in histogram.metric().samples}
    assert found["a_seconds_bucket", "query", "0.0005"] == 2
    assert found["a_seconds_bucket", "query", "0.001"] == found["a_seconds_bucket", "query", "10.0"] == 3
    assert found["a_seconds_bucket", "query", "+Inf"] == found["a_seconds_count", "query"] == 4
    assert found["a_seconds_sum", "query"] == pytest.approx(20.0012)
    assert found["a_seconds_bucket", "mutation", "0.25"] == 0
    assert found["a_seconds_bucket", "mutation", "0.5"] == found["a_seconds_count", "mutation"] == 1
    assert len([key for key in found if key[:2] == ("a_seconds_bucket", "query")]) == len(SECONDS) + 1


@pytest.mark.parametrize(
    ("query", "kind", "outcome", "code"),
    [
        ("{ __typename }", "query", Outcome.OK, None),
        ('{ discussions(first: 1, after: "x") { nodes { id } } }', "query", Outcome.FIELD_ERRORS, "BAD_CURSOR"),
        ("{ nothing }", "unknown", Outcome.INVALID, "GRAPHQL_VALIDATION_FAILED"),
        ("{", "unknown", Outcome.INVALID, "GRAPHQL_PARSE_FAILED"),
        ("mutation { signOut }", "unknown", Outcome.INVALID, "GRAPHQL_VALIDATION_FAILED"),
    ],
)
def test_an_operation_is_counted_by_kind_and_outcome(
    parley: Parley, query: str, kind: str, outcome: Outcome, code: str | None
) -> None:
    before = operations(parley, kind, outcome), errors(parley, code or "")
    httpx2.post(f"{parley.url}/graphql", json={"query": query})
    assert operations(parley, kind, outcome) == before[0] + 1
    assert errors(parley, code or "") == before[1] + (code is not None)


def test_refusals_are_counted_by_why(parley: Parley) -> None:
    unknown = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}}
    before = [operations(parley, "unknown", outcome) for outcome in (Outcome.NOT_FOUND, Outcome.UNAUTHENTICATED)]
    httpx2.post(f"{parley.url}/graphql", json=unknown)
    bad = {"Authorization": "Bearer bad"}
    httpx2.post(f"{parley.url}/graphql", json={"query": "{ __typename }"}, headers=bad)
    after = [operations(parley, "unknown", outcome) for outcome in (Outcome.NOT_FOUND, Outcome.UNAUTHENTICATED)]
    assert [one - other for one, other in zip(after, before, strict=True)] == [1, 1]


async def test_operations_of_websockets_are_counted_and_events_have_delays(parley: Parley, people: People) -> None:
    ada = people("Ada")
    discussion = ada.start()
    before = samples(parley)
    delays = 'parley_event_delay_seconds_count{log="discussion"}'
    async with following(parley, EVENTS, discussion) as socket:
        assert await socket.replayed() == []
        assert operations(parley, "subscription", Outcome.OK) == 1 + before.get(
            'parley_operation_seconds_count{kind="subscription",outcome="ok"}', 0.0
        )
        ada.reply(discussion)
        await socket.item()
        await eventually_async(lambda: samples(parley).get(delays, 0.0) == before.get(delays, 0.0) + 1, "a delay")
    assert (
        operations(parley, "mutation", Outcome.OK)
        > before['parley_operation_seconds_count{kind="mutation",outcome="ok"}']
    )


def test_the_database_is_measured_by_what_it_is_used_for(parley: Parley, people: People) -> None:
    ada = people("Ada")
    ada.start("To begin with.", "Something rare: quaggas")
    ada.ask('{ search(query: "quaggas", first: 1) { nodes { __typename } } }')
    found = samples(parley)
    for work in ("read", "search", "transaction"):
        assert found[f'parley_database_seconds_count{{work="{work}"}}'] > 0
    assert found['parley_pool_connections{state="in_use"}'] + found['parley_pool_connections{state="idle"}'] > 0
    assert found["parley_pool_waiting"] == 0
    eventually(lambda: samples(parley)['parley_sequencer_lag{log="feed"}'] == 0, "the feed")


async def test_what_jobs_have_left_and_waits_for_connections_are_shown(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def go_on_with_none(_forum: Forum) -> int:
        return 0

    monkeypatch.setattr(forum.jobs, "finish_jobs", go_on_with_none)
    process = Process(Settings(database_url=backend.migrated_database()))
    async with process.lifespan(Starlette()):
        database = process.database
        author = await feeds.person(database)
        for is_deletion, position in ((True, 400), (True, 900), (False, 600)):
            job: dict[str, Any] = {"discussion_id": await feeds.discussion(database, author)}
            job |= {"is_deletion": is_deletion, "act": 1, "number": 1, "former_act": None}
            job |= {"position": position, "total": 1000}
            await database.write(lambda tx: tx.run(db.deletion_jobs.add, **job))  # noqa: B023
        database.driver.on_waited(20.0)
        shown = bytes((await _metrics(process)).body).decode()
    for work, left in (("deletion", 700), ("restoring", 400)):
        assert f'parley_deletion_posts_left{{work="{work}"}} {left}.0\n' in shown
    waits = dict(re.findall(r"^parley_pool_wait_seconds_(\w+) (\S+)$", shown, re.MULTILINE))
    assert float(waits["sum"]) >= 20.0 and float(waits["count"]) >= 1


def test_the_page_of_metrics_has_every_value_of_their_labels() -> None:
    page = (ROOT / "docs" / "operating" / "metrics.md").read_text()
    (row,) = re.findall(r"^\| `parley_operation_seconds` .*$", page, re.MULTILINE)
    kinds = ["query", "mutation", "subscription", "unknown"]
    assert [name for name in [*kinds, *Outcome] if f"`{name}`" not in row] == []

"""The oracle over Parley's own schema: drawn documents about the posts of the demo, here and by graphql-core."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

import importers.demo
from app.process import Process
from app.settings import Settings
from execution.operation import Operation, RequestRefused
from tests.execution import oracle
from tests.execution.document_draws import drawn_operation
from tests.support.servers import told

EXAMPLES = 300
ALL = """{ discussions { edges { cursor node {
  id number author { id handle } category { slug } replies { edges { cursor node { id sequence quotes { id } } } }
} } } }"""

Known = dict[str, list[str]]


class House:
    """A server's insides on a database of demo data, and the arguments that lead to something in it."""

    def __init__(self, process: Process, known: Known) -> None:
        self.process, self.known = process, known

    async def compare(self, random: Random, tried: oracle.Tried) -> None:
        engine = self.process.engine
        operation = drawn_operation(engine.schema._schema, random, self.known, mutations=False)
        try:
            prepared = engine.prepare(operation)
        except RequestRefused:
            tried.refused += 1
            return
        context = (await self.process.identify(None, "127.0.0.1")).context
        mine = await oracle.ours_both_ways(engine, prepared, context)
        their = await oracle.theirs(engine, prepared, context)
        tried.documents += 1
        tried.planned += prepared.plan is not None
        tried.with_errors += bool(their.errors)
        tried.null_data += their.data == b"null"
        wrong = await oracle.disagreement(engine, prepared, mine, their, context)
        assert wrong is None, f"{wrong}\n{operation.query}\n{operation.variables} {operation.name}"


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[House]:
    process = Process(Settings(database_url=url, guests=True))
    async with process.lifespan(Starlette()):
        await importers.demo.fill(process.database)
        context = (await process.identify(None, "127.0.0.1")).context
        prepared = process.engine.prepare(Operation(ALL))
        found = orjson.loads(await process.engine.execute(prepared, context))["data"]
        yield House(process, _known(found))


def _known(found: Any) -> Known:
    discussions = found["discussions"]["edges"]
    nodes = [edge["node"] for edge in discussions]
    replies = [edge for node in nodes for edge in node["replies"]["edges"]]
    ids = [node["id"] for node in nodes] + [reply["node"]["id"] for reply in replies[:20]]
    ids += [quote["id"] for reply in replies for quote in reply["node"]["quotes"]] + [
        node["author"]["id"] for node in nodes
    ]
    pages = ["", "", "(first: 1)", "(first: 3)", "(first: 0)", "(first: -1)", "(first: 101)"]
    both = [
        *pages,
        "(last: 2)",
        "(first: 1, last: 1)",
        *(f'(first: 2, after: "{edge["cursor"]}")' for edge in replies[:5]),
    ]
    return {
        "node": [f'(id: "{id}")' for id in [*ids, "nothing"]],
        "nodes": [
            f'(ids: ["{first}", "{second}", "{first}"])' for first, second in zip(ids, reversed(ids), strict=True)
        ],
        "discussion": [f'(id: "{node["id"]}")' for node in nodes]
        + [f"(number: {node['number']})" for node in nodes]
        + [""],
        "category": [f'(slug: "{node["category"]["slug"]}")' for node in nodes] + ['(slug: "none")'],
        "user": [f'(handle: "{node["author"]["handle"]}")' for node in nodes] + ['(handle: "nobody")'],
        "discussions": [*pages, *(f'(first: 2, after: "{edge["cursor"]}")' for edge in discussions)],
        "replies": [*both, "(orderBy: NEWEST)", "(orderBy: NEWEST, last: 2)"],
        "thread": [*both, *(f"(aroundSequence: {edge['node']['sequence']})" for edge in replies[:5]), "(maxDepth: 1)"],
        "reply": [f"(sequence: {edge['node']['sequence']})" for edge in replies[:5]] + ["(sequence: 999)"],
        "quotes": ["", "(maxDepth: 0)", "(maxDepth: 2)"],
        **dict.fromkeys(("categories", "quotedBy", "revisions"), pages),
    }


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as opened:
        yield opened


@pytest.fixture(scope="module")
def house(runner: asyncio.Runner, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    path: Path = tmp_path_factory.mktemp("contract") / "parley.db"
    url = f"sqlite:///{path}"
    told("migrate", database_url=url)
    entered = opened(url)
    yield runner.run(entered.__aenter__())
    runner.run(entered.__aexit__(None, None, None))


def test_documents_over_the_contract_are_executed_as_graphql_core_does(house: House, runner: asyncio.Runner) -> None:
    tried = oracle.Tried()

    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
    @given(st.randoms(use_true_random=False))
    def examine(random: Random) -> None:
        runner.run(house.compare(random, tried))
        collect()

    with oracle.collecting() as collect:
        examine()
    assert tried.documents >= EXAMPLES * 2 / 3
    assert tried.planned >= tried.documents * 3 / 4
    assert tried.documents / 100 < tried.with_errors < tried.documents / 2

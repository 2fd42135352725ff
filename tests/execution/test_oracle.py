"""The oracle: whatever is drawn, an execution here is that of graphql-core, to the byte; see `oracle`.

Random are the schemas (of a pool, by seed: building one takes longer than a document), the rows and what is wrong with
them, the documents, their variables, and which of several operations runs.
"""

import asyncio
import os
import sys
from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from execution.operation import RequestRefused
from tests.execution import oracle
from tests.execution.document_draws import drawn_operation
from tests.execution.schema_draws import Drawn, drawn
from tests.execution.worlds import FAULTS, ROWS_PER_TYPE, Fault, Run, World

SCHEMAS = 24
DOCUMENTS_PER_EXAMPLE = 3
WORLDS_PER_DOCUMENT = 2
LONG_DOCUMENTS = int(os.environ.get("PARLEY_TEST_ORACLE_DOCUMENTS", "20000"))
PLANNED_SHARE = 0.8
"""Of the documents without introspection, at least: what graphql-core ran twice shows nothing."""


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as opened:
        yield opened


def faulty(drawn: Drawn, random: Random) -> World:
    """A world with some faults in it, or none."""
    world = drawn.world(random.randrange(1_000))
    for _ in range(random.choice((0, 4, 12, 30))):
        type_name = random.choice(list(drawn.names))
        cell = (type_name, random.randrange(ROWS_PER_TYPE), random.choice(list(drawn.names[type_name])))
        world.faults[cell] = Fault(random.choice(FAULTS), random.randrange(3), random.randrange(60))
    if random.randrange(8) == 7:
        world.broken = frozenset([random.choice(drawn.batches)])
    return world


async def compare(drawn: Drawn, random: Random, tried: oracle.Tried) -> None:
    """Runs one drawn document here and there, over a few worlds."""
    operation = drawn_operation(drawn.schema._schema, random)
    try:
        prepared = drawn.engine.prepare(operation)
    except RequestRefused:
        tried.refused += 1
        return
    tried.documents += 1
    introspection = "__schema" in (operation.query or "") or "__type(" in (operation.query or "")
    tried.introspection += introspection
    tried.planned += prepared.plan is not None and not introspection
    for _ in range(WORLDS_PER_DOCUMENT):
        world = faulty(drawn, random)
        mine, their = Run(world), Run(world)
        answer = await oracle.ours_both_ways(drawn.engine, prepared, mine)
        expected = await oracle.theirs(drawn.engine, prepared, their)
        tried.with_errors += bool(expected.errors)
        tried.null_data += expected.data == b"null"
        wrong = await oracle.disagreement(drawn.engine, prepared, answer, expected, Run(world))
        if wrong is None and mine.log != their.log:
            wrong = f"what the mutations did\n  ours   {mine.log}\n  theirs {their.log}"
        assert wrong is None, (
            f"{wrong}\nschema {drawn.seed}, world {world.seed}, faults {world.faults}, broken {set(world.broken)}\n"
            f"{operation.query}\n{operation.variables} {operation.name}"
        )


def enough(tried: oracle.Tried, documents: int) -> None:
    """Asks that the run showed something: by its size, and by what came up in it."""
    assert tried.documents >= documents
    assert tried.refused < tried.documents / 10
    assert tried.planned >= PLANNED_SHARE * (tried.documents - tried.introspection)
    cases = tried.documents * WORLDS_PER_DOCUMENT
    assert cases / 10 < tried.with_errors < cases * 9 / 10
    assert tried.null_data < cases / 2


def asked(runner: asyncio.Runner, examples: int, schemas: int) -> oracle.Tried:
    tried = oracle.Tried()

    @settings(
        max_examples=examples,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
    )
    @given(st.randoms(use_true_random=False))
    def examine(random: Random) -> None:
        of = drawn(random.randrange(schemas))
        for _ in range(DOCUMENTS_PER_EXAMPLE):
            runner.run(compare(of, random, tried))
            collect()

    with oracle.collecting() as collect:
        examine()
    return tried


def test_random_documents_are_executed_as_graphql_core_does(runner: asyncio.Runner) -> None:
    tried = asked(runner, 300, SCHEMAS)
    enough(tried, 800)


@pytest.mark.long
def test_tens_of_thousands_of_documents_are_executed_as_graphql_core_does(
    runner: asyncio.Runner, capsys: pytest.CaptureFixture[str]
) -> None:
    tried = asked(runner, LONG_DOCUMENTS * 11 // 10 // DOCUMENTS_PER_EXAMPLE, LONG_DOCUMENTS // 50)
    with capsys.disabled():
        sys.stdout.write(f"\n{tried}\n")
    enough(tried, LONG_DOCUMENTS)

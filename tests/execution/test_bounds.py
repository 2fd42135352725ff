"""What an answer holds of hostile posts, on both databases: never more values than it cost, nor bytes than allowed."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from random import Random
from typing import Any

import orjson
import pytest
from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
    is_object_type,
)
from structlog.testing import capture_logs

from execution.documents import DocumentLimits
from execution.operation import Operation, RequestRefused
from forum.limits import Limits
from schema import root
from tests.execution import test_oracle_contract as contract
from tests.support.backends import Backend

EXAMPLES = 60
LIMITS = DocumentLimits()
SIGN_IN = 'mutation { signInAsGuest(input: { name: "Eve" }) { token viewer { user { handle } } } }'
ADD = "mutation ($input: AddReplyInput!) { addReply(input: $input) { errors { code message } reply { id } } }"
START = """mutation ($input: StartDiscussionInput!) { startDiscussion(input: $input) {
    errors { code message } discussion { id number } } }"""
HOSTILE = {
    "names": "@eve " * 8_000,
    "addresses": "a@b.cc " * 5_700,
    "tables": "a|b\n-|-\n" * 300,
    "quotes": "\n\n".join(f"> **Eve said:**\n>\n> words {number}\n\nmine" for number in range(20)),
    "nested": ">" * 15 + " deep\n\nwords",
    "signs": "\U0001f600\u200b\u0301" * 3_000,
    "marks": "*a* `b` ~~c~~ [d](https://e.example) " * 900,
}


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[contract.House]:
    """The house of the demo data, and a discussion of the worst posts, a hundred levels deep."""
    async with contract.opened(url) as house:
        eve = await _eve(house)
        found = await eve(START, title="Hostile", body="x " * 50_000)
        discussion = found["startDiscussion"]["discussion"]
        above: dict[str, str] = {}
        for at in range(Limits().depth):
            body = list(HOSTILE.values())[at % len(HOSTILE)] if at < 2 * len(HOSTILE) else f"level {at}"
            added = await eve(ADD, discussionId=discussion["id"], body=body, **above)
            assert added["addReply"]["errors"] == []
            above = {"replyToId": added["addReply"]["reply"]["id"]}
        house.known |= {
            "discussion": [f"(number: {discussion['number']})"],
            "thread": ["(first: 500)", "(last: 500)", "(first: 9)"],
            "quotes": ["", "(maxDepth: 9)"],
            "reply": ["(sequence: 7)"],
            **{key: ["(first: 100)", "(first: 3)", ""] for key in ("replies", "quotedBy", "revisions")},
        }
        yield house


async def _eve(house: contract.House) -> Any:
    process = house.process

    async def run(document: str, token: str | None = None, **given: Any) -> Any:
        identity = await process.identify(f"Bearer {token}" if token else None, "127.0.0.1")
        prepared = process.engine.prepare(Operation(document, {"input": given} if given else None))
        return orjson.loads(await process.engine.execute(prepared, identity.context))["data"]

    signed_in = (await run(SIGN_IN))["signInAsGuest"]
    assert signed_in["viewer"]["user"]["handle"] == "eve"
    token = signed_in["token"]

    async def as_eve(document: str, **given: Any) -> Any:
        return await run(document, token, **given)

    return as_eve


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as made:
        yield made


@pytest.fixture(scope="module")
def house(runner: asyncio.Runner, backend: Backend) -> Iterator[contract.House]:
    entered = opened(backend.migrated_database())
    yield runner.run(entered.__aenter__())
    runner.run(entered.__aexit__(None, None, None))


def drawn(name: str, random: Random, house: contract.House, depth: int = 4) -> str:
    """A selection of some fields of a type, as deep as its lists go."""
    fields: dict[str, Any] = root.schema._schema.type_map[name].fields  # type: ignore[attr-defined]
    selected = ["__typename"]
    for at, key in enumerate(random.sample(sorted(fields), min(len(fields), random.randrange(2, 9)))):
        below, field = "", get_named_type(fields[key].type)
        if is_composite_type(field):
            if not depth:
                continue
            below = drawn(field.name, random, house, depth - 1)
        given = house.known.get(key) if fields[key].args else [""]
        if given:
            selected.append(f"a{at}: {key}{random.choice(given)} {below}")
    return f"{{ {' '.join(selected)} }}"


def values(value: Any) -> int:
    """How many values a response holds: each of a field, and each item of a list."""
    if isinstance(value, dict):
        return len(value) + sum(map(values, value.values()))
    if isinstance(value, list):
        return sum(values(item) if isinstance(item, dict | list) else 1 for item in value)
    return 0


async def answer(house: contract.House, operation: Operation) -> tuple[int, bytes] | None:
    """The cost and the answer; None for what is refused."""
    try:
        prepared = house.process.engine.prepare(operation)
    except RequestRefused:
        return None
    context = (await house.process.identify(None, "127.0.0.1")).context
    return prepared.cost, await house.process.engine.execute(prepared, context)


def test_no_answer_has_more_values_or_bytes_than_it_may(house: contract.House, runner: asyncio.Runner) -> None:
    counts = []
    for seed in range(EXAMPLES):
        selected = drawn("ThreadConnection", Random(seed), house)
        operation = Operation(f"{{ discussion{house.known['discussion'][0]} {{ thread(first: 500) {selected} }} }}")
        with capture_logs():
            found = runner.run(answer(house, operation))
        if found is None:
            continue
        cost, body = found
        counts.append(values(orjson.loads(body)["data"]))
        assert counts[-1] <= cost, operation.query
        assert len(body) <= LIMITS.answer_bytes, operation.query
    assert sum(count > 300 for count in counts) > EXAMPLES / 8, sorted(counts)


LISTS = {
    "mentions": "{{ discussion(number: {0}) {{ thread(first: 500) {{ nodes {{ mentions {{ start length }} }} }} }} }}",
    "quotes": "{{ discussion(number: {0}) {{ thread(first: 500) {{ nodes {{ quotes(maxDepth: 9) {{ id }} }} }} }} }}",
    "path": "{{ discussion(number: {0}) {{ thread(first: 500) {{ nodes {{ path }} }} }} }}",
    "ancestors": "{{ discussion(number: {0}) {{ thread(first: 100) {{ nodes {{ ancestors {{ id }} }} }} }} }}",
    "texts": "{{ discussion(number: {0}) {{ body bodyHtml bodyText thread(first: 100) {{ nodes {{ bodyHtml }} }} }} }}",
}


@pytest.mark.parametrize("name", LISTS)
def test_lists_of_hostile_posts_hold_no_more_than_was_paid_for(
    name: str, house: contract.House, runner: asyncio.Runner
) -> None:
    number = house.known["discussion"][-1].removeprefix("(number: ").removesuffix(")")
    found = runner.run(answer(house, Operation(LISTS[name].format(number))))
    assert found is not None
    cost, body = found
    data = orjson.loads(body)["data"]
    assert 100 < values(data) <= cost
    assert len(body) <= LIMITS.answer_bytes


def test_aliases_of_a_long_post_are_refused(house: contract.House, runner: asyncio.Runner) -> None:
    aliases = " ".join(f"a{at}: bodyHtml" for at in range(300))
    number = house.known["discussion"][-1].removeprefix("(number: ").removesuffix(")")
    query = f"{{ discussion(number: {number}) {{ thread(first: 2) {{ nodes {{ {aliases} }} }} }} }}"
    found = runner.run(answer(house, Operation(query)))
    assert found is not None
    (error,) = orjson.loads(found[1])["errors"]
    assert error["extensions"]["code"] == "TOO_COSTLY"


def test_every_list_of_the_contract_has_a_size() -> None:
    sizes = root.sizes(Limits())
    paged = _fields_of_pages()
    without = [
        f"{name}.{key}"
        for name, graphql_type in root.schema._schema.type_map.items()
        if isinstance(graphql_type, GraphQLObjectType | GraphQLInterfaceType) and not name.startswith("__")
        for key, field in graphql_type.fields.items()
        if is_list_type(get_nullable_type(field.type))
        and f"{name}.{key}" not in sizes
        and f"{name}.{key}" not in paged
        and not {"ids", "first"} & field.args.keys()
    ]
    assert without == []
    known: Any = root.schema._schema.type_map
    assert all(field in known[name].fields for name, field in (each.split(".") for each in (*sizes, *root.WEIGHTS)))


def _fields_of_pages() -> set[str]:
    """The lists of types that are reached by no field without `first` and `last`, so that those are their sizes."""
    schema = root.schema._schema
    fields = [
        field
        for graphql_type in schema.type_map.values()
        if isinstance(graphql_type, GraphQLObjectType | GraphQLInterfaceType)
        for field in graphql_type.fields.values()
    ]
    unpaged = {get_named_type(field.type).name for field in fields if "first" not in field.args}
    pages = {get_named_type(field.type) for field in fields if "first" in field.args}
    return {
        f"{page.name}.{key}"
        for page in pages
        if is_object_type(page) and page.name not in unpaged
        for key, field in page.fields.items()
        if is_list_type(get_nullable_type(field.type))
    }

"""What an execution has to be: that of graphql-core over the same schema and data.

The data is equal to the byte, so in its order too. Errors are held against all that can go wrong in this operation,
which graphql-core tells when it runs it once more without propagation: there each error nulls its own position only,
and all that fails is told. From there the specification says what a response holds (6.4.4):

- An error nulls the nearest position at or above its own that may be null.
- A nulled position that is not beneath another is to be seen in the response, and exactly one of the errors that null
  it is told. Where only one does, this is that error; where several do, an executor may meet any of them first.
- A nulled position beneath another explains nothing that can be seen. graphql-core may have told one error of it before
  its surroundings fell; a plan tells none.
- Nothing else is told. An error is what it was in message, path, locations and extensions.

But for those hidden errors the same is asked of graphql-core's own answer, so a rule that is wrong shows there.
"""

import asyncio
import gc
import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from inspect import isawaitable
from typing import Any
from unittest import mock

import orjson
from graphql import ExecutionResult, GraphQLError, execute, is_non_null_type
from graphql.execution import Executor
from structlog.testing import capture_logs

from execution import executor
from execution.engine import Engine, Prepared
from execution.errors import formatted

NO_TYPE = "Abstract type '|Runtime Object type '|\".*\" is none of the types"
"""What is told of an object whose type can't be: a programmer's fault, in words of one's own, that no client sees."""

Path = tuple[str | int, ...]
Position = Path | None
"""A path in the response; None for an error before any field."""


@dataclass
class Answer:
    """What was executed: the data as bytes, and the errors, each unmasked."""

    data: bytes
    errors: list[dict[str, Any]]


@dataclass
class Tried:
    """What a run of the oracle came by."""

    documents: int = 0
    planned: int = 0
    introspection: int = 0
    refused: int = 0
    with_errors: int = 0
    null_data: int = 0


@contextmanager
def collecting() -> Iterator[Callable[[], None]]:
    """Gives what collects the newest garbage; nothing else does for as long as this is open.

    graphql-core never awaits some coroutines of what it cancels. Python warns of them as they are collected, wherever
    that happens to be: so it must not happen where a warning can't be told, as within a named tuple.
    """
    gc.collect()
    gc.disable()
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)
            yield _collect_newest
            gc.collect()
    finally:
        gc.enable()


def _collect_newest() -> None:
    gc.collect(0)


class Untold(Executor[Any]):
    """Runs without propagation, and notes the type of every position it comes to."""

    noted: dict[Path, Any]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.error_propagation = False
        self.noted = self.context_value.noted
        self.context_value = self.context_value.context

    def complete_value(self, return_type: Any, nodes: Any, info: Any, path: Any, result: Any, position: Any) -> Any:
        self.noted.setdefault(tuple(path.as_list()), return_type)
        return super().complete_value(return_type, nodes, info, path, result, position)

    def handle_field_error(self, error: Any, return_type: Any, nodes: Any, path: Any) -> None:
        self.noted.setdefault(tuple(path.as_list()), return_type)
        super().handle_field_error(error, return_type, nodes, path)


@dataclass
class Noting:
    """The context of a run without propagation, around that of its resolvers."""

    context: object
    noted: dict[Path, Any] = field(default_factory=dict)


async def ours(engine: Engine, prepared: Prepared, context: object) -> Answer:
    with capture_logs() as logged:
        answer = orjson.loads(await engine.execute(prepared, context))
    assert set(answer) == ({"data", "errors"} if "errors" in answer else {"data"})
    return Answer(orjson.dumps(answer["data"]), _unmasked(answer.get("errors", ()), logged))


async def ours_both_ways(engine: Engine, prepared: Prepared, context: object) -> Answer:
    """The answer to a query, which is the same by steps and by functions that are compiled of them."""
    answer = await ours(engine, prepared, context)
    if prepared.kind == "query" and prepared.plan is not None:
        with mock.patch.object(executor, "COMPILE_THRESHOLD", -1):
            await ours(engine, prepared, context)
            compiled = await ours(engine, prepared, context)
        assert compiled == answer
    return answer


async def theirs(engine: Engine, prepared: Prepared, context: object) -> Answer:
    return await _core(engine, prepared, context, Executor)


async def disagreement(engine: Engine, prepared: Prepared, mine: Answer, their: Answer, context: object) -> str | None:
    """What is wrong with `mine`, or with the rule; None where the two agree. `context` is for one more run."""
    if mine.data != their.data:
        return (
            f"data\n  ours   {mine.data.decode()}\n  theirs {their.data.decode()}"
            f"\nerrors\n  ours   {mine.errors}\n  theirs {their.errors}"
        )
    if not mine.errors and not their.errors:
        return None
    noting = Noting(context)
    possible = (await _core(engine, prepared, noting, Untold)).errors
    for whose, answer in (("ours", mine), ("theirs", their)):
        most_hidden = 0 if whose == "ours" and prepared.plan is not None else 1
        wrong = _wrong(answer.errors, possible, noting.noted, most_hidden)
        if wrong is not None:
            told = f"  ours     {mine.errors}\n  theirs   {their.errors}\n  possible {possible}"
            return f"errors of {whose}: {wrong}\n{told}"
    return None


def _wrong(
    errors: list[dict[str, Any]], possible: list[dict[str, Any]], types: Mapping[Path, Any], most_hidden: int
) -> str | None:
    """What about the errors breaks the rule of this module."""
    told: Counter[Position] = Counter()
    for error in errors:
        if error not in possible:
            return f"{error} can't happen"
        told[_nulled(error, types)] += 1
    nulls = {_nulled(error, types) for error in possible}
    for position in nulls:
        above = position or ()
        hidden = any(above[:depth] in nulls for depth in range(len(above)))
        if told[position] > most_hidden if hidden else told[position] != 1:
            return f"{told[position]} errors for the {'hidden ' if hidden else ''}null at {position}"
    return None


def _nulled(error: dict[str, Any], types: Mapping[Path, Any]) -> Position:
    """The position that the error nulls; () is the whole data."""
    if "path" not in error:
        return None
    path: Path = tuple(error["path"])
    while path and is_non_null_type(types[path]):
        path = path[:-1]
    return path


async def _core(engine: Engine, prepared: Prepared, context: object, kind: type[Executor[Any]]) -> Answer:
    before = asyncio.all_tasks()
    result = execute(
        engine.schema._schema,
        prepared.document,
        context_value=context,
        variable_values=prepared.variables,
        operation_name=prepared.name,
        executor_class=kind,
    )
    if isawaitable(result):
        result = await result
    assert isinstance(result, ExecutionResult)
    # What fails at once leaves its neighbours running.
    while others := asyncio.all_tasks() - before:
        await asyncio.gather(*others, return_exceptions=True)
    with capture_logs() as logged:
        errors = [formatted(error) for error in result.errors or ()]
    return Answer(orjson.dumps(result.data), _unmasked(errors, logged))


def _unmasked(errors: Any, logged: Any) -> list[dict[str, Any]]:
    """The errors with the message that the log has, where clients get only an id of it."""
    by_id = {entry["error_id"]: entry["exc_info"] for entry in logged if "error_id" in entry}
    found = []
    for error in errors:
        extensions = dict(error.get("extensions") or {})
        reference = extensions.pop("errorId", None)
        message = error["message"]
        if reference is not None:
            assert re.search(reference, message)
            cause = by_id[reference]
            message = cause.message if isinstance(cause, GraphQLError) else str(cause)
            message = "no type" if re.match(NO_TYPE, message) else message
        found.append(error | {"message": message, "extensions": extensions})
    return orjson.loads(orjson.dumps(found))  # type: ignore[no-any-return]

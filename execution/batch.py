"""Fields that are resolved for all parents of a level at once.

`batch` and `follow` are class attributes of a strawberry type. Each gives an ordinary strawberry field whose plain
resolver serves one parent, so graphql-core can run the same schema; an executor that works level by level finds the
function itself as `graphql_field.extensions["strawberry-definition"].batch` (for a subscription `.follow`).
"""

import inspect
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from enum import IntEnum
from typing import Any, Protocol

import strawberry
from strawberry.types.field import StrawberryField

Batch = Callable[..., Awaitable[Sequence[Any]] | Sequence[Any]]
"""`f(parents, context, *, arguments…)`: one value per parent, in order; an Exception is raised for its parent only."""

Selected = frozenset[str] | None
"""The fields that are selected below one, on any type, such as `edges.node.id`; None if unknown.

A batch function that has a keyword-only parameter with this annotation (and the default None) receives them, so
that it need not read what is not selected.
"""


class Entry(Protocol):
    """One event of a stream, or a position without an event to show."""

    @property
    def value(self) -> Any:
        """The value of the stream's root field; None if there is nothing to show."""

    @property
    def cursor(self) -> str | None:
        """The position after it, for clients that resume; None in a stream that can't be resumed."""

    @property
    def position(self) -> int | None:
        """The same as a number that never decreases; None in a stream that is not shared."""

    @property
    def live(self) -> bool:
        """Whether the replay of past events ends with it."""


Follow = Callable[..., AsyncGenerator[Sequence[Entry], None]]
"""`f(context, *, arguments…)`: the events of one follower, in order, as many at once as there are and never none."""


class Turn(IntEnum):
    """When the batch function of a query's root field is called, wherever the document selects it."""

    APART = 0
    """Before the query reads anything: the function waits, writes, reads by itself, or answers about this request."""
    LEADING = 1
    """Before all others that read: what these are read through depends on it."""
    USUAL = 2


class BatchField(StrawberryField):
    """A field that remembers the function behind its plain resolver."""

    batch: Batch | None = None
    follow: Follow | None = None
    selection_parameter: str | None = None
    """The parameter of `batch` that receives what is Selected."""
    turn: Turn = Turn.USUAL

    def __copy__(self) -> "BatchField":
        # Strawberry copies the fields of a generic type for each of its concrete types.
        copied: BatchField = super().__copy__()
        copied.batch, copied.follow, copied.selection_parameter = self.batch, self.follow, self.selection_parameter
        copied.turn = self.turn
        return copied


def batch(resolver: Batch, turn: Turn = Turn.USUAL, /, **argument_descriptions: str) -> Any:
    """Returns a field that `resolver` resolves, whose keyword-only arguments become the field's.

    An argument without a default is required, one whose default is UNSET optional. The field's type is that of the
    class annotation. Typed Any because it is assigned to an attribute of that type.
    `turn` is for root fields of queries.
    """
    defaults = _when_left_out(resolver)

    async def resolve(root: Any, info: strawberry.Info, **arguments: Any) -> Any:
        values = resolver([root], info.context, **defaults | arguments)
        if inspect.isawaitable(values):
            values = await values
        (value,) = values
        if isinstance(value, Exception):
            raise value
        return value

    field = _field(resolve, resolver, argument_descriptions)
    field.batch, field.turn = resolver, turn
    field.selection_parameter = next((one.name for one in _keywords(resolver) if one.annotation == Selected), None)
    return field


def follow(resolver: Follow, **argument_descriptions: str) -> Any:
    """Returns a subscription field of `resolver`, an async generator function without parents; otherwise as `batch`."""
    defaults = _when_left_out(resolver)

    async def resolve(root: Any, info: strawberry.Info, **arguments: Any) -> Any:
        # Whoever closes this stream closes the resolver's own.
        async with aclosing(resolver(info.context, **defaults | arguments)) as lists:
            async for entries in lists:
                for entry in entries:
                    if entry.value is not None:
                        yield entry.value

    field = _field(resolve, resolver, argument_descriptions, is_subscription=True)
    field.follow = resolver
    return field


def _keywords(resolver: Callable[..., Any]) -> list[inspect.Parameter]:
    parameters = inspect.signature(resolver).parameters.values()
    return [parameter for parameter in parameters if parameter.kind is inspect.Parameter.KEYWORD_ONLY]


def _arguments(resolver: Callable[..., Any]) -> list[inspect.Parameter]:
    return [parameter for parameter in _keywords(resolver) if parameter.annotation != Selected]


def _when_left_out(resolver: Callable[..., Any]) -> dict[str, Any]:
    """Returns the values of omitted arguments. GraphQL checks required ones before a resolver runs."""
    return {
        argument.name: strawberry.UNSET if argument.default is inspect.Parameter.empty else argument.default
        for argument in _arguments(resolver)
    }


def _field(
    resolve: Callable[..., Any],
    resolver: Callable[..., Any],
    descriptions: dict[str, str],
    is_subscription: bool = False,
) -> BatchField:
    root, info, _ = inspect.signature(resolve).parameters.values()
    arguments = _arguments(resolver)
    if unknown := descriptions.keys() - {argument.name for argument in arguments}:
        raise TypeError(f"{resolver.__qualname__} has no argument {', '.join(sorted(unknown))}.")
    resolve.__name__ = resolver.__name__
    resolve.__qualname__ = resolver.__qualname__
    # Annotations that are text are looked up in the module of the function they stand on.
    resolve.__module__ = resolver.__module__
    vars(resolve)["__signature__"] = inspect.Signature([root.replace(annotation=Any), info, *arguments])

    field = BatchField(is_subscription=is_subscription)
    field(resolve)
    for argument in field.arguments:
        argument.description = descriptions.get(argument.python_name)
    return field

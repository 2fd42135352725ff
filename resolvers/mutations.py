"""Decorators that turn a use case into a mutation resolver. The mutations are in the module of their subject.

A mutation decodes its input, calls one use case, and returns its payload, with domain errors as data.
"""

import dataclasses
import inspect
from collections.abc import Awaitable, Callable, Sequence
from functools import wraps
from typing import Any, TypeVar

from strawberry import UNSET

import db.suspensions
from access.addresses import network_of
from db.idempotency import fingerprint_of
from forum.errors import DomainError, NotSignedIn, Suspended
from forum.limits import Limits
from forum.use_cases import Actor, IdempotencyKey
from resolvers import errors
from resolvers.context import Context
from resolvers.pages import unset_to_none
from resolvers.payloads import ErrorRow, PayloadRow
from text import normal

I = TypeVar("I")  # noqa: E741 - an input.


def mutation(work: Callable[[Context, I], Awaitable[PayloadRow]]) -> Callable[..., Awaitable[Sequence[PayloadRow]]]:
    """Turns a mutation into a batch resolver: domain errors become the payload's, and the clientMutationId returns."""

    @wraps(work)
    async def run(_roots: Sequence[None], context: Context, *, input: Any) -> Sequence[PayloadRow]:
        key = _key(input)
        try:
            payload = await work(context, input)
        except DomainError as error:
            return [PayloadRow(client_mutation_id=key, errors=[ErrorRow(error, client_path(error, "input"))])]
        return [payload if key is None else dataclasses.replace(payload, client_mutation_id=key)]

    parameters = inspect.signature(run, follow_wrapped=False).parameters
    wanted = inspect.signature(work).parameters["input"]
    arguments = [parameters["_roots"], parameters["context"], parameters["input"].replace(annotation=wanted.annotation)]
    vars(run)["__signature__"] = inspect.Signature(arguments)
    return run


def signed_in(
    work: Callable[[Context, Actor, I], Awaitable[PayloadRow]],
) -> Callable[[Context, I], Awaitable[PayloadRow]]:
    """Gives a mutation the actor, with the idempotency key of the input.

    Raises NotSignedIn and Suspended before all else.
    """

    @wraps(work)
    async def run(context: Context, input: I) -> PayloadRow:
        viewer = context.viewer
        if viewer.user_id is None:
            raise NotSignedIn("This needs a bearer token: sign in first.")
        await check_not_suspended(context)
        text = _key(input)
        key = IdempotencyKey(text, fingerprint_of(_plain(input))) if text is not None else None
        actor = Actor(
            viewer.user_id,
            is_moderator=viewer.role == "moderator",
            address=network_of(context.address),
            key=key,
            is_guest=viewer.role == "guest",
            is_client=True,
        )
        return await work(context, actor, input)

    return run


async def check_not_suspended(context: Context) -> None:
    """Raises Suspended, with end and reason, if the viewer may only read."""
    if context.viewer.role != "suspended":
        return
    row = await context.database.row(db.suspensions.of_users, ids=[context.viewer.user_id])
    # Lifted a moment ago: the next request has the rights of before.
    raise Suspended(None, None) if row is None else Suspended(row.reason, row.until)


def _key(input: Any) -> str | None:
    """The clientMutationId of an input. Raises BAD_ARGUMENT for one that cannot be stored."""
    key: str | None = unset_to_none(input.client_mutation_id)
    limit = Limits.client_mutation_id_length
    if key is not None and (not 0 < len(key) <= limit or normal.invalid(key)):
        raise errors.bad_argument(f"A clientMutationId has 1 to {limit} characters, without U+0000 and surrogates.")
    return key


def client_path(error: DomainError, *above: str) -> list[str] | None:
    """The path of an error as clients know it: from the argument down, in camel case."""
    return None if error.path is None else [*above, *map(_camel, error.path)]


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


def _plain(value: Any) -> Any:
    """An input as plain values, without what was omitted: a repeat is recognised by them."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not dataclasses.is_dataclass(value):
        return value
    fields = ((field.name, getattr(value, field.name)) for field in dataclasses.fields(value))
    return {name: _plain(item) for name, item in fields if item is not UNSET}

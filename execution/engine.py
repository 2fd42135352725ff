"""Runs operations on a strawberry schema."""

from collections.abc import AsyncGenerator, Callable, Container, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from inspect import isawaitable
from typing import Any, NamedTuple, Protocol, cast

import orjson
import strawberry
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    execute,
    subscribe,
)
from graphql.execution.values import VariableValues

from execution.documents import DocumentLimits, Documents, Kind
from execution.error_codes import RequestErrorCode
from execution.errors import field_errors, formatted, too_large
from execution.executor import Run
from execution.fields import Fields
from execution.introspection import TooManyValues
from execution.operation import Charge, Operation, RequestRefused, StreamEnded, request_error, uncharged
from execution.page_cache import Answered, Keepable, Kept, PageCache
from execution.persisted import Mode, Persisted
from execution.plan import KeptPlans, Plan, Planner
from execution.results import Burst, Item, Result, encode_result
from execution.shapes import Native
from execution.size import BYTES_PER_VALUE, AnswerTooLarge
from execution.streams import Audiences, Follower, ResultBatch, Sink, Stream, cost_of
from execution.variables import coerced


@dataclass(frozen=True, slots=True)
class Prepared:
    """An operation that is valid and may run."""

    kind: Kind
    document: DocumentNode
    definition: OperationDefinitionNode
    name: str | None
    variables: dict[str, Any]
    """As the client sent them."""
    coerced: VariableValues
    planner: Planner
    cost: int
    """How many values its result may hold."""
    key: bytes | None
    """What is equal for two queries with the same answer; None if the answer may not be kept."""
    document_size: int
    """The length of its document in characters."""

    @property
    def plan(self) -> Plan | None:
        """None if graphql-core runs the operation, which has fields with resolvers of their own.

        Looked up each time: a kept operation must not keep a plan that others have taken the place of.
        """
        return self.planner.plan(self.coerced)


class Moment(Protocol):
    """A context for the run of one query, which reads what was there at one moment.

    Contexts that have a method `at_one_moment`, without arguments, return one from it.
    """

    def end_moment(self) -> None:
        """Called after the last field was resolved, in every case."""


class _Delivery(NamedTuple):
    """Items of a stream, and the stream's position after them."""

    items: list[Item]
    cursor: str | None
    position: int | None
    live: bool


class Engine:
    """Prepares and executes operations. Resolvers receive the context as it is."""

    def __init__(
        self,
        schema: strawberry.Schema,
        natives: Mapping[str, Native] | None = None,
        *,
        limits: DocumentLimits = DocumentLimits(),  # noqa: B008 - it is frozen
        sizes: Mapping[str, int] | None = None,
        weights: Mapping[str, int] | None = None,
        long_texts: Container[str] = (),
        persisted: Mode = "apq",
        manifest: Mapping[str, str] | None = None,
        page_cache: PageCache | None = None,
    ) -> None:
        """`natives` names the scalars whose values orjson writes just as the scalar's own serialisation would.

        `sizes` and `weights`: see execution.cost.Costs.
        `long_texts`: the names of arguments and input fields whose resolvers check the length themselves; in all others
        a String or ID has at most execution.arguments.MAX_CHARACTERS.
        `manifest`: the documents by their ids that run where `persisted` is trusted. Raises ValueError for one of them
        that is not valid.
        `page_cache`: keeps the answers of queries; None keeps none.
        """
        self.page_cache = page_cache
        self.schema = schema
        self._core: GraphQLSchema = schema._schema
        self._fields = Fields(schema, natives or {}, long_texts)
        self._limits = limits
        documents = Documents(self._core, limits=limits, sizes=sizes or {}, weights=weights)
        self.followers = 0
        """The number of open streams."""
        self._audiences = Audiences()
        self._kept_plans = KeptPlans()
        self._persisted = Persisted(documents, persisted, manifest or {})

    async def read(self, operation: Operation, charge: Charge) -> None:
        """Reads the operation's document, if it is a new one, so that `prepare` finds it. Raises as `prepare` does.

        This takes up to 50 ms of CPU, beside the event loop.
        """
        text = self._persisted.unread(operation)
        if text is not None:
            await self._persisted.documents.read_apart(text, charge)

    def prepare(self, operation: Operation, *, charge: Charge = uncharged, is_ours: bool = False) -> Prepared:
        """Finds the document and the operation, and checks variables and cost. Raises RequestRefused.

        `charge` takes what reading a new document costs; that of the operation is the caller's to charge.
        `is_ours`: the operation is the server's own, so a manifest need not have it.
        """
        document = self._persisted.document(operation, charge=charge, is_ours=is_ours)
        chosen = document.operation(operation.name)
        variables = dict(operation.variables) if operation.variables else {}
        values = coerced(self._core, chosen.definition, variables, max_values=self._limits.variable_values)
        cost, limit = chosen.cost.of(values.coerced), self._limits.cost
        if chosen.kind == "subscription":
            limit = min(limit, self._limits.event_cost)
        if cost > limit:
            answer = "each of its events" if chosen.kind == "subscription" else "its answer"
            message = f"The {chosen.kind} costs {cost}, for so many values {answer} may hold; {limit} are allowed."
            raise RequestRefused([request_error(RequestErrorCode.TOO_COSTLY, message, cost=cost, limit=limit)])
        planner = chosen.planner
        if planner is None:
            planner = chosen.planner = Planner(self._fields, document.node, chosen.definition, self._kept_plans)
        plan = planner.plan(values)
        may_keep = self.page_cache is not None and chosen.kind == "query" and plan is not None and not plan.is_apart
        return Prepared(
            chosen.kind,
            document.node,
            chosen.definition,
            chosen.name,
            variables,
            values,
            planner,
            cost,
            _key(document.digest, chosen.name, variables) if may_keep else None,
            document.size,
        )

    async def execute(self, prepared: Prepared, context: object, charge: Charge = uncharged) -> bytes:
        """Runs a query or a mutation, and returns its result as JSON: `{"data": …, "errors": …}`.

        `charge` takes what the bytes of a query's answer cost beyond the cost of the operation. Raises as it does. An
        answer that is too large is replaced by the error TOO_COSTLY.
        """
        return (await self.answer(prepared, context, charge)).body

    async def answer(self, prepared: Prepared, context: object, charge: Charge = uncharged) -> Answered | Kept:
        """As `execute`; a query's answer may be a kept one that still holds."""
        answered: Answered | Kept | None = None
        if prepared.key is not None and self.page_cache is not None and hasattr(context, "noted"):
            keepable = cast(Keepable, context)
            answered = await self.page_cache.answer(prepared.key, keepable, partial(self._run, prepared))
        if answered is None:
            answered = await self._run_at_one_moment(prepared, context)
        # What a mutation wrote is told, whatever it costs.
        if answered.cost > 0 and prepared.kind == "query":
            charge(answered.cost)
        return answered

    async def _run_at_one_moment(self, prepared: Prepared, context: object) -> Answered:
        begin: Callable[[], Moment] | None = None
        if prepared.kind == "query" and prepared.plan is not None:
            begin = getattr(context, "at_one_moment", None)
        if begin is None:
            return await self._run(prepared, context)
        moment = begin()
        try:
            return await self._run(prepared, moment)
        finally:
            moment.end_moment()

    async def _run(self, prepared: Prepared, context: object) -> Answered:
        plan = prepared.plan
        if plan is not None:
            run = Run(plan, context, prepared.coerced, max_bytes=self._limits.answer_bytes)
            try:
                data = await run.data()
                errors = field_errors(run.reported_errors())
            except (AnswerTooLarge, TooManyValues) as error:
                return Answered(encode_result((None, [too_large(error)])), 0, True)
            body = encode_result((data, errors))
            return Answered(body, len(body) // BYTES_PER_VALUE - prepared.cost, bool(errors))
        result = execute(
            self._core,
            prepared.document,
            context_value=context,
            variable_values=prepared.variables,
            operation_name=prepared.name,
        )
        if isawaitable(result):
            result = await result
        body = encode_result((result.data, [formatted(error) for error in result.errors or ()]))
        return Answered(body, 0, bool(result.errors))

    async def deliver(
        self,
        prepared: Prepared,
        context: object,
        sink: Sink,
        *,
        after: str | None = None,
        charge: Charge = uncharged,
    ) -> None:
        """Writes the results of a subscription to a sink, in order, until the stream ends.

        Executions are shared with other followers of the same if `context` is Shareable. `after` replaces the argument
        of that name, for a client that resumes with an item's cursor.
        `charge` takes the cost of each event; what followers share is divided among them.
        Raises RequestRefused if the stream can't start, or if `charge` refuses an event, after which the client may
        resume; StreamEnded with the errors that end it later.
        """
        self.followers += 1
        try:
            await self._deliver(prepared, context, sink, after, charge)
        finally:
            self.followers -= 1

    async def _deliver(
        self, prepared: Prepared, context: object, sink: Sink, cursor: str | None, charge: Charge
    ) -> None:
        position: int | None = None
        has_begun, caught_up, may_join = False, False, True
        while True:
            member = None
            async with aclosing(self._items_after(prepared, context, cursor, position)) as deliveries:
                async for delivery in deliveries:
                    if delivery.items:
                        burst = Burst(delivery.items)
                        charge(cost_of(burst, prepared.cost))
                        if not sink.write(burst):
                            await sink.drained()
                    elif delivery.cursor is not None and not has_begun:
                        sink.begin(delivery.cursor)
                    has_begun = has_begun or bool(delivery.items) or delivery.cursor is not None
                    if delivery.cursor is not None and delivery.position is not None:
                        cursor, position = delivery.cursor, delivery.position
                        caught_up = caught_up or delivery.live
                        if caught_up and may_join:
                            stream = self._stream(prepared, context)
                            follower = Follower(sink, charge, cursor, position)
                            member = self._audiences.join(stream, follower)
                    if member is not None:
                        break
            if member is None:
                return
            try:
                may_join = await member.left
            finally:
                member.leave()
            cursor, position = member.cursor, member.position
            await sink.drained()

    def _stream(self, prepared: Prepared, context: object) -> Stream:
        assert prepared.plan is not None
        return Stream(prepared.plan, prepared.coerced, context, prepared.cost, self._limits.answer_bytes)

    async def _items_after(
        self, prepared: Prepared, context: object, cursor: str | None, position: int | None
    ) -> AsyncGenerator[_Delivery, None]:
        if prepared.plan is not None:
            batches = self._stream(prepared, context).results_after(cursor, position)
        else:
            batches = self._unplanned(prepared, context)
        has_started = position is not None
        try:
            async for batch in batches:
                items: list[Item] = []
                for result, item_cursor in batch.results:
                    data, errors = result
                    if data is None:
                        # An item without data would have no cursor: a client that skipped it could never read it again.
                        if items:
                            yield _Delivery(items, None, None, False)
                        raise _ended(errors, has_started=has_started or bool(items))
                    items.append(Item(encode_result(result), item_cursor))
                has_started = has_started or bool(items)
                yield _Delivery(items, batch.cursor, batch.position, batch.live)
        except (StreamEnded, RequestRefused):
            raise
        except GraphQLError as error:
            raise _ended([formatted(error)], has_started=has_started) from error
        except Exception as error:
            wrapped = GraphQLError(str(error), original_error=error)
            raise _ended([formatted(wrapped)], has_started=has_started) from error
        finally:
            await batches.aclose()

    async def _unplanned(self, prepared: Prepared, context: object) -> AsyncGenerator[ResultBatch, None]:
        """Yields the results of a subscription that graphql-core runs."""
        started = subscribe(
            self._core,
            prepared.document,
            context_value=context,
            variable_values=prepared.variables,
            operation_name=prepared.name,
        )
        stream = await started if isawaitable(started) else started
        if isinstance(stream, ExecutionResult):
            raise RequestRefused([formatted(error) for error in stream.errors or ()])
        async with aclosing(stream):  # type: ignore[type-var]
            async for executed in stream:
                result: Result = (executed.data, [formatted(error) for error in executed.errors or ()])
                yield ResultBatch([(result, None)], None, None, False)


def _ended(errors: Sequence[dict[str, Any]], *, has_started: bool) -> Exception:
    """Returns the exception that ends a stream, or says that it could not start."""
    return StreamEnded(errors) if has_started else RequestRefused(errors)


def _key(digest: bytes, name: str | None, variables: Mapping[str, Any]) -> bytes | None:
    try:
        sent = orjson.dumps(variables, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        # Of the server's own operations, whose variables may be no JSON.
        return None
    return blake2b(b"\0".join((digest, (name or "").encode(), sent)), digest_size=20).digest()

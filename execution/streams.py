"""Subscriptions: the events of a stream, executed as they arrive, for one follower or for all who request the same.

A follower reads a stream of its own until it has caught up. Then it joins the audience of those that requested the same
and are at the same position: from there each burst is read and executed once, and delivered to all members. A member
that can't take more, or whose result depends on its viewer, leaves the audience with its cursor and reads by itself
again. That no event is missed, repeated or out of order rests on positions alone: an audience delivers to a member only
what comes after the member's position.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Hashable, Sequence
from contextlib import aclosing
from typing import Any, NamedTuple, Protocol, runtime_checkable

import structlog
from graphql.execution.values import VariableValues

from execution.batch import Entry
from execution.errors import field_errors
from execution.executor import Run
from execution.plan import Plan
from execution.results import Burst, Item, Result, encode_result

log = structlog.get_logger(__name__)


class Sink(Protocol):
    """What a stream's bursts are written to."""

    def write(self, burst: Burst) -> bool:
        """Takes a burst without waiting. Returns False if nothing more may be written before `drained`."""

    async def drained(self) -> None:
        """Waits until more may be written. Raises what ends the stream if the client is gone."""


class SharedContext(Protocol):
    """A context that many followers have in common, for executions that depend on no particular viewer."""

    key: Hashable
    """Followers with the same key share executions."""
    context: object
    """What resolvers receive in a shared execution."""

    @property
    def viewer_dependencies(self) -> Collection[Hashable]:
        """The viewers that executions with `context` depended on, who need a result of their own."""

    def viewer_id(self, context: object) -> Hashable:
        """Returns the viewer of a follower's own context, as `viewer_dependencies` names them."""


@runtime_checkable
class Shareable(Protocol):
    """A context whose follower may share executions."""

    def shared(self) -> SharedContext:
        """Returns a new shared context, without dependencies yet."""


class ResultBatch(NamedTuple):
    """Results, and the stream's position after them."""

    results: list[tuple[Result, str | None]]
    """Each result with its cursor."""
    cursor: str | None
    position: int | None
    live: bool
    """Whether the replay of past events is over."""


class Stream:
    """One subscription, run with one context."""

    def __init__(self, plan: Plan, variables: VariableValues, context: object) -> None:
        self.plan = plan
        self.variables = variables
        self.context = context

    async def results_after(self, cursor: str | None, position: int | None) -> AsyncGenerator[ResultBatch, None]:
        """Yields the results of the events after `cursor` as they arrive, without those up to `position`."""
        async with aclosing(self.plan.stream(self.variables, self.context, cursor)) as batches:
            async for entries in batches:
                shown = entries_after(entries, position)
                results = await self.results([entry.value for entry in shown], self.context)
                cursors = [entry.cursor for entry in shown]
                last = entries[-1]
                live = any(entry.live for entry in entries)
                yield ResultBatch(list(zip(results, cursors, strict=True)), last.cursor, last.position, live)

    async def results(self, values: list[Any], context: object) -> list[Result]:
        """Returns the result of each event."""
        if len(values) > 1:
            run = Run(self.plan, context, self.variables)
            together = await run.events(values)
            if not run.failed:
                return [(data, ()) for data in together]
        results: list[Result] = []
        for value in values:
            # Executed one by one, so that each result has the errors of its own event.
            run = Run(self.plan, context, self.variables)
            (data,) = await run.events([value])
            results.append((data, field_errors(run.reported_errors())))
        return results


def entries_after(entries: Sequence[Entry], position: int | None) -> list[Entry]:
    """Returns the entries that have a value; for a follower that is at a position already, those after it.

    Such a follower also gets no second notice that the replay is over.
    """
    shown = [entry for entry in entries if entry.value is not None]
    if position is None:
        return shown
    return [entry for entry in shown if not entry.live and (entry.position is None or entry.position > position)]


class Member:
    """A follower in an audience."""

    __slots__ = ("audience", "cursor", "left", "position", "sink", "viewer_id")

    def __init__(self, audience: "Audience", sink: Sink, viewer_id: Hashable, cursor: str, position: int) -> None:
        self.audience = audience
        self.sink = sink
        self.viewer_id = viewer_id
        self.cursor = cursor
        self.position = position
        self.left: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        """Set once the follower has to read by itself; True if it may join an audience again."""

    def leave(self, *, may_rejoin: bool = True) -> None:
        self.audience.members.pop(self, None)
        if not self.left.done():
            self.left.set_result(may_rejoin)
        self.audience.end_if_empty()


class Audience:
    """Followers that requested the same and are at the same position."""

    def __init__(
        self, stream: Stream, share: Callable[[], SharedContext], cursor: str, position: int, ended: Callable[[], None]
    ) -> None:
        self.members: dict[Member, None] = {}
        self.position = position
        self._stream = stream
        self._share = share
        self._ended = ended
        self._task = asyncio.create_task(self._run(cursor), name="audience")

    def end_if_empty(self) -> None:
        if not self.members:
            self._ended()
            self._task.cancel()

    async def _run(self, cursor: str) -> None:
        stream = self._stream
        try:
            async with aclosing(stream.plan.stream(stream.variables, stream.context, cursor)) as batches:
                async for entries in batches:
                    if not await self._deliver(entries):
                        break
        except Exception as error:  # noqa: BLE001 - its members meet it again on streams of their own.
            log.info("an audience ended", error=repr(error))
        self._ended()
        for member in list(self.members):
            member.leave(may_rejoin=False)

    async def _deliver(self, entries: Sequence[Entry]) -> bool:
        """Executes the entries once and writes the results to all members. Returns False if the audience must end."""
        if any(entry.position is None or entry.cursor is None for entry in entries):
            # Each follower must read this by itself, such as the end of the stream.
            return False
        shown = entries_after(entries, self.position)
        if shown:
            shared = self._share()
            results = await self._stream.results([entry.value for entry in shown], shared.context)
            if any(data is None for data, _ in results):
                return False
            items = [Item(encode_result(result), entry.cursor) for result, entry in zip(results, shown, strict=True)]
            self._write(Burst(items), shown, shared)
        if entries[-1].position is not None:
            self.position = max(self.position, entries[-1].position)
        return True

    def _write(self, burst: Burst, shown: list[Entry], shared: SharedContext) -> None:
        before, cursor, position = shown[0].position, shown[-1].cursor, shown[-1].position
        assert before is not None
        assert cursor is not None
        assert position is not None
        dependencies = shared.viewer_dependencies
        for member in list(self.members):
            own = burst
            if member.position >= before:
                count = len(entries_after(shown, member.position))
                if not count:
                    continue
                own = burst.tail(count)
            if dependencies and member.viewer_id in dependencies:
                member.leave()
                continue
            can_take_more = member.sink.write(own)
            member.cursor, member.position = cursor, position
            if not can_take_more:
                member.leave()


class Audiences:
    """The audiences of a process."""

    def __init__(self) -> None:
        self._open: dict[Hashable, Audience] = {}

    def join(self, stream: Stream, sink: Sink, cursor: str, position: int) -> Member | None:
        """Adds a follower to the audience of its request, which is created if there is none.

        Returns None if the context can't be shared, or if the audience is past the follower's position.
        """
        if not isinstance(stream.context, Shareable):
            return None
        share = stream.context.shared
        shared = share()
        key = (stream.plan, stream.plan.request_key(stream.variables), shared.key)
        audience = self._open.get(key)
        if audience is None:
            shared_stream = Stream(stream.plan, stream.variables, shared.context)
            audience = Audience(shared_stream, share, cursor, position, lambda: self._forget(key, audience))
            self._open[key] = audience
        elif position < audience.position:
            return None
        member = Member(audience, sink, shared.viewer_id(stream.context), cursor, position)
        audience.members[member] = None
        return member

    def _forget(self, key: Hashable, audience: Audience | None) -> None:
        if self._open.get(key) is audience:
            self._open.pop(key, None)

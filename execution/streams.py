"""Subscriptions: the events of a stream, executed as they arrive, for one follower or for all who request the same.

A follower reads a stream of its own until it has caught up. Then it joins the audience of those that requested the same
and are at the same position: from there each burst is read and executed once, and delivered to all members. A member
that can't take more, or whose result depends on its viewer, leaves the audience with its cursor and reads by itself
again. That no event is missed, repeated or out of order rests on positions alone: an audience delivers to a member only
what comes after the member's position.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Hashable, Sequence
from contextlib import aclosing, suppress
from contextvars import Context
from typing import Any, NamedTuple, Protocol, runtime_checkable

import structlog
from graphql.execution.values import VariableValues

from execution.batch import Entry
from execution.errors import field_errors, too_large
from execution.executor import Run
from execution.operation import Charge, RequestRefused
from execution.plan import Plan
from execution.results import Burst, Item, Result, encode_result
from execution.size import BYTES_PER_VALUE, AnswerTooLarge

CHARGED_AT = 1_000
"""From which cost a member is charged, so that a small event takes no time of its own for that."""

log = structlog.get_logger(__name__)


class Sink(Protocol):
    """What a stream's bursts are written to."""

    def begin(self, cursor: str) -> None:
        """Takes the stream's position before its first item, if there is none yet: a client that is cut resumes there.

        Called at most once, before `write`, and without waiting.
        """

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

    def __init__(self, plan: Plan, variables: VariableValues, context: object, event_cost: int, max_bytes: int) -> None:
        """`max_bytes`: of an event's result, and of the results of a batch."""
        self.plan = plan
        self.variables = variables
        self.context = context
        self.event_cost = event_cost
        self.max_bytes = max_bytes

    def with_context(self, context: object) -> "Stream":
        return Stream(self.plan, self.variables, context, self.event_cost, self.max_bytes)

    async def results_after(self, cursor: str | None, position: int | None) -> AsyncGenerator[ResultBatch, None]:
        """Yields the results of the events after `cursor` as they arrive, without those up to `position`."""
        async with aclosing(self.plan.stream(self.variables, self.context, cursor)) as batches:
            async for entries in batches:
                shown = entries_after(entries, position)
                last = entries[-1]
                live = any(entry.live for entry in entries)
                batch: list[tuple[Result, str | None]] = []
                async for part, results in self.parts(shown, self.context):
                    batch = list(zip(results, [entry.cursor for entry in part], strict=True))
                    if part[-1] is not shown[-1]:
                        yield ResultBatch(batch, part[-1].cursor, part[-1].position, False)
                yield ResultBatch(batch, last.cursor, last.position, live)

    async def parts(
        self, entries: Sequence[Entry], context: object
    ) -> AsyncGenerator[tuple[Sequence[Entry], list[Result]], None]:
        """Yields the entries with the result of each: all at once, or as many as `max_bytes` hold, and at least one."""
        while entries:
            results = await self._results([entry.value for entry in entries], context)
            yield entries[: len(results)], results
            entries = entries[len(results) :]

    async def _results(self, values: list[Any], context: object) -> list[Result]:
        """Returns the results of the first events."""
        if len(values) > 1:
            with suppress(AnswerTooLarge):
                run = Run(self.plan, context, self.variables, max_bytes=self.max_bytes)
                together = await run.events(values)
                if not run.failed:
                    return [(data, ()) for data in together]
        results: list[Result] = []
        size = 0
        for value in values:
            # Executed one by one, so that each result has the errors of its own event.
            run = Run(self.plan, context, self.variables, max_bytes=self.max_bytes)
            try:
                (data,) = await run.events([value])
                result: Result = data, field_errors(run.reported_errors())
            except AnswerTooLarge as error:
                result = None, [too_large(error)]
            size += run.size.bytes
            if results and size > self.max_bytes:
                break
            results.append(result)
        return results


def entries_after(entries: Sequence[Entry], position: int | None) -> list[Entry]:
    """Returns the entries that have a value; for a follower that is at a position already, those after it.

    Such a follower also gets no second notice that the replay is over.
    """
    shown = [entry for entry in entries if entry.value is not None]
    if position is None:
        return shown
    return [entry for entry in shown if not entry.live and (entry.position is None or entry.position > position)]


class Follower(NamedTuple):
    """One who follows a stream, and how far it was read for it."""

    sink: Sink
    charge: Charge
    cursor: str
    position: int


def cost_of(burst: Burst, event_cost: int) -> int:
    """Returns what a burst costs: as many values as its events may hold, or as its bytes are worth."""
    size = sum([len(item.body) for item in burst.items])
    return max(event_cost * len(burst.items), size // BYTES_PER_VALUE)


class Member:
    """A follower in an audience."""

    __slots__ = ("audience", "charge", "cursor", "left", "position", "unowed", "viewer_id", "write")

    def __init__(self, audience: "Audience", follower: Follower, viewer_id: Hashable) -> None:
        self.audience = audience
        sink, self.charge, self.cursor, self.position = follower
        self.write = sink.write
        self.viewer_id = viewer_id
        self.unowed = audience.owed
        """What the others owed when it joined, if they were not charged since."""
        self.left: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        """Set once the follower has to read by itself; True if it may join an audience again."""

    def leave(self, *, may_rejoin: bool = True) -> None:
        self._leave()
        if not self.left.done():
            self.left.set_result(may_rejoin)

    def fail(self, error: Exception) -> None:
        """Leaves, and ends its stream with an error."""
        self._leave()
        if not self.left.done():
            self.left.set_exception(error)

    def settle(self) -> None:
        """Charges what it owes. A member that cannot pay leaves, and its stream ends."""
        owed, self.unowed = int(self.audience.owed - self.unowed), 0.0
        try:
            self.charge(owed)
        except RequestRefused as refused:
            self.fail(refused)

    def _leave(self) -> None:
        audience = self.audience
        if audience.members.pop(self, self) is None and self.position < audience.position:
            self.cursor, self.position = audience.cursor, audience.position
        audience.end_if_empty()


class Audience:
    """Followers that requested the same and are at the same position."""

    def __init__(
        self, stream: Stream, share: Callable[[], SharedContext], cursor: str, position: int, ended: Callable[[], None]
    ) -> None:
        self.members: dict[Member, None] = {}
        self.cursor, self.position = cursor, position
        """Up to where its members have been written all, but those that joined from further on."""
        self._furthest = position
        """The furthest position from where a member joined."""
        self.owed = 0.0
        """What each member owes since all were charged."""
        self._stream = stream
        self._share = share
        self._ended = ended
        # It serves all that join, so it has no part in the context of the first.
        self._task = asyncio.create_task(self._run(cursor), name="audience", context=Context())

    def add(self, follower: Follower, viewer_id: Hashable) -> Member:
        """Adds a follower that is not behind."""
        member = Member(self, follower, viewer_id)
        self.members[member] = None
        self._furthest = max(self._furthest, follower.position)
        return member

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
        shared = self._share()
        async for shown, results in self._stream.parts(entries_after(entries, self.position), shared.context):
            if any(data is None for data, _ in results):
                return False
            items = [Item(encode_result(result), entry.cursor) for result, entry in zip(results, shown, strict=True)]
            self._write(Burst(items), shown, shared)
        self._advance(entries[-1])
        return True

    def _advance(self, entry: Entry) -> None:
        assert entry.cursor is not None
        assert entry.position is not None
        if entry.position > self.position:
            self.cursor, self.position = entry.cursor, entry.position

    def _write(self, burst: Burst, shown: Sequence[Entry], shared: SharedContext) -> None:
        """Writes to all members. They may be thousands, so each costs a call and little more."""
        if dependencies := shared.viewer_dependencies:
            for member in [member for member in self.members if member.viewer_id in dependencies]:
                member.leave()
        share = cost_of(burst, self._stream.event_cost) / max(1, len(self.members))
        before, are_ahead = shown[0].position, self._furthest > self.position
        assert before is not None
        unable: list[Member] = []
        for member in list(self.members):
            own = burst
            if are_ahead and member.position >= before:
                count = len(entries_after(shown, member.position))
                if not count:
                    continue
                own = burst.tail(count)
            try:
                if not member.write(own):
                    unable.append(member)
            except Exception as error:  # noqa: BLE001 - it ends the stream of this member alone.
                member.fail(error)
        self.owed += share
        self._advance(shown[-1])
        for member in unable:
            member.leave()
        if self.owed >= CHARGED_AT:
            for member in list(self.members):
                member.settle()
            self.owed = 0.0


class Audiences:
    """The audiences of a process."""

    def __init__(self) -> None:
        self._open: dict[Hashable, Audience] = {}

    def join(self, stream: Stream, follower: Follower) -> Member | None:
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
            ended = lambda: self._forget(key, audience)  # noqa: E731
            audience = Audience(stream.with_context(shared.context), share, follower.cursor, follower.position, ended)
            self._open[key] = audience
        elif follower.position < audience.position:
            return None
        return audience.add(follower, shared.viewer_id(stream.context))

    def _forget(self, key: Hashable, audience: Audience | None) -> None:
        if self._open.get(key) is audience:
            self._open.pop(key, None)

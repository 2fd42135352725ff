"""Subscriptions: a stream's events, executed as they come, alone or for all who follow alike.

A follower pulls a stream of its own until it is caught up. Then it joins the audience of those who asked for the same
and stand at the same place: what comes next is read and executed once, and handed to all of them. Whoever can't take
more, or is to see something of its own, parts with its cursor and pulls again from there. The order of a stream and
that nothing is missed or doubled rest on positions alone: an audience hands on what lies behind a member's own.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Hashable, Sequence
from contextlib import aclosing
from typing import Any, NamedTuple, Protocol

import orjson
import structlog
from graphql.execution.values import VariableValues

from execution.batch import Entry
from execution.errors import of_fields
from execution.executor import Run
from execution.plan import Plan

log = structlog.get_logger(__name__)

Result = tuple[dict[str, Any] | None, Sequence[dict[str, Any]]]
"""The data of a response, and its errors."""


class Item(NamedTuple):
    """One result of a subscription."""

    body: bytes
    """`{"data": …, "errors": …}` as JSON."""
    cursor: str | None
    """Where the stream stands right after it; None where nobody can come back."""


class Sink(Protocol):
    """Where a stream's items go."""

    def write(self, items: Sequence[Item]) -> bool:
        """Takes items without waiting. False where no more may be written before `drained`."""

    async def drained(self) -> None:
        """Waits until more may be written. Raises what ends the stream where nobody takes it any more."""


class SharedContext(Protocol):
    """What all contexts of a kind have in common: they share executions that ask about nobody in particular."""

    key: Hashable
    context: object

    @property
    def asked(self) -> Collection[Hashable]:
        """Those an execution with `context` asked about, who are to see a result of their own."""

    def who(self, context: object) -> Hashable:
        """Whom a context is of, as `asked` names them."""


class ResultBatch(NamedTuple):
    """Results, and where the stream stands after them."""

    results: list[tuple[Result, str | None]]
    cursor: str | None
    position: int | None
    live: bool


def written(result: Result) -> bytes:
    """A result as JSON."""
    data, errors = result
    answer: dict[str, Any] = {"data": data}
    if errors:
        answer["errors"] = errors
    return orjson.dumps(answer, option=orjson.OPT_UTC_Z)


class Stream:
    """One subscription as one context runs it."""

    def __init__(self, plan: Plan, variables: VariableValues, context: object) -> None:
        self.plan = plan
        self.variables = variables
        self.context = context

    async def told(self, after: str | None, seen: int | None) -> AsyncGenerator[ResultBatch, None]:
        """Results behind the cursor `after` as they come; of those at a position, none up to the position `seen`."""
        async with aclosing(self.plan.stream(self.variables, self.context, after)) as lists:
            async for entries in lists:
                shown = behind(entries, seen)
                results = await self.results([entry.value for entry in shown], self.context)
                cursors = [entry.cursor for entry in shown]
                last = entries[-1]
                live = any(entry.live for entry in entries)
                yield ResultBatch(list(zip(results, cursors, strict=True)), last.cursor, last.position, live)

    async def results(self, values: list[Any], context: object) -> list[Result]:
        """The result of each event."""
        if len(values) > 1:
            run = Run(self.plan, context, self.variables)
            together = await run.events(values)
            if not run.failed:
                return [(data, ()) for data in together]
        results: list[Result] = []
        for value in values:
            # Each by itself, so that each tells its own errors.
            run = Run(self.plan, context, self.variables)
            (data,) = await run.events([value])
            results.append((data, of_fields(run.told())))
        return results


def behind(entries: Sequence[Entry], position: int | None) -> list[Entry]:
    """The entries that show something; of those who had come to a position before, what lies behind it.

    That a replay is over is told once, and not to those who go on.
    """
    shown = [entry for entry in entries if entry.value is not None]
    if position is None:
        return shown
    return [entry for entry in shown if not entry.live and (entry.position is None or entry.position > position)]


class Member:
    """A follower in an audience."""

    __slots__ = ("audience", "cursor", "parted", "position", "sink", "who")

    def __init__(self, audience: "Audience", sink: Sink, who: Hashable, cursor: str, position: int) -> None:
        self.audience = audience
        self.sink = sink
        self.who = who
        self.cursor = cursor
        self.position = position
        self.parted: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        """Set once it has to go on by itself: False where it had better stay so."""

    def part(self, *, for_good: bool = False) -> None:
        self.audience.members.pop(self, None)
        if not self.parted.done():
            self.parted.set_result(not for_good)
        self.audience.end_if_empty()


class Audience:
    """Followers of the same stream who stand at the same place."""

    def __init__(
        self, stream: Stream, shared: Callable[[], SharedContext], cursor: str, position: int, ended: Callable[[], None]
    ) -> None:
        self.members: dict[Member, None] = {}
        self.position = position
        self._stream = stream
        self._in_common = shared
        self._ended = ended
        self._task = asyncio.create_task(self._run(cursor), name="audience")

    def end_if_empty(self) -> None:
        if not self.members:
            self._ended()
            self._task.cancel()

    async def _run(self, cursor: str) -> None:
        stream = self._stream
        try:
            async with aclosing(stream.plan.stream(stream.variables, stream.context, cursor)) as lists:
                async for entries in lists:
                    if not await self._hand_on(entries):
                        break
        except Exception as error:  # noqa: BLE001 - its members hear of it from streams of their own.
            log.info("an audience ended", error=repr(error))
        self._ended()
        for member in list(self.members):
            member.part(for_good=True)

    async def _hand_on(self, entries: Sequence[Entry]) -> bool:
        """Executes once, and writes to all. False where the audience had better end."""
        if any(entry.position is None or entry.cursor is None for entry in entries):
            # What each follower has to be told for itself, as the end of the stream.
            return False
        shown = behind(entries, self.position)
        if shown:
            common = self._in_common()
            results = await self._stream.results([entry.value for entry in shown], common.context)
            if any(data is None for data, _ in results):
                return False
            items = [Item(written(result), entry.cursor) for result, entry in zip(results, shown, strict=True)]
            self._write(items, shown, common)
        if entries[-1].position is not None:
            self.position = max(self.position, entries[-1].position)
        return True

    def _write(self, items: list[Item], shown: list[Entry], common: SharedContext) -> None:
        before, cursor, position = shown[0].position, shown[-1].cursor, shown[-1].position
        assert before is not None
        assert cursor is not None
        assert position is not None
        asked = common.asked
        for member in list(self.members):
            theirs: Sequence[Item] = items
            if member.position >= before:
                theirs = items[len(shown) - len(behind(shown, member.position)) :]
                if not theirs:
                    continue
            if asked and member.who in asked:
                member.part()
                continue
            goes_on = member.sink.write(theirs)
            member.cursor, member.position = cursor, position
            if not goes_on:
                member.part()


class Audiences:
    """The audiences of a process."""

    def __init__(self) -> None:
        self._open: dict[Hashable, Audience] = {}

    def join(self, stream: Stream, sink: Sink, cursor: str, position: int) -> Member | None:
        """Counts a follower in; None where there is no audience for it, or one that stands behind its place."""
        share: Callable[[], SharedContext] | None = getattr(stream.context, "shared", None)
        if share is None:
            return None
        common = share()
        key = (stream.plan, stream.plan.alike(stream.variables), common.key)
        audience = self._open.get(key)
        if audience is None:
            shared = Stream(stream.plan, stream.variables, common.context)
            audience = Audience(shared, share, cursor, position, lambda: self._forget(key, audience))
            self._open[key] = audience
        elif position < audience.position:
            return None
        member = Member(audience, sink, common.who(stream.context), cursor, position)
        audience.members[member] = None
        return member

    def _forget(self, key: Hashable, audience: Audience | None) -> None:
        if self._open.get(key) is audience:
            self._open.pop(key, None)

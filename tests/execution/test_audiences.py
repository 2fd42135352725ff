"""Followers of the same stream, who share its executions: each gets what it would have got alone."""

import asyncio
import json
import random
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pytest
import strawberry

from execution import streams
from execution.batch import batch, follow
from execution.documents import DocumentLimits
from execution.engine import Engine
from execution.operation import Charge, Operation, RequestRefused, uncharged
from execution.results import Burst
from execution.streams import entries_after

pytestmark = pytest.mark.anyio


class Event(NamedTuple):
    number: int
    author: int


CAUGHT_UP = Event(0, 0)


class Entry(NamedTuple):
    value: object
    cursor: str
    position: int | None
    live: bool = False


class Log:
    """A log in memory, and those who wait for it to grow."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.grown = asyncio.Event()

    def append(self, author: int = 0) -> None:
        self.events.append(Event(len(self.events) + 1, author))
        grown, self.grown = self.grown, asyncio.Event()
        grown.set()


@dataclass
class Viewer:
    """Who asks; `shared` as resolvers/context.py has it."""

    log: Log
    person: int | None = None
    role: str = "member"
    dependencies: set[int] = field(default_factory=set)
    executions: list[int] = field(default_factory=list)
    alone: bool = True

    def is_(self, person: int) -> bool:
        if self.alone:
            return person == self.person
        self.dependencies.add(person)
        return False

    def shared(self) -> "SharedContext":
        return SharedContext(Viewer(self.log, role=self.role, executions=self.executions, alone=False))


class SharedContext:
    def __init__(self, context: Viewer) -> None:
        self.context = context
        self.key = context.role
        self.viewer_dependencies = context.dependencies

    def viewer_id(self, context: object) -> int | None:
        assert isinstance(context, Viewer)
        return context.person


async def numbers(events: Sequence[Event], viewer: Viewer) -> list[int]:
    viewer.executions.append(len(events))
    await asyncio.sleep(0)
    return [event.number for event in events]


def mine(events: Sequence[Event], viewer: Viewer) -> list[bool]:
    return [viewer.is_(event.author) for event in events]


def times(events: Sequence[Event], _viewer: Viewer, *, factor: int) -> list[int]:
    return [event.number * factor for event in events]


async def events(viewer: Viewer, *, after: str = "0", only_even: bool = False) -> AsyncGenerator[list[Entry], None]:
    at, caught_up = int(after), False
    while True:
        grown = viewer.log.grown
        fresh = viewer.log.events[at : at + 7]
        at += len(fresh)
        entries = [
            Entry(event if not only_even or event.number % 2 == 0 else None, str(event.number), event.number)
            for event in fresh
        ]
        if at == len(viewer.log.events) and not caught_up:
            caught_up = True
            entries.append(Entry(None if only_even else CAUGHT_UP, str(at), at, live=True))
        if entries:
            yield entries
        else:
            await grown.wait()


@strawberry.type
class ResultBatch:
    number: int = batch(numbers)
    mine: bool = batch(mine)
    times: int = batch(times)


@strawberry.type
class Query:
    nothing: str


@strawberry.type
class Subscription:
    events: ResultBatch = follow(events)


class Sink:
    """A client that notes what it gets, and now and then takes no more for a while."""

    def __init__(self, full: float = 0.0, seed: int = 0) -> None:
        self.heard: list[dict[str, Any]] = []
        self._full = full
        self._random = random.Random(seed)
        self._may_write = True
        self.caught_up = 0
        """How often it was told that the replay is over."""
        self.overrun = False
        """Whether it was written to although it could take no more."""

    def begin(self, cursor: str) -> None:
        """Notes nothing."""

    def write(self, burst: Burst) -> bool:
        self.overrun = self.overrun or not self._may_write
        for item in burst.items:
            told = json.loads(item.body)["data"]["events"]
            if told["number"] == CAUGHT_UP.number:
                self.caught_up += 1
                continue
            assert item.cursor == str(told["number"])
            self.heard.append(told)
        self._may_write = self._random.random() >= self._full
        return self._may_write

    async def drained(self) -> None:
        if not self._may_write:
            for _ in range(self._random.randrange(1, 9)):
                await asyncio.sleep(0)
        self._may_write = True

    @property
    def numbers(self) -> list[int]:
        return [told["number"] for told in self.heard]


DOCUMENT = """
subscription ($after: String! = "0", $even: Boolean! = false, $factor: Int! = 1) {
  events(after: $after, onlyEven: $even) { number mine times(factor: $factor) }
}
"""


@pytest.fixture
def engine() -> Engine:
    return Engine(strawberry.Schema(Query, subscription=Subscription))


COST = 4


def following(
    engine: Engine, viewer: Viewer, sink: Sink, charge: Charge = uncharged, **variables: Any
) -> "asyncio.Task[None]":
    prepared = engine.prepare(Operation(DOCUMENT, variables))
    assert prepared.cost == COST
    return asyncio.create_task(engine.deliver(prepared, viewer, sink, charge=charge))


async def settle() -> None:
    for _ in range(200):
        await asyncio.sleep(0)


async def end(tasks: Sequence["asyncio.Task[None]"]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_followers_of_the_same_share_one_execution(engine: Engine) -> None:
    log = Log()
    executions: list[int] = []
    sinks = [Sink() for _ in range(100)]
    tasks = [
        following(engine, Viewer(log, person, executions=executions), sink) for person, sink in enumerate(sinks, 1)
    ]
    await settle()
    for _ in range(3):
        log.append()
    await settle()
    log.append()
    await settle()
    await end(tasks)
    # Once each that all had been told, and twice what came then.
    assert executions == [1] * 100 + [3, 1]
    assert all(sink.numbers == [1, 2, 3, 4] for sink in sinks)


async def test_viewer_dependent_result_is_executed_for_its_viewer_alone(engine: Engine) -> None:
    log = Log()
    sinks = {person: Sink() for person in range(1, 30)}
    tasks = [following(engine, Viewer(log, person), sink) for person, sink in sinks.items()]
    for author in (5, 7, 7, 5, 99, 7):
        await settle()
        log.append(author)
    await settle()
    await end(tasks)
    for person, sink in sinks.items():
        assert sink.numbers == [1, 2, 3, 4, 5, 6]
        assert [told["mine"] for told in sink.heard] == [event.author == person for event in log.events], person


async def test_roles_and_variables_below_the_stream_are_executed_apart(engine: Engine) -> None:
    log = Log()
    executions: list[int] = []
    kinds = [(role, factor) for role in ("member", "moderator") for factor in (1, 10)]
    sinks = {kind: [Sink() for _ in range(5)] for kind in kinds}
    tasks = [
        following(engine, Viewer(log, 1, role=role, executions=executions), sink, factor=factor)
        for (role, factor), each in sinks.items()
        for sink in each
    ]
    await settle()
    log.append()
    await settle()
    await end(tasks)
    assert executions == [1] * (5 * len(kinds)) + [1] * len(kinds)
    assert all(
        [told["times"] for told in sink.heard] == [factor] for (_, factor), each in sinks.items() for sink in each
    )


class FailingSink(Sink):
    """A client whose writes fail from some number on."""

    def write(self, burst: Burst) -> bool:
        if self.numbers[-1:] == [2]:
            raise OSError("the socket broke")
        return super().write(burst)


async def test_write_that_fails_ends_the_stream_of_its_follower_alone(engine: Engine) -> None:
    log = Log()
    sinks = [Sink(), FailingSink(), Sink()]
    tasks = [following(engine, Viewer(log, person), sink) for person, sink in enumerate(sinks, 1)]
    for _ in range(4):
        await settle()
        log.append()
    await settle()
    with pytest.raises(OSError, match="the socket broke"):
        await tasks[1]
    assert [sink.numbers for sink in sinks] == [[1, 2, 3, 4], [1, 2], [1, 2, 3, 4]]
    assert engine.followers == 2
    await end(tasks)


@pytest.mark.parametrize("seed", range(10))
async def test_every_follower_gets_the_log_after_its_cursor_in_order(engine: Engine, seed: int) -> None:
    drawn = random.Random(seed)
    log = Log()
    following_now: list[tuple[asyncio.Task[None], Sink, int, bool, int]] = []
    heard: list[tuple[list[dict[str, Any]], int, int, bool, int]] = []

    async def leave(at: int) -> None:
        task, sink, after, even, person = following_now.pop(at)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert not sink.overrun
        assert sink.caught_up <= 1
        heard.append((sink.heard, after, sink.numbers[-1] if sink.heard else after, even, person))

    for _ in range(400):
        chance = drawn.random()
        if chance < 0.4:
            for _ in range(drawn.randrange(1, 6)):
                log.append(drawn.randrange(1, 8))
        elif chance < 0.6:
            after, even, person = drawn.randrange(len(log.events) + 1), drawn.random() < 0.3, drawn.randrange(1, 8)
            sink = Sink(drawn.choice((0.0, 0.0, 0.3)), drawn.random().__hash__())
            task = following(engine, Viewer(log, person), sink, after=str(after), even=even)
            following_now.append((task, sink, after, even, person))
        elif chance < 0.7 and following_now:
            await leave(drawn.randrange(len(following_now)))
        for _ in range(drawn.randrange(4)):
            await asyncio.sleep(0)
    await settle()
    for _, sink, after, even, _ in following_now:
        assert sink.caught_up == (0 if even else 1)
        assert sink.numbers == [each.number for each in log.events[after:] if not even or each.number % 2 == 0]
    while following_now:
        await leave(0)
    assert len(heard) > 30
    for told, after, last, even, person in heard:
        expected = [each for each in log.events[after:last] if not even or each.number % 2 == 0]
        assert [each["number"] for each in told] == [each.number for each in expected]
        assert [each["mine"] for each in told] == [each.author == person for each in expected]
    await settle()
    assert engine.followers == 0
    assert [task.get_name() for task in asyncio.all_tasks() if task.get_name() == "audience"] == []


async def test_live_follower_gets_no_second_caught_up() -> None:
    caught_up = Entry("caught up", "4", 4, live=True)
    entries = [Entry("row", "4", 4), caught_up, Entry("progress", "5", 5)]
    assert entries_after(entries, None) == entries
    assert entries_after(entries, 3) == [entries[0], entries[2]]


class Budget:
    """What one follower may spend."""

    def __init__(self, left: int) -> None:
        self.left = left

    def charge(self, cost: int) -> None:
        if cost > self.left:
            raise RequestRefused([{"message": "Nothing is left."}])
        self.left -= cost


async def test_followers_pay_for_an_execution_together(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "CHARGED_AT", 2)
    log = Log()
    many, alone = [Budget(1_000) for _ in range(10)], Budget(1_000)
    tasks = [following(engine, Viewer(log, 1), Sink(), budget.charge) for budget in many]
    tasks.append(following(engine, Viewer(log, 1), Sink(), alone.charge, factor=7))
    await settle()
    # Each was notified by itself that it had caught up.
    assert [budget.left for budget in (*many, alone)] == [1_000 - COST] * 11
    for _ in range(50):
        log.append()
        await settle()
    await end(tasks)
    assert alone.left == 1_000 - COST - 50 * COST
    assert {budget.left for budget in many} == {1_000 - COST - 50 * COST // 10}


async def test_who_joins_late_pays_for_nothing_before(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "CHARGED_AT", 3 * COST)
    log = Log()
    early, late = Budget(1_000), Budget(1_000)
    tasks = [following(engine, Viewer(log, 1), Sink(), early.charge)]
    await settle()
    for number in range(1, 5):
        log.append()
        await settle()
        if number == 2:
            tasks.append(following(engine, Viewer(log, 2), Sink(), late.charge, after="2"))
            await settle()
    await end(tasks)
    # That they had caught up, two events alone, and two together.
    assert early.left == 1_000 - COST - 2 * COST - COST
    assert late.left == 1_000 - COST - COST


@pytest.mark.parametrize("shares", [False, True])
async def test_follower_who_cannot_pay_is_ended_and_may_resume(
    engine: Engine, shares: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "CHARGED_AT", COST)
    log = Log()
    sink, again = Sink(), Sink()
    if not shares:
        # The replay is read by itself.
        for _ in range(20):
            log.append()
    task = following(engine, Viewer(log, 1), sink, Budget(10 * COST).charge)
    await settle()
    for _ in range(20):
        log.append()
        await settle()
    with pytest.raises(RequestRefused, match="Nothing is left"):
        await task
    assert 0 < len(sink.numbers) <= 10
    assert sink.numbers == list(range(1, len(sink.numbers) + 1))
    other = following(engine, Viewer(log, 1), again, after=str(sink.numbers[-1]))
    await settle()
    await end([other])
    assert again.numbers == [event.number for event in log.events[len(sink.numbers) :]]
    assert engine.followers == 0


@pytest.mark.parametrize("member", [False, True])
async def test_events_that_are_too_many_bytes_together_come_apart(member: bool) -> None:
    whole = Engine(strawberry.Schema(Query, subscription=Subscription))
    small = Engine(strawberry.Schema(Query, subscription=Subscription), limits=DocumentLimits(answer_bytes=400))
    log = Log()
    sinks = Sink(), Sink()
    if not member:
        for author in range(7):
            log.append(author)
    tasks = [following(engine, Viewer(log, 1), sink) for engine, sink in zip((whole, small), sinks, strict=True)]
    await settle()
    for author in range(7):
        log.append(author)
    await settle()
    await end(tasks)
    assert sinks[0].heard == sinks[1].heard
    assert sinks[0].numbers == list(range(1, len(log.events) + 1))


async def test_event_that_is_too_large_ends_its_stream() -> None:
    engine = Engine(strawberry.Schema(Query, subscription=Subscription), limits=DocumentLimits(answer_bytes=100))
    log = Log()
    log.append()
    with pytest.raises(RequestRefused, match="more than 100 bytes"):
        await following(engine, Viewer(log, 1), Sink())


def test_subscription_has_a_limit_of_its_own() -> None:
    engine = Engine(strawberry.Schema(Query, subscription=Subscription), limits=DocumentLimits(event_cost=COST - 1))
    with pytest.raises(RequestRefused, match="each of its events") as refused:
        engine.prepare(Operation(DOCUMENT))
    extensions = refused.value.errors[0]["extensions"]
    assert extensions == {"code": "TOO_COSTLY", "cost": COST, "limit": COST - 1}

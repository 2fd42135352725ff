"""Answers that are kept, and sent again once the database has proven that they still hold.

No answer is older than the request that it is sent to: a version is compared, or the operation run, at a moment
between the request's arrival and its answer. So requests share a comparison and a run only while those have not begun.
"""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable, Collection, Hashable
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple, Protocol

import structlog

ENTRY_BYTES = 5_000
"""About what an entry takes besides its bytes and its version: its key, and what transports have made of it."""
MAX_RESPONSES = 2
"""How many forms of an answer a transport may keep with it."""
DEPENDENCY_BYTES = 100
log = structlog.get_logger(__name__)

MAX_SEEN = 20_000
"""How many operations are remembered: an answer is kept from the second time on."""


class Version(Protocol):
    """What an answer was read from."""

    @property
    def size(self) -> int:
        """About how many bytes it takes."""


class Noted(Protocol):
    """The context of a run whose answer may be kept."""

    @property
    def context(self) -> object:
        """What resolvers receive."""

    @property
    def is_personal(self) -> bool:
        """Whether the run has asked who the viewer is."""

    @property
    def viewer_dependencies(self) -> Collection[Hashable]:
        """The viewers that the run has asked about: they get answers of their own."""

    async def version(self) -> Version | None:
        """What the run has read; None if that can't be compared later."""

    def end_moment(self) -> None:
        """Called last, in every case."""


class Keepable(Protocol):
    """The context of an operation whose answer may be kept."""

    @property
    def audience(self) -> tuple[Hashable, Hashable]:
        """Who is given the same answer, unless it depends on the viewer; and the viewer."""

    def noted(self) -> Noted | None:
        """A context that notes what a run asks for; None while nothing may be kept."""


class Answered(NamedTuple):
    """What a run has answered."""

    body: bytes
    cost: int
    """What its bytes cost beyond the operation's cost."""
    has_errors: bool


async def _version(noted: Noted) -> Version | None:
    try:
        return await noted.version()
    except Exception as error:  # noqa: BLE001 - the answer is good all the same, and is only not kept.
        log.info("an answer is not kept: its version could not be read", error=repr(error))
        return None


Run = Callable[[object], Awaitable[Answered]]
"""Runs the operation in a context."""
Holds = Callable[[Any], Awaitable[bool]]
"""Whether a version still holds, at a moment after the call."""


class Kept:
    """An answer that may be sent again."""

    __slots__ = ("body", "cost", "dependencies", "responses", "size", "version")

    def __init__(self, answered: Answered, version: Version, dependencies: Collection[Hashable]) -> None:
        self.body = answered.body
        self.cost = answered.cost
        self.version = version
        self.dependencies = frozenset(dependencies)
        """The viewers that it is not for."""
        self.responses: dict[Hashable, Any] = {}
        """What a transport has made of it, by what that hangs on: MAX_RESPONSES at most."""
        self.size = len(self.body) + version.size + ENTRY_BYTES + DEPENDENCY_BYTES * len(self.dependencies)


@dataclass(slots=True)
class Counts:
    """What has happened since the start."""

    hits: int = 0
    misses: Counter[str] = field(default_factory=Counter)
    """By reason: `first`, since nothing is kept before the second time; `absent`; `changed`; `uncacheable`."""


class _Waiting(NamedTuple):
    """Who waits for a run."""

    viewer: Hashable
    context: Keepable
    run: Run
    variables: Context
    """The context variables of the request, such as its id."""
    answer: "asyncio.Future[Kept | Answered | _Apart]"


class _Apart(Enum):
    """What becomes of one who has waited for a run that was not for it."""

    AGAIN = 0
    """The run's answer is for its viewer alone: look again."""
    OWN = 2
    """The run has asked about this viewer, who gets an answer of its own."""
    ALONE = 1
    """Nothing may be kept: run the operation."""


class _Flight:
    """The runs of one key, one after the other, and those who wait for the next, which has not begun."""

    __slots__ = ("running", "task", "waiting")

    def __init__(self) -> None:
        self.running: list[_Waiting] = []
        self.waiting: list[_Waiting] = []
        self.task: asyncio.Task[None] | None = None

    def end_if_unwanted(self) -> None:
        """Ends the run that nobody waits for any more."""
        if self.task is not None and self.running and all(each.answer.done() for each in self.running):
            self.task.cancel()


class PageCache:
    """Answers by key: an operation with its variables, and who is given the same."""

    def __init__(self, holds: Holds, max_bytes: int) -> None:
        self._holds = holds
        self._max_bytes = max_bytes
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()
        self._seen: OrderedDict[Hashable, bool] = OrderedDict()
        """Keys that were asked for, and whether their answers may be kept as far as is known."""
        self._flights: dict[Hashable, _Flight] = {}
        self.bytes = 0
        """About how much is kept."""
        self.counts = Counts()

    def __len__(self) -> int:
        return len(self._kept)

    async def answer(self, key: bytes, context: Keepable, run: Run) -> Kept | Answered | None:
        """The answer for a context; None if the caller has to run the operation, since nothing of it may be kept.

        Raises what the run raises.
        """
        role, viewer = context.audience
        shared = (key, role)
        gets_own = False
        while True:
            slot, kept = self._find(shared, viewer)
            if gets_own and kept is None:
                slot = (shared, viewer)
            if kept is None:
                reason = self._reason(slot)
                self.counts.misses[reason] += 1
                if reason != "absent":
                    return None
            elif await self._holds(kept.version):
                self.counts.hits += 1
                return kept
            else:
                self.counts.misses["changed"] += 1
            answered = await self._join(slot, shared, viewer, context, run)
            if answered is _Apart.ALONE:
                return None
            gets_own = answered is _Apart.OWN
            if not isinstance(answered, _Apart):
                return answered

    def _find(self, shared: Hashable, viewer: Hashable) -> tuple[Hashable, Kept | None]:
        """The key of a viewer's answer, and the answer if it is kept."""
        slot, kept = shared, self._kept.get(shared)
        if kept is None or viewer in kept.dependencies:
            own = (shared, viewer)
            mine = self._kept.get(own)
            if mine is not None or kept is not None:
                slot, kept = own, mine
        if kept is not None:
            self._kept.move_to_end(slot)
        return slot, kept

    def _reason(self, slot: Hashable) -> str:
        """Why there is no answer yet."""
        may_keep = self._seen.get(slot)
        if may_keep is None:
            self._note(slot, may_keep=True)
            return "first"
        self._seen.move_to_end(slot)
        return "absent" if may_keep else "uncacheable"

    def _note(self, slot: Hashable, *, may_keep: bool) -> None:
        self._seen[slot] = may_keep
        if len(self._seen) > MAX_SEEN:
            self._seen.popitem(last=False)

    async def _join(
        self, slot: Hashable, shared: Hashable, viewer: Hashable, context: Keepable, run: Run
    ) -> Kept | Answered | _Apart:
        flight = self._flights.get(slot)
        if flight is None:
            flight = self._flights[slot] = _Flight()
        answer: asyncio.Future[Kept | Answered | _Apart] = asyncio.get_running_loop().create_future()
        flight.waiting.append(_Waiting(viewer, context, run, copy_context(), answer))
        if flight.task is None:
            flight.task = asyncio.create_task(self._fly(flight, slot, shared), name="page")
        try:
            return await answer
        except asyncio.CancelledError:
            flight.end_if_unwanted()
            raise

    async def _fly(self, flight: _Flight, slot: Hashable, shared: Hashable) -> None:
        is_first = True
        try:
            while flight.waiting:
                flight.running, flight.waiting = flight.waiting, []
                # The first of them is the request that a run's lines in the log are about.
                serving = self._serve(flight.running, slot, shared, is_first=is_first)
                await asyncio.create_task(serving, context=flight.running[0].variables)
                is_first = False
        finally:
            for each in flight.running:
                # Only if this was cancelled, and then nobody waits.
                each.answer.cancel()
            flight.running, flight.task = [], None
            if flight.waiting:
                flight.task = asyncio.create_task(self._fly(flight, slot, shared), name="page")
            else:
                del self._flights[slot]

    async def _serve(self, waiting: list[_Waiting], slot: Hashable, shared: Hashable, *, is_first: bool) -> None:
        """Answers all who waited when this began."""
        leader = next((each for each in waiting if not each.answer.done()), None)
        if leader is None:
            return
        kept = None if is_first else self._kept.get(slot)
        try:
            # What the run before has left may still hold.
            if kept is not None and await self._holds(kept.version):
                self.counts.hits += 1
                answered: Kept | Answered | None = kept
                dependencies: Collection[Hashable] = () if slot != shared else kept.dependencies
            else:
                answered, dependencies = await self._run(leader, slot, shared)
        except Exception as error:  # noqa: BLE001 - each who waits raises it.
            for each in waiting:
                if not each.answer.done():
                    each.answer.set_exception(error)
            return
        for each in waiting:
            if each.answer.done():
                continue
            if answered is None:
                each.answer.set_result(_Apart.ALONE)
            elif each.viewer != leader.viewer and each.viewer in dependencies:
                each.answer.set_result(_Apart.OWN)
            elif each.viewer != leader.viewer and leader.viewer in dependencies:
                each.answer.set_result(_Apart.AGAIN)
            else:
                each.answer.set_result(answered)

    async def _run(
        self, leader: _Waiting, slot: Hashable, shared: Hashable
    ) -> tuple[Kept | Answered | None, Collection[Hashable]]:
        """The answer of a run, kept if it may be, and the viewers who don't share it; None if all must run alone."""
        noted = leader.context.noted()
        if noted is None:
            return None, ()
        try:
            answered = await leader.run(noted.context)
            version = None if answered.has_errors or noted.is_personal else await _version(noted)
        finally:
            noted.end_moment()
        if noted.is_personal:
            self._note(slot, may_keep=False)
            return None, ()
        dependencies = noted.viewer_dependencies
        if version is None:
            return answered, dependencies
        is_own = leader.viewer in dependencies
        kept = Kept(answered, version, () if is_own else dependencies)
        self._keep((shared, leader.viewer) if is_own else shared, kept)
        return kept, dependencies

    def _keep(self, slot: Hashable, kept: Kept) -> None:
        before = self._kept.pop(slot, None)
        if before is not None:
            self.bytes -= before.size
        if kept.size > self._max_bytes:
            return
        self._kept[slot] = kept
        self.bytes += kept.size
        while self.bytes > self._max_bytes:
            _, dropped = self._kept.popitem(last=False)
            self.bytes -= dropped.size

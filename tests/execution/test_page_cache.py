"""Answers that are kept: for whom, how many, and which run answers whom."""

import asyncio
from collections.abc import Callable, Collection, Hashable
from contextvars import ContextVar
from dataclasses import dataclass, field

import pytest

from execution.page_cache import Answered, Keepable, Kept, PageCache

pytestmark = pytest.mark.anyio
request: ContextVar[str] = ContextVar("request")


@dataclass
class Number:
    """A version: what the number was."""

    number: int
    size: int = 100


@dataclass
class Source:
    """What is read: a number, at once or when the run may go on."""

    number: int = 0
    runs: int = 0
    asks_about: Collection[int] = ()
    is_personal: bool = False
    has_errors: bool = False
    may_keep: bool = True
    length: int = 10
    gate: asyncio.Event | None = None
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    async def holds(self, version: Number) -> bool:
        await asyncio.sleep(0)
        return version.number == self.number

    async def run(self, context: object) -> Answered:
        self.runs += 1
        number = self.number
        self.begun.set()
        if self.gate is not None:
            await self.gate.wait()
        assert isinstance(context, Noting)
        context.read = number
        viewer = context.viewer if context.viewer in self.asks_about else "all"
        return Answered(f"{number} for {viewer}".encode().ljust(self.length), 0, self.has_errors)


class Noting:
    """The context of a run."""

    def __init__(self, source: Source, viewer: Hashable) -> None:
        self.context = self
        self.viewer = viewer
        self.read = 0
        self._source = source

    @property
    def is_personal(self) -> bool:
        return self._source.is_personal

    @property
    def viewer_dependencies(self) -> Collection[Hashable]:
        return self._source.asks_about

    async def version(self) -> Number | None:
        return Number(self.read) if self._source.may_keep else None

    def end_moment(self) -> None:
        pass


@dataclass
class Asked(Keepable):
    """An operation's context."""

    source: Source
    role: str = "member"
    viewer: Hashable = None

    @property
    def audience(self) -> tuple[Hashable, Hashable]:
        return self.role, self.viewer

    def noted(self) -> Noting:
        return Noting(self.source, self.viewer)


class Site:
    """A cache, and who asks it."""

    def __init__(self, source: Source, max_bytes: int = 100_000) -> None:
        self.source = source
        self.cache = PageCache(source.holds, max_bytes)

    async def ask(self, viewer: Hashable = None, *, key: bytes = b"page", role: str = "member") -> str | None:
        answered = await self.cache.answer(key, Asked(self.source, role, viewer), self.source.run)
        return None if answered is None else answered.body.decode().strip()


async def test_the_second_request_is_kept_and_the_third_is_sent_from_memory() -> None:
    site = Site(Source())
    assert await site.ask() is None
    assert [await site.ask() for _ in range(3)] == ["0 for all"] * 3
    assert site.source.runs == 1
    assert site.cache.counts.hits == 2
    assert dict(site.cache.counts.misses) == {"first": 1, "absent": 1}


async def test_what_has_changed_is_run_again() -> None:
    site = Site(Source())
    for number in range(3):
        site.source.number = number
        await site.ask()
        assert await site.ask() == f"{number} for all"
    assert site.cache.counts.misses["changed"] == 2


async def test_roles_and_keys_have_answers_of_their_own() -> None:
    site = Site(Source())
    for role in ("member", "moderator"):
        for key in (b"one", b"other"):
            for _ in range(3):
                await site.ask(role=role, key=key)
    assert site.source.runs == len(site.cache) == 4


async def test_those_whom_a_run_asks_about_get_answers_of_their_own() -> None:
    site = Site(Source(asks_about={1, 2}))
    for _ in range(3):
        for viewer in (None, 1, 2, 3):
            assert await site.ask(viewer) in (None, f"0 for {viewer if viewer in (1, 2) else 'all'}")
    assert [await site.ask(viewer) for viewer in (None, 1, 2, 3)] == ["0 for all", "0 for 1", "0 for 2", "0 for all"]


@pytest.mark.parametrize("change", [{"is_personal": True}, {"has_errors": True}, {"may_keep": False}])
async def test_what_is_personal_failed_or_not_compared_is_not_kept(change: dict[str, bool]) -> None:
    site = Site(Source(**change))  # type: ignore[arg-type]
    for _ in range(4):
        await site.ask(1)
    assert len(site.cache) == site.cache.bytes == site.cache.counts.hits == 0


async def test_the_bytes_that_are_kept_are_bounded_and_the_oldest_go() -> None:
    site = Site(Source(length=10_000), max_bytes=100_000)
    for number in range(20):
        key = str(number).encode()
        for _ in range(2):
            await site.ask(key=key)
        assert site.cache.bytes <= 100_000
        # It is used again and again, and stays.
        for _ in range(2):
            await site.ask(key=b"0")
    assert 5 <= len(site.cache) < 10
    runs = site.source.runs
    await site.ask(key=b"0")
    assert site.source.runs == runs
    await site.ask(key=b"1")
    assert site.source.runs == runs + 1


async def test_an_answer_larger_than_all_is_not_kept() -> None:
    site = Site(Source(length=10_000), max_bytes=5_000)
    for _ in range(3):
        await site.ask()
    assert len(site.cache) == site.cache.bytes == 0


async def gated(site: Site) -> Callable[[], None]:
    """Lets the next runs wait until what this returns is called."""
    await site.ask()
    site.source.gate = asyncio.Event()
    site.source.begun.clear()
    return site.source.gate.set


async def test_requests_share_a_run_that_has_not_begun_and_no_other() -> None:
    site = Site(Source())
    go_on = await gated(site)
    first = asyncio.create_task(site.ask())
    await site.source.begun.wait()
    # Written after the run has read, and before the others ask.
    site.source.number = 1
    others = [asyncio.create_task(site.ask()) for _ in range(5)]
    for _ in range(5):
        await asyncio.sleep(0)
    go_on()
    assert await first == "0 for all"
    assert await asyncio.gather(*others) == ["1 for all"] * 5
    assert site.source.runs == 2


async def test_who_waits_for_a_run_of_somebody_whom_it_asks_about_gets_another() -> None:
    site = Site(Source(asks_about={1}))
    go_on = await gated(site)
    own = asyncio.create_task(site.ask(1))
    await asyncio.sleep(0)
    others = [asyncio.create_task(site.ask(viewer)) for viewer in (2, 1, 3)]
    for _ in range(5):
        await asyncio.sleep(0)
    go_on()
    assert await own == "0 for 1"
    assert await asyncio.gather(*others) == ["0 for all", "0 for 1", "0 for all"]


async def test_many_whom_a_run_asks_about_do_not_wait_for_each_other() -> None:
    site = Site(Source(asks_about=set(range(20))))
    await site.ask(99)
    site.source.runs = 0
    answers = await asyncio.gather(*(site.ask(viewer) for viewer in range(20)))
    # One leads; the others are sent away at once, each to run alone.
    assert answers[0] == "0 for 0"
    assert site.source.runs == 1
    assert answers[1:] == [None] * 19


async def test_a_run_has_the_context_of_the_request_that_leads_it() -> None:
    site = Site(Source())
    seen: list[str] = []

    async def run(_context: object) -> Answered:
        seen.append(request.get())
        await asyncio.sleep(0)
        return Answered(b"0", 0, True)

    async def ask(name: str) -> None:
        request.set(name)
        await site.cache.answer(b"page", Asked(site.source), run)

    await site.ask()
    first = asyncio.create_task(ask("first"))
    while not seen:
        await asyncio.sleep(0)
    await asyncio.gather(first, asyncio.create_task(ask("second")))
    assert seen == ["first", "second"]


async def test_an_answer_whose_version_cannot_be_read_is_sent_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    site = Site(Source())

    async def fail(_noting: Noting) -> None:
        raise OSError("gone")

    monkeypatch.setattr(Noting, "version", fail)
    await site.ask()
    assert [await site.ask() for _ in range(2)] == ["0 for all"] * 2
    assert len(site.cache) == 0


async def test_all_who_wait_for_a_run_get_its_failure_and_the_next_may_succeed() -> None:
    site = Site(Source())

    async def fail(_context: object) -> Answered:
        await asyncio.sleep(0)
        raise OSError("gone")

    await site.ask()
    asked = [site.cache.answer(b"page", Asked(site.source), fail) for _ in range(3)]
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(each) for each in found] == [OSError] * 3
    assert await site.ask() == "0 for all"


async def test_a_run_goes_on_while_anybody_waits_and_ends_with_the_last() -> None:
    site = Site(Source())
    go_on = await gated(site)
    gone, stays = (asyncio.create_task(site.ask()) for _ in range(2))
    await site.source.begun.wait()
    gone.cancel()
    await asyncio.sleep(0)
    go_on()
    assert await stays == "0 for all"
    site.source.number = 1
    site.source.gate = asyncio.Event()
    site.source.begun.clear()
    alone = asyncio.create_task(site.ask())
    await site.source.begun.wait()
    alone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await alone
    site.source.gate = None
    assert await site.ask() == "1 for all"
    assert isinstance(await site.cache.answer(b"page", Asked(site.source), site.source.run), Kept)

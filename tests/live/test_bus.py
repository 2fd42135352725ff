"""The doorbell: between processes, through outages, and with a broker that hangs."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial

import pytest
from structlog.testing import capture_logs

import live.bus
from live.bus import BadNotice, Bus
from tests.live.brokers import Relay, drop_connections, tell, until, url_of
from tests.support.servers import PostgreSQL, Valkey

pytestmark = pytest.mark.anyio

IMPATIENT = 0.3
GREATEST = 2**63 - 1


class Listener:
    """A bus and what it has heard."""

    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self.rings: list[tuple[int, int]] = []
        self.gaps = 0
        bus.listen(lambda discussion_id, number: self.rings.append((discussion_id, number)), self._missed)

    def _missed(self) -> None:
        self.gaps += 1

    async def hears(self, *rings: tuple[int, int]) -> None:
        """Returns when it has heard all of these."""
        await until(lambda: set(rings) <= set(self.rings))

    async def recovers(self, *, gaps: int) -> None:
        """Returns when it is connected again and was told of so many gaps."""
        await until(lambda: self.bus.connected and self.gaps == gaps)


@asynccontextmanager
async def listening(url: str, *, name: str = "parley", patience: float = 2.5) -> AsyncIterator[Listener]:
    listener = Listener(Bus(url, name=name, patience_seconds=patience))
    await listener.bus.start()
    try:
        yield listener
    finally:
        await listener.bus.stop()
        assert not listener.bus.connected


@asynccontextmanager
async def two_listening(url: str) -> AsyncIterator[tuple[Listener, Listener]]:
    """Two processes' buses; on memory:// there is one process, and one bus with two listeners."""
    async with listening(url) as one:
        if url == "memory://":
            yield one, Listener(one.bus)
        else:
            async with listening(url) as other:
                yield one, other


@pytest.fixture(params=["memory", "valkey", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """A bus of each kind in turn."""
    return "memory://" if request.param == "memory" else url_of(request.getfixturevalue(request.param))


@pytest.fixture(params=["valkey", "postgresql"])
def broker_url(request: pytest.FixtureRequest) -> str:
    """A bus on each broker in turn."""
    return url_of(request.getfixturevalue(request.param))


@pytest.fixture(params=[Valkey, PostgreSQL])
def broker(request: pytest.FixtureRequest) -> Iterator[Valkey | PostgreSQL]:
    """Each broker in turn, of the test's own, so that it may be killed."""
    server: Valkey | PostgreSQL = request.param.start()
    yield server
    server.stop()


async def test_every_process_hears_every_ring(url: str) -> None:
    async with two_listening(url) as (one, other):
        assert one.bus.connected and other.bus.connected
        one.bus.ring(7, 1)
        await until(lambda: one.rings == other.rings == [(7, 1)])
        other.bus.ring(8, 2)
        await until(lambda: one.rings == other.rings == [(7, 1), (8, 2)])
        assert one.gaps == other.gaps == 0


async def test_many_rings_at_once_all_arrive_whatever_their_size(url: str) -> None:
    discussions = range(GREATEST - 1999, GREATEST + 1)
    rings = {(discussion, GREATEST) for discussion in discussions}

    async def ring(bus: Bus, number: int, turns: int) -> None:
        for discussion in discussions:
            if discussion % turns == 0:
                await asyncio.sleep(0)
            bus.ring(discussion, number)

    async with two_listening(url) as (one, other):
        await asyncio.gather(*(ring(bus, GREATEST - n, 5 + n) for n in range(3) for bus in (one.bus, other.bus)))
        await asyncio.gather(one.hears(*rings), other.hears(*rings))
        assert one.gaps == other.gaps == 0


async def test_of_the_numbers_that_wait_the_newest_is_told(url: str) -> None:
    async with listening(url) as listener:
        for number in (5, 9, 7):
            listener.bus.ring(1, number)
        listener.bus.ring(2, 1)
        await listener.hears((2, 1))
        assert listener.rings == [(1, 9), (2, 1)]


async def test_more_rings_than_may_wait_become_one_look_at_everything(url: str) -> None:
    async with two_listening(url) as (one, other):
        for discussion in range(live.bus.WAITING_DISCUSSIONS + 2):
            one.bus.ring(discussion, 1)
        await until(lambda: one.gaps == other.gaps == 1)
        one.bus.ring(3, 4)
        await until(lambda: one.rings == other.rings == [(3, 4)])
        assert one.gaps == other.gaps == 1


async def test_parleys_of_different_names_share_a_broker_and_hear_only_themselves(broker_url: str) -> None:
    async with listening(broker_url, name="red") as red, listening(broker_url, name="blue") as blue:
        red.bus.ring(1, 1)
        await red.hears((1, 1))
        blue.bus.ring(2, 2)
        await blue.hears((2, 2))
        assert (red.rings, blue.rings) == ([(1, 1)], [(2, 2)])


async def test_connections_that_the_broker_ends_are_made_anew_and_the_gap_is_told(broker_url: str) -> None:
    async with two_listening(broker_url) as (one, other):
        for number in range(1, 4):
            # The publishing connection may be killed too, so it has to be there.
            one.bus.ring(1, number)
            await asyncio.gather(one.hears((1, number)), other.hears((1, number)))
            await drop_connections(broker_url)
            await asyncio.gather(one.recovers(gaps=number), other.recovers(gaps=number))
        other.bus.ring(2, 5)
        one.bus.ring(3, 6)
        await asyncio.gather(one.hears((2, 5), (3, 6)), other.hears((2, 5), (3, 6)))


async def test_a_broker_that_was_away_is_found_again_and_hears_what_waits(
    broker: Valkey | PostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    pause = live.bus._pause

    def noted_pause(failures: int) -> float:
        pauses.append(pause(failures))
        return pauses[-1]

    monkeypatch.setattr(live.bus, "_pause", noted_pause)
    with capture_logs() as logs:
        async with listening(broker.url) as one, listening(broker.url) as other:
            await asyncio.to_thread(broker.kill)
            await until(lambda: not one.bus.connected and not other.bus.connected)
            for number in range(1, 21):
                one.bus.ring(4, number)
            await until(lambda: sum(pauses) > 9)  # Of three tasks: they are some three seconds into the outage.
            assert max(pauses) <= live.bus.RETRY_SECONDS
            await asyncio.to_thread(broker.restart)
            await asyncio.gather(one.recovers(gaps=1), other.recovers(gaps=1))
            one.bus.ring(5, 1)
            await asyncio.gather(one.hears((5, 1)), other.hears((5, 1)))
            assert set(one.rings + other.rings) <= {(4, 20), (5, 1)}
    assert sorted(entry["log_level"] for entry in logs) == ["info", "info", "warning", "warning"]


async def test_a_bus_starts_without_its_broker_and_finds_it_later(broker: Valkey | PostgreSQL) -> None:
    await asyncio.to_thread(broker.kill)
    with capture_logs() as logs:
        async with listening(broker.url) as listener:
            assert not listener.bus.connected
            assert [entry["log_level"] for entry in logs] == ["warning"]
            await asyncio.to_thread(broker.restart)
            await listener.recovers(gaps=1)
            listener.bus.ring(1, 1)
            await listener.hears((1, 1))


async def test_a_broker_that_accepts_and_never_answers_wedges_nothing(broker_url: str) -> None:
    relay = Relay(broker_url)
    relay.freeze()
    async with relay.open() as url, listening(broker_url) as other, listening(url, patience=IMPATIENT) as one:
        assert not one.bus.connected
        for number in range(1, 4):
            one.bus.ring(1, number)
            await relay.is_tried(times=2)
        relay.thaw()
        await one.recovers(gaps=1)
        await other.hears((1, 3))
        assert other.rings == [(1, 3)]
        # To stop while it hangs must work too: the end of the test does.
        relay.freeze()
        one.bus.ring(1, 4)


async def test_a_connection_that_goes_silent_is_noticed_and_replaced(broker_url: str) -> None:
    relay = Relay(broker_url)
    async with relay.open() as url, listening(broker_url) as other, listening(url, patience=IMPATIENT) as one:
        one.bus.ring(1, 1)
        await until(lambda: one.rings == other.rings == [(1, 1)])
        relay.freeze()
        other.bus.ring(2, 2)
        one.bus.ring(3, 3)
        await until(lambda: not one.bus.connected)
        relay.thaw()
        await one.recovers(gaps=1)
        await other.hears((3, 3))
        other.bus.ring(2, 4)
        await one.hears((2, 4))
        assert (2, 2) not in one.rings


async def test_a_silent_connection_that_answers_is_kept(broker_url: str) -> None:
    relay = Relay(broker_url)
    async with relay.open() as url, listening(url, patience=IMPATIENT) as listener:
        three_probes = relay.passed + 6
        await until(lambda: relay.passed >= three_probes)
        assert listener.bus.connected
        assert (relay.accepted, listener.gaps) == (1, 0)


async def test_messages_that_make_no_sense_are_ignored(broker_url: str) -> None:
    nonsense = ["", "{", "7", "null", '"nothing"', "[7]", "[[7]]", "[[7, 1, 2]]", '[["7", 1]]', "[[7, 1.5]]"]
    nonsense += [
        "[[true, 1]]",
        "[[-1, 1]]",
        f"[[1, {2**63}]]",
        '{"everything": true, "more": 1}',
        "[[7, 1], [8]]",
        "\x7f",
        "é" * 3000,
    ]
    async with listening(broker_url) as listener:
        with capture_logs() as logs:
            await tell(broker_url, *nonsense, "[]", "[[9, 9]]")
            await until(lambda: listener.rings)
        assert listener.rings == [(9, 9)]
        assert listener.gaps == 0
        assert [entry["log_level"] for entry in logs] == ["warning"] * len(nonsense)


async def test_a_notice_reaches_every_process_whoever_hears_its_kind(url: str) -> None:
    async with two_listening(url) as (one, other):
        heard: list[tuple[Bus, object]] = []
        buses = list(dict.fromkeys((one.bus, other.bus)))
        for bus in buses:
            bus.hear("weather", partial(_note, heard, bus))
        for number, bus in enumerate((one.bus, other.bus)):
            assert await bus.tell("unknown", number)
            assert await bus.tell("weather", ["é", number, None])
        await until(lambda: len(heard) == 2 * len(buses))
        assert all((bus, ["é", number, None]) in heard for bus in buses for number in (0, 1))
        assert (one.rings, one.gaps) == ([], 0)


async def test_notices_and_rings_at_the_same_time_all_arrive(url: str) -> None:
    async with two_listening(url) as (one, other):
        heard: list[object] = []
        other.bus.hear("weather", heard.append)
        told = asyncio.gather(*(one.bus.tell("weather", number) for number in range(50)))
        for number in range(50):
            one.bus.ring(number, 1)
            await asyncio.sleep(0)
        assert all(await told)
        await asyncio.gather(other.hears(*((number, 1) for number in range(50))), until(lambda: len(heard) == 50))
        assert heard == list(range(50))


async def test_a_notice_that_is_not_understood_is_ignored_and_one_too_large_refused(url: str) -> None:
    def refuse(_body: object) -> None:
        raise BadNotice("It makes no sense.")

    async with listening(url) as listener:
        listener.bus.hear("weather", refuse)
        with capture_logs() as logs:
            assert await listener.bus.tell("weather", {"rain": 1})
            listener.bus.ring(1, 1)
            await listener.hears((1, 1))
        assert [entry["log_level"] for entry in logs] == ["warning"]
        largest = "x" * (live.bus.MAX_NOTICE_BYTES - len('{"unknown":""}'))
        assert await listener.bus.tell("unknown", largest)
        with pytest.raises(ValueError, match="more than every broker takes"):
            await listener.bus.tell("unknown", largest + "x")


async def test_a_notice_that_the_broker_does_not_take_is_told_to_be_lost(broker: Valkey | PostgreSQL) -> None:
    bus = Bus(broker.url)
    assert not await bus.tell("weather", 0)
    async with listening(broker.url) as one, listening(broker.url) as other:
        heard: list[object] = []
        other.bus.hear("weather", heard.append)
        await asyncio.to_thread(broker.kill)
        with capture_logs() as logs:
            assert not await one.bus.tell("weather", 1)
            assert not await one.bus.tell("weather", 2)
        assert len([entry for entry in logs if "lost its broker" in entry["event"]]) <= 2
        await asyncio.to_thread(broker.restart)
        await asyncio.gather(one.recovers(gaps=1), other.recovers(gaps=1))
        assert await one.bus.tell("weather", 3)
        await until(lambda: heard)
        assert heard == [3]


def _note(heard: list[tuple[Bus, object]], bus: Bus, body: object) -> None:
    heard.append((bus, body))


async def test_a_listener_that_fails_harms_no_other(url: str) -> None:
    def fail(*_: int) -> None:
        raise LookupError("A bug of the listener's.")

    async with listening(url) as first:
        first.bus.listen(fail, fail)
        last = Listener(first.bus)
        with capture_logs() as logs:
            for number in range(1, 4):
                first.bus.ring(1, number)
                first.bus.ring(2, number)
                await last.hears((1, number), (2, number))
        assert first.rings == last.rings
        assert [entry["log_level"] for entry in logs] == ["error"] * 6


async def test_stop_leaves_nothing_behind_and_start_begins_anew(url: str) -> None:
    before = asyncio.all_tasks()
    bus = Bus(url)
    listener = Listener(bus)
    await bus.stop()
    for number in range(1, 4):
        await bus.start()
        with pytest.raises(RuntimeError, match="running already"):
            await bus.start()
        bus.ring(1, number)
        await listener.hears((1, number))
        bus.ring(2, number)
        await bus.stop()
        await bus.stop()
        assert asyncio.all_tasks() == before
        assert not bus.connected
    bus.ring(1, 1)


@pytest.mark.parametrize("url", ["", "parley", "kafka://here", "postgres://here/db", "redis+tls://here", "sqlite:///a"])
def test_a_url_that_leads_to_no_bus_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"^No bus for '.*' URLs: give memory://, redis://, rediss:// or postgres"):
        Bus(url)


@pytest.mark.parametrize("name", ["", "two words", "a" * 41, "a\n"])
def test_a_name_that_not_every_broker_takes_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="can't be named"):
        Bus("memory://", name=name)

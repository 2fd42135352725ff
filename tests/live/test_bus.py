"""The bus between processes, through outages, and with a broker that hangs."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial

import pytest
from structlog.testing import capture_logs

import live.bus
from live.bus import Bus
from tests.live.brokers import Relay, drop_connections, publish, until, url_of
from tests.support.servers import PostgreSQL, Valkey

pytestmark = pytest.mark.anyio

IMPATIENT = 0.3
GREATEST = 2**63 - 1


class Listener:
    """A bus and what its handlers have received."""

    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self.notifications: list[tuple[int, int]] = []
        self.gaps = 0
        bus.on_notification(lambda log_id, number: self.notifications.append((log_id, number)), self._on_gap)

    def _on_gap(self) -> None:
        self.gaps += 1

    async def receives(self, *notifications: tuple[int, int]) -> None:
        """Returns when it has received all of these."""
        await until(lambda: set(notifications) <= set(self.notifications))

    async def recovers(self, *, gaps: int) -> None:
        """Returns when it is connected again and was called for so many gaps."""
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


async def test_every_process_receives_every_notification(url: str) -> None:
    async with two_listening(url) as (one, other):
        assert one.bus.connected and other.bus.connected
        one.bus.notify(7, 1)
        await until(lambda: one.notifications == other.notifications == [(7, 1)])
        other.bus.notify(8, 2)
        await until(lambda: one.notifications == other.notifications == [(7, 1), (8, 2)])
        assert one.gaps == other.gaps == 0


async def test_many_notifications_at_once_all_arrive(url: str) -> None:
    logs = range(GREATEST - 1999, GREATEST + 1)
    sent = {(discussion, GREATEST) for discussion in logs}

    async def notify(bus: Bus, number: int, turns: int) -> None:
        for discussion in logs:
            if discussion % turns == 0:
                await asyncio.sleep(0)
            bus.notify(discussion, number)

    async with two_listening(url) as (one, other):
        await asyncio.gather(*(notify(bus, GREATEST - n, 5 + n) for n in range(3) for bus in (one.bus, other.bus)))
        await asyncio.gather(one.receives(*sent), other.receives(*sent))
        assert one.gaps == other.gaps == 0


async def test_other_processes_receive_only_the_newest_pending_number(broker_url: str) -> None:
    async with two_listening(broker_url) as (one, other):
        for number in (5, 9, 7):
            one.bus.notify(1, number)
        one.bus.notify(2, 1)
        assert one.notifications == [(1, 5), (1, 9), (1, 7), (2, 1)]
        await other.receives((2, 1))
        assert other.notifications == [(1, 9), (2, 1)]


async def test_too_many_pending_notifications_become_one_gap(broker_url: str) -> None:
    async with two_listening(broker_url) as (one, other):
        sent = [(log_id, 1) for log_id in range(live.bus.MAX_PENDING_LOGS + 2)]
        for notification in sent:
            one.bus.notify(*notification)
        await until(lambda: other.gaps == 1)
        one.bus.notify(3, 4)
        await until(lambda: other.notifications == [(3, 4)])
        # The process itself received every one, and needs no gap.
        assert one.notifications == [*sent, (3, 4)]
        assert (one.gaps, other.gaps) == (0, 1)


async def test_own_handlers_are_called_at_once_and_not_again_by_the_echo(url: str) -> None:
    async with two_listening(url) as (one, other):
        received: list[object] = []
        one.bus.subscribe("topic", received.append)
        for number in (1, 2, 3):
            one.bus.notify(7, number)
            assert one.notifications[-1] == (7, number)
            assert await one.bus.publish("topic", number)
            assert received == list(range(1, number + 1))
        # What another process sends comes after the echoes, so these have been ignored.
        other.bus.notify(8, 1)
        await one.receives((8, 1))
        assert one.notifications == [(7, 1), (7, 2), (7, 3), (8, 1)]
        assert received == [1, 2, 3]


async def test_own_handlers_are_called_before_start_and_without_broker() -> None:
    listener = Listener(Bus("redis://127.0.0.1:1"))
    listener.bus.notify(7, 1)
    assert listener.notifications == [(7, 1)]


def of_another(content: object) -> str:
    """A message of another process."""
    return json.dumps({"from": "another", "content": content})


async def test_messages_of_later_versions_are_ignored_silently(broker_url: str) -> None:
    later = [of_another(content) for content in ("new", 7, None, {"topic": 5, "body": 1}, {"topic": "new", "body": 1})]
    async with listening(broker_url) as listener:
        with capture_logs() as logs:
            await publish(broker_url, *later, of_another([[9, 9]]))
            await listener.receives((9, 9))
        assert logs == []
        assert listener.gaps == 0


async def test_buses_of_different_names_on_one_broker_receive_only_their_own(broker_url: str) -> None:
    async with listening(broker_url, name="red") as red, listening(broker_url, name="blue") as blue:
        red.bus.notify(1, 1)
        await red.receives((1, 1))
        blue.bus.notify(2, 2)
        await blue.receives((2, 2))
        assert (red.notifications, blue.notifications) == ([(1, 1)], [(2, 2)])


async def test_bus_reconnects_after_dropped_connections_and_reports_the_gap(broker_url: str) -> None:
    async with two_listening(broker_url) as (one, other):
        for number in range(1, 4):
            # The publishing connection may be killed too, so it has to be there.
            one.bus.notify(1, number)
            await asyncio.gather(one.receives((1, number)), other.receives((1, number)))
            await drop_connections(broker_url)
            await asyncio.gather(one.recovers(gaps=number), other.recovers(gaps=number))
        other.bus.notify(2, 5)
        one.bus.notify(3, 6)
        await asyncio.gather(one.receives((2, 5), (3, 6)), other.receives((2, 5), (3, 6)))


async def test_bus_finds_its_broker_again_and_sends_pending_notifications(
    broker: Valkey | PostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    pause = live.bus._pause

    def short_pause(failures: int) -> float:
        pauses.append(pause(failures))
        return 0.01

    monkeypatch.setattr(live.bus, "_pause", short_pause)
    with capture_logs() as logs:
        async with listening(broker.url) as one, listening(broker.url) as other:
            await asyncio.to_thread(broker.kill)
            await until(lambda: not one.bus.connected and not other.bus.connected)
            for number in range(1, 21):
                one.bus.notify(4, number)
            await until(lambda: sum(pauses) > 30)
            assert max(pauses) <= live.bus.MAX_RETRY_SECONDS
            await asyncio.to_thread(broker.restart)
            await asyncio.gather(one.recovers(gaps=1), other.recovers(gaps=1))
            one.bus.notify(5, 1)
            await asyncio.gather(one.receives((5, 1)), other.receives((5, 1)))
            assert set(other.notifications) <= {(4, 20), (5, 1)}
    assert sorted(entry["log_level"] for entry in logs) == ["info", "info", "warning", "warning"]


async def test_bus_starts_without_its_broker_and_finds_it_later(broker: Valkey | PostgreSQL) -> None:
    await asyncio.to_thread(broker.kill)
    with capture_logs() as logs:
        async with listening(broker.url) as listener:
            assert not listener.bus.connected
            assert [entry["log_level"] for entry in logs] == ["warning"]
            await asyncio.to_thread(broker.restart)
            await listener.recovers(gaps=1)
            listener.bus.notify(1, 1)
            await listener.receives((1, 1))


async def test_broker_that_accepts_but_never_answers_blocks_nothing(broker_url: str) -> None:
    relay = Relay(broker_url)
    relay.freeze()
    async with relay.open() as url, listening(broker_url) as other, listening(url, patience=IMPATIENT) as one:
        assert not one.bus.connected
        for number in range(1, 4):
            one.bus.notify(1, number)
            await relay.is_tried(times=2)
        relay.thaw()
        await one.recovers(gaps=1)
        await other.receives((1, 3))
        assert other.notifications == [(1, 3)]
        # To stop while it hangs must work too: the end of the test does.
        relay.freeze()
        one.bus.notify(1, 4)


async def test_silent_connection_is_noticed_and_replaced(broker_url: str) -> None:
    relay = Relay(broker_url)
    async with relay.open() as url, listening(broker_url) as other, listening(url, patience=IMPATIENT) as one:
        one.bus.notify(1, 1)
        await until(lambda: one.notifications == other.notifications == [(1, 1)])
        relay.freeze()
        other.bus.notify(2, 2)
        one.bus.notify(3, 3)
        await until(lambda: not one.bus.connected)
        relay.thaw()
        await one.recovers(gaps=1)
        await other.receives((3, 3))
        other.bus.notify(2, 4)
        await one.receives((2, 4))
        assert (2, 2) not in one.notifications


async def test_silent_connection_that_answers_probes_is_kept(broker_url: str) -> None:
    relay = Relay(broker_url)
    async with relay.open() as url, listening(url, patience=IMPATIENT) as listener:
        three_probes = relay.passed + 6
        await until(lambda: relay.passed >= three_probes)
        assert listener.bus.connected
        # On PostgreSQL, another connection has notified the one that listens.
        assert (relay.accepted, listener.gaps) == (1 if broker_url.startswith("redis") else 2, 0)


async def test_malformed_messages_are_ignored(broker_url: str) -> None:
    nonsense = ["", "{", "7", "null", '"everything"', "[[7, 1]]", '{"from": 1, "content": []}', '{"from": "b"}', "\x7f"]
    lists: list[list[object]] = [[7], [[7]], [[7, 1, 2]], [["7", 1]], [[7, 1.5]], [[True, 1]], [[-1, 1]], [[1, 2**63]]]
    nonsense += [of_another(content) for content in ([[7, 1], [8]], *lists)] + ["é" * 3000]
    async with listening(broker_url) as listener:
        with capture_logs() as logs:
            await publish(broker_url, *nonsense, of_another([]), of_another([[9, 9]]))
            await until(lambda: listener.notifications)
        assert listener.notifications == [(9, 9)]
        assert listener.gaps == 0
        assert [entry["log_level"] for entry in logs] == ["warning"] * len(nonsense)


async def test_message_of_a_topic_reaches_the_subscribers_of_every_process(url: str) -> None:
    async with two_listening(url) as (one, other):
        received: list[tuple[Bus, object]] = []
        buses = list(dict.fromkeys((one.bus, other.bus)))
        for bus in buses:
            bus.subscribe("topic", partial(_note, received, bus))
        for number, bus in enumerate((one.bus, other.bus)):
            assert await bus.publish("unknown", number)
            assert await bus.publish("topic", ["é", number, None])
        await until(lambda: len(received) == 2 * len(buses))
        assert all((bus, ["é", number, None]) in received for bus in buses for number in (0, 1))
        assert (one.notifications, one.gaps) == ([], 0)


async def test_messages_and_notifications_at_the_same_time_all_arrive(url: str) -> None:
    async with two_listening(url) as (one, other):
        received: list[object] = []
        other.bus.subscribe("topic", received.append)
        told = asyncio.gather(*(one.bus.publish("topic", number) for number in range(50)))
        for number in range(50):
            one.bus.notify(number, 1)
            await asyncio.sleep(0)
        assert all(await told)
        await asyncio.gather(other.receives(*((number, 1) for number in range(50))), until(lambda: len(received) == 50))
        assert received == list(range(50))


async def test_bad_body_is_ignored_and_message_that_is_too_large_is_refused(url: str) -> None:
    def refuse(_body: object) -> None:
        raise ValueError("It makes no sense.")

    async with listening(url) as listener:
        listener.bus.subscribe("topic", refuse)
        with capture_logs() as logs:
            assert await listener.bus.publish("topic", {"rain": 1})
            listener.bus.notify(1, 1)
            await listener.receives((1, 1))
        assert [entry["log_level"] for entry in logs] == ["warning"]
        empty = listener.bus._message({"topic": "unknown", "body": ""})
        largest = "x" * (live.bus.MAX_MESSAGE_BYTES - len(empty))
        assert await listener.bus.publish("unknown", largest)
        with pytest.raises(ValueError, match="brokers take up to 7900"):
            await listener.bus.publish("unknown", largest + "x")


async def test_publish_returns_false_if_the_broker_is_away(broker: Valkey | PostgreSQL) -> None:
    bus = Bus(broker.url)
    assert not await bus.publish("topic", 0)
    async with listening(broker.url) as one, listening(broker.url) as other:
        received: list[object] = []
        other.bus.subscribe("topic", received.append)
        await asyncio.to_thread(broker.kill)
        with capture_logs() as logs:
            assert not await one.bus.publish("topic", 1)
            assert not await one.bus.publish("topic", 2)
        assert len([entry for entry in logs if "lost its broker" in entry["event"]]) <= 2
        await asyncio.to_thread(broker.restart)
        await asyncio.gather(one.recovers(gaps=1), other.recovers(gaps=1))
        assert await one.bus.publish("topic", 3)
        await until(lambda: received)
        assert received == [3]


def _note(received: list[tuple[Bus, object]], bus: Bus, body: object) -> None:
    received.append((bus, body))


async def test_failing_handler_affects_no_other(url: str) -> None:
    def fail(*_: int) -> None:
        raise LookupError("A bug of the listener's.")

    async with listening(url) as first:
        first.bus.on_notification(fail, fail)
        last = Listener(first.bus)
        with capture_logs() as logs:
            for number in range(1, 4):
                first.bus.notify(1, number)
                first.bus.notify(2, number)
                await last.receives((1, number), (2, number))
        assert first.notifications == last.notifications
        assert [entry["log_level"] for entry in logs] == ["error"] * 6


async def test_stop_leaves_no_task_and_start_works_again(url: str) -> None:
    before = asyncio.all_tasks()
    bus = Bus(url)
    listener = Listener(bus)
    await bus.stop()
    for number in range(1, 4):
        await bus.start()
        with pytest.raises(RuntimeError, match="running already"):
            await bus.start()
        bus.notify(1, number)
        await listener.receives((1, number))
        bus.notify(2, number)
        await bus.stop()
        await bus.stop()
        assert asyncio.all_tasks() == before
        assert not bus.connected
    bus.notify(1, 1)


@pytest.mark.parametrize("url", ["", "parley", "kafka://here", "postgres://here/db", "redis+tls://here", "sqlite:///a"])
def test_url_without_a_bus_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"^No bus for '.*' URLs: give memory://, redis://, rediss:// or postgres"):
        Bus(url)


@pytest.mark.parametrize("name", ["", "two words", "a" * 41, "a\n"])
def test_name_that_not_every_broker_takes_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="can't be named"):
        Bus("memory://", name=name)

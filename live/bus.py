"""The bus rings a doorbell in every process: this discussion has news, up to that number. The log has the news itself.

A ring may be lost, doubled or late. Whoever listens therefore reads the log, looks at everything after a gap, and
asks now and then by itself, so that a broker that is away only delays.

Notices of other kinds go the same way, as lossy: whoever hears them has another way to find out.
"""

import asyncio
import random
import re
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from itertools import islice
from typing import Any, NoReturn, Protocol
from urllib.parse import urlsplit

import orjson
import structlog
from broadcaster import Broadcast, BroadcastBackend, Event

from live.bus_postgresql import PostgreSQLBroker
from live.bus_redis import RedisBroker

PATIENCE_SECONDS = 2.5
RETRY_SECONDS = 2.0
WAITING_DISCUSSIONS = 10_000
# Two 19-digit numbers and their punctuation are 42 bytes, and PostgreSQL's NOTIFY takes less than 8,000.
RINGS_PER_MESSAGE = 150
MAX_NOTICE_BYTES = 7_900
EVERYTHING = orjson.dumps("everything").decode()

log = structlog.get_logger(__name__)


class Broker(Protocol):
    """What the bus needs of Redis or PostgreSQL. Every answer is waited for with patience, never for ever."""

    async def listen(self, channel: str, heard: Callable[[str], None], listening: Callable[[], None]) -> NoReturn:
        """Subscribes, calls `listening()`, then `heard(message)` for each message. Raises when the connection fails."""

    async def publish(self, channel: str, message: str) -> None:
        """Tells everyone who listens. Raises when it may not have reached the broker, and connects anew next time."""

    async def close(self) -> None:
        """Ends the connection that publishes."""


class BadNotice(ValueError):
    """A notice that whoever hears it can't read."""


class Bus:
    """Rings and hears doorbells, on one channel of the broker at the URL."""

    def __init__(self, url: str, *, name: str = "parley", patience_seconds: float = PATIENCE_SECONDS) -> None:
        """Connects nothing yet. Raises ValueError for a URL or a name that can't be used.

        Several Parleys share a broker under different names. `patience_seconds` is how long the broker may take to
        answer, and how long a silent connection goes unprobed. A bus on memory:// hears only itself.
        """
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", name):
            raise ValueError(f"The bus can't be named {name!r}: use 1 to 40 letters, digits, _ and -.")
        self._channel = f"{name}:doorbell"
        self._outage = Outage()
        self._backend: SupervisedBackend | None = None
        match urlsplit(url).scheme:
            case "memory":
                self._broadcast = Broadcast("memory://")
            case "redis" | "rediss":
                self._backend = SupervisedBackend(RedisBroker(url, patience_seconds), self._channel, self._outage)
            case "postgresql":
                self._backend = SupervisedBackend(PostgreSQLBroker(url, patience_seconds), self._channel, self._outage)
            case scheme:
                raise ValueError(f"No bus for {scheme!r} URLs: give memory://, redis://, rediss:// or postgresql://.")
        if self._backend is not None:
            self._broadcast = Broadcast(backend=self._backend)
        self._listeners: list[tuple[Callable[[int, int], None], Callable[[], None]]] = []
        self._kinds: dict[str, Callable[[Any], None]] = {}
        self._publishing = asyncio.Lock()
        self._waiting: dict[int, int] = {}
        self._everything_waits = False
        self._rung = asyncio.Event()
        self._open: AsyncExitStack | None = None

    @property
    def connected(self) -> bool:
        """Whether rings of others are heard now, as far as anyone can know."""
        return self._open is not None and (self._backend is None or self._backend.listening)

    def listen(self, heard: Callable[[int, int], None], missed: Callable[[], None]) -> None:
        """From now on calls `heard(discussion_id, number)` at each ring, and `missed()` where some may be lost."""
        self._listeners.append((heard, missed))

    def ring(self, discussion_id: int, number: int) -> None:
        """Tells all processes, soon, that the discussion's log reaches `number`. Never raises, never waits.

        Call it on the event loop's thread. Of several numbers that wait, only the newest is told.
        """
        if self._everything_waits:
            return
        newest = max(number, self._waiting.get(discussion_id, number))
        self._waiting[discussion_id] = newest
        if len(self._waiting) > WAITING_DISCUSSIONS:
            self._waiting.clear()
            self._everything_waits = True
        self._rung.set()

    def hear(self, kind: str, heard: Callable[[Any], None]) -> None:
        """From now on calls `heard(body)` for each notice of this kind, those of this process included.

        `heard` raises BadNotice for a body that makes no sense: another version of Parley may have sent it.
        """
        self._kinds[kind] = heard

    async def tell(self, kind: str, body: object) -> bool:
        """Tells all processes once, and gives whether the broker took it. Raises ValueError for a body too large."""
        message = orjson.dumps({kind: body})
        if len(message) > MAX_NOTICE_BYTES:
            raise ValueError(f"A notice of {len(message)} bytes is more than every broker takes.")
        if self._open is None:
            return False
        try:
            await self._send(message.decode())
        except Exception as error:  # noqa: BLE001 - a broker may fail in any way.
            self._outage.failed("publishing", error)
            return False
        self._outage.worked("publishing")
        return True

    async def start(self) -> None:
        """Returns once rings are heard, or once the first attempt has failed: then it goes on trying by itself."""
        if self._open is not None:
            raise RuntimeError("The bus is running already.")
        async with AsyncExitStack() as stack:
            # Broadcast cancels the task that hands messages on without waiting for its end, which is one turn away.
            stack.push_async_callback(asyncio.sleep, 0)
            await stack.enter_async_context(self._broadcast)
            doorbell = await stack.enter_async_context(self._broadcast.subscribe(self._channel))
            for work in (self._hear(doorbell.get), self._publish()):
                stack.push_async_callback(_end, asyncio.create_task(work))
            if self._backend is not None:
                await self._backend.attempted.wait()
            self._open = stack.pop_all()

    async def stop(self) -> None:
        """Ends everything that `start` began. What still waits is not told."""
        stack, self._open = self._open, None
        if stack is not None:
            await stack.aclose()

    async def _hear(self, next_event: Callable[[], Awaitable[Event]]) -> NoReturn:
        # Broadcast's queues are unbounded, but nothing here waits between two messages: they can't hold more than
        # the sockets gave in one turn of the event loop.
        while True:
            message = (await next_event()).message
            try:
                calls = self._calls(message)
            except ValueError as error:
                _ignored(message, error)
                continue
            for call in calls:
                try:
                    call()
                except BadNotice as error:
                    _ignored(message, error)
                except Exception:
                    log.exception("A listener of the bus failed.")

    def _calls(self, message: str) -> list[Callable[[], None]]:
        """What a message has to be done. Raises ValueError for one that makes no sense."""
        content = orjson.loads(message)
        if content == "everything":
            return [missed for _, missed in self._listeners]
        if isinstance(content, dict) and len(content) == 1:
            ((kind, body),) = content.items()
            # A newer Parley may tell of what is not known here.
            return [partial(self._kinds[kind], body)] if kind in self._kinds else []
        rings = _rings(content)
        return [partial(heard, *ring) for heard, _ in self._listeners for ring in rings]

    async def _send(self, message: str) -> None:
        """Publishes; one at a time, since not every broker's connection takes two. Raises what the broker raises."""
        async with self._publishing:
            await self._broadcast.publish(self._channel, message)

    async def _publish(self) -> NoReturn:
        failures = 0
        while True:
            await self._rung.wait()
            everything, rings = self._everything_waits, dict(islice(self._waiting.items(), RINGS_PER_MESSAGE))
            self._everything_waits = False
            for discussion_id in rings:
                del self._waiting[discussion_id]
            if not self._waiting:
                self._rung.clear()
            try:
                message = EVERYTHING if everything else orjson.dumps(list(rings.items())).decode()
                await self._send(message)
            except Exception as error:  # noqa: BLE001 - a broker may fail in any way, and is tried again.
                self._outage.failed("publishing", error)
                if everything:
                    self._waiting.clear()
                    self._everything_waits = True
                    self._rung.set()
                for discussion_id, number in rings.items():
                    self.ring(discussion_id, number)
                await asyncio.sleep(_pause(failures))
                failures += 1
            else:
                self._outage.worked("publishing")
                failures = 0


class SupervisedBackend(BroadcastBackend):
    """A broker for `Broadcast` whose one channel is subscribed, anew after each failure, while it is connected.

    The backends that broadcaster brings stop to deliver, silently and for good, when their connection drops.
    """

    def __init__(self, broker: Broker, channel: str, outage: "Outage") -> None:
        self.listening = False
        self.attempted = asyncio.Event()
        """Set once the first attempt to subscribe has succeeded or failed."""
        self._broker = broker
        self._channel = channel
        self._outage = outage
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._listener: asyncio.Task[NoReturn] | None = None

    async def connect(self) -> None:
        self.attempted.clear()
        self._listener = asyncio.create_task(self._listen())

    async def disconnect(self) -> None:
        if self._listener is not None:
            await _end(self._listener)
        self.listening = False
        await self._broker.close()

    async def subscribe(self, group: str) -> None:
        """Does nothing: Broadcast loses subscribers where this waits for the network."""

    async def unsubscribe(self, group: str) -> None:
        """Does nothing, see `subscribe`."""

    async def publish(self, channel: str, message: str) -> None:
        await self._broker.publish(channel, message)

    async def next_published(self) -> Event:
        return await self._events.get()

    async def _listen(self) -> NoReturn:
        clock = asyncio.get_running_loop().time
        failures = 0
        while True:
            began = clock()
            try:
                await self._broker.listen(self._channel, self._heard, self._subscribed)
            except Exception as error:  # noqa: BLE001 - a broker may fail in any way, and is tried again.
                self._outage.failed("listening", error)
            # A broker that lets us in only to drop us is not worth a new attempt at once.
            failures = 0 if self.listening and clock() - began > RETRY_SECONDS else failures + 1
            self.listening = False
            self.attempted.set()
            await asyncio.sleep(_pause(failures))

    def _heard(self, message: str) -> None:
        self._events.put_nowait(Event(self._channel, message))

    def _subscribed(self) -> None:
        self.listening = True
        self._outage.worked("listening")
        if self.attempted.is_set():
            self._heard(EVERYTHING)
        self.attempted.set()


class Outage:
    """Logs once that the broker is away and once that it is back, however many attempts lie between."""

    def __init__(self) -> None:
        self._failing: set[str] = set()

    def failed(self, doing: str, error: Exception) -> None:
        """`doing` is "listening" or "publishing"."""
        if not self._failing:
            log.warning("The bus lost its broker and goes on trying.", failed=doing, error=repr(error))
        self._failing.add(doing)

    def worked(self, doing: str) -> None:
        """The opposite of `failed`."""
        if doing in self._failing:
            self._failing.discard(doing)
            if not self._failing:
                log.info("The bus has its broker again.")


def _ignored(message: str, error: ValueError) -> None:
    log.warning("The bus ignores a message it can't read.", message=message[:200], error=str(error))


def _rings(content: Any) -> list[tuple[int, int]]:
    """The discussions and numbers that a message names. Raises ValueError."""
    if not isinstance(content, list):
        raise ValueError("It is neither a list, nor a notice, nor everything.")
    for ring in content:
        # JSON's true is an int to isinstance, and what exceeds 63 bits would fail in the database.
        if (
            not isinstance(ring, list)
            or [type(number) for number in ring] != [int, int]
            or not 0 <= min(ring) <= max(ring) < 2**63
        ):
            raise ValueError(f"{str(ring)[:100]} is not a discussion and a number.")
    return [(discussion_id, number) for discussion_id, number in content]


def _pause(failures: int) -> float:
    """Seconds until the next attempt: drawn, so that the processes don't come back all at once."""
    return random.uniform(0.5, 1.0) * min(RETRY_SECONDS, 0.1 * 2.0 ** min(failures, 10))


async def _end(task: asyncio.Task[NoReturn]) -> None:
    """Cancels and waits. Raises what the task failed with."""
    while not task.done():
        # Again and again: until Python 3.12 asyncio.wait_for, which redis uses, can lose a cancellation.
        task.cancel()
        await asyncio.wait([task], timeout=1.0)
    if not task.cancelled():
        task.result()

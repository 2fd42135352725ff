"""The bus carries wake-up notifications between processes: the log with this id reaches at least this number.

The events themselves are in the log. A notification may be lost, doubled or late, so its receivers read the log,
check everything after a gap, and poll now and then: a broker that is away only delays. A process wakes its own
followers directly, without the broker. Messages of other topics travel alike, as unreliably: what they announce can
be found out in another way, too.
"""

import asyncio
import random
import re
import secrets
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from itertools import islice
from typing import Any, NoReturn, Protocol
from urllib.parse import urlsplit

import orjson
import structlog
from broadcaster import Broadcast, BroadcastBackend, Event

from db import tasks
from live.bus_postgresql import PostgreSQLBroker
from live.bus_redis import RedisBroker

PATIENCE_SECONDS = 2.5
MAX_RETRY_SECONDS = 2.0
MAX_PENDING_LOGS = 10_000
# Two 19-digit numbers and their punctuation are 42 bytes, and PostgreSQL's NOTIFY takes less than 8,000.
MAX_NOTIFICATIONS_PER_MESSAGE = 150
MAX_MESSAGE_BYTES = 7_900
EVERYTHING = orjson.dumps({"from": "", "content": "everything"}).decode()
"""A message that means: notifications of any log may have been lost."""

log = structlog.get_logger(__name__)


class Broker(Protocol):
    """What the bus needs of Redis or PostgreSQL. Every answer is awaited for `patience_seconds`, never for ever."""

    async def listen(
        self, channel: str, on_message: Callable[[str], None], on_subscribed: Callable[[], None]
    ) -> NoReturn:
        """Subscribes, calls `on_subscribed()`, then `on_message(text)` for each message. Raises if it fails."""

    async def publish(self, channel: str, message: str) -> None:
        """Sends to all who listen. Raises if the message may not have arrived, and reconnects the next time."""

    async def close(self) -> None:
        """Closes the connection that publishes."""


class Bus:
    """Sends and receives notifications and other messages, on one channel of the broker at the URL."""

    def __init__(self, url: str, *, name: str = "parley", patience_seconds: float = PATIENCE_SECONDS) -> None:
        """Connects nothing yet. Raises ValueError for a URL or a name that can't be used.

        Several Parleys share a broker under different names. `patience_seconds` is how long the broker may take to
        answer, and how long a silent connection goes unprobed. A bus on memory:// has no broker: it is for a single
        process.
        """
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", name):
            raise ValueError(f"The bus can't be named {name!r}: use 1 to 40 letters, digits, _ and -.")
        self._channel = f"{name}:notifications"
        self._process_id = secrets.token_hex(6)
        self._outage = Outage()
        self._backend: SupervisedBackend | None = None
        match urlsplit(url).scheme:
            case "memory":
                pass
            case "redis" | "rediss":
                self._backend = SupervisedBackend(RedisBroker(url, patience_seconds), self._channel, self._outage)
            case "postgresql":
                self._backend = SupervisedBackend(PostgreSQLBroker(url, patience_seconds), self._channel, self._outage)
            case scheme:
                raise ValueError(f"No bus for {scheme!r} URLs: give memory://, redis://, rediss:// or postgresql://.")
        self._broadcast = None if self._backend is None else Broadcast(backend=self._backend)
        self._handlers: list[tuple[Callable[[int, int], None], Callable[[], None]]] = []
        self._subscribers: dict[str, Callable[[Any], None]] = {}
        self._publishing = asyncio.Lock()
        self._pending: dict[int, int] = {}
        self._everything_pending = False
        self._has_pending = asyncio.Event()
        self._open: AsyncExitStack | None = None

    @property
    def connected(self) -> bool:
        """Whether messages of other processes are received now, as far as is known."""
        return self._open is not None and (self._backend is None or self._backend.listening)

    def on_notification(self, handler: Callable[[int, int], None], on_gap: Callable[[], None]) -> None:
        """Has `handler(log_id, number)` called for each notification, and `on_gap()` if some may have been lost."""
        self._handlers.append((handler, on_gap))

    def notify(self, log_id: int, number: int) -> None:
        """Tells that a log reaches `number`: handlers of this process at once, other processes soon.

        Call it on the event loop's thread, after the commit. Never raises, never waits. Other processes receive only
        the newest of several numbers that wait for the broker.
        """
        self._call_handlers(log_id, number)
        if self._broadcast is not None:
            self._enqueue(log_id, number)

    def subscribe(self, topic: str, handler: Callable[[Any], None]) -> None:
        """Has `handler(body)` called for each message of this topic, those of this process included.

        The handler raises ValueError for a body that it does not understand: another version may have sent it.
        """
        self._subscribers[topic] = handler

    async def publish(self, topic: str, body: object) -> bool:
        """Sends a message once: to this process at once, then to all others. Returns whether the broker took it.

        Raises ValueError if the message is too large for a broker.
        """
        message = self._message({"topic": topic, "body": body})
        if len(message) > MAX_MESSAGE_BYTES:
            raise ValueError(f"The message has {len(message)} bytes; brokers take up to {MAX_MESSAGE_BYTES}.")
        if self._open is None:
            return False
        self._call_subscriber(topic, body)
        try:
            await self._send(message)
        except Exception as error:  # noqa: BLE001 - a broker may fail in any way.
            self._outage.failed("publishing", error)
            return False
        self._outage.worked("publishing")
        return True

    async def start(self) -> None:
        """Returns once messages are received, or once the first attempt has failed: then attempts go on."""
        if self._open is not None:
            raise RuntimeError("The bus is running already.")
        async with AsyncExitStack() as stack:
            if self._broadcast is not None and self._backend is not None:
                # Broadcast cancels its own task without waiting for its end, which is one turn of the loop away.
                stack.push_async_callback(asyncio.sleep, 0)
                await stack.enter_async_context(self._broadcast)
                channel = await stack.enter_async_context(self._broadcast.subscribe(self._channel))
                for work in (self._receive_all(channel.get), self._send_pending()):
                    stack.push_async_callback(_end, asyncio.create_task(work))
                await self._backend.attempted.wait()
            self._open = stack.pop_all()

    async def stop(self) -> None:
        """Ends everything that `start` began. Notifications that still wait for the broker are not sent."""
        stack, self._open = self._open, None
        if stack is not None:
            await stack.aclose()

    # Received messages

    async def _receive_all(self, next_event: Callable[[], Awaitable[Event]]) -> NoReturn:
        # Broadcast's queues are unbounded, but nothing here waits between two messages: they can't hold more than
        # the sockets gave in one turn of the event loop.
        while True:
            self._receive((await next_event()).message)

    def _receive(self, message: str) -> None:
        try:
            sender, content = _opened(orjson.loads(message))
            notifications = _notifications(content) if isinstance(content, list) else []
        except ValueError as error:
            log.warning("The bus ignores a message it can't read.", message=message[:200], error=str(error))
            return
        if sender == self._process_id:
            # Its own handlers were called before it was sent.
            return
        for notification in notifications:
            self._call_handlers(*notification)
        match content:
            case {"topic": str(topic), "body": body}:
                self._call_subscriber(topic, body)
            case "everything":
                for _, on_gap in self._handlers:
                    _call(on_gap)
            # Anything else is of a later version.

    def _call_handlers(self, log_id: int, number: int) -> None:
        for handler, _ in self._handlers:
            _call(handler, log_id, number)

    def _call_subscriber(self, topic: str, body: Any) -> None:
        # A newer version may send topics that are not known here.
        if (handler := self._subscribers.get(topic)) is not None:
            try:
                handler(body)
            except ValueError as error:
                log.warning("The bus ignores a message it can't read.", message=str(body)[:200], error=str(error))
            except Exception:
                log.exception("A handler of the bus failed.")

    # Sent messages

    def _message(self, content: object) -> str:
        """Returns the text of a message that names this process, so that it can ignore its own."""
        return orjson.dumps({"from": self._process_id, "content": content}).decode()

    async def _send(self, message: str) -> None:
        """Publishes; one at a time, since not every broker's connection takes two. Raises what the broker raises."""
        if self._broadcast is not None:
            async with self._publishing:
                await self._broadcast.publish(self._channel, message)

    def _enqueue(self, log_id: int, number: int) -> None:
        if self._everything_pending:
            return
        self._pending[log_id] = max(number, self._pending.get(log_id, number))
        if len(self._pending) > MAX_PENDING_LOGS:
            self._enqueue_everything()
        self._has_pending.set()

    def _enqueue_everything(self) -> None:
        self._pending.clear()
        self._everything_pending = True
        self._has_pending.set()

    async def _send_pending(self) -> NoReturn:
        failures = 0
        while True:
            await self._has_pending.wait()
            everything = self._everything_pending
            notifications = dict(islice(self._pending.items(), MAX_NOTIFICATIONS_PER_MESSAGE))
            self._everything_pending = False
            for log_id in notifications:
                del self._pending[log_id]
            if not self._pending:
                self._has_pending.clear()
            try:
                await self._send(self._message("everything" if everything else list(notifications.items())))
            except Exception as error:  # noqa: BLE001 - a broker may fail in any way, and is tried again.
                self._outage.failed("publishing", error)
                if everything:
                    self._enqueue_everything()
                for log_id, number in notifications.items():
                    self._enqueue(log_id, number)
                await asyncio.sleep(_pause(failures))
                failures += 1
            else:
                self._outage.worked("publishing")
                failures = 0


class SupervisedBackend(BroadcastBackend):
    """A broker for `Broadcast` with one channel that is subscribed, again after each failure, while connected.

    The backends that broadcaster brings stop delivering, silently and for good, when their connection drops.
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
        """Does nothing: Broadcast loses subscribers if this waits for the network."""

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
                await self._broker.listen(self._channel, self._received, self._subscribed)
            except Exception as error:  # noqa: BLE001 - a broker may fail in any way, and is tried again.
                self._outage.failed("listening", error)
            # A broker that accepts a connection only to drop it is not worth a new attempt at once.
            failures = 0 if self.listening and clock() - began > MAX_RETRY_SECONDS else failures + 1
            self.listening = False
            self.attempted.set()
            await asyncio.sleep(_pause(failures))

    def _received(self, message: str) -> None:
        self._events.put_nowait(Event(self._channel, message))

    def _subscribed(self) -> None:
        self.listening = True
        self._outage.worked("listening")
        if self.attempted.is_set():
            self._received(EVERYTHING)
        self.attempted.set()


class Outage:
    """Logs once that the broker is away and once that it is back, however many attempts lie between."""

    def __init__(self) -> None:
        self._failing: set[str] = set()

    def failed(self, doing: str, error: Exception) -> None:
        """`doing` is "listening" or "publishing"."""
        if not self._failing:
            log.warning("The bus lost its broker and keeps trying.", failed=doing, error=repr(error))
        self._failing.add(doing)

    def worked(self, doing: str) -> None:
        """The opposite of `failed`."""
        if doing in self._failing:
            self._failing.discard(doing)
            if not self._failing:
                log.info("The bus has its broker again.")


def _call(handler: Callable[..., None], *arguments: int) -> None:
    try:
        handler(*arguments)
    except Exception:
        log.exception("A handler of the bus failed.")


def _opened(message: Any) -> tuple[str, Any]:
    """Returns the process that sent a message, and the content. Raises ValueError.

    The content is "everything", a list of notifications, or a dict of a topic and a body.
    """
    match message:
        case {"from": str(sender), "content": content}:
            return sender, content
    raise ValueError("It does not name its sender and content.")


def _notifications(content: list[Any]) -> list[tuple[int, int]]:
    """Returns the log ids and numbers of a message. Raises ValueError."""
    for notification in content:
        # JSON's true is an int to isinstance, and what exceeds 63 bits would fail in the database.
        if (
            not isinstance(notification, list)
            or [type(number) for number in notification] != [int, int]
            or not 0 <= min(notification) <= max(notification) < 2**63
        ):
            raise ValueError(f"{str(notification)[:100]} is not a log id and a number.")
    return [(log_id, number) for log_id, number in content]


def _pause(failures: int) -> float:
    """Returns the seconds until the next attempt, at random: processes must not all come back at once."""
    return random.uniform(0.5, 1.0) * min(MAX_RETRY_SECONDS, 0.1 * 2.0 ** min(failures, 10))


async def _end(task: asyncio.Task[NoReturn]) -> None:
    """Cancels and waits. Raises what the task failed with."""
    await tasks.end(task)
    if not task.cancelled():
        task.result()

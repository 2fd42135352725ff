"""Many followers on one thread, which cost little: what each receives is only compared with what the others received.

The bytes that the first follower receives are taken apart. A follower that receives the same bytes later costs one read
and one comparison; other bytes are taken apart, too, and must come to the same events.
"""

import os
import select
import socket
import time
from bisect import bisect_right
from collections.abc import Sequence
from typing import Self

from bench.fan_out.dialects import Dialect, Follow
from bench.load import BadAnswer

PATIENCE_SECONDS = 120.0
_AT_ONCE = 100
"""How many connections are opened together."""
_CHUNK = 65_536
"""More than the events of a round take: so one read leaves nothing behind, as edge-triggered polling demands."""
_NEVER = -1


class Followers:
    """Connections that follow, all in the same dialect. What goes wrong raises BadAnswer."""

    def __init__(self, dialect: Dialect, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self.seconds = 0.0
        """How long this thread has computed in order to receive."""
        self._dialect = dialect
        self._patience_seconds = patience_seconds
        self._sockets: dict[int, socket.socket] = {}
        self._poll = select.epoll()
        self._pending: dict[int, bytes] = {}
        """By file descriptor, the beginning of what is not whole yet."""
        self._pinged: list[int] = []
        self._last: int | None = None
        """The number of the last event."""
        self._begin(0)

    def __len__(self) -> int:
        return len(self._sockets)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends all connections."""
        self._poll.close()
        for connection in self._sockets.values():
            connection.close()

    def join(self, follows: Sequence[Follow]) -> None:
        """Opens a connection for each."""
        for at in range(0, len(follows), _AT_ONCE):
            opened: list[tuple[Follow, socket.socket]] = []
            for follow in follows[at : at + _AT_ONCE]:
                connection = socket.create_connection((follow.host, follow.port), timeout=self._patience_seconds)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._sockets[connection.fileno()] = connection
                opened.append((follow, connection))
            self._open(opened)
            for _, connection in opened:
                connection.setblocking(False)
                self._poll.register(connection, select.EPOLLIN | select.EPOLLET)
        self._begin(0)

    def _open(self, opened: Sequence[tuple[Follow, socket.socket]]) -> None:
        openings = [self._dialect.opening(follow) for follow, _ in opened]
        for steps in zip(*openings, strict=True):
            for (_, connection), step in zip(opened, steps, strict=True):
                connection.sendall(step.send)
            for (_, connection), step in zip(opened, steps, strict=True):
                data = self._pending.pop(connection.fileno(), b"")
                while (length := step.length(data)) is None:
                    more = connection.recv(_CHUNK)
                    if not more:
                        raise BadAnswer(f"The server ended a follower's connection after {data!r}.")
                    data += more
                if data[length:]:
                    self._pending[connection.fileno()] = data[length:]

    def receive(self, count: int) -> int:
        """Waits until all have received the next `count` events; returns the moment, in ns of the monotonic clock.

        Raises BadAnswer if one receives something else, or an event twice, in another order or not at all.
        """
        self._begin(count)
        deadline = time.monotonic() + self._patience_seconds
        poll, read, most = self._poll.poll, os.read, len(self)
        ends, received, got = self._ends, b"", 0
        began = time.thread_time()
        while got != self._goal:
            left = deadline - time.monotonic()
            ready = poll(max(0.0, left), most)
            if left < 0:
                raise BadAnswer(f"Some of {most} followers did not receive all of {count} events; {got} bytes came.")
            for number, _ in ready:
                data = read(number, _CHUNK)
                at = ends[number]
                end = at + len(data)
                if data != received[at:end] or not data:
                    end = self._take_apart(number, at, data)
                    received = self.received
                ends[number] = end
                got += end - at
        last = time.monotonic_ns()
        self.seconds += time.thread_time() - began
        self._check()
        self._pong()
        return last

    def rest(self, seconds: float) -> None:
        """Lets time pass, in which no event may come; pings are answered."""
        self._begin(0)
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            for number, _ in self._poll.poll(left, len(self)):
                self._take_apart(number, 0, os.read(number, _CHUNK))
            self._pong()

    def _begin(self, count: int) -> None:
        self._expected = count
        self._events: list[bytes] = []
        self._bounds = [0]
        """Where the events of this round begin among the bytes received, and the end of the last."""
        self.received = b""
        """The events of this round, as each of the followers receives them."""
        self._goal = _NEVER
        """How many bytes all followers together receive in this round, once that is known."""
        self._ends = [0] * (max(self._sockets, default=0) + 1)
        """By file descriptor, how much of those bytes each has received."""

    def _take_apart(self, number: int, at: int, data: bytes) -> int:
        """Compares events rather than bytes, from the last event that was whole; returns how far this follower is."""
        if not data:
            raise BadAnswer("The server ended a follower's connection.")
        known = bisect_right(self._bounds, at) - 1
        begin = self._bounds[known]
        begun = self._pending.pop(number, b"") or self.received[begin:at]
        events, rest, pinged = self._dialect.split(begun + data)
        if rest:
            self._pending[number] = rest
        if pinged:
            self._pinged.append(number)
        for event in events:
            if known == len(self._events):
                self._add(event)
            elif event != self._events[known]:
                raise BadAnswer(f"One follower received {event!r} where another received {self._events[known]!r}.")
            known += 1
        return self._bounds[known]

    def _add(self, event: bytes) -> None:
        if len(self._events) == self._expected:
            raise BadAnswer(f"A follower received more than the {self._expected} events that were published: {event!r}")
        self._events.append(event)
        self.received += event
        self._bounds.append(len(self.received))
        if len(self._events) == self._expected:
            self._goal = len(self.received) * len(self)

    def _check(self) -> None:
        """Whether the events of this round follow those before."""
        for event in self._events:
            answer = self._dialect.answer(event)
            try:
                number = answer["data"]["replyAdded"]["eventNumber"]
            except (TypeError, KeyError) as error:
                raise BadAnswer(f"Not the answer of a follower: {event!r}") from error
            if self._last is not None and number != self._last + 1:
                raise BadAnswer(f"Event {number} came after event {self._last}.")
            self._last = number

    def _pong(self) -> None:
        for number in self._pinged:
            self._sockets[number].send(self._dialect.pong)
        self._pinged.clear()

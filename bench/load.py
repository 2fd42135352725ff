"""A load client that costs little itself: a few connections, each with one request under way, on one thread.

An answer is only looked at for its end, its status and its length, unless the caller takes it.
"""

import gc
import re
import select
import socket
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import cycle, repeat
from typing import Self

CONNECTIONS = 8
NOT_MODIFIED = 304

_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
_ETAG = re.compile(rb"\r\netag: *([^\r]+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
# No JSON holds these bytes, since it writes a line's end within a string as \r\n.
_LAST_CHUNK = b"\r\n0\r\n\r\n"
_ANSWER_SECONDS = 60.0
_SOURCES = cycle(f"127.0.0.{number}" for number in range(2, 250))
"""The client's addresses: kept pages use up in seconds what one address may cost in a minute by the largest setting."""
_MOST_BYTES = 4_194_304
_MOST_OF_HEAD = 16_384


class BadAnswer(Exception):
    """An answer that is not the one expected, or none."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a run of load found."""

    answers: int
    seconds: float
    milliseconds: list[float]
    """How long each answer took, in ascending order."""

    @property
    def per_second(self) -> float:
        return self.answers / self.seconds

    @property
    def median(self) -> float:
        """The median time to an answer, in ms."""
        return statistics.median(self.milliseconds)

    @property
    def slowest_hundredth(self) -> float:
        """The time to an answer that one in a hundred exceeds, in ms."""
        return self.milliseconds[min(len(self.milliseconds) - 1, len(self.milliseconds) * 99 // 100)]


class Connection:
    """One connection, and the answer that is arriving on it."""

    def __init__(self, host: str, port: int, *, status: int = 200) -> None:
        """`status` is what is expected of each answer; one of 304 has no body."""
        self._status = status
        self.request = b""
        self.started = 0.0
        self._socket = socket.create_connection((host, port), _ANSWER_SECONDS, (next(_SOURCES), 0))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = memoryview(bytearray(_MOST_BYTES))
        self._filled = 0
        self._length: int | None = None
        """Of the whole answer, its head included; None until the head is there, and of one in chunks."""
        self._chunked = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def fileno(self) -> int:
        return self._socket.fileno()

    def ask(self, request: bytes) -> bytes:
        """Sends a request and waits for its answer; returns the body. Raises BadAnswer."""
        self.send(request)
        while not self.receive():
            pass
        return self.body

    def send(self, request: bytes) -> None:
        """Sends a request, after the answer to the one before was taken."""
        self._filled, self._length, self._chunked = 0, None, False
        self.request = request
        self.started = time.perf_counter()
        self._socket.sendall(request)

    def receive(self) -> bool:
        """Takes what has arrived, or waits for something; whether the answer is whole. Raises BadAnswer."""
        count = self._socket.recv_into(self._buffer[self._filled :])
        if count == 0:
            raise BadAnswer(f"The connection ended within an answer, after {self._filled} bytes.")
        self._filled += count
        if self._length is None and not self._chunked:
            self._read_head()
        if self._length is None:
            return self._chunked and self._buffer[self._filled - len(_LAST_CHUNK) : self._filled] == _LAST_CHUNK
        if self._filled > self._length:
            raise BadAnswer(f"An answer of {self._filled} bytes says that it has {self._length}.")
        return self._filled == self._length

    def _read_head(self) -> None:
        begun = bytes(self._buffer[: min(self._filled, _MOST_OF_HEAD)])
        head, end, _ = begun.partition(b"\r\n\r\n")
        if not end:
            return
        if not head.startswith(b"HTTP/1.1 %d " % self._status):
            raise BadAnswer(begun.decode(errors="replace"))
        if self._status == NOT_MODIFIED:
            self._length = len(head) + len(end)
            return
        length = _LENGTH.search(head)
        self._chunked = _CHUNKED.search(head) is not None
        if length is None and not self._chunked:
            raise BadAnswer(f"An answer of unknown length:\n{head.decode(errors='replace')}")
        self._length = None if length is None else len(head) + len(end) + int(length[1])

    @property
    def etag(self) -> str:
        """Of an answer that is whole: the ETag. Raises BadAnswer if it has none."""
        head, _, _ = bytes(self._buffer[: self._filled]).partition(b"\r\n\r\n")
        found = _ETAG.search(head)
        if found is None:
            raise BadAnswer(f"An answer without an ETag:\n{head.decode(errors='replace')}")
        return found[1].decode()

    @property
    def body(self) -> bytes:
        """Of an answer that is whole: its body, chunks joined."""
        _, _, body = bytes(self._buffer[: self._filled]).partition(b"\r\n\r\n")
        if not self._chunked:
            return body
        joined = b""
        while body:
            size, _, rest = body.partition(b"\r\n")
            length = int(size.partition(b";")[0], 16)
            joined += rest[:length]
            body = rest[length + 2 :] if length else b""
        return joined


def load(
    host: str,
    port: int,
    requests: bytes | Iterator[bytes],
    *,
    seconds: float,
    most: int | None = None,
    connections: int = CONNECTIONS,
    status: int = 200,
    take: Callable[[bytes, bytes], None] | None = None,
) -> Measured:
    """Sends requests for `seconds`, at most `most`, as fast as the answers come, and waits for the last ones.

    So what a server has computed went into the answers that are counted. `requests` is one that is sent again and
    again, or an endless iterator; `status` is expected of all; `take(request, body)` is called with each answer. Raises
    BadAnswer.
    """
    took: list[float] = []
    sending = repeat(requests) if isinstance(requests, bytes) else requests
    with ExitStack() as stack, select.epoll() as poll, without_collector():
        opened = {}
        for _ in range(connections if most is None else min(connections, most)):
            connection = stack.enter_context(Connection(host, port, status=status))
            opened[connection.fileno()] = connection
            poll.register(connection, select.EPOLLIN)
        begin = now = time.perf_counter()
        for connection in opened.values():
            connection.send(next(sending))
        sent = len(opened)
        while len(took) < sent:
            ready = poll.poll(_ANSWER_SECONDS)
            if not ready:
                raise BadAnswer(f"No answer within {_ANSWER_SECONDS:g} s.")
            for number, _ in ready:
                connection = opened[number]
                if connection.receive():
                    now = time.perf_counter()
                    took.append(now - connection.started)
                    if take is not None:
                        take(connection.request, connection.body)
                    if now - begin < seconds and (most is None or sent < most):
                        connection.send(next(sending))
                        sent += 1
    return Measured(len(took), now - begin, sorted(1000 * each for each in took))


@contextmanager
def without_collector() -> Iterator[None]:
    """Keeps Python's garbage collector out of what is timed."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()

"""Who lets a server publish: a control connection, or addReply over HTTP."""

import socket
import time
from typing import Protocol, Self

import orjson

from bench.load import BadAnswer, Connection

_PATIENCE_SECONDS = 60.0
_ADD_REPLY = "mutation Reply($input: AddReplyInput!) { addReply(input: $input) { errors { message } reply { id } } }"


class Publisher(Protocol):
    """Lets a server publish events, in three steps of which only what follows the second is timed."""

    def prepare(self, count: int) -> None:
        """Makes the next events ready."""

    def publish(self) -> None:
        """Asks for the publishing and does not wait for it."""

    def published(self) -> int:
        """When the publishing began, in ns of the monotonic clock."""


class Control:
    """The control connection of bench/peers/python/control.py."""

    def __init__(self, host: str, port: int) -> None:
        self._socket = socket.create_connection((host, port), timeout=_PATIENCE_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._lines = self._socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._lines.close()
        self._socket.close()

    def prepare(self, count: int) -> None:
        self._socket.sendall(b"prepare %d\n" % count)
        if self._number() != count:
            raise BadAnswer(f"A server did not make {count} events.")

    def publish(self) -> None:
        self._socket.sendall(b"publish\n")

    def published(self) -> int:
        return self._number()

    def followers(self) -> int:
        """How many follow at present."""
        self._socket.sendall(b"followers\n")
        return self._number()

    def _number(self) -> int:
        line = self._lines.readline()
        if not line:
            raise BadAnswer("A server ended its control connection.")
        return int(line)


class Posting:
    """addReply over HTTP, one event at a time, timed from the request."""

    def __init__(self, host: str, port: int, *, discussion: str, body: str, token: str) -> None:
        self._discussion, self._body = discussion, body
        self._head = (
            f"POST /graphql HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {token}\r\nContent-Length: "
        )
        self._request = b""
        self._connection = Connection(host, port)
        self._began = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.__exit__()

    def prepare(self, count: int) -> None:
        if count != 1:
            raise ValueError("One request adds one reply.")
        # The same words again within a minute would be a double click.
        given = {"discussionId": self._discussion, "body": f"{self._body} {time.monotonic_ns()}"}
        operation = orjson.dumps({"query": _ADD_REPLY, "variables": {"input": given}})
        self._request = f"{self._head}{len(operation)}\r\n\r\n".encode() + operation

    def publish(self) -> None:
        self._began = time.monotonic_ns()
        self._connection.send(self._request)

    def published(self) -> int:
        while not self._connection.receive():
            pass
        answer = orjson.loads(self._connection.body)
        if answer.get("errors") or answer["data"]["addReply"]["errors"]:
            raise BadAnswer(f"A reply was not added: {answer}")
        return self._began

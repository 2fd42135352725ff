"""A client of event streams for tests: raw bytes over a socket, and nothing done for you."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from tests.transports.service import Service

ANSWER_SECONDS = 5.0
EVENT_STREAM = "text/event-stream"


@dataclass(frozen=True, slots=True)
class Event:
    """One event as EventSource would tell it."""

    event: str
    data: str
    id: str | None = None

    def json(self) -> Any:
        return json.loads(self.data)


COMPLETE = Event("complete", "")


class Answer:
    """An answer whose body is read as it comes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer
        self.status = 0
        self.headers: dict[str, str] = {}
        self.comments = 0
        self.retry: int | None = None
        self.position: str | None = None
        self._rest = b""
        self._ended = False

    async def begin(self) -> None:
        async with asyncio.timeout(ANSWER_SECONDS):
            head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status, *lines = head.split("\r\n")
        self.status = int(status.split()[1])
        self.headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines if line)}

    async def chunk(self) -> bytes:
        """The next bytes of the body; none at its end. Raises EOFError where it was cut off."""
        if "content-length" in self.headers:
            length = 0 if self._ended else int(self.headers["content-length"])
            self._ended = True
            return await self._reader.readexactly(length)
        async with asyncio.timeout(ANSWER_SECONDS):
            size = int(await self._reader.readuntil(b"\r\n"), 16)
            data = await self._reader.readexactly(size + 2)
        return data[:-2]

    async def body(self) -> bytes:
        """The whole of the body, or the rest of it."""
        whole = self._rest
        while data := await self.chunk():
            whole += data
        return whole

    async def event(self) -> Event | None:
        """The next event, past comments; None at the end of the stream."""
        told: dict[str, str] = {}
        while True:
            line, found, rest = self._rest.partition(b"\n")
            if not found:
                data = await self.chunk()
                if not data:
                    return None
                self._rest += data
                continue
            self._rest = rest
            assert b"\r" not in line
            if not line:
                if told.get("event") == "position":
                    self.position, told = told["id"], {}
                elif "data" in told:
                    return Event(told.get("event", "message"), told["data"], told.get("id"))
                continue
            name, _, value = line.decode().partition(":")
            if not name:
                self.comments += 1
            elif name == "retry":
                self.retry = int(value)
            else:
                assert name in ("event", "data", "id")
                assert name not in told or name == "id", "A field came twice."
                told[name] = value.removeprefix(" ")

    async def results(self, count: int) -> list[Any]:
        """The data of so many `next` events."""
        found = []
        for _ in range(count):
            event = await self.event()
            assert event is not None
            assert event.event == "next", event
            found.append(event.json()["data"])
        return found

    async def until_cut(self) -> list[Event]:
        """All events of a stream that is cut off in its midst."""
        found = []
        with suppress(EOFError):
            while (event := await self.event()) is not None:
                found.append(event)
            raise AssertionError("The stream ended by itself.")
        return found

    async def rest(self) -> list[Event]:
        """All events to the end of the stream."""
        found = []
        while (event := await self.event()) is not None:
            found.append(event)
        return found


@asynccontextmanager
async def request(
    service: Service, head: str, body: bytes, accept: str, headers: Mapping[str, str]
) -> AsyncIterator[Answer]:
    """The answer to a raw request; the connection is cut at the end without a word."""
    reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
    lines = [f"{head} HTTP/1.1", "Host: reader", f"Accept: {accept}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    writer.write("\r\n".join([*lines, "", ""]).encode() + body)
    try:
        answer = Answer(reader, writer)
        await answer.begin()
        yield answer
    finally:
        writer.transport.abort()
        with suppress(OSError):
            await writer.wait_closed()


@asynccontextmanager
async def posted(
    service: Service,
    query: str,
    variables: Mapping[str, Any] | None = None,
    *,
    accept: str = EVENT_STREAM,
    headers: Mapping[str, str] | None = None,
) -> AsyncIterator[Answer]:
    """The answer to a POST of an operation."""
    body = json.dumps({"query": query, "variables": variables}).encode()
    headers = {"Content-Type": "application/json"} | dict(headers or {})
    async with request(service, "POST /graphql", body, accept, headers) as answer:
        yield answer


@asynccontextmanager
async def got(
    service: Service,
    query: str,
    variables: Mapping[str, Any] | None = None,
    *,
    accept: str = EVENT_STREAM,
    headers: Mapping[str, str] | None = None,
) -> AsyncIterator[Answer]:
    """The answer to a GET, as EventSource asks."""
    address = urlencode({"query": query, "variables": json.dumps(variables or {})})
    async with request(service, f"GET /graphql?{address}", b"", accept, headers or {}) as answer:
        yield answer

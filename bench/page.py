"""The request that is measured, and whether two answers to it are the same."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson

from bench import data

QUERY = Path(__file__).with_name("page.graphql")
LIST = Path(__file__).with_name("list.graphql")
SIZES = (50, 500)


def body(first: int, *, number: int = data.NUMBER) -> bytes:
    """The body of the POST that asks for a page of `first` replies."""
    variables = {"number": number, "first": first}
    return orjson.dumps({"query": QUERY.read_text(), "operationName": "ThreadPage", "variables": variables})


def list_body(first: int) -> bytes:
    """The body of the POST that asks for the `first` discussions by last activity."""
    return orjson.dumps({"query": LIST.read_text(), "operationName": "Discussions", "variables": {"first": first}})


def request(host: str, port: int, body: bytes, *, token: str | None = None) -> bytes:
    """All bytes of a POST of this body, signed in or not."""
    signed_in = "" if token is None else f"Authorization: Bearer {token}\r\n"
    head = (
        f"POST /graphql HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\n"
        f"Accept: application/json\r\n{signed_in}Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def get_request(host: str, port: int, body: bytes, *, etag: str | None = None) -> bytes:
    """All bytes of the GET that asks for what a POST of this body does; with an ETag, for whether it has changed."""
    sent = orjson.loads(body)
    sent["variables"] = orjson.dumps(sent["variables"])
    condition = "" if etag is None else f"If-None-Match: {etag}\r\n"
    head = (
        f"GET /graphql?{urlencode(sent)} HTTP/1.1\r\nHost: {host}:{port}\r\nAccept: application/json\r\n{condition}\r\n"
    )
    return head.encode()


def differences(wanted: object, given: object, at: str = "") -> Iterator[str]:
    """Where two decoded answers differ, a line each: the path, what is wanted and what is given."""
    if isinstance(wanted, dict) and isinstance(given, dict):
        for name in [*wanted, *(name for name in given if name not in wanted)]:
            absent: Any = "nothing"
            yield from differences(wanted.get(name, absent), given.get(name, absent), f"{at}.{name}")
    elif isinstance(wanted, list) and isinstance(given, list) and len(wanted) == len(given):
        for index, (left, right) in enumerate(zip(wanted, given, strict=True)):
            yield from differences(left, right, f"{at}[{index}]")
    elif isinstance(wanted, list) and isinstance(given, list):
        yield f"{at.lstrip('.')}: {len(given)} items instead of {len(wanted)}"
    # 1, 1.0 and true are equal in Python, and not in JSON.
    elif type(wanted) is not type(given) or wanted != given:
        yield f"{at.lstrip('.')}: {str(given)[:80]!r} instead of {str(wanted)[:80]!r}"

"""How every peer in Python is served: by uvicorn on uvloop and httptools, as Parley is."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn
import uvloop

App = Callable[[Any, Any, Any], Awaitable[None]]
"""An ASGI application."""


def serve(make: Callable[[], Awaitable[App]]) -> None:
    """Makes an application and serves it where the environment says, until the process receives a signal to end."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(make))


async def _serve(make: Callable[[], Awaitable[App]]) -> None:
    config = uvicorn.Config(
        await make(),
        host=os.environ["HOST"],
        port=int(os.environ["PORT"]),
        http="httptools",
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        # Followers receive events, and nothing else.
        ws_ping_interval=None,
    )
    await uvicorn.Server(config).serve()


async def body_of(receive: Any) -> bytes:
    """The whole body of a request."""
    message = await receive()
    body: bytes = message["body"]
    while message["more_body"]:
        message = await receive()
        body += message["body"]
    return body


def user_of(scope: Any) -> int:
    """Who sent a request: for the peers, a token is the number of a user."""
    return int(dict(scope["headers"])[b"authorization"].removeprefix(b"Bearer "))


async def answer(send: Any, body: bytes) -> None:
    """Answers with JSON."""
    headers = [(b"content-type", b"application/json; charset=utf-8"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})

"""Texts that are made already, sent by a bare ASGI application: what uvicorn's own websocket takes."""

from typing import Any

from bench.peers.python.control import Control
from bench.peers.python.events import next_message
from bench.peers.python.serving import App, serve

_sends: set[Any] = set()


async def make() -> App:
    """The application."""
    await Control(make=_text, publish=_publish, followers=_count).listen()
    return _follow


async def _follow(_scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    _sends.add(send)
    while (await receive())["type"] != "websocket.disconnect":
        pass
    _sends.discard(send)


async def _text() -> dict[str, Any]:
    return {"type": "websocket.send", "text": (await next_message()).decode()}


async def _publish(message: dict[str, Any]) -> None:
    for send in list(_sends):
        await send(message)


async def _count() -> int:
    return len(_sends)


if __name__ == "__main__":
    serve(make)

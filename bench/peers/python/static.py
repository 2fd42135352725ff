"""Parley's answers, kept as bytes: what HTTP alone costs."""

import hashlib
import os
from pathlib import Path
from typing import Any

from bench.peers.python.serving import App, answer, body_of, serve

KEPT = {path.name: path.read_bytes() for path in Path(os.environ["ANSWERS"]).iterdir()}


async def make() -> App:
    """The application, which returns the answer that was kept for a request of the same body."""
    known: dict[bytes, bytes] = {}

    async def app(_scope: Any, receive: Any, send: Any) -> None:
        body = await body_of(receive)
        if body not in known:
            known[body] = KEPT[hashlib.sha256(body).hexdigest()]
        await answer(send, known[body])

    return app


if __name__ == "__main__":
    serve(make)

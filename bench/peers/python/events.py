"""The events that the peers publish: one after another, in the shape and size of Parley's."""

from itertools import count
from pathlib import Path
from typing import Any

import orjson

_SAMPLE: dict[str, Any] = orjson.loads((Path(__file__).parent.parent / "event.json").read_bytes())
_numbers = count(_SAMPLE["eventNumber"])


async def next_event() -> dict[str, Any]:
    """What `replyAdded` selects of the next event."""
    number = next(_numbers)
    return _SAMPLE | {"eventNumber": number, "reply": _SAMPLE["reply"] | {"sequence": number}}


async def next_message() -> bytes:
    """The next event as graphql-transport-ws has it: the text of a frame."""
    message = {"id": "1", "type": "next", "payload": {"data": {"replyAdded": await next_event()}}}
    return orjson.dumps(message)

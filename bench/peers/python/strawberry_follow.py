"""strawberry's own websocket handler on the same kind of schema, each follower with a queue in memory."""

import asyncio
from collections.abc import AsyncGenerator

import strawberry
from strawberry.asgi import GraphQL
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from bench.peers.python.control import Control
from bench.peers.python.events import next_event
from bench.peers.python.serving import App, serve

_queues: set[asyncio.Queue["ReplyAdded"]] = set()


@strawberry.type
class User:
    """A person."""

    id: strawberry.ID
    handle: str
    name: str
    avatar_url: str | None


@strawberry.type
class Reply:
    """An answer in a discussion."""

    id: strawberry.ID
    sequence: int
    body_html: str
    created_at: str
    author: User | None


@strawberry.type
class ReplyAdded:
    """A reply was added."""

    cursor: str
    event_number: int
    reply: Reply


@strawberry.type
class Query:
    """What every schema must have."""

    ready: bool = True


@strawberry.type
class Subscription:
    """What can be followed."""

    @strawberry.subscription
    async def reply_added(
        self, discussion_id: strawberry.ID, after: str | None = None
    ) -> AsyncGenerator[ReplyAdded, None]:
        """Every reply from now on."""
        queue: asyncio.Queue[ReplyAdded] = asyncio.Queue()
        _queues.add(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            _queues.discard(queue)


async def make() -> App:
    """The application."""
    await Control(make=_event, publish=_publish, followers=_count).listen()
    schema = strawberry.Schema(query=Query, subscription=Subscription)
    return GraphQL[None, None](schema, subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL])


async def _event() -> ReplyAdded:
    event = await next_event()
    reply = event["reply"]
    author = reply["author"]
    user = User(
        id=author["id"],
        handle=author["handle"],
        name=author["name"],
        avatar_url=author["avatarUrl"],
    )
    made = Reply(
        id=reply["id"],
        sequence=reply["sequence"],
        body_html=reply["bodyHtml"],
        created_at=reply["createdAt"],
        author=user,
    )
    return ReplyAdded(cursor=event["cursor"], event_number=event["eventNumber"], reply=made)


async def _publish(event: ReplyAdded) -> None:
    for queue in _queues:
        queue.put_nowait(event)


async def _count() -> int:
    return len(_queues)


if __name__ == "__main__":
    serve(make)

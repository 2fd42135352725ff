"""The page as a user of strawberry and SQLAlchemy's ORM would serve it: relations loaded ahead, no query per row."""

from datetime import UTC, datetime
from functools import partial
from typing import Any, cast

import strawberry
from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload, selectinload
from strawberry.asgi import GraphQL
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.schema.config import StrawberryConfig
from strawberry.types.scalar import ScalarDefinition

from bench.peers.python.models import (
    DiscussionCountsModel,
    DiscussionModel,
    PostModel,
    QuoteModel,
    SecretModel,
    UserModel,
    sessions,
)
from bench.peers.python.orm_reply import AddReplyInput, write_reply
from bench.peers.python.serving import App, serve, user_of
from live.cursors import Cursors


@strawberry.type
class User:
    """A person."""

    handle: str
    name: str
    avatar_url: str | None

    @strawberry.field
    @staticmethod
    def id(root: strawberry.Parent[UserModel]) -> strawberry.ID:
        return strawberry.ID(f"U_{root.id}")


@strawberry.type
class Source:
    """The post that is quoted."""

    @strawberry.field
    @staticmethod
    def id(root: strawberry.Parent[PostModel]) -> strawberry.ID:
        return strawberry.ID(f"R_{root.id}")


@strawberry.type
class Quote:
    """Words of one post inside another."""

    body_text: str
    source_version: int | None
    source: Source | None

    @strawberry.field
    @staticmethod
    def id(root: strawberry.Parent[QuoteModel]) -> strawberry.ID:
        return strawberry.ID(f"Q_{root.id}")

    @strawberry.field
    @staticmethod
    def attributed_to(root: strawberry.Parent[QuoteModel]) -> User | None:
        return root.source.author if root.source else None  # type: ignore[return-value]

    @strawberry.field
    @staticmethod
    def status(root: strawberry.Parent[QuoteModel]) -> str:
        source = root.source
        if source is None:
            return "UNRESOLVED"
        if source.deleted_at is not None:
            return "SOURCE_DELETED"
        if source.version == root.source_version:
            return "VERBATIM" if root.comparison == "VERBATIM" else "ALTERED"
        if root.said in source.said:
            return "VERBATIM"
        return "SOURCE_EDITED" if root.comparison == "VERBATIM" else "ALTERED"


@strawberry.type
class Reply:
    """An answer in a discussion."""

    sequence: int
    body_html: str
    created_at: datetime
    author: User | None
    quotes: list[Quote]

    @strawberry.field
    @staticmethod
    def id(root: strawberry.Parent[PostModel]) -> strawberry.ID:
        return strawberry.ID(f"R_{root.id}")

    @strawberry.field
    @staticmethod
    def reply_count(root: strawberry.Parent[PostModel]) -> int:
        return root.counts.reply_count


@strawberry.type
class Edge:
    """A reply in its place."""

    cursor: str
    depth: int
    node: Reply


@strawberry.type
class PageInfo:
    """The position of a page in its list."""

    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class Thread:
    """A page of replies."""

    edges: list[Edge]
    page_info: PageInfo


@strawberry.type
class Discussion:
    """An opening post and what it led to."""

    title: str

    @strawberry.field
    @staticmethod
    def id(root: strawberry.Parent[DiscussionModel]) -> strawberry.ID:
        return strawberry.ID(f"D_{root.id}")

    @strawberry.field
    @staticmethod
    def number(root: strawberry.Parent[DiscussionModel]) -> int:
        return root.id

    @strawberry.field
    @staticmethod
    def reply_count(root: strawberry.Parent[DiscussionModel]) -> int:
        return root.counts.reply_count

    @strawberry.field
    @staticmethod
    def last_activity_at(root: strawberry.Parent[DiscussionModel]) -> datetime:
        return root.counts.last_activity_at

    @strawberry.field
    @staticmethod
    def author(root: strawberry.Parent[DiscussionModel]) -> User | None:
        return root.opening.author  # type: ignore[return-value]

    @strawberry.field
    @staticmethod
    def event_cursor(root: strawberry.Parent[DiscussionModel], info: strawberry.Info[Any]) -> str:
        head = root.head
        cursors: Cursors = info.context["cursors"]
        return cursors.write(root.id, head.last_event, head.last_epoch)

    @strawberry.field
    @staticmethod
    async def thread(root: strawberry.Parent[DiscussionModel], first: int) -> Thread:
        statement = (
            select(PostModel)
            .where(PostModel.discussion_id == root.id, PostModel.listed)
            .where(PostModel.path > b"", PostModel.path < b"\xff\xff\xff\xff")
            .order_by(PostModel.path)
            .limit(first + 1)
            .options(
                joinedload(PostModel.author),
                joinedload(PostModel.counts),
                selectinload(PostModel.quotes).joinedload(QuoteModel.source).joinedload(PostModel.author),
            )
        )
        async with sessions() as session:
            found = (await session.scalars(statement)).all()
        edges = [
            Edge(cursor=f"r{post.sequence}", depth=post.depth, node=post)  # type: ignore[arg-type]
            for post in found[:first]
        ]
        return Thread(
            edges=edges,
            page_info=PageInfo(has_next_page=len(found) > first, end_cursor=edges[-1].cursor if edges else None),
        )


@strawberry.type
class DiscussionEdge:
    """A discussion in a list."""

    node: Discussion


@strawberry.type
class DiscussionConnection:
    """A page of discussions."""

    edges: list[DiscussionEdge]
    page_info: PageInfo


@strawberry.type
class Query:
    """What can be read."""

    @strawberry.field
    @staticmethod
    async def discussion(number: int) -> Discussion | None:
        options = (
            joinedload(DiscussionModel.head),
            joinedload(DiscussionModel.counts),
        )
        async with sessions() as session:
            found = await session.get(DiscussionModel, number, options=options)
        return cast("Discussion | None", found)

    @strawberry.field
    @staticmethod
    async def discussions(first: int) -> DiscussionConnection:
        statement = (
            select(DiscussionModel)
            .join(DiscussionModel.counts)
            .where(DiscussionModel.deleted_at.is_(None))
            .order_by(DiscussionCountsModel.last_activity_at.desc(), DiscussionCountsModel.discussion_id.desc())
            .limit(first + 1)
            .options(
                contains_eager(DiscussionModel.counts),
                joinedload(DiscussionModel.opening).joinedload(PostModel.author),
            )
        )
        async with sessions() as session:
            found = (await session.scalars(statement)).all()
        return DiscussionConnection(
            edges=[DiscussionEdge(node=each) for each in found[:first]],  # type: ignore[arg-type]
            page_info=PageInfo(has_next_page=len(found) > first, end_cursor=None),
        )


@strawberry.type
class AddReplyPayload:
    """What addReply returns."""

    edge: Edge


@strawberry.type
class Mutation:
    """What can be written."""

    @strawberry.mutation
    @staticmethod
    async def add_reply(info: strawberry.Info[Any], input: AddReplyInput) -> AddReplyPayload:
        post = await write_reply(input, info.context["user"]())
        return AddReplyPayload(edge=Edge(cursor=f"r{post.sequence}", depth=post.depth, node=post))  # type: ignore[arg-type]


def rfc3339(moment: datetime) -> str:
    """The moment as Parley writes it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


SCALARS: dict[object, ScalarDefinition] = {datetime: strawberry.scalar(name="DateTime", serialize=rfc3339)}


class Endpoint(GraphQL[Any, Any]):
    """Strawberry's HTTP view with what resolvers need."""

    cursors: Cursors

    async def get_context(self, request: Any, response: Any) -> Any:
        return {"request": request, "response": response, "cursors": self.cursors, "user": partial(user_of, request)}


async def make() -> App:
    """The application."""
    schema = strawberry.Schema(
        Query, Mutation, config=StrawberryConfig(scalar_map=SCALARS), extensions=[ParserCache, ValidationCache]
    )
    endpoint = Endpoint(schema, graphql_ide=None)
    async with sessions() as session:
        secret = await session.get_one(SecretModel, "cursor")
    endpoint.cursors = Cursors(secret.value)
    return endpoint


if __name__ == "__main__":
    serve(make)

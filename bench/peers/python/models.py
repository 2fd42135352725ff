"""Parley's tables as classes of SQLAlchemy's ORM, as far as the page and addReply need them, and sessions of it."""

import os
from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, foreign, mapped_column, relationship

from bench.peers.python.database import POOL_SIZE

engine = create_async_engine(
    os.environ["DATABASE_URL"].replace("postgresql:", "postgresql+asyncpg:", 1), pool_size=POOL_SIZE, max_overflow=0
)
sessions = async_sessionmaker(engine, expire_on_commit=False)


class Base(DeclarativeBase):
    """The declarative base."""


class UserModel(Base):
    """A person."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    handle: Mapped[str]
    name: Mapped[str]
    avatar_url: Mapped[str | None]


class PostModel(Base):
    """A reply, or an opening post."""

    __tablename__ = "posts"

    id: Mapped[int] = mapped_column(primary_key=True)
    discussion_id: Mapped[int]
    sequence: Mapped[int]
    reply_to_id: Mapped[int | None]
    path: Mapped[bytes]
    newest_path: Mapped[bytes]
    depth: Mapped[int]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    body: Mapped[str]
    body_html: Mapped[str]
    body_text: Mapped[str]
    said: Mapped[str]
    renderer: Mapped[int]
    version: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    deleted_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    listed: Mapped[bool]

    author: Mapped[UserModel | None] = relationship()
    counts: Mapped["CountsModel"] = relationship(
        primaryjoin=lambda: (
            (foreign(PostModel.discussion_id) == CountsModel.discussion_id)
            & (foreign(PostModel.sequence) == CountsModel.sequence)
        ),
        viewonly=True,
    )
    quotes: Mapped[list["QuoteModel"]] = relationship(
        primaryjoin=lambda: (QuoteModel.post_id == PostModel.id) & (QuoteModel.depth == 0),
        order_by=lambda: QuoteModel.ordinal,
        viewonly=True,
    )


class CountsModel(Base):
    """What is counted below a post."""

    __tablename__ = "reply_counts"

    discussion_id: Mapped[int] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True)
    reply_count: Mapped[int]
    descendant_count: Mapped[int]


class QuoteModel(Base):
    """Words of one post inside another."""

    __tablename__ = "quotes"

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
    ordinal: Mapped[int]
    depth: Mapped[int]
    source_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id"))
    source_version: Mapped[int | None]
    body_text: Mapped[str]
    said: Mapped[str]
    comparison: Mapped[str]

    source: Mapped[PostModel | None] = relationship(foreign_keys=[source_id])


class HeadModel(Base):
    """The head of a discussion's log."""

    __tablename__ = "log_heads"

    log_id: Mapped[int] = mapped_column(primary_key=True)
    last_event: Mapped[int]
    last_reply: Mapped[int]
    last_epoch: Mapped[bytes] = mapped_column(LargeBinary)


class DiscussionCountsModel(Base):
    """What is counted in a discussion."""

    __tablename__ = "discussion_counts"

    discussion_id: Mapped[int] = mapped_column(ForeignKey("discussions.id"), primary_key=True)
    reply_count: Mapped[int]
    participant_count: Mapped[int]
    last_activity_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))


class ParticipantModel(Base):
    """How much a person has written in a discussion."""

    __tablename__ = "participants"

    discussion_id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(primary_key=True)
    post_count: Mapped[int]


class DiscussionModel(Base):
    """A discussion."""

    __tablename__ = "discussions"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]

    deleted_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))

    opening: Mapped[PostModel] = relationship(
        primaryjoin=lambda: (foreign(PostModel.discussion_id) == DiscussionModel.id) & (PostModel.sequence == 0),
        uselist=False,
        viewonly=True,
    )
    head: Mapped[HeadModel] = relationship(primaryjoin=lambda: foreign(HeadModel.log_id) == DiscussionModel.id)
    counts: Mapped[DiscussionCountsModel] = relationship()


class SecretModel(Base):
    """Random bytes by name."""

    __tablename__ = "secrets"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[bytes] = mapped_column(LargeBinary)

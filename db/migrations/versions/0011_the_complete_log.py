"""The complete log: heads for all logs, events of the site and of every kind, one outbox, a feed of them all.

No event is renumbered, so cursors into the logs of discussions stay good. The feed begins again at its present end: who
resumes from a cursor of before is told, since the feed knew only of new replies.
"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

EPOCH_BYTES = 8
FEED, SITE, MODERATION = 0, 1 << 56, 2 << 56


def upgrade() -> None:
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    if is_postgresql:
        # Whoever is in the middle of a write is waited for, and none begins.
        op.execute("LOCK TABLE discussion_heads, events, feed_outbox, feed, feed_head IN ACCESS EXCLUSIVE MODE")
    _make_heads()
    if is_postgresql:
        _change_events()
    else:
        _rebuild_events()
    op.execute("UPDATE events SET kind = 'DiscussionUpdated', changes = 'DELETED' WHERE kind = 'DiscussionDeleted'")
    op.create_table(
        "event_people",
        sa.Column("log_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("log_id", "number", "user_id", name=op.f("pk_event_people")),
    )
    _sequence_anew()
    op.create_table(
        "viewer_events",
        sa.Column("user_id", _id(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source_log_id", sa.BigInteger(), nullable=False),
        sa.Column("source_number", sa.BigInteger(), nullable=False),
        sa.Column("at", _moment(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_viewer_events_user_id")),
        sa.PrimaryKeyConstraint("user_id", "number", name=op.f("pk_viewer_events")),
    )
    op.create_index("ix_viewer_events_at", "viewer_events", ["at"])
    op.add_column("posts", sa.Column("last_event", sa.BigInteger(), server_default="0", nullable=False))
    op.drop_table("discussion_heads")
    op.drop_column("discussions", "epoch")
    op.drop_column("discussions", "log_floor")


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _moment() -> sa.DateTime:
    return sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def _make_heads() -> None:
    op.create_table(
        "log_heads",
        sa.Column("log_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.LargeBinary(), nullable=False),
        sa.Column("log_floor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("last_event", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("last_epoch", sa.LargeBinary(), nullable=False),
        sa.Column("last_reply", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("log_id", name=op.f("pk_log_heads")),
    )
    op.execute(
        "INSERT INTO log_heads (log_id, epoch, log_floor, last_event, last_epoch, last_reply)"
        " SELECT discussions.id, discussions.epoch, discussions.log_floor, discussion_heads.last_event,"
        " coalesce(events.epoch, discussions.epoch), discussion_heads.last_reply"
        " FROM discussions JOIN discussion_heads ON discussion_heads.discussion_id = discussions.id"
        " LEFT JOIN events ON events.discussion_id = discussions.id AND events.number = discussion_heads.last_event"
    )
    for log_id in (SITE, MODERATION):
        _make_head(log_id, last_event=0)


def _make_head(log_id: int, *, last_event: int) -> bytes:
    epoch = secrets.token_bytes(EPOCH_BYTES)
    op.get_bind().execute(
        sa.text(
            "INSERT INTO log_heads (log_id, epoch, log_floor, last_event, last_epoch)"
            " VALUES (:log_id, :epoch, :last_event, :last_event, :epoch)"
        ),
        {"log_id": log_id, "epoch": epoch, "last_event": last_event},
    )
    return epoch


_ADDED = (
    ("author_id", sa.BigInteger()),
    ("answered_id", sa.BigInteger()),
    ("category_id", sa.BigInteger()),
    ("former_category_id", sa.BigInteger()),
    ("user_id", sa.BigInteger()),
    ("changes", sa.Text()),
)


def _change_events() -> None:
    op.execute("ALTER TABLE events DROP CONSTRAINT fk_events_discussion_id")
    op.execute("ALTER TABLE events RENAME COLUMN discussion_id TO log_id")
    for name, type_ in _ADDED:
        op.add_column("events", sa.Column(name, type_))


def _rebuild_events() -> None:
    """SQLite drops no key of a table that exists."""
    op.rename_table("events", "earlier_events")
    op.create_table(
        "events",
        sa.Column("log_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("post_id", _id()),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("actor_id", _id()),
        *(sa.Column(name, type_) for name, type_ in _ADDED),
        sa.Column("client_mutation_id", sa.Text()),
        sa.Column("at", _moment(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_events_post_id")),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_events_actor_id")),
        sa.PrimaryKeyConstraint("log_id", "number", name=op.f("pk_events")),
    )
    columns = "number, epoch, kind, post_id, version, actor_id, client_mutation_id, at"
    op.execute(f"INSERT INTO events (log_id, {columns}) SELECT discussion_id, {columns} FROM earlier_events")  # noqa: S608
    op.drop_table("earlier_events")


def _sequence_anew() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", _id(), nullable=False),
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        sa.Column("source_log_id", sa.BigInteger(), nullable=False),
        sa.Column("source_number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index("ix_outbox_log_id_id", "outbox", ["log_id", "id"])
    op.create_table(
        "moderation_events",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_moderation_events")),
    )
    op.execute("ALTER TABLE feed RENAME COLUMN discussion_id TO log_id")
    last = op.get_bind().scalar(sa.text("SELECT last_position FROM feed_head")) or 0
    epoch = _make_head(FEED, last_event=last)
    # The last one stays, so that cursors at the end are checked by it; its new epoch tells those of before.
    op.get_bind().execute(sa.text("DELETE FROM feed WHERE position < :last"), {"last": last})
    op.get_bind().execute(sa.text("UPDATE feed SET epoch = :epoch"), {"epoch": epoch})
    op.drop_table("feed_outbox")
    op.drop_table("feed_head")

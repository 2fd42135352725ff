"""The feed: the replies of all discussions in one order."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

EPOCH_BYTES = 8


def upgrade() -> None:
    op.create_table(
        "unfed",
        sa.Column("discussion_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("discussion_id", "number", name=op.f("pk_unfed")),
    )
    op.create_table(
        "feed",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("discussion_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("tag", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_feed")),
    )
    op.create_table(
        "feed_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last_position", sa.BigInteger(), nullable=False),
        sa.Column("tag", sa.LargeBinary(), nullable=False),
        sa.Column("log_floor", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_head")),
    )
    _fill()


def _fill() -> None:
    """The replies that are there enter as old as they are, but none before an earlier one of its discussion.

    An event's moment alone would not do: it is the beginning of its write, and the lock orders by the end.
    """
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        # Whoever is in the middle of a write without a feed is waited for, and none begins.
        connection.execute(sa.text("LOCK TABLE events IN SHARE ROW EXCLUSIVE MODE"))
    connection.execute(
        sa.text(
            "INSERT INTO feed (position, discussion_id, number, tag)"
            " SELECT row_number() OVER (ORDER BY aged.age, aged.discussion_id, aged.number),"
            " aged.discussion_id, aged.number, :tag FROM ("
            "SELECT discussion_id, number, kind, max(at) OVER (PARTITION BY discussion_id ORDER BY number) AS age"
            " FROM events) AS aged WHERE aged.kind = 'ReplyAdded'"
        ),
        {"tag": secrets.token_bytes(EPOCH_BYTES)},
    )
    connection.execute(
        sa.text("INSERT INTO feed_head (id, last_position, tag) SELECT 1, coalesce(max(position), 0), :tag FROM feed"),
        {"tag": secrets.token_bytes(EPOCH_BYTES)},
    )

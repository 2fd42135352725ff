"""Durable readers of logs. The one of quote notices begins at the end of the feed.

Every act of before that changed a source has left its row in `pending_quote_notifications` in its own transaction, also
one that commits only after this. The acts of this version do not: they enter the feed after its present end.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

FEED = 0


def upgrade() -> None:
    moment = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
    op.create_table(
        "log_readers",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.LargeBinary()),
        sa.Column("range_end", sa.BigInteger()),
        sa.Column("lease", sa.LargeBinary()),
        sa.Column("lease_ends_at", moment),
        sa.Column("attempts", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("next_attempt_at", moment),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_log_readers")),
    )
    op.get_bind().execute(
        sa.text(
            "INSERT INTO log_readers (name, log_id, position)"
            " SELECT 'quote-notices', log_id, last_event FROM log_heads WHERE log_id = :feed"
        ),
        {"feed": FEED},
    )

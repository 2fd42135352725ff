"""Standard names: `epoch`, `feed_outbox`, `pending_quote_notifications`, `notified_version`."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("discussions", "events", "feed", "feed_head"):
        op.execute(f"ALTER TABLE {table} RENAME COLUMN tag TO epoch")
    op.execute("ALTER TABLE quotes RENAME COLUMN told_version TO notified_version")
    op.rename_table("unfed", "feed_outbox")
    op.rename_table("untold_sources", "pending_quote_notifications")
    if op.get_bind().dialect.name == "postgresql":
        for table, old, new in (
            ("feed_outbox", "pk_unfed", "pk_feed_outbox"),
            ("pending_quote_notifications", "pk_untold_sources", "pk_pending_quote_notifications"),
            (
                "pending_quote_notifications",
                "fk_untold_sources_post_id",
                "fk_pending_quote_notifications_post_id",
            ),
        ):
            op.execute(f"ALTER TABLE {table} RENAME CONSTRAINT {old} TO {new}")
    _keep_epochs()


def _keep_epochs() -> None:
    """Writes the epoch of its event into the outcome of each addReply, from which a repeat answers."""
    connection = op.get_bind()
    kept = connection.execute(
        sa.text(
            "SELECT user_id, key, outcome FROM idempotency_keys WHERE mutation = 'addReply' AND outcome IS NOT NULL"
        )
    )
    for row in kept.all():
        outcome = json.loads(row.outcome)
        epoch = connection.scalar(
            sa.text("SELECT epoch FROM events WHERE discussion_id = :discussion AND number = :number"),
            {"discussion": outcome.get("discussion"), "number": outcome.get("event")},
        )
        if epoch is not None:
            connection.execute(
                sa.text(
                    "UPDATE idempotency_keys SET outcome = :outcome"
                    " WHERE user_id = :user AND mutation = 'addReply' AND key = :key"
                ),
                {"outcome": json.dumps(outcome | {"epoch": bytes(epoch).hex()}), "user": row.user_id, "key": row.key},
            )

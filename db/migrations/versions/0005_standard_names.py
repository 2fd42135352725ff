"""Standard names: `epoch`, `feed_outbox`, `pending_quote_notifications`, `notified_version`."""

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
    hexadecimal, discussion, number = (
        ("encode(epoch, 'hex')", "(outcome::jsonb ->> 'discussion')::bigint", "(outcome::jsonb ->> 'event')::bigint")
        if op.get_bind().dialect.name == "postgresql"
        else ("lower(hex(epoch))", "json_extract(outcome, '$.discussion')", "json_extract(outcome, '$.event')")
    )
    # Each outcome is a JSON object without spaces.
    op.execute(
        f"""
        UPDATE idempotency_keys
        SET outcome = substr(outcome, 1, length(outcome) - 1) || ',"epoch":"' || {hexadecimal} || '"}}'
        FROM events
        WHERE mutation = 'addReply' AND discussion_id = {discussion} AND number = {number}
        """  # noqa: S608 - every part is written above.
    )

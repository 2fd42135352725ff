"""Moderation: the audit log, review items, held posts, suspensions with their end, and roles that stand in rows.

What the log of moderation referred to, events of discussions, become entries of the audit log. Who is suspended stays
so, without an end. A role that a token gave is known as that.
"""

import sqlalchemy as sa
from alembic import op

from db.online import add_columns, create_index, drop_index

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
SITE, MODERATION, AUDIT = 1 << 56, 2 << 56, 4 << 56

_ACTION = """
    CASE
        WHEN events.kind = 'ReplyDeleted' THEN 'DELETE_POST'
        WHEN events.kind = 'ReplyRestored' THEN 'RESTORE_POST'
        WHEN events.changes = 'DELETED' THEN 'DELETE_DISCUSSION'
        WHEN events.changes = 'RESTORED' THEN 'RESTORE_DISCUSSION'
        -- Each of these changed what was before, so all that is known is whether it is locked now.
        WHEN discussions.locked = ((
            SELECT count(*) FROM events AS later
            WHERE later.log_id = events.log_id AND later.number > events.number AND later.changes = 'LOCK'
        ) % 2 = 0) THEN 'LOCK_DISCUSSION'
        ELSE 'UNLOCK_DISCUSSION'
    END
"""


def upgrade() -> None:
    add_columns(
        "users",
        sa.Column("role_is_of_token", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("role_given_at", Moment),
        sa.Column("premoderated", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.execute("UPDATE users SET role_is_of_token = true WHERE role <> 'MEMBER' AND NOT role_is_of_token")
    add_columns(
        "categories",
        sa.Column("position", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("premoderated", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("last_event", sa.BigInteger(), server_default="0", nullable=False),
    )
    add_columns("discussions", sa.Column("pinned_at", Moment), sa.Column("retitled_by_id", sa.BigInteger()))
    add_columns("revisions", sa.Column("retitled_by_id", sa.BigInteger()))
    add_columns("deleted_posts", sa.Column("audit_entry_id", sa.BigInteger()))
    # First what commits by itself: a run after a killed one begins with it again.
    where = ("pinned_at IS NOT NULL",) * 2
    create_index("ix_discussions_pinned", "discussions", ["pinned_at", "id"], where=where)
    create_index("ix_categories_position_id", "categories", ["position", "id"])
    create_index("ix_categories_last_event", "categories", ["last_event"])
    where = ("audit_entry_id IS NOT NULL",) * 2
    create_index("ix_deleted_posts_of_acts", "deleted_posts", ["audit_entry_id", "post_id"], where=where)
    where = ("suspended_at IS NOT NULL OR role <> 'MEMBER'",) * 2
    create_index("ix_users_special_rights", "users", ["id"], where=where)
    drop_index("ix_users_suspended", "users")
    op.execute(
        "UPDATE categories SET last_event = coalesce((SELECT max(events.number) FROM events"
        f" WHERE events.log_id = {SITE} AND events.category_id = categories.id), 0)"
    )
    _make_tables()
    op.execute(
        "INSERT INTO suspensions (user_id, at) SELECT id, suspended_at FROM users"
        " WHERE suspended_at IS NOT NULL AND name <> '[erased]'"
    )
    _move_acts()
    op.execute(
        "INSERT INTO log_readers (name, log_id, position)"
        f" SELECT 'decision-notices', log_id, last_event FROM log_heads WHERE log_id = {MODERATION}"
    )


def _move_acts() -> None:
    """Makes entries of the audit log of the events in the log of moderation, and of those on the way there."""
    # ruff: noqa: S608 - put together of texts of our own.
    entry = f"""
        SELECT {{id}}, {_ACTION}, events.actor_id, events.at, events.author_id, events.log_id, events.post_id,
        deleted_posts.reason, events.number
        FROM {{source}}
        JOIN discussions ON discussions.id = events.log_id
        LEFT JOIN deleted_posts ON deleted_posts.post_id = events.post_id AND deleted_posts.act = events.number
    """
    columns = "(id, action, actor_id, at, user_id, discussion_id, post_id, reason, event_number)"
    listed = "moderation_events JOIN events ON events.log_id = moderation_events.log_id"
    listed += " AND events.number = moderation_events.number"
    op.execute(f"INSERT INTO audit_entries {columns} " + entry.format(id="moderation_events.position", source=listed))
    op.execute(f"UPDATE moderation_events SET log_id = {AUDIT}, number = position")
    waiting = "outbox JOIN events ON events.log_id = outbox.source_log_id AND events.number = outbox.source_number"
    number = "row_number() OVER (ORDER BY outbox.id) + (SELECT coalesce(max(position), 0) FROM moderation_events)"
    of_moderation = f" WHERE outbox.log_id = {MODERATION}"
    op.execute(f"INSERT INTO audit_entries {columns} " + entry.format(id=number, source=waiting) + of_moderation)
    op.execute(f"DELETE FROM outbox WHERE log_id = {MODERATION}")
    op.execute(
        f"INSERT INTO outbox (log_id, source_log_id, source_number) SELECT {MODERATION}, {AUDIT}, id FROM audit_entries"
        " WHERE id > (SELECT coalesce(max(position), 0) FROM moderation_events) ORDER BY id"
    )
    op.execute(
        "UPDATE deleted_posts SET audit_entry_id = (SELECT min(audit_entries.id) FROM audit_entries"
        " JOIN posts ON posts.discussion_id = audit_entries.discussion_id"
        " WHERE posts.id = deleted_posts.post_id AND audit_entries.event_number = deleted_posts.act)"
        " WHERE by = 'MODERATOR'"
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "SELECT setval(pg_get_serial_sequence('audit_entries', 'id'), (SELECT max(id) FROM audit_entries))"
            " WHERE EXISTS (SELECT 1 FROM audit_entries)"
        )


def _make_tables() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("id", Id, nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("actor_id", Id),
        sa.Column("at", Moment, nullable=False),
        sa.Column("user_id", sa.BigInteger()),
        sa.Column("discussion_id", sa.BigInteger()),
        sa.Column("post_id", sa.BigInteger()),
        sa.Column("category_id", sa.BigInteger()),
        sa.Column("review_item_id", sa.BigInteger()),
        sa.Column("held_post_id", sa.BigInteger()),
        sa.Column("reason", sa.Text()),
        sa.Column("former", sa.Text()),
        sa.Column("event_number", sa.BigInteger()),
        sa.Column("undoes", Id),
        sa.Column("total", sa.BigInteger()),
        sa.Column("done", sa.BigInteger()),
        sa.Column("skipped", sa.BigInteger()),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name="fk_audit_entries_actor_id"),
        sa.ForeignKeyConstraint(["undoes"], ["audit_entries.id"], name="fk_audit_entries_undoes"),
        sa.PrimaryKeyConstraint("id", name="pk_audit_entries"),
        sa.Index("ix_audit_entries_actor_id_id", "actor_id", "id"),
        sa.Index("ix_audit_entries_discussion_id_id", "discussion_id", "id"),
        sa.Index("ix_audit_entries_post_id_id", "post_id", "id"),
        sa.Index("ix_audit_entries_undoes", "undoes"),
        sa.Index("ix_audit_entries_user_id_id", "user_id", "id"),
    )
    op.create_table(
        "held_posts",
        sa.Column("id", Id, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="HELD", nullable=False),
        sa.Column("author_id", Id, nullable=False),
        sa.Column("discussion_id", Id),
        sa.Column("reply_to_id", Id),
        sa.Column("post_id", Id),
        sa.Column("expected_version", sa.BigInteger()),
        sa.Column("title", sa.Text()),
        sa.Column("category_id", Id),
        sa.Column("keeps_category", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_html", sa.Text(), nullable=False),
        sa.Column("quotes", sa.Text()),
        sa.Column("mentions", sa.Text()),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("awaits_filter", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("client_mutation_id", sa.Text()),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("decided_at", Moment),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name="fk_held_posts_author_id"),
        sa.ForeignKeyConstraint(["discussion_id"], ["discussions.id"], name="fk_held_posts_discussion_id"),
        sa.ForeignKeyConstraint(["reply_to_id"], ["posts.id"], name="fk_held_posts_reply_to_id"),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="fk_held_posts_post_id"),
        sa.ForeignKeyConstraint(["category_id"], ["categories.id"], name="fk_held_posts_category_id"),
        sa.PrimaryKeyConstraint("id", name="pk_held_posts"),
        sa.Index("ix_held_posts_author_id_id", "author_id", "id"),
        sa.Index("ix_held_posts_post_id", "post_id"),
    )
    op.create_table(
        "review_items",
        sa.Column("id", Id, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="OPEN", nullable=False),
        sa.Column("post_id", Id),
        sa.Column("held_post_id", Id),
        sa.Column("post_version", sa.BigInteger()),
        sa.Column("discussion_id", sa.BigInteger()),
        sa.Column("author_id", sa.BigInteger()),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("claimed_by_id", Id),
        sa.Column("claim_ends_at", Moment),
        sa.Column("decision_id", Id),
        sa.Column("opened_at", Moment, nullable=False),
        sa.Column("updated_at", Moment, nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="fk_review_items_post_id"),
        sa.ForeignKeyConstraint(["held_post_id"], ["held_posts.id"], name="fk_review_items_held_post_id"),
        sa.ForeignKeyConstraint(["claimed_by_id"], ["users.id"], name="fk_review_items_claimed_by_id"),
        sa.ForeignKeyConstraint(["decision_id"], ["audit_entries.id"], name="fk_review_items_decision_id"),
        sa.UniqueConstraint("held_post_id", name="uq_review_items_held_post_id"),
        sa.UniqueConstraint("post_id", name="uq_review_items_post_id"),
        sa.PrimaryKeyConstraint("id", name="pk_review_items"),
        sa.Index("ix_review_items_author_id", "author_id"),
        sa.Index("ix_review_items_state_opened_at_id", "state", "opened_at", "id"),
    )
    op.create_table(
        "review_changes",
        sa.Column("id", Id, nullable=False),
        sa.Column("review_item_id", Id, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.ForeignKeyConstraint(["review_item_id"], ["review_items.id"], name="fk_review_changes_review_item_id"),
        sa.PrimaryKeyConstraint("id", name="pk_review_changes"),
        sa.Index("ix_review_changes_review_item_id", "review_item_id"),
    )
    op.create_table(
        "reports",
        sa.Column("id", Id, nullable=False),
        sa.Column("review_item_id", Id, nullable=False),
        sa.Column("reporter_id", Id),
        sa.Column("post_version", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text()),
        sa.Column("at", Moment, nullable=False),
        sa.ForeignKeyConstraint(["review_item_id"], ["review_items.id"], name="fk_reports_review_item_id"),
        sa.ForeignKeyConstraint(["reporter_id"], ["users.id"], name="fk_reports_reporter_id"),
        sa.UniqueConstraint(
            "review_item_id", "reporter_id", "post_version", name="uq_reports_review_item_id_reporter_id_post_version"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_reports"),
        sa.Index("ix_reports_reporter_id", "reporter_id"),
    )
    op.create_table(
        "suspensions",
        sa.Column("user_id", Id, autoincrement=False, nullable=False),
        sa.Column("audit_entry_id", Id),
        sa.Column("at", Moment, nullable=False),
        sa.Column("ends_at", Moment),
        sa.Column("reason", sa.Text()),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_suspensions_user_id"),
        sa.ForeignKeyConstraint(["audit_entry_id"], ["audit_entries.id"], name="fk_suspensions_audit_entry_id"),
        sa.PrimaryKeyConstraint("user_id", name="pk_suspensions"),
        sa.Index(
            "ix_suspensions_ends_at",
            "ends_at",
            "user_id",
            postgresql_where=sa.text("ends_at IS NOT NULL"),
            sqlite_where=sa.text("ends_at IS NOT NULL"),
        ),
    )
    op.create_table(
        "user_networks",
        sa.Column("user_id", Id, autoincrement=False, nullable=False),
        sa.Column("network", sa.LargeBinary(), nullable=False),
        sa.Column("seen_at", Moment, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_user_networks_user_id"),
        sa.PrimaryKeyConstraint("user_id", "network", name="pk_user_networks"),
        sa.Index("ix_user_networks_network", "network"),
        sa.Index("ix_user_networks_seen_at", "seen_at"),
    )
    op.create_table(
        "removal_jobs",
        sa.Column("audit_entry_id", Id, autoincrement=False, nullable=False),
        sa.Column("author_id", Id),
        sa.Column("undoes", Id),
        sa.Column("begins_at", Moment),
        sa.Column("last_post_id", sa.BigInteger(), nullable=False),
        sa.Column("discussion_id", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["audit_entry_id"], ["audit_entries.id"], name="fk_removal_jobs_audit_entry_id"),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name="fk_removal_jobs_author_id"),
        sa.ForeignKeyConstraint(["undoes"], ["audit_entries.id"], name="fk_removal_jobs_undoes"),
        sa.PrimaryKeyConstraint("audit_entry_id", name="pk_removal_jobs"),
    )

"""The tables of the first version."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "categories",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_categories")),
        sa.UniqueConstraint("slug", name=op.f("uq_categories_slug")),
    )
    op.create_table(
        "secrets",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_secrets")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("avatar_url", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("issuer", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("is_guest", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("legacy_id", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("handle", name=op.f("uq_users_handle")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_users_issuer_subject")),
        sa.UniqueConstraint("legacy_id", name=op.f("uq_users_legacy_id")),
    )
    op.create_index(op.f("ix_users_name_key"), "users", ["name_key"], unique=False)
    op.create_table(
        "discussions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "category_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("locked", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("tag", sa.LargeBinary(), nullable=False),
        sa.Column("log_floor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("legacy_slug", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "deleted_at",
            sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(["category_id"], ["categories.id"], name=op.f("fk_discussions_category_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discussions")),
    )
    op.create_index(
        op.f("ix_discussions_category_id_id"),
        "discussions",
        ["category_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_discussions_created_at_id"),
        "discussions",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_discussions_legacy_slug"), "discussions", ["legacy_slug"], unique=False)
    op.create_table(
        "idempotency_keys",
        sa.Column(
            "user_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("mutation", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_idempotency_keys_user_id")),
        sa.PrimaryKeyConstraint("user_id", "mutation", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_index(
        op.f("ix_idempotency_keys_created_at"),
        "idempotency_keys",
        ["created_at"],
        unique=False,
    )
    op.create_table(
        "discussion_counts",
        sa.Column(
            "discussion_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("reply_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("participant_count", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column(
            "last_activity_at",
            sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["discussion_id"],
            ["discussions.id"],
            name=op.f("fk_discussion_counts_discussion_id"),
        ),
        sa.PrimaryKeyConstraint("discussion_id", name=op.f("pk_discussion_counts")),
    )
    op.create_index(
        op.f("ix_discussion_counts_last_activity_at_discussion_id"),
        "discussion_counts",
        ["last_activity_at", "discussion_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_discussion_counts_reply_count_discussion_id"),
        "discussion_counts",
        ["reply_count", "discussion_id"],
        unique=False,
    )
    op.create_table(
        "discussion_heads",
        sa.Column(
            "discussion_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("last_event", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("last_reply", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["discussion_id"],
            ["discussions.id"],
            name=op.f("fk_discussion_heads_discussion_id"),
        ),
        sa.PrimaryKeyConstraint("discussion_id", name=op.f("pk_discussion_heads")),
    )
    op.create_table(
        "discussion_views",
        sa.Column(
            "discussion_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("view_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["discussion_id"],
            ["discussions.id"],
            name=op.f("fk_discussion_views_discussion_id"),
        ),
        sa.PrimaryKeyConstraint("discussion_id", name=op.f("pk_discussion_views")),
    )
    op.create_table(
        "participants",
        sa.Column(
            "discussion_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "user_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["discussion_id"],
            ["discussions.id"],
            name=op.f("fk_participants_discussion_id"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_participants_user_id")),
        sa.PrimaryKeyConstraint("discussion_id", "user_id", name=op.f("pk_participants")),
    )
    op.create_table(
        "posts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "discussion_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column(
            "reply_to_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.Column("path", sa.LargeBinary(), nullable=False),
        sa.Column("newest_path", sa.LargeBinary(), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column(
            "author_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_html", sa.Text(), nullable=False),
        sa.Column("body_text", sa.Text(), nullable=False),
        sa.Column("renderer", sa.Integer(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "last_edited_at",
            sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"),
            nullable=True,
        ),
        sa.Column(
            "deleted_at",
            sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"),
            nullable=True,
        ),
        sa.Column("legacy_id", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_posts_author_id")),
        sa.ForeignKeyConstraint(["discussion_id"], ["discussions.id"], name=op.f("fk_posts_discussion_id")),
        sa.ForeignKeyConstraint(["reply_to_id"], ["posts.id"], name=op.f("fk_posts_reply_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posts")),
        sa.UniqueConstraint("discussion_id", "sequence", name=op.f("uq_posts_discussion_id_sequence")),
        sa.UniqueConstraint("legacy_id", name=op.f("uq_posts_legacy_id")),
    )
    op.create_index(op.f("ix_posts_author_id_created_at_id"), "posts", ["author_id", "created_at", "id"], unique=False)
    op.create_index(
        op.f("ix_posts_discussion_id_created_at_sequence"),
        "posts",
        ["discussion_id", "created_at", "sequence"],
        unique=False,
    )
    op.create_index(
        op.f("ix_posts_discussion_id_depth_newest_path"),
        "posts",
        ["discussion_id", "depth", "newest_path"],
        unique=False,
    )
    op.create_index(
        op.f("ix_posts_discussion_id_depth_path"),
        "posts",
        ["discussion_id", "depth", "path"],
        unique=False,
    )
    op.create_index(
        op.f("ix_posts_discussion_id_newest_path"),
        "posts",
        ["discussion_id", "newest_path"],
        unique=False,
    )
    op.create_index(
        op.f("ix_posts_discussion_id_path"),
        "posts",
        ["discussion_id", "path"],
        unique=False,
    )
    op.create_index(
        op.f("ix_posts_reply_to_id_sequence"),
        "posts",
        ["reply_to_id", "sequence"],
        unique=False,
    )
    op.create_table(
        "recent_views",
        sa.Column(
            "discussion_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("viewer", sa.LargeBinary(), nullable=False),
        sa.Column(
            "seen_at",
            sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["discussion_id"],
            ["discussions.id"],
            name=op.f("fk_recent_views_discussion_id"),
        ),
        sa.PrimaryKeyConstraint("discussion_id", "viewer", name=op.f("pk_recent_views")),
    )
    op.create_index(op.f("ix_recent_views_seen_at"), "recent_views", ["seen_at"], unique=False)
    op.create_table(
        "reply_counts",
        sa.Column(
            "discussion_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reply_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("descendant_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["discussion_id"],
            ["discussions.id"],
            name=op.f("fk_reply_counts_discussion_id"),
        ),
        sa.PrimaryKeyConstraint("discussion_id", "sequence", name=op.f("pk_reply_counts")),
    )
    op.create_table(
        "events",
        sa.Column(
            "discussion_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("tag", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column(
            "post_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column(
            "actor_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.Column("client_mutation_id", sa.Text(), nullable=True),
        sa.Column(
            "at",
            sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_events_actor_id")),
        sa.ForeignKeyConstraint(["discussion_id"], ["discussions.id"], name=op.f("fk_events_discussion_id")),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_events_post_id")),
        sa.PrimaryKeyConstraint("discussion_id", "number", name=op.f("pk_events")),
    )
    op.create_table(
        "mentions",
        sa.Column(
            "post_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "user_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.Column("attributed_name", sa.Text(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_mentions_post_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_mentions_user_id")),
        sa.PrimaryKeyConstraint("post_id", "ordinal", name=op.f("pk_mentions")),
    )
    op.create_index(
        op.f("ix_mentions_user_id_post_id"),
        "mentions",
        ["user_id", "post_id"],
        unique=False,
    )
    op.create_table(
        "quotes",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "post_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column(
            "source_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.Column("source_version", sa.BigInteger(), nullable=True),
        sa.Column("attributed_name", sa.Text(), nullable=False),
        sa.Column("attributed_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("body_html", sa.Text(), nullable=False),
        sa.Column("body_text", sa.Text(), nullable=False),
        sa.Column("own_text", sa.Text(), nullable=False),
        sa.Column("verbatim", sa.Boolean(), nullable=False),
        sa.Column("told_version", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["attributed_id"], ["users.id"], name=op.f("fk_quotes_attributed_id")),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_quotes_post_id")),
        sa.ForeignKeyConstraint(["source_id"], ["posts.id"], name=op.f("fk_quotes_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quotes")),
    )
    op.create_index(
        op.f("ix_quotes_post_id_ordinal"),
        "quotes",
        ["post_id", "ordinal"],
        unique=False,
    )
    op.create_index(
        op.f("ix_quotes_source_id_post_id"),
        "quotes",
        ["source_id", "post_id"],
        unique=False,
    )
    op.create_table(
        "revisions",
        sa.Column(
            "post_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "editor_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["editor_id"], ["users.id"], name=op.f("fk_revisions_editor_id")),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_revisions_post_id")),
        sa.PrimaryKeyConstraint("post_id", "version", name=op.f("pk_revisions")),
    )
    op.create_table(
        "untold_sources",
        sa.Column(
            "post_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_untold_sources_post_id")),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_untold_sources")),
    )

"""What is kept of deleted posts: by whom and when they were deleted, and what restoring them needs.

Tombstones of before get a row each. By whom is told by the events: the author of the last kept version, somebody else,
or nobody, which was an erasure. They cannot be restored, since their quotes and mentions are gone; what is kept of
their words is purged like that of others.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "deleted_posts",
        sa.Column("post_id", Id, nullable=False),
        sa.Column("act", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("by_user_id", Id),
        sa.Column("at", Moment, nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("author_id", Id),
        sa.Column("is_raised", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("is_kept", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("purged_at", Moment),
        sa.Column("quotes", sa.Text()),
        sa.Column("mentions", sa.Text()),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="fk_deleted_posts_post_id"),
        sa.ForeignKeyConstraint(["by_user_id"], ["users.id"], name="fk_deleted_posts_by_user_id"),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name="fk_deleted_posts_author_id"),
        sa.PrimaryKeyConstraint("post_id", name="pk_deleted_posts"),
    )
    op.create_index("ix_deleted_posts_author_id", "deleted_posts", ["author_id"])
    op.create_index(
        "ix_deleted_posts_to_purge",
        "deleted_posts",
        ["at"],
        postgresql_where=sa.text("purged_at IS NULL"),
        sqlite_where=sa.text("purged_at IS NULL"),
    )
    op.execute(_FILL)


# A reply was deleted by itself or with its discussion.
_FILL = """
INSERT INTO deleted_posts (post_id, act, "by", by_user_id, at, author_id)
SELECT posts.id, coalesce(events.number, 0),
    CASE WHEN events.actor_id IS NULL OR revisions.editor_id IS NULL THEN 'ERASURE'
         WHEN events.actor_id = revisions.editor_id THEN 'AUTHOR' ELSE 'MODERATOR' END,
    CASE WHEN revisions.editor_id IS NOT NULL THEN events.actor_id END,
    posts.deleted_at, revisions.editor_id
FROM posts
LEFT JOIN revisions ON revisions.post_id = posts.id AND revisions.version = posts.version - 1
LEFT JOIN (SELECT post_id, max(number) AS number FROM events WHERE kind = 'ReplyDeleted' GROUP BY post_id)
    AS singly ON singly.post_id = posts.id
LEFT JOIN (SELECT log_id, max(number) AS number FROM events WHERE changes LIKE 'DELETED%'
    GROUP BY log_id) AS together ON together.log_id = posts.discussion_id
LEFT JOIN events ON events.log_id = posts.discussion_id
    AND events.number = coalesce(singly.number, together.number)
WHERE posts.deleted_at IS NOT NULL
"""

"""Lists of discussions by one index each: what they are chosen by stands beside what they are ordered by.

Replies are counted in an index alone, and what a person started has an index of its own.
"""

import sqlalchemy as sa
from alembic import op

from db.online import add_columns, create_index, drop_index, fill

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_LISTED = ("listed", "listed = 1")
_LISTED_AND_LOCKED = ("listed AND locked", "listed = 1 AND locked = 1")
_THERE = ("deleted_at IS NULL",) * 2
_INDEXES = (
    ("discussion_counts", "activity", "last_activity_at, discussion_id, listed", _LISTED),
    ("discussion_counts", "replies", "reply_count, discussion_id, listed", _LISTED),
    ("discussion_counts", "category_activity", "category_id, last_activity_at, discussion_id, listed", _LISTED),
    ("discussion_counts", "category_replies", "category_id, reply_count, discussion_id, listed", _LISTED),
    ("discussion_counts", "author_activity", "author_id, last_activity_at, discussion_id, listed", _LISTED),
    ("discussion_counts", "author_replies", "author_id, reply_count, discussion_id, listed", _LISTED),
    ("discussion_counts", "locked_activity", "last_activity_at, discussion_id, listed, locked", _LISTED_AND_LOCKED),
    ("discussion_counts", "locked_replies", "reply_count, discussion_id, listed, locked", _LISTED_AND_LOCKED),
    ("discussions", "created_at_id_deleted_at", "created_at, id, deleted_at", _THERE),
    ("discussions", "category_id_created_at_id_deleted_at", "category_id, created_at, id, deleted_at", _THERE),
    (
        "discussions",
        "locked",
        "created_at, id, deleted_at, locked",
        ("deleted_at IS NULL AND locked", "deleted_at IS NULL AND locked = 1"),
    ),
    (
        "posts",
        "author_id_created_at_id_sequence_discussion_id",
        "author_id, created_at, id, sequence, discussion_id",
        None,
    ),
    (
        "posts",
        "author_id_created_at_discussion_id_sequence",
        "author_id, created_at, discussion_id, sequence",
        ("sequence = 0",) * 2,
    ),
)


_REPLACED = (
    ("discussion_counts", "last_activity_at_discussion_id"),
    ("discussion_counts", "reply_count_discussion_id"),
    ("discussions", "created_at_id"),
    ("discussions", "category_id_id"),
    ("posts", "author_id_created_at_id"),
)


def upgrade() -> None:
    add_columns(
        "discussion_counts",
        sa.Column("category_id", sa.BigInteger()),
        sa.Column("author_id", sa.BigInteger()),
        sa.Column("locked", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("listed", sa.Boolean(), nullable=False, server_default=sa.true()),
    )
    is_unlike = "IS DISTINCT FROM" if op.get_bind().dialect.name == "postgresql" else "IS NOT"
    fill(
        "discussion_counts",
        "discussion_id",
        f"""
        UPDATE discussion_counts SET
            category_id = discussions.category_id,
            author_id = CASE WHEN discussions.deleted_at IS NULL THEN posts.author_id END,
            locked = discussions.locked,
            listed = discussions.deleted_at IS NULL
        FROM discussions, posts
        WHERE discussion_counts.discussion_id > :after AND discussion_counts.discussion_id <= :last
        AND discussions.id = discussion_counts.discussion_id
        AND posts.discussion_id = discussions.id AND posts.sequence = 0
        AND (discussion_counts.category_id, discussion_counts.author_id, discussion_counts.locked,
             discussion_counts.listed)
        {is_unlike} (discussions.category_id, CASE WHEN discussions.deleted_at IS NULL THEN posts.author_id END,
             discussions.locked, discussions.deleted_at IS NULL)
        """,  # noqa: S608 - put together of an operator of our own.
    )
    for table, name, columns, condition in _INDEXES:
        create_index(f"ix_{table}_{name}", table, columns.split(", "), where=condition)
    for table, name in _REPLACED:
        drop_index(f"ix_{table}_{name}", table)

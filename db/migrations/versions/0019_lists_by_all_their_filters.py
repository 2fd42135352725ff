"""Lists of discussions by one index each for all filters at once: by author, by category, and by whether locked.

The posts of a discussion by time are found by an index that holds their ids.
"""

import sqlalchemy as sa
from alembic import op

from db.online import add_columns, create_index, drop_index, fill

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_LISTED = ("listed", "listed = 1")
_THERE = ("deleted_at IS NULL",) * 2
_CHOSEN_BY = {
    "every": ["locked"],
    "category": ["category_id", "locked"],
    "author": ["author_id", "locked"],
    "author_category": ["author_id", "category_id", "locked"],
}
_FORMER = {
    "discussion_counts": (
        *("activity", "replies", "category_activity", "category_replies", "author_activity", "author_replies"),
        *("locked_activity", "locked_replies"),
    ),
    # That of the slugs because PostgreSQL would build it again while it locks the table.
    "discussions": ("created_at_id_deleted_at", "category_id_created_at_id_deleted_at", "locked", "legacy_slug"),
    "posts": ("author_id_created_at_discussion_id_sequence", "discussion_id_created_at_sequence_listed"),
}


def upgrade() -> None:
    # First, since new ones have names of former ones: a run after a killed one begins with them again.
    for table, names in _FORMER.items():
        for name in names:
            drop_index(f"ix_{table}_{name}", table)
    add_columns("discussions", sa.Column("author_id", sa.BigInteger()))
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    if is_postgresql:
        # Ranges of it are read.
        op.execute('ALTER TABLE discussions ALTER COLUMN legacy_slug TYPE text COLLATE "C"')
    is_unlike = "IS DISTINCT FROM" if is_postgresql else "IS NOT"
    fill(
        "discussions",
        "id",
        f"""
        UPDATE discussions SET author_id = discussion_counts.author_id FROM discussion_counts
        WHERE discussions.id > :after AND discussions.id <= :last AND discussion_counts.discussion_id = discussions.id
        AND discussions.author_id {is_unlike} discussion_counts.author_id
        """,  # noqa: S608 - put together of an operator of our own.
    )
    create_index("ix_discussions_legacy_slug", "discussions", ["legacy_slug"])
    for name, chosen in _CHOSEN_BY.items():
        columns = [*chosen, "created_at", "id", "deleted_at"]
        create_index(f"ix_discussions_{name}", "discussions", columns, where=_THERE)
        for order, key in (("activity", "last_activity_at"), ("replies", "reply_count")):
            columns = [*chosen, key, "discussion_id", "listed"]
            create_index(f"ix_discussion_counts_{name}_{order}", "discussion_counts", columns, where=_LISTED)

    columns = ["discussion_id", "created_at", "sequence", "id", "listed"]
    create_index(f"ix_posts_{'_'.join(columns)}", "posts", columns, where=_LISTED)

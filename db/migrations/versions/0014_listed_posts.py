"""Listed posts: lists and counts leave out tombstones below which nothing is visible. Participants have visible posts.

Everything is counted again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_INDEXES = (
    ("discussion_id", "path"),
    ("discussion_id", "newest_path"),
    ("discussion_id", "depth", "path"),
    ("discussion_id", "depth", "newest_path"),
    ("discussion_id", "created_at", "sequence"),
    ("reply_to_id", "sequence"),
)


def upgrade() -> None:
    op.add_column("posts", sa.Column("listed", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("participants", sa.Column("post_count", sa.BigInteger(), nullable=False, server_default="1"))
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    op.execute("UPDATE posts SET listed = FALSE WHERE deleted_at IS NOT NULL")
    # Upwards from what is listed, one tombstone of each branch at a time.
    above = sa.text(
        """
        UPDATE posts SET listed = TRUE WHERE NOT listed AND EXISTS (
            SELECT 1 FROM posts AS answer WHERE answer.reply_to_id = posts.id AND answer.listed
        )
        """
    )
    while op.get_bind().execute(above).rowcount:
        pass
    listed = "listed" if is_postgresql else "listed = 1"
    # The end of the range of paths that holds what is below a post. SQLite makes text of bytes that it joins.
    end = "posts.path || '\\xffffffff'::bytea" if is_postgresql else "CAST(posts.path || x'ffffffff' AS BLOB)"
    within = f"below.discussion_id = posts.discussion_id AND below.path > posts.path AND below.path < {end}"
    if is_postgresql:
        # It knows nothing of the new column.
        op.execute("ANALYZE posts")
    count = sa.text(
        f"""
        UPDATE reply_counts SET
            reply_count = (
                SELECT count(*) FROM posts AS below WHERE {within} AND below.depth = posts.depth + 1 AND below.{listed}
            ),
            descendant_count = (SELECT count(*) FROM posts AS below WHERE {within} AND below.{listed})
        FROM posts
        WHERE posts.discussion_id = :discussion AND reply_counts.discussion_id = :discussion
        AND posts.sequence = reply_counts.sequence
        """  # noqa: S608 - as above.
    )
    # What has only listed posts was counted right.
    for discussion in op.get_bind().scalars(sa.text("SELECT DISTINCT discussion_id FROM posts WHERE NOT listed")).all():
        op.get_bind().execute(count, {"discussion": discussion})
    # After the counting: PostgreSQL does not use an index in the transaction that made it, if rows had changed before.
    for columns in _INDEXES:
        op.drop_index(f"ix_posts_{'_'.join(columns)}", "posts")
        op.create_index(
            f"ix_posts_{'_'.join(columns)}_listed",
            "posts",
            [*columns, "listed"],
            postgresql_where=sa.text(listed),
            sqlite_where=sa.text(listed),
        )
    op.execute("DELETE FROM participants")
    op.execute(
        """
        INSERT INTO participants (discussion_id, user_id, post_count)
        SELECT discussion_id, author_id, count(*) FROM posts WHERE deleted_at IS NULL AND author_id IS NOT NULL
        GROUP BY discussion_id, author_id
        """
    )
    op.execute(
        """
        UPDATE discussion_counts SET
            reply_count = (
                SELECT coalesce(max(descendant_count), 0) FROM reply_counts
                WHERE reply_counts.discussion_id = discussion_counts.discussion_id AND sequence = 0
            ),
            participant_count = (
                SELECT count(*) FROM participants WHERE participants.discussion_id = discussion_counts.discussion_id
            )
        """
    )

"""The index of words that searches read, empty: the posts that are there already are indexed by a job."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.create_table(
            "post_search",
            sa.Column("post_id", sa.BigInteger(), sa.ForeignKey("posts.id"), autoincrement=False, nullable=False),
            sa.Column("words", postgresql.TSVECTOR(), nullable=False),
            sa.PrimaryKeyConstraint("post_id", name=op.f("pk_post_search")),
        )
        op.create_index("ix_post_search_words", "post_search", ["words"], postgresql_using="gin")
    else:
        # Words come apart at spaces alone: text.search has made them, and knows better which characters belong to one.
        op.execute(
            "CREATE VIRTUAL TABLE post_search USING fts5(title, body,"
            " tokenize = \"unicode61 remove_diacritics 0 categories 'L* M* N* P* S* C*'\")"
        )
    # The job that renders what an earlier renderer made also indexes it, in small transactions beside the writes.
    op.execute("UPDATE posts SET renderer = 0")

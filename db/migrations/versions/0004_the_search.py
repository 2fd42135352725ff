"""The index of words that searches read."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from db.search import PUT, entry

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BATCH = 500


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
    _fill()


def _fill() -> None:
    """Indexes the living posts, a batch at a time."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        # Whoever is in the middle of a write is waited for, and none begins.
        connection.execute(sa.text("LOCK TABLE posts IN SHARE ROW EXCLUSIVE MODE"))
    chosen = sa.text(
        "SELECT posts.id, posts.body_text, CASE WHEN posts.sequence = 0 THEN discussions.title ELSE '' END AS title"
        " FROM posts JOIN discussions ON discussions.id = posts.discussion_id"
        " WHERE posts.deleted_at IS NULL AND posts.id > :last ORDER BY posts.id LIMIT :batch"
    )
    put = sa.text(PUT[connection.dialect.name])
    last = 0
    while rows := connection.execute(chosen, {"last": last, "batch": BATCH}).all():
        connection.execute(put, [{"post": row.id, **entry(row.title, row.body_text)} for row in rows])
        last = rows[-1].id

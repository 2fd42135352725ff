"""Posts by time: searches of a time begin with its posts."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_posts_created_at_id", "posts", ["created_at", "id"])

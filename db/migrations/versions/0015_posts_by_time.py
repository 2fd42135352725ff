"""Posts by time: searches of a time begin with its posts."""

from db.online import create_index

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_index("ix_posts_created_at_id", "posts", ["created_at", "id"])

"""Skeletons of handles and names, by which names that look alike are found."""

import sqlalchemy as sa
from alembic import op

from db.skeletons import fill_skeletons

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("handle_skeleton", sa.Text()))
    op.add_column("users", sa.Column("name_skeleton", sa.Text()))
    fill_skeletons(op.get_bind())
    op.create_index("uq_users_handle_skeleton", "users", ["handle_skeleton"], unique=True)
    op.create_index("ix_users_name_skeleton", "users", ["name_skeleton"])

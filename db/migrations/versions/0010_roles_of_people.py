"""What people are here. Every person is a member until their next sign-in says otherwise."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("role", sa.Text(), server_default="MEMBER", nullable=False))

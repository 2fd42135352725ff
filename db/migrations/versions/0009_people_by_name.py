"""The index that finds people by the beginning of a name. The servers fill it after their start."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TEXT

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "user_search_keys",
        sa.Column("user_id", Id, nullable=False),
        sa.Column("key", sa.Text().with_variant(TEXT(collation="C"), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_user_search_keys_user_id"),
        sa.PrimaryKeyConstraint("user_id", "key", name="pk_user_search_keys"),
    )
    op.create_index("ix_user_search_keys_key_user_id", "user_search_keys", ["key", "user_id"])

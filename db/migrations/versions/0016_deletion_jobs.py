"""Large discussions that are deleted or restored in steps."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "deletion_jobs",
        sa.Column("discussion_id", Id, nullable=False),
        sa.Column("is_deletion", sa.Boolean(), nullable=False),
        sa.Column("act", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("former_act", sa.BigInteger()),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["discussion_id"], ["discussions.id"], name="fk_deletion_jobs_discussion_id"),
        sa.PrimaryKeyConstraint("discussion_id", name="pk_deletion_jobs"),
    )

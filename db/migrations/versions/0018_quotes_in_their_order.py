"""The quotes of a post in the order of a page, so that the first of thousands are read without the others."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_quotes_source_id_post_id_ordinal", "quotes", ["source_id", "post_id", "ordinal"])
    op.drop_index("ix_quotes_source_id_post_id", "quotes")

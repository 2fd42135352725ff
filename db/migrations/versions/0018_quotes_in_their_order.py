"""The quotes of a post in the order of a page, so that the first of thousands are read without the others."""

from db.online import create_index, drop_index

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_index("ix_quotes_source_id_post_id_ordinal", "quotes", ["source_id", "post_id", "ordinal"])
    drop_index("ix_quotes_source_id_post_id", "quotes")

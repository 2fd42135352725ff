"""The words of each version, kept for comparing quotes, and the HTML of each superseded version.

What is there already is filled by the job that renders what an earlier renderer made.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("posts", sa.Column("said", sa.Text()))
    op.add_column("revisions", sa.Column("body_html", sa.Text()))
    op.add_column("revisions", sa.Column("said", sa.Text()))
    op.add_column("revisions", sa.Column("renderer", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("quotes", sa.Column("said", sa.Text()))
    op.add_column("quotes", sa.Column("comparison", sa.Text(), nullable=False, server_default="NOT_SAID"))
    op.execute("UPDATE quotes SET comparison = 'VERBATIM' WHERE verbatim")
    op.drop_column("quotes", "own_text")
    op.drop_column("quotes", "verbatim")

"""A recording's row names the store that its file lies in."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Rows of before stay without a name until an inspection has found their files."""
    op.add_column("recordings", sa.Column("store", sa.Text(), nullable=False, server_default=""))

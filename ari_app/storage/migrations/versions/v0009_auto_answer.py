"""Operators whose phones answer by themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the column; no phone does until told to."""
    no = sa.false()
    op.add_column("operators", sa.Column("auto_answer", sa.Boolean(), nullable=False, server_default=no))

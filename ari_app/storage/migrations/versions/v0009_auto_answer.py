"""Operators whose phones answer by themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the column; no phone does until told to."""
    column = sa.Column("auto_answer", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("operators", column)

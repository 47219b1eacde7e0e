"""Operators who confirm by a key that they take a call."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the column; nobody confirms until told to."""
    op.add_column("operators", sa.Column("confirm", sa.Boolean(), nullable=False, server_default=sa.false()))

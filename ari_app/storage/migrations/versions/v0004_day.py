"""The operators' day: what outlasts a restart, the time clock, closed queues, why we call back."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def _text(name: str, *, optional: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=optional)


def _double(name: str, *, optional: bool = False) -> "sa.Column[float]":
    return sa.Column(name, sa.Double(), nullable=optional)


def upgrade() -> None:
    """Add the columns and the two tables; rows that are there keep what they say."""
    op.add_column("operators", sa.Column("leads", sa.Boolean(), nullable=False, server_default=sa.false()))
    for name in ("pending", "owes", "phone"):
        op.add_column("operator_states", _text(name, optional=True))
    op.add_column("operator_states", _double("wrap_up_until", optional=True))
    op.add_column("callbacks", sa.Column("reason", sa.Text(), nullable=False, server_default="asked"))
    op.create_table(
        "queue_states",
        *map(_text, ("queue", "client_id")),
        sa.Column("closed", sa.Boolean(), nullable=False),
        _text("announcement", optional=True),
        _text("changed_by"),
        _double("changed_at"),
        sa.PrimaryKeyConstraint("queue", name="pk_queue_states"),
    )
    op.create_table(
        "punches",
        *map(_text, ("id", "client_id")),
        sa.Column("number", sa.BigInteger(), nullable=False),
        _text("operator_id"),
        _text("direction", optional=True),
        *map(_double, ("at", "told_at")),
        _text("told_by"),
        _text("corrects", optional=True),
        *map(_text, ("note", "hash")),
        sa.PrimaryKeyConstraint("id", name="pk_punches"),
        sa.UniqueConstraint("client_id", "number", name="uq_punches_client_id_number"),
    )
    op.create_index("ix_punches_operator_id_at", "punches", ["operator_id", "at"])

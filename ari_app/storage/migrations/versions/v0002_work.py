"""Work that calls leave: messages, cases, callbacks, dispositions."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def _text(name: str, *, optional: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=optional)


def _double(name: str, *, optional: bool = False) -> "sa.Column[float]":
    return sa.Column(name, sa.Double(), nullable=optional)


def upgrade() -> None:
    """Create the five tables."""
    op.create_table(
        "work_items",
        *map(_text, ("id", "client_id", "kind", "queue", "call_id", "caller", "called")),
        _double("created_at"),
        _text("state"),
        _text("owner", optional=True),
        _double("changed_at"),
        *map(_text, ("note", "audio", "source", "file")),
        _double("duration_s"),
        _text("sha256"),
        sa.PrimaryKeyConstraint("id", name="pk_work_items"),
    )
    op.create_index("ix_work_items_created_at_id", "work_items", ["created_at", "id"])
    op.create_index("ix_work_items_call_id", "work_items", ["call_id"])
    op.create_index("ix_work_items_audio", "work_items", ["audio"])
    op.create_table(
        "cases",
        *map(_text, ("protocol", "client_id", "kind", "caller")),
        *map(_double, ("opened_at", "deadline_at")),
        *(_text(name, optional=True) for name in ("call_id", "queue")),
        _text("state"),
        _text("owner", optional=True),
        _double("changed_at"),
        *map(_text, ("form", "note")),
        sa.PrimaryKeyConstraint("protocol", name="pk_cases"),
    )
    op.create_index("ix_cases_opened_at_protocol", "cases", ["opened_at", "protocol"])
    op.create_index("ix_cases_caller", "cases", ["caller"])
    op.create_index("ix_cases_call_id", "cases", ["call_id"])
    op.create_table(
        "callbacks",
        *map(_text, ("id", "client_id", "call_id", "number", "called", "request")),
        *map(_double, ("entered_at", "booked_at", "next_at")),
        *map(_text, ("language", "state")),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _text("outcome", optional=True),
        _double("changed_at"),
        sa.PrimaryKeyConstraint("id", name="pk_callbacks"),
    )
    op.create_index("ix_callbacks_booked_at_id", "callbacks", ["booked_at", "id"])
    op.create_index("ix_callbacks_state", "callbacks", ["state"])
    op.create_table(
        "callback_attempts",
        *map(_text, ("id", "client_id", "callback_id")),
        sa.Column("number", sa.Integer(), nullable=False),
        _double("started_at"),
        _double("ended_at", optional=True),
        _text("outcome", optional=True),
        sa.PrimaryKeyConstraint("id", name="pk_callback_attempts"),
        sa.UniqueConstraint("callback_id", "number", name="uq_callback_attempts_callback_id_number"),
    )
    op.create_table(
        "dispositions",
        *map(_text, ("call_id", "client_id", "operator", "queue", "form", "answers")),
        _text("protocol", optional=True),
        _double("at"),
        sa.PrimaryKeyConstraint("call_id", name="pk_dispositions"),
    )

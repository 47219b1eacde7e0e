"""Recordings that are sealed, kept for a time and searched; notes, listening lists, transcripts, webhooks."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def _text(name: str, default: str | None = None, *, optional: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=optional, server_default=default)


def _double(name: str, *, optional: bool = False) -> "sa.Column[float]":
    return sa.Column(name, sa.Double(), nullable=optional)


def _big(name: str, default: str | None = None) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), nullable=False, server_default=default)


def upgrade() -> None:
    """Widen `recordings` and add what belongs to them."""
    _recordings()
    _about_recordings()
    _webhooks()


def _recordings() -> None:
    for column in (
        _text("pauses", "[]"),
        _text("codec", "wav"),
        _text("sealed_key", ""),
        _big("plain_bytes", "0"),
        _big("stored_bytes", "0"),
        _text("stored_sha256", ""),
        _text("policy", ""),
        _text("consent", "not_asked"),
        _double("expires_at", optional=True),
        _text("hold", ""),
        _double("deleted_at", optional=True),
        _text("deleted_why", ""),
        _text("detail", ""),
    ):
        op.add_column("recordings", column)
    op.create_index("ix_recordings_client_id_started_at_id", "recordings", ["client_id", "started_at", "id"])
    op.create_index("ix_recordings_expires_at", "recordings", ["expires_at"])


def _about_recordings() -> None:
    op.create_table(
        "recording_legs",
        *map(_text, ("recording_id", "operator", "client_id")),
        sa.PrimaryKeyConstraint("recording_id", "operator", name="pk_recording_legs"),
    )
    op.create_index("ix_recording_legs_operator", "recording_legs", ["operator"])
    op.create_table(
        "recording_peaks",
        *map(_text, ("recording_id", "client_id")),
        sa.Column("peaks", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("recording_id", name="pk_recording_peaks"),
    )
    op.create_table(
        "recording_notes",
        *map(_text, ("id", "client_id", "recording_id")),
        _double("at_s"),
        *map(_text, ("text", "by")),
        _double("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_recording_notes"),
    )
    op.create_index("ix_recording_notes_recording_id_at_s", "recording_notes", ["recording_id", "at_s"])
    op.create_table(
        "listening_lists",
        *map(_text, ("id", "client_id", "name", "purpose")),
        sa.Column("shared", sa.Boolean(), nullable=False),
        *map(_text, ("items", "by")),
        *map(_double, ("created_at", "changed_at")),
        sa.PrimaryKeyConstraint("id", name="pk_listening_lists"),
    )
    op.create_table(
        "transcripts",
        *map(_text, ("recording_id", "client_id", "model", "words", "text")),
        _double("created_at"),
        sa.PrimaryKeyConstraint("recording_id", name="pk_transcripts"),
    )


def _webhooks() -> None:
    op.create_table(
        "webhooks",
        _text("id"),
        _text("client_id", optional=True),
        *map(_text, ("url", "events")),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        _big("cursor"),
        _double("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_webhooks"),
    )
    op.create_table(
        "webhook_deliveries",
        _text("id"),
        _text("client_id", optional=True),
        _text("webhook_id"),
        _big("seq"),
        *map(_text, ("event", "body", "state")),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _double("next_at"),
        sa.Column("status", sa.Integer(), nullable=False),
        _text("error"),
        _double("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_deliveries"),
        sa.UniqueConstraint("webhook_id", "seq", name="uq_webhook_deliveries_webhook_id_seq"),
    )
    op.create_index("ix_webhook_deliveries_state_next_at", "webhook_deliveries", ["state", "next_at"])

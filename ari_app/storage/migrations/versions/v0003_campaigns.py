"""Outbound campaigns: lists, attempts, do-not-call numbers, imports."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def _text(name: str, *, optional: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=optional)


def _double(name: str, *, optional: bool = False) -> "sa.Column[float]":
    return sa.Column(name, sa.Double(), nullable=optional)


def _int(name: str, *, optional: bool = False) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer(), nullable=optional)


def upgrade() -> None:
    """Create the seven tables."""
    _campaigns()
    _contacts()
    _attempts()
    op.create_table(
        "campaign_tallies",
        _text("campaign_id"),
        _double("at"),
        _text("client_id"),
        *map(_int, ("placed", "live", "abandoned", "short")),
        sa.PrimaryKeyConstraint("campaign_id", "at", name="pk_campaign_tallies"),
    )
    op.create_table(
        "dnc_numbers",
        *map(_text, ("client_id", "number", "source", "added_by")),
        _double("added_at"),
        sa.PrimaryKeyConstraint("client_id", "number", name="pk_dnc_numbers"),
    )
    op.create_index("ix_dnc_numbers_added_at", "dnc_numbers", ["added_at", "number"])
    op.create_table(
        "contact_imports",
        *map(_text, ("id", "client_id", "campaign_id", "state")),
        _double("created_at"),
        sa.Column("cancel", sa.Boolean(), nullable=False),
        _text("body"),
        sa.PrimaryKeyConstraint("id", name="pk_contact_imports"),
    )
    op.create_index("ix_contact_imports_created_at_id", "contact_imports", ["created_at", "id"])
    op.create_index("ix_contact_imports_state", "contact_imports", ["state"])


def _campaigns() -> None:
    op.create_table(
        "campaigns",
        *map(_text, ("id", "client_id", "name", "status")),
        _int("priority"),
        _double("created_at"),
        sa.Column("version", sa.BigInteger(), nullable=False),
        _text("body"),
        sa.PrimaryKeyConstraint("id", name="pk_campaigns"),
    )
    op.create_index("ix_campaigns_created_at_id", "campaigns", ["created_at", "id"])
    op.create_index("ix_campaigns_status", "campaigns", ["status"])


def _contacts() -> None:
    sequence = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "contacts",
        sa.Column("id", sequence, autoincrement=True, nullable=False),
        *map(_text, ("client_id", "campaign_id", "person", "name", "phones", "data")),
        *map(_int, ("segment", "priority", "phone")),
        *map(_text, ("zone", "state", "reason")),
        _double("next_at", optional=True),
        _int("attempts"),
        _text("owner", optional=True),
        _text("import_id"),
        _int("line"),
        *map(_double, ("created_at", "changed_at")),
        sa.PrimaryKeyConstraint("id", name="pk_contacts"),
        sa.UniqueConstraint("campaign_id", "person", name="uq_contacts_campaign_id_person"),
        sqlite_autoincrement=True,
    )
    due = ["campaign_id", "state", "priority", "zone", "next_at", "id"]
    op.create_index("ix_contacts_due", "contacts", due)
    op.create_table(
        "contact_numbers",
        *map(_text, ("client_id", "number", "campaign_id")),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("client_id", "number", "campaign_id", name="pk_contact_numbers"),
        sqlite_with_rowid=False,
    )


def _attempts() -> None:
    op.create_table(
        "campaign_attempts",
        *map(_text, ("id", "client_id", "campaign_id")),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        _int("number"),
        *map(_text, ("phone", "person", "caller_id")),
        _double("started_at"),
        _int("segment"),
        _text("zone"),
        *(_text(name, optional=True) for name in ("operator", "result")),
        _text("reason"),
        *(_double(name, optional=True) for name in ("answered_at", "connected_at", "ended_at")),
        _int("cause"),
        _text("verdict", optional=True),
        _double("verdict_s", optional=True),
        _int("drop_ms", optional=True),
        _double("next_at", optional=True),
        sa.PrimaryKeyConstraint("id", name="pk_campaign_attempts"),
        sa.UniqueConstraint("contact_id", "number", name="uq_campaign_attempts_contact_id_number"),
    )
    for name, columns in {
        "phone": ["client_id", "phone", "started_at"],
        "person": ["client_id", "person", "started_at"],
        "started": ["campaign_id", "started_at", "id"],
        "result": ["campaign_id", "result"],
    }.items():
        op.create_index(f"ix_campaign_attempts_{name}", "campaign_attempts", columns)
    still_open = sa.text("result IS NULL")
    op.create_index(
        "ix_campaign_attempts_open",
        "campaign_attempts",
        ["started_at"],
        sqlite_where=still_open,
        postgresql_where=still_open,
    )

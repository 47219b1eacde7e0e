"""The tables of outbound campaigns, beside those of `schema`; the same rules hold.

`contacts` is read by claims in the order of its index: what is due in one zone, by priority, oldest first.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from ari_app.storage.schema import _SEQUENCE, _client, metadata

campaigns = Table(
    "campaigns",
    metadata,
    Column("id", Text, primary_key=True),
    _client(),
    Column("name", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    Index("ix_campaigns_created_at_id", "created_at", "id"),
    Index("ix_campaigns_status", "status"),
)
"""`body` is the whole campaign; the other columns are what lists are narrowed and ordered by."""

contacts = Table(
    "contacts",
    metadata,
    Column("id", _SEQUENCE, primary_key=True, autoincrement=True),
    _client(),
    Column("campaign_id", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("phones", Text, nullable=False),
    Column("data", Text, nullable=False),
    Column("segment", Integer, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("phone", Integer, nullable=False),
    Column("zone", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("next_at", Double),
    Column("attempts", Integer, nullable=False),
    Column("owner", Text),
    Column("import_id", Text, nullable=False),
    Column("line", Integer, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("changed_at", Double, nullable=False),
    UniqueConstraint("campaign_id", "person"),
    Index("ix_contacts_due", "campaign_id", "state", "priority", "zone", "next_at", "id"),
    sqlite_autoincrement=True,
)
"""`zone` holds the zones of the phone that is next, joined by commas: hours are judged once per zone."""

contact_numbers = Table(
    "contact_numbers",
    metadata,
    Column("client_id", Text, primary_key=True),
    Column("number", Text, primary_key=True),
    Column("campaign_id", Text, primary_key=True),
    Column("contact_id", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""Whose number it is, on each list: duplicates within and across lists."""

campaign_attempts = Table(
    "campaign_attempts",
    metadata,
    Column("id", Text, primary_key=True),
    _client(),
    Column("campaign_id", Text, nullable=False),
    Column("contact_id", BigInteger, nullable=False),
    Column("number", Integer, nullable=False),
    Column("phone", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("caller_id", Text, nullable=False),
    Column("started_at", Double, nullable=False),
    Column("segment", Integer, nullable=False),
    Column("zone", Text, nullable=False),
    Column("operator", Text),
    Column("result", Text),
    Column("reason", Text, nullable=False),
    Column("answered_at", Double),
    Column("connected_at", Double),
    Column("ended_at", Double),
    Column("cause", Integer, nullable=False),
    Column("verdict", Text),
    Column("verdict_s", Double),
    Column("drop_ms", Integer),
    Column("next_at", Double),
    UniqueConstraint("contact_id", "number"),
    Index("ix_campaign_attempts_phone", "client_id", "phone", "started_at"),
    Index("ix_campaign_attempts_person", "client_id", "person", "started_at"),
    Index("ix_campaign_attempts_started", "campaign_id", "started_at", "id"),
    Index("ix_campaign_attempts_result", "campaign_id", "result"),
)
"""One row per dialling, on disk before the dialling."""
Index(
    "ix_campaign_attempts_open",
    campaign_attempts.c.started_at,
    sqlite_where=campaign_attempts.c.result.is_(None),
    postgresql_where=campaign_attempts.c.result.is_(None),
)

campaign_tallies = Table(
    "campaign_tallies",
    metadata,
    Column("campaign_id", Text, primary_key=True),
    Column("at", Double, primary_key=True),
    _client(),
    Column("placed", Integer, nullable=False),
    Column("live", Integer, nullable=False),
    Column("abandoned", Integer, nullable=False),
    Column("short", Integer, nullable=False),
)
"""Ended attempts by quarter of an hour: what budgets and the law count, without reading every attempt."""

dnc_numbers = Table(
    "dnc_numbers",
    metadata,
    Column("client_id", Text, primary_key=True),
    Column("number", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("added_by", Text, nullable=False),
    Column("added_at", Double, nullable=False),
    Index("ix_dnc_numbers_added_at", "added_at", "number"),
)
"""Do not call: for one client, or for all under the client `*`."""

contact_imports = Table(
    "contact_imports",
    metadata,
    Column("id", Text, primary_key=True),
    _client(),
    Column("campaign_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("cancel", Boolean, nullable=False),
    Column("body", Text, nullable=False),
    Index("ix_contact_imports_created_at_id", "created_at", "id"),
    Index("ix_contact_imports_state", "state"),
)
"""Imports of lists; `body` with its offset is committed together with each chunk of contacts."""

"""The tables of Ramal, each with `client_id`; SQLite and PostgreSQL share this one schema.

Times are seconds since the epoch (UTC) as doubles, JSON is text: what the two engines store alike.
A change here needs a migration beside it in `migrations/versions`; a test compares the two.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
)

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMING)

_SEQUENCE = BigInteger().with_variant(Integer, "sqlite")
"""SQLite counts up by itself only in an INTEGER PRIMARY KEY."""


def _client() -> Column[str]:
    return Column("client_id", Text, nullable=False)


calls = Table(
    "calls",
    metadata,
    Column("id", Text, primary_key=True),
    _client(),
    Column("channel", Text, nullable=False),
    Column("caller", Text, nullable=False),
    Column("called", Text, nullable=False),
    Column("started_at", Double, nullable=False),
    Column("direction", Text, nullable=False),
    Column("phase", Text, nullable=False),
    Column("flow", Text),
    Column("flow_version", Text),
    Column("language", Text),
    Column("queue", Text),
    Column("operator", Text),
    Column("answered_at", Double),
    Column("queued_at", Double),
    Column("offered_at", Double),
    Column("connected_at", Double),
    Column("ended_at", Double),
    Column("final_state", Text),
    Column("wait_s", Double),
    Column("talk_s", Double),
    Column("digits", Text, nullable=False),
    Column("recording_id", Text),
    Column("protocol", Text),
    Index("ix_calls_started_at_id", "started_at", "id"),
    Index("ix_calls_client_id_started_at", "client_id", "started_at"),
    Index("ix_calls_caller", "caller"),
    Index("ix_calls_operator_started_at", "operator", "started_at"),
    Index("ix_calls_protocol", "protocol"),
)
Index(
    "ix_calls_live",
    calls.c.id,
    sqlite_where=calls.c.final_state.is_(None),
    postgresql_where=calls.c.final_state.is_(None),
)

call_states = Table(
    "call_states",
    metadata,
    Column("call_id", Text, primary_key=True),
    _client(),
    Column("state", LargeBinary, nullable=False),
)
"""The flow engine's state at the last wait of each live call; gone with the call."""

facts = Table(
    "facts",
    metadata,
    Column("seq", _SEQUENCE, primary_key=True, autoincrement=True),
    _client(),
    Column("at", Double, nullable=False),
    Column("call_id", Text),
    Column("kind", Text, nullable=False),
    Column("body", Text, nullable=False),
    Index("ix_facts_call_id_seq", "call_id", "seq"),
    Index("ix_facts_at", "at"),
    sqlite_autoincrement=True,
)
"""The one outbox. `seq` is never used again, so that a cursor stays good after deletions."""

journal_marks = Table(
    "journal_marks",
    metadata,
    Column("writer", Text, primary_key=True),
    _client(),
    Column("batch", BigInteger, nullable=False),
)
"""The last batch each writer committed: a commit whose answer was lost is not written twice."""

recordings = Table(
    "recordings",
    metadata,
    Column("id", Text, primary_key=True),
    _client(),
    Column("call_id", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("started_at", Double, nullable=False),
    Column("file", Text, nullable=False),
    Column("store", Text, nullable=False, server_default=""),
    Column("rate_hz", Integer, nullable=False),
    Column("samples", BigInteger, nullable=False),
    Column("duration_s", Double, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("legs", Text, nullable=False),
    Column("pauses", Text, nullable=False, server_default="[]"),
    Column("codec", Text, nullable=False, server_default="wav"),
    Column("sealed_key", Text, nullable=False, server_default=""),
    Column("plain_bytes", BigInteger, nullable=False, server_default="0"),
    Column("stored_bytes", BigInteger, nullable=False, server_default="0"),
    Column("stored_sha256", Text, nullable=False, server_default=""),
    Column("policy", Text, nullable=False, server_default=""),
    Column("consent", Text, nullable=False, server_default="not_asked"),
    Column("expires_at", Double),
    Column("hold", Text, nullable=False, server_default=""),
    Column("deleted_at", Double),
    Column("deleted_why", Text, nullable=False, server_default=""),
    Column("detail", Text, nullable=False, server_default=""),
    Index("ix_recordings_call_id", "call_id"),
    Index("ix_recordings_started_at_id", "started_at", "id"),
    Index("ix_recordings_client_id_started_at_id", "client_id", "started_at", "id"),
    Index("ix_recordings_expires_at", "expires_at"),
)

recording_legs = Table(
    "recording_legs",
    metadata,
    Column("recording_id", Text, primary_key=True),
    Column("operator", Text, primary_key=True),
    _client(),
    Index("ix_recording_legs_operator", "operator"),
)
"""Who is to be heard in a recording: what a search by operator looks at."""

recording_peaks = Table(
    "recording_peaks",
    metadata,
    Column("recording_id", Text, primary_key=True),
    _client(),
    Column("peaks", LargeBinary, nullable=False),
)
"""Loudness for the waveform: one byte per slice, the left channel's, then the right one's."""

recording_notes = Table(
    "recording_notes",
    metadata,
    Column("id", Text, primary_key=True),
    _client(),
    Column("recording_id", Text, nullable=False),
    Column("at_s", Double, nullable=False),
    Column("text", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Index("ix_recording_notes_recording_id_at_s", "recording_id", "at_s"),
)
"""What people wrote at a second of a recording."""

notices = Table(
    "notices",
    metadata,
    Column("id", Text, primary_key=True),
    Column("operator", Text, primary_key=True),
    _client(),
    Column("text", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Double, nullable=False),
    Index("ix_notices_operator_at", "operator", "at"),
    Index("ix_notices_at", "at"),
)
"""What operators were told, a row for each of them; kept for a shift."""

listening_lists = Table(
    "listening_lists",
    metadata,
    Column("id", Text, primary_key=True),
    _client(),
    Column("name", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("shared", Boolean, nullable=False),
    Column("items", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("changed_at", Double, nullable=False),
)
"""Ordered recordings with notes, for training; `shared`: operators may hear them (S5)."""

transcripts = Table(
    "transcripts",
    metadata,
    Column("recording_id", Text, primary_key=True),
    _client(),
    Column("model", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", Double, nullable=False),
)
"""What a machine understood, per channel and word, with times (M10)."""

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", Text, primary_key=True),
    Column("client_id", Text),
    Column("url", Text, nullable=False),
    Column("events", Text, nullable=False),
    Column("secret", LargeBinary, nullable=False),
    Column("private", Boolean, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("cursor", BigInteger, nullable=False),
    Column("created_at", Double, nullable=False),
)
"""Who is told of facts: `cursor` is the last fact looked at; `client_id` null: facts of all clients."""

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("id", Text, primary_key=True),
    Column("client_id", Text),
    Column("webhook_id", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("event", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Double, nullable=False),
    Column("status", Integer, nullable=False),
    Column("error", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    UniqueConstraint("webhook_id", "seq"),
    Index("ix_webhook_deliveries_state_next_at", "state", "next_at"),
)
"""What is to be told to whom: `pending`, `delivered`, or `dead` after the last try."""

work_items = Table(
    "work_items",
    metadata,
    Column("id", Text, primary_key=True),
    _client(),
    Column("kind", Text, nullable=False),
    Column("queue", Text, nullable=False),
    Column("call_id", Text, nullable=False),
    Column("caller", Text, nullable=False),
    Column("called", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("state", Text, nullable=False),
    Column("owner", Text),
    Column("changed_at", Double, nullable=False),
    Column("note", Text, nullable=False),
    Column("audio", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("duration_s", Double, nullable=False),
    Column("sha256", Text, nullable=False),
    Index("ix_work_items_created_at_id", "created_at", "id"),
    Index("ix_work_items_call_id", "call_id"),
    Index("ix_work_items_audio", "audio"),
)
"""Messages that callers left, to be heard and worked on."""

cases = Table(
    "cases",
    metadata,
    Column("protocol", Text, primary_key=True),
    _client(),
    Column("kind", Text, nullable=False),
    Column("caller", Text, nullable=False),
    Column("opened_at", Double, nullable=False),
    Column("deadline_at", Double, nullable=False),
    Column("call_id", Text),
    Column("queue", Text),
    Column("state", Text, nullable=False),
    Column("owner", Text),
    Column("changed_at", Double, nullable=False),
    Column("form", Text, nullable=False),
    Column("note", Text, nullable=False),
    Index("ix_cases_opened_at_protocol", "opened_at", "protocol"),
    Index("ix_cases_caller", "caller"),
    Index("ix_cases_call_id", "call_id"),
)

callbacks = Table(
    "callbacks",
    metadata,
    Column("id", Text, primary_key=True),
    _client(),
    Column("call_id", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("called", Text, nullable=False),
    Column("request", Text, nullable=False),
    Column("entered_at", Double, nullable=False),
    Column("booked_at", Double, nullable=False),
    Column("next_at", Double, nullable=False),
    Column("language", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("outcome", Text),
    Column("reason", Text, nullable=False, server_default="asked"),
    Column("changed_at", Double, nullable=False),
    Index("ix_callbacks_booked_at_id", "booked_at", "id"),
    Index("ix_callbacks_state", "state"),
)
"""Promises to call back, with the place in line (`entered_at`) that each caller keeps."""

callback_attempts = Table(
    "callback_attempts",
    metadata,
    Column("id", Text, primary_key=True),
    _client(),
    Column("callback_id", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("started_at", Double, nullable=False),
    Column("ended_at", Double),
    Column("outcome", Text),
    UniqueConstraint("callback_id", "number"),
)
"""One row per dialling, on disk before the dialling; a number is dialled once for it."""

dispositions = Table(
    "dispositions",
    metadata,
    Column("call_id", Text, primary_key=True),
    _client(),
    Column("operator", Text, nullable=False),
    Column("queue", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("answers", Text, nullable=False),
    Column("protocol", Text),
    Column("at", Double, nullable=False),
)
"""What an operator wrote down after a call: one form per call."""

operators = Table(
    "operators",
    metadata,
    Column("id", Text, primary_key=True),
    _client(),
    Column("name", Text, nullable=False),
    Column("skills", Text, nullable=False),
    Column("queues", Text),
    Column("language", Text, nullable=False),
    Column("wrap_up_s", Double, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("leads", Boolean, nullable=False, server_default=false()),
    Column("confirm", Boolean, nullable=False, server_default=false()),
    Column("auto_answer", Boolean, nullable=False, server_default=false()),
    Column("phone_secret", LargeBinary, nullable=False),
    Column("console_password_hash", Text, nullable=False),
    Column("pin_hash", Text, nullable=False),
)

operator_states = Table(
    "operator_states",
    metadata,
    Column("operator_id", Text, primary_key=True),
    _client(),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("since", Double, nullable=False),
    Column("clocked_in", Boolean, nullable=False),
    Column("pending", Text),
    Column("wrap_up_until", Double),
    Column("owes", Text),
    Column("phone", Text),
)
"""The last known state of each operator, so that a restart does not sign anybody out."""

queue_states = Table(
    "queue_states",
    metadata,
    Column("queue", Text, primary_key=True),
    _client(),
    Column("closed", Boolean, nullable=False),
    Column("announcement", Text),
    Column("changed_by", Text, nullable=False),
    Column("changed_at", Double, nullable=False),
)
"""Queues that were closed, or given an emergency announcement, at once and until told otherwise (C20)."""

punches = Table(
    "punches",
    metadata,
    Column("id", Text, primary_key=True),
    _client(),
    Column("number", BigInteger, nullable=False),
    Column("operator_id", Text, nullable=False),
    Column("direction", Text),
    Column("at", Double, nullable=False),
    Column("told_at", Double, nullable=False),
    Column("told_by", Text, nullable=False),
    Column("corrects", Text),
    Column("note", Text, nullable=False),
    Column("hash", Text, nullable=False),
    UniqueConstraint("client_id", "number"),
    Index("ix_punches_operator_id_at", "operator_id", "at"),
)
"""The time clock, append-only: each hash covers the punch and the hash of the client's punch before (W1)."""

users = Table(
    "users",
    metadata,
    Column("username", Text, primary_key=True),
    Column("client_id", Text),
    Column("role", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("totp_secret", LargeBinary),
    Column("totp_last_step", BigInteger, nullable=False),
    Column("created_at", Double, nullable=False),
)
"""People of the console who are not operators; `client_id` null: not bound to one client."""

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", Text, primary_key=True),
    Column("client_id", Text),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("operator_id", Text),
    Column("sha256", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double),
    UniqueConstraint("sha256"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("client_id", Text),
    Column("username", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("operator_id", Text),
    Column("csrf", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
    Index("ix_sessions_username", "username"),
)
"""Signed-in browsers; on the server, so that signing out and dismissing somebody works at once."""

audit = Table(
    "audit",
    metadata,
    Column("seq", _SEQUENCE, primary_key=True, autoincrement=True),
    Column("client_id", Text),
    Column("at", Double, nullable=False),
    Column("who", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("detail", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Index("ix_audit_at", "at"),
    Index("ix_audit_target_seq", "target", "seq"),
    sqlite_autoincrement=True,
)
"""Append-only: each row's hash covers the row and the hash before it."""

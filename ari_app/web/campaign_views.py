"""Campaigns, contacts, attempts and imports as the API shows them."""

from __future__ import annotations

from typing import Any

import msgspec

from ari_app.campaigns.ports import CampaignCounts, CampaignLive, DncEntry, Tally
from ari_app.model.campaign import Attempt, Campaign, CampaignStatus, Contact, ContactState
from ari_app.model.contact_import import (
    ContactImport,
    ImportCounts,
    ImportOptions,
    ImportState,
    Preview,
    Role,
)
from ari_app.web.campaign_inputs import CampaignFields
from ari_app.web.views import Time, optional_time, rfc3339

HOUR_S = 3600.0


class CampaignOut(CampaignFields, frozen=True, kw_only=True):
    """A campaign as configured; `version` counts its changes."""

    id: str
    client: str
    name: str
    status: CampaignStatus
    created_at: Time
    changed_at: Time | None
    version: int


def campaign_out(campaign: Campaign) -> CampaignOut:
    """A campaign as the API shows it."""
    same = {name: getattr(campaign, name) for name in CampaignFields.__struct_fields__}
    same["caller_ids"] = list(campaign.caller_ids)
    same["holidays"] = list(campaign.holidays)
    return CampaignOut(
        **same,
        id=campaign.id,
        name=campaign.name,
        client=campaign.client,
        status=campaign.status,
        created_at=rfc3339(campaign.created_at),
        changed_at=optional_time(campaign.changed_at or None),
        version=campaign.version,
    )


class StatusOut(CampaignOut, frozen=True, kw_only=True):
    """The campaign after an act, and (masked) what is still ringing."""

    still_ringing: list[str]


def status_out(campaign: Campaign, live: CampaignLive | None) -> StatusOut:
    """The answer to start, pause, resume, stop."""
    ringing = [] if live is None else list(live.ringing_numbers)
    return StatusOut(**msgspec.structs.asdict(campaign_out(campaign)), still_ringing=ringing)


class StatsOut(msgspec.Struct, frozen=True):
    """Where a campaign stands. `abandon_rate` is of live answers, since its start and in 24 hours."""

    status: CampaignStatus
    contacts: dict[str, int]
    due: int
    results: dict[str, int]
    live_answers: int
    abandoned: int
    abandon_rate: float
    abandon_rate_today: float
    attempts_last_hour: int
    forecast_finish_at: Time | None
    live: CampaignLive | None


def stats_out(
    campaign: Campaign,
    counts: CampaignCounts,
    tallies: list[Tally],
    live: CampaignLive | None,
    now: float,
) -> StatsOut:
    """What the live page shows. The forecast: contacts left at the pace of the last hour."""
    placed = sum(count for result, count in counts.results.items() if result not in {"withdrawn", "skipped"})
    hour = sum(tally.placed for tally in tallies if tally.at > now - HOUR_S)
    over = counts.contacts.get("done", 0) + counts.contacts.get("excluded", 0)
    left = sum(counts.contacts.get(state, 0) for state in ("ready", "personal", "dialing"))
    each = max(1.0, placed / over) if over else 1.0
    finish = now + left * each / hour * HOUR_S if hour and left and campaign.status == "running" else None
    return StatsOut(
        status=campaign.status,
        contacts=dict(counts.contacts),
        due=counts.due,
        results=dict(counts.results),
        live_answers=counts.live,
        abandoned=counts.abandoned,
        abandon_rate=counts.abandoned / counts.live if counts.live else 0.0,
        abandon_rate_today=counts.abandoned_today / counts.live_today if counts.live_today else 0.0,
        attempts_last_hour=hour,
        forecast_finish_at=optional_time(finish),
        live=live,
    )


class PhoneOut(msgspec.Struct, frozen=True):
    """One number of a contact."""

    number: str
    zones: list[str]
    label: str
    dead: bool


class ContactOut(msgspec.Struct, frozen=True):
    """One person of a list, and what is to be done next."""

    id: int
    person: str
    name: str
    phones: list[PhoneOut]
    data: dict[str, str]
    state: ContactState
    reason: str
    next_at: Time | None
    attempts: int
    owner: str | None
    priority: int
    segment: int
    import_id: str
    line: int


def contact_out(contact: Contact) -> ContactOut:
    """A contact as the API shows it."""
    return ContactOut(
        id=contact.id,
        person=contact.person,
        name=contact.name,
        phones=[PhoneOut(p.number, list(p.zones), p.label, p.dead) for p in contact.phones],
        data=contact.data,
        state=contact.state,
        reason=contact.reason,
        next_at=optional_time(contact.next_at),
        attempts=contact.attempts,
        owner=contact.owner,
        priority=contact.priority,
        segment=contact.segment,
        import_id=contact.import_id,
        line=contact.line,
    )


class AttemptOut(msgspec.Struct, frozen=True):
    """One dialling; its id is that of the call which came of it. `drop_ms`: evidence of a drop."""

    id: str
    contact: int
    number: int
    phone: str
    caller_id: str
    result: str
    reason: str
    operator: str | None
    started_at: Time
    answered_at: Time | None
    connected_at: Time | None
    ended_at: Time | None
    next_at: Time | None
    cause: int
    verdict: str | None
    verdict_s: float | None
    drop_ms: int | None


def attempt_out(attempt: Attempt) -> AttemptOut:
    """An attempt as the API shows it."""
    same = ("id", "contact", "number", "phone", "caller_id", "reason", "operator", "cause")
    return AttemptOut(
        **{name: getattr(attempt, name) for name in (*same, "verdict", "verdict_s", "drop_ms")},
        result=attempt.result or "dialing",
        started_at=rfc3339(attempt.started_at),
        answered_at=optional_time(attempt.answered_at),
        connected_at=optional_time(attempt.connected_at),
        ended_at=optional_time(attempt.ended_at),
        next_at=optional_time(attempt.next_at),
    )


class ImportOut(msgspec.Struct, frozen=True):
    """An import of a list: how it is read, how far it has come (`progress` 0 to 1), what it met.

    rows = accepted + updated + rejected + blank; the report tells each row that was not taken as it stands.
    """

    id: str
    campaign: str
    state: ImportState
    file_name: str
    by: str
    created_at: Time
    changed_at: Time | None
    progress: float
    encoding: str
    delimiter: str
    columns: list[str]
    mapping: dict[str, Role]
    options: ImportOptions
    preview: list[Preview]
    notes: list[str]
    problem: str
    counts: ImportCounts
    codes: dict[str, int]


def import_out(job: ContactImport) -> ImportOut:
    """An import as the API shows it."""
    same = ("id", "campaign", "state", "file_name", "by", "encoding", "delimiter", "mapping", "options")
    fields: dict[str, Any] = {name: getattr(job, name) for name in (*same, "problem", "counts", "codes")}
    return ImportOut(
        **fields,
        created_at=rfc3339(job.created_at),
        changed_at=optional_time(job.changed_at or None),
        progress=round(job.share, 4),
        columns=list(job.columns),
        preview=list(job.preview),
        notes=list(job.notes),
    )


class DncOut(msgspec.Struct, frozen=True):
    """A number that must not be called; `client` null: by nobody."""

    number: str
    client: str | None
    source: str
    by: str
    added_at: Time


def dnc_out(entry: DncEntry) -> DncOut:
    """An entry as the API shows it."""
    client = None if entry.client == "*" else entry.client
    return DncOut(entry.number, client, entry.source, entry.by, rfc3339(entry.added_at))

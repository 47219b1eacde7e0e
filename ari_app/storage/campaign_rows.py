"""Campaigns, contacts and attempts as rows and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from ari_app.model.campaign import Attempt, Campaign, Contact
from ari_app.storage.rows import storable

_encode = msgspec.json.Encoder().encode
_campaign = msgspec.json.Decoder(Campaign).decode
_ATTEMPT = tuple(
    name
    for name in Attempt.__struct_fields__
    if name not in {"client", "campaign", "contact", "zones", "operator"}
)
_SAME = ("person", "name", "segment", "priority", "phone", "state", "reason", "next_at", "attempts")
_ALSO_SAME = ("owner", "import_id", "line", "created_at", "changed_at")


def zone_key(zones: tuple[str, ...]) -> str:
    """Zones as `contacts.zone` holds them."""
    return ",".join(zones)


def zones_of(key: str) -> tuple[str, ...]:
    """And back."""
    return tuple(key.split(",")) if key else ()


def campaign_row(campaign: Campaign) -> dict[str, Any]:
    """The `campaigns` row."""
    return {
        "id": campaign.id,
        "client_id": campaign.client,
        "name": storable(campaign.name),
        "status": campaign.status,
        "priority": campaign.priority,
        "created_at": campaign.created_at,
        "version": campaign.version,
        "body": storable(_encode(campaign).decode()),
    }


def campaign_of(row: Mapping[Any, Any]) -> Campaign:
    """The campaign of a row."""
    return _campaign(row["body"])


def contact_row(contact: Contact) -> dict[str, Any]:
    """The `contacts` row, without the id that the store gives."""
    return {
        "client_id": contact.client,
        "campaign_id": contact.campaign,
        "person": storable(contact.person),
        "name": storable(contact.name),
        "phones": storable(_encode(contact.phones).decode()),
        "data": storable(_encode(contact.data).decode()),
        "segment": contact.segment,
        "priority": contact.priority,
        "phone": contact.phone,
        "zone": zone_key(contact.phones[contact.phone].zones),
        "state": contact.state,
        "reason": contact.reason,
        "next_at": contact.next_at,
        "attempts": contact.attempts,
        "owner": contact.owner,
        "import_id": contact.import_id,
        "line": contact.line,
        "created_at": contact.created_at,
        "changed_at": contact.changed_at,
    }


def contact_of(row: Mapping[Any, Any]) -> Contact:
    """The contact of a row."""
    fields = {name: row[name] for name in (*_SAME, *_ALSO_SAME)}
    fields["id"] = row["id"]
    fields["client"] = row["client_id"]
    fields["campaign"] = row["campaign_id"]
    fields["phones"] = msgspec.json.decode(row["phones"])
    fields["data"] = msgspec.json.decode(row["data"])
    return msgspec.convert(fields, Contact)


def attempt_row(attempt: Attempt) -> dict[str, Any]:
    """The `campaign_attempts` row."""
    row = {name: storable(getattr(attempt, name)) for name in _ATTEMPT}
    row["client_id"] = attempt.client
    row["campaign_id"] = attempt.campaign
    row["contact_id"] = attempt.contact
    row["operator"] = attempt.operator
    row["zone"] = zone_key(attempt.zones)
    return row


def attempt_of(row: Mapping[Any, Any]) -> Attempt:
    """The attempt of a row."""
    fields = {name: row[name] for name in _ATTEMPT}
    fields["client"] = row["client_id"]
    fields["campaign"] = row["campaign_id"]
    fields["contact"] = row["contact_id"]
    fields["operator"] = row["operator"]
    fields["zones"] = zones_of(row["zone"])
    return msgspec.convert(fields, Attempt)

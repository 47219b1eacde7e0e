"""Campaigns and contacts for the tests of their store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import insert

from ari_app.model.campaign import Campaign, Contact, Phone
from ari_app.model.ids import CampaignId, ClientId, ContactId
from ari_app.pacing.calling_hours import HoursVerdict
from ari_app.storage import campaign_schema as tables
from ari_app.storage.campaign_rows import contact_row
from ari_app.storage.campaigns import CampaignStore
from ari_app.storage.database import Database

ACME = ClientId("acme")
NOW = 1_700_000_000.0
SAO_PAULO = ("America/Sao_Paulo",)
MANAUS = ("America/Manaus",)


def campaign(ident: str = "c1", **fields: Any) -> Campaign:
    fields = {"status": "running", "caller_ids": ("+551140000000",), "client": ACME, **fields}
    return Campaign(id=CampaignId(ident), name=ident.title(), **fields)


def contact(number: str, *others: str, campaign: str = "c1", **fields: Any) -> Contact:
    zones = fields.pop("zones", SAO_PAULO)
    phones = tuple(Phone(n, zones) for n in (number, *others))
    fields = {"client": ACME, "person": number, **fields}
    return Contact(ContactId(0), CampaignId(campaign), phones=phones, **fields)


async def given_campaign(database: Database, ident: str = "c1", **fields: Any) -> Campaign:
    made = campaign(ident, **fields)
    await CampaignStore(database).add_campaign(made)
    return made


async def given_contacts(database: Database, contacts: Sequence[Contact]) -> None:
    """On the list, as an import would put them."""
    async with database.engine.begin() as connection:
        for one in contacts:
            made = await connection.execute(insert(tables.contacts).values(contact_row(one)))
            assert made.inserted_primary_key is not None
            ident = made.inserted_primary_key[0]
            for phone in one.phones:
                row = {"client_id": one.client, "number": phone.number, "campaign_id": one.campaign}
                await connection.execute(insert(tables.contact_numbers).values(**row, contact_id=ident))


def always(_: Sequence[str], __: float) -> HoursVerdict:
    return HoursVerdict(open=True, reason="open")


def only(*open_zones: str, opens_at: float | None = None) -> Any:
    """Hours that are open in these zones only."""

    def rule(zones: Sequence[str], _: float) -> HoursVerdict:
        if all(zone in open_zones for zone in zones):
            return HoursVerdict(open=True, reason="open")
        return HoursVerdict(open=False, reason="outside_hours", opens_at=opens_at)

    return rule


def changed(struct: Any, **fields: Any) -> Any:
    return msgspec.structs.replace(struct, **fields)

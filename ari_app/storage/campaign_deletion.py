"""Deletes a campaign that never dialled; one that did is evidence, and keeps the law's counts."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select

from ari_app.model.ids import CampaignId, ImportId
from ari_app.ports import IllegalTransition, NotFound
from ari_app.storage import campaign_schema as tables


def delete_campaign(connection: Connection, ident: CampaignId) -> list[ImportId]:
    """With its contacts and imports, all or nothing; gives the imports, whose files are left.

    Raises `NotFound`; `IllegalTransition` while it runs or is imported into, and once it has attempts.
    """
    campaigns, attempts, imports = tables.campaigns, tables.campaign_attempts, tables.contact_imports
    status = connection.scalar(select(campaigns.c.status).where(campaigns.c.id == ident).with_for_update())
    if status is None:
        raise NotFound(f"campaign {ident} does not exist")
    if status == "running":
        raise IllegalTransition(f"campaign {ident} is running: stop it first")
    if connection.scalar(select(attempts.c.id).where(attempts.c.campaign_id == ident).limit(1)) is not None:
        raise IllegalTransition(f"campaign {ident} has dialled: its attempts are evidence and are kept")
    mine = imports.c.campaign_id == ident
    jobs = connection.execute(select(imports.c.id, imports.c.state).where(mine)).all()
    if any(state in {"preparing", "running"} for _, state in jobs):
        raise IllegalTransition(f"campaign {ident} is being imported into: cancel that first")
    for table in (tables.contact_numbers, tables.contacts, imports):
        connection.execute(delete(table).where(table.c.campaign_id == ident))
    connection.execute(delete(campaigns).where(campaigns.c.id == ident))
    return [ImportId(job) for job, _ in jobs]

"""Campaigns as configured, their contacts and attempts as people read them, and the DNC lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, delete, select, tuple_, update

from ari_app.campaigns.ports import GLOBAL, DncEntry
from ari_app.model.campaign import Attempt, Campaign, CampaignStatus, Contact
from ari_app.model.ids import CampaignId, ClientId, ContactId, ImportId, OperatorId
from ari_app.ports import AlreadyExists, IllegalTransition, NotFound, Page
from ari_app.storage import campaign_schema as tables
from ari_app.storage.campaign_deletion import delete_campaign
from ari_app.storage.campaign_rows import attempt_of, campaign_of, campaign_row, contact_of
from ari_app.storage.database import Database
from ari_app.storage.paging import decode_cursor, encode_cursor, newest_first, page_of
from ari_app.storage.rows import insert_once, storable

_K = tables.campaigns.c
_C = tables.contacts.c
_A = tables.campaign_attempts.c
_D = tables.dnc_numbers.c
MANY = 500
"""Values in one statement: SQLite takes 32,766 parameters."""


class CampaignStore:
    """`campaigns.ports.CampaignBook` and `DncBook`, and what the API reads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def _rows(self, query: Any) -> Sequence[RowMapping]:
        async with self._database.engine.connect() as connection:
            return (await connection.execute(query)).mappings().all()

    # --- campaigns --------------------------------------------------------------------------------------

    async def campaign(self, ident: CampaignId) -> Campaign | None:
        """One campaign."""
        rows = await self._rows(select(tables.campaigns).where(_K.id == ident))
        return campaign_of(rows[0]) if rows else None

    async def campaigns(
        self,
        *,
        client: ClientId | None = None,
        status: CampaignStatus | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Campaign]:
        """Newest first. Raises `CursorRefused`."""
        wanted = {_K.client_id: client, _K.status: status}
        query = select(tables.campaigns).where(*(c == value for c, value in wanted.items() if value))
        found = await self._rows(newest_first(query, _K.created_at, _K.id, cursor, limit))
        items = [campaign_of(row) for row in found]
        last = items[: min(limit, len(items))][-1] if items else None
        return page_of(items, limit, (last.created_at, last.id) if last else None)

    async def with_status(self, *statuses: CampaignStatus) -> list[Campaign]:
        """All with one of these, by priority."""
        query = select(tables.campaigns).where(_K.status.in_(statuses))
        return [campaign_of(row) for row in await self._rows(query.order_by(_K.priority, _K.created_at))]

    async def add_campaign(self, campaign: Campaign) -> None:
        """Raises `AlreadyExists`."""
        once = insert_once(tables.campaigns, self._database.dialect).values(campaign_row(campaign))
        if not (await self._database.durably(lambda c: c.execute(once))).rowcount:
            raise AlreadyExists(f"campaign {campaign.id} exists already")

    async def replace_campaign(self, campaign: Campaign) -> Campaign:
        """Raises `IllegalTransition` when it was changed meanwhile, `NotFound`."""
        following = msgspec.structs.replace(campaign, version=campaign.version + 1)
        same = (_K.id == campaign.id, _K.version == campaign.version)
        query = update(tables.campaigns).where(*same).values(campaign_row(following))
        if not (await self._database.durably(lambda c: c.execute(query))).rowcount:
            if await self.campaign(campaign.id) is None:
                raise NotFound(f"campaign {campaign.id} does not exist")
            raise IllegalTransition(f"campaign {campaign.id} was changed by somebody else meanwhile")
        return following

    async def delete_campaign(self, campaign: CampaignId) -> list[ImportId]:
        """See `campaign_deletion`."""
        return await self._database.durably(lambda connection: delete_campaign(connection, campaign))

    # --- contacts and attempts --------------------------------------------------------------------------

    async def contact(self, ident: ContactId) -> Contact | None:
        """One contact."""
        rows = await self._rows(select(tables.contacts).where(_C.id == ident))
        return contact_of(rows[0]) if rows else None

    async def contacts(
        self,
        campaign: CampaignId,
        *,
        state: str | None = None,
        number: str | None = None,
        person: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Contact]:
        """In the order of their making. Raises `CursorRefused`."""
        query = select(tables.contacts).where(_C.campaign_id == campaign)
        if state is not None:
            query = query.where(_C.state == state)
        if person is not None:
            query = query.where(_C.person == person)
        if number is not None:
            numbers = tables.contact_numbers.c
            owners = select(numbers.contact_id).where(
                numbers.number == number, numbers.campaign_id == campaign
            )
            query = query.where(_C.id.in_(owners))
        if cursor is not None:
            query = query.where(_C.id > int(decode_cursor(cursor)[0]))
        limit = min(limit, MANY)
        items = [contact_of(row) for row in await self._rows(query.order_by(_C.id).limit(limit + 1))]
        following = encode_cursor(float(items[limit - 1].id), "") if len(items) > limit else None
        return Page(tuple(items[:limit]), following)

    async def schedule(
        self, ident: ContactId, at: float, owner: OperatorId | None, *, reason: str, now: float
    ) -> Contact:
        """Have a contact called at a promised time, by this operator alone where one is given (O9).

        Raises `NotFound`; `IllegalTransition` when he is being dialled, or may not be called.
        """
        values = {"state": "ready" if owner is None else "personal", "owner": owner, "next_at": at,
                  "reason": storable(reason), "changed_at": now}  # fmt: skip
        query = update(tables.contacts).where(_C.id == ident, _C.state.in_(("ready", "personal", "done")))
        done = await self._database.durably(lambda connection: connection.execute(query.values(values)))
        contact = await self.contact(ident)
        if contact is None:
            raise NotFound(f"contact {ident} does not exist")
        if not done.rowcount:
            raise IllegalTransition(f"contact {ident} is {contact.state}")
        return contact

    async def attempts(
        self,
        campaign: CampaignId,
        *,
        contact: ContactId | None = None,
        result: str | None = None,
        dropped: bool = False,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Attempt]:
        """Newest first; `dropped`: those with evidence of a drop. Raises `CursorRefused`."""
        query = select(tables.campaign_attempts).where(_A.campaign_id == campaign)
        if contact is not None:
            query = query.where(_A.contact_id == contact)
        if result is not None:
            query = query.where(_A.result.is_(None) if result == "dialing" else _A.result == result)
        if dropped:
            query = query.where(_A.drop_ms.is_not(None))
        found = await self._rows(newest_first(query, _A.started_at, _A.id, cursor, limit))
        items = [attempt_of(row) for row in found]
        last = items[: min(limit, len(items))][-1] if items else None
        return page_of(items, limit, (last.started_at, last.id) if last else None)

    # --- do not call ------------------------------------------------------------------------------------

    async def add_dnc(
        self, client: ClientId, numbers: Sequence[str], *, source: str, by: str, now: float
    ) -> int:
        """How many were new. On disk when it returns."""

        def work(connection: Connection) -> int:
            return add_numbers(connection, client, numbers, source, by, now)

        return await self._database.durably(work)

    async def remove_dnc(self, client: ClientId, number: str) -> bool:
        """Contacts that were excluded for this number alone may be called again."""

        def work(connection: Connection) -> bool:
            gone = delete(tables.dnc_numbers).where(_D.client_id == client, _D.number == number)
            if not connection.execute(gone).rowcount:
                return False
            _readmit(connection, client, number)
            return True

        return await self._database.durably(work)

    async def on_dnc(self, client: ClientId, numbers: Sequence[str]) -> set[str]:
        """Which of these the client must not call."""
        found: set[str] = set()
        for some in _pieces(numbers):
            query = select(_D.number).where(_D.client_id.in_((client, GLOBAL)), _D.number.in_(some))
            found |= {row["number"] for row in await self._rows(query)}
        return found

    async def dnc(
        self,
        *,
        clients: Sequence[ClientId] | None = None,
        number: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[DncEntry]:
        """Newest first. Raises `CursorRefused`."""
        query = select(tables.dnc_numbers)
        if clients is not None:
            query = query.where(_D.client_id.in_(clients))
        if number is not None:
            query = query.where(_D.number == number)
        if cursor is not None:
            at, place = decode_cursor(cursor)
            owner, _, last_number = place.partition(" ")
            query = query.where(tuple_(_D.added_at, _D.number, _D.client_id) < (at, last_number, owner))
        limit = min(limit, MANY)
        query = query.order_by(_D.added_at.desc(), _D.number.desc(), _D.client_id.desc()).limit(limit + 1)
        items = [
            DncEntry(row["client_id"], row["number"], row["source"], row["added_by"], row["added_at"])
            for row in await self._rows(query)
        ]
        last = items[limit - 1] if len(items) > limit else None
        following = encode_cursor(last.added_at, f"{last.client} {last.number}") if last else None
        return Page(tuple(items[:limit]), following)


def add_numbers(
    connection: Connection, client: ClientId, numbers: Iterable[str], source: str, by: str, now: float
) -> int:
    """Put numbers on a DNC list; how many were new."""
    new = 0
    for some in _pieces(sorted(set(numbers))):
        known = set(connection.scalars(select(_D.number).where(_D.client_id == client, _D.number.in_(some))))
        rows = [
            {
                "client_id": client,
                "number": number,
                "source": storable(source),
                "added_by": storable(by),
                "added_at": now,
            }
            for number in some
            if number not in known
        ]
        if rows:
            connection.execute(insert_once(tables.dnc_numbers, connection.dialect.name), rows)
            new += len(rows)
    return new


def _readmit(connection: Connection, client: ClientId, number: str) -> None:
    numbers = tables.contact_numbers.c
    owners = select(numbers.contact_id).where(numbers.number == number)
    if client != GLOBAL:
        owners = owners.where(numbers.client_id == client)
    excluded = (_C.id.in_(owners), _C.state == "excluded", _C.reason == "do_not_call")
    back = update(tables.contacts).where(*excluded)
    connection.execute(back.values(state="ready", reason="dnc_removed", next_at=0.0))


def _pieces(values: Sequence[str]) -> Iterable[Sequence[str]]:
    return (values[start : start + MANY] for start in range(0, len(values), MANY))

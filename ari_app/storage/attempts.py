"""Campaign attempts: on disk before anybody is dialled, resolved once, counted for budgets and the law."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import structlog
from sqlalchemy import Connection, RowMapping, case, func, select, update

from ari_app.campaigns.planning import NEVER_PLACED, Ended, counted_from, plan_after, policy_of
from ari_app.campaigns.ports import CampaignCounts, Claimed, HoursRule, Tally
from ari_app.model.campaign import (
    Attempt,
    AttemptEnd,
    AttemptResult,
    Campaign,
    Contact,
)
from ari_app.model.ids import AttemptId, CampaignId, OperatorId
from ari_app.pacing.law import ALLOWED, Ruling
from ari_app.pacing.profiles import profile_named
from ari_app.pacing.retry import PastAttempt
from ari_app.storage import campaign_schema as tables
from ari_app.storage.campaign_rows import attempt_of, campaign_of, contact_of, contact_row
from ari_app.storage.campaigns import add_numbers
from ari_app.storage.claiming import Claiming, dnc_among, upcoming
from ari_app.storage.database import Database
from ari_app.storage.rows import storable, upsert_adding

log = structlog.get_logger()
_C = tables.contacts.c
_A = tables.campaign_attempts.c
_T = tables.campaign_tallies.c
LAST_WORD_S = 0.5
BIN_S = 900.0
DAY_S = 86_400.0
SHORT_S = 6.0
LIVE = frozenset({"connected", "abandoned", "callback"})
_ENDED = ("reason", "cause", "answered_at", "connected_at", "verdict", "verdict_s", "drop_ms", "operator")


class AttemptStore:
    """`campaigns.ports.AttemptBook`. What it cannot read or write raises, but for `still_allowed`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(
        self,
        campaign: Campaign,
        count: int,
        now: float,
        hours: HoursRule,
        *,
        owner: OperatorId | None = None,
        operator_waiting: bool = False,
    ) -> Claimed:
        """See `AttemptBook.claim`."""

        def work(connection: Connection) -> Claimed:
            claiming = Claiming(connection, campaign, now, hours, owner, operator_waiting)
            return claiming.claim(count)

        return await self._database.durably(work)

    async def still_allowed(self, attempt: Attempt, now: float, hours: HoursRule) -> Ruling:
        """See `AttemptBook.still_allowed`: never raises, and in doubt says no."""
        verdict = hours(attempt.zones, now)
        if not verdict.open:
            return Ruling(allowed=False, rule=verdict.reason, retry_at=verdict.opens_at)
        try:
            async with asyncio.timeout(LAST_WORD_S), self._database.engine.connect() as connection:
                return await connection.run_sync(_last_word, attempt)
        except Exception as error:  # noqa: BLE001 - whatever the store raises, the answer is no
            log.warning("campaign.store_away", attempt=attempt.id, error=str(error)[:200])
            return Ruling(allowed=False, rule="store_away", retry_at=now + 5.0)

    async def answered(self, attempt: AttemptId, at: float) -> None:
        """See `AttemptBook.answered`."""
        query = update(tables.campaign_attempts).where(_A.id == attempt, _A.answered_at.is_(None))
        await self._database.durably(lambda connection: connection.execute(query.values(answered_at=at)))

    async def resolve(self, attempt: AttemptId, end: AttemptEnd) -> bool:
        """See `AttemptBook.resolve`."""
        return await self._database.durably(lambda connection: _resolve(connection, attempt, end))

    async def dispose(
        self,
        attempt: AttemptId,
        result: AttemptResult,
        *,
        now: float,
        callback_at: float | None = None,
        owner: OperatorId | None = None,
    ) -> bool:
        """See `AttemptBook.dispose`."""
        ended = Ended(result, now, callback_at=callback_at, owner=owner)
        return await self._database.durably(lambda connection: _dispose(connection, attempt, ended))

    async def open_attempts(self, campaign: CampaignId | None = None) -> list[Attempt]:
        """See `AttemptBook.open_attempts`."""
        query = select(tables.campaign_attempts).where(_A.result.is_(None)).order_by(_A.started_at, _A.id)
        if campaign is not None:
            query = query.where(_A.campaign_id == campaign)
        return [attempt_of(row) for row in await self._rows(query)]

    async def upcoming(self, campaign: Campaign, now: float, hours: HoursRule, at_most: int) -> list[int]:
        """See `AttemptBook.upcoming`."""
        async with self._database.engine.connect() as connection:
            return await connection.run_sync(upcoming, campaign, now, hours, at_most)

    async def personal_callbacks(self, now: float) -> list[tuple[CampaignId, OperatorId, float]]:
        """See `AttemptBook.personal_callbacks`."""
        query = (
            select(_C.campaign_id, _C.owner, _C.next_at)
            .join(tables.campaigns, tables.campaigns.c.id == _C.campaign_id)
            .where(tables.campaigns.c.status == "running", _C.state == "personal", _C.next_at <= now)
            .order_by(_C.next_at, _C.id)
        )
        return [(row["campaign_id"], row["owner"], row["next_at"]) for row in await self._rows(query)]

    async def tallies(self, campaign: CampaignId, since: float) -> list[Tally]:
        """See `AttemptBook.tallies`."""
        table = tables.campaign_tallies
        query = select(table).where(_T.campaign_id == campaign, _T.at > since - BIN_S).order_by(_T.at)
        return [
            Tally(row["at"], row["placed"], row["live"], row["abandoned"], row["short"])
            for row in await self._rows(query)
        ]

    async def counts(self, campaign: CampaignId, now: float) -> CampaignCounts:
        """See `AttemptBook.counts`."""
        due = func.sum(case(((_C.state == "ready") & (_C.next_at <= now), 1), else_=0))
        states = select(_C.state, func.count(), due).where(_C.campaign_id == campaign).group_by(_C.state)
        results = select(_A.result, func.count()).where(_A.campaign_id == campaign).group_by(_A.result)
        sums = [func.coalesce(func.sum(column), 0) for column in (_T.live, _T.abandoned)]
        sums += [
            func.coalesce(func.sum(case((_T.at > now - DAY_S, column), else_=0)), 0)
            for column in (_T.live, _T.abandoned)
        ]
        async with self._database.engine.connect() as connection:
            by_state = (await connection.execute(states)).all()
            by_result = (await connection.execute(results)).all()
            tally = (await connection.execute(select(*sums).where(_T.campaign_id == campaign))).one()
        return CampaignCounts(
            contacts={state: count for state, count, _ in by_state},
            due=sum(int(ready) for _, _, ready in by_state),
            results={result or "dialing": count for result, count in by_result},
            live=int(tally[0]),
            abandoned=int(tally[1]),
            live_today=int(tally[2]),
            abandoned_today=int(tally[3]),
        )

    async def _rows(self, query: Any) -> Sequence[RowMapping]:
        async with self._database.engine.connect() as connection:
            return (await connection.execute(query)).mappings().all()


def _last_word(connection: Connection, attempt: Attempt) -> Ruling:
    row = connection.execute(select(_A.result).where(_A.id == attempt.id)).first()
    if row is None or row.result is not None:
        return Ruling(allowed=False, rule="attempt_over")
    status = tables.campaigns.c.status
    now_is = connection.scalar(select(status).where(tables.campaigns.c.id == attempt.campaign))
    if now_is != "running":
        return Ruling(allowed=False, rule="campaign_not_running")
    if dnc_among(connection, attempt.client, {attempt.phone}):
        return Ruling(allowed=False, rule="do_not_call")
    return ALLOWED


def _resolve(connection: Connection, ident: AttemptId, end: AttemptEnd) -> bool:
    values = {name: storable(getattr(end, name)) for name in _ENDED if getattr(end, name) is not None}
    values |= {"result": end.result, "ended_at": end.ended_at}
    if end.answered_at is None:
        values.pop("answered_at", None)
    still_open = (_A.id == ident, _A.result.is_(None))
    if not connection.execute(update(tables.campaign_attempts).where(*still_open).values(values)).rowcount:
        return False
    attempt = _attempt(connection, ident)
    ended = Ended(end.result, end.ended_at, end.reason, end.callback_at, end.owner)
    _plan(connection, attempt, ended)
    if end.result not in NEVER_PLACED:
        _tally(connection, attempt)
    return True


def _dispose(connection: Connection, ident: AttemptId, ended: Ended) -> bool:
    fits = (_A.id == ident, _A.result.in_(LIVE))
    query = update(tables.campaign_attempts).where(*fits).values(result=ended.result)
    if not connection.execute(query).rowcount:
        return False
    _plan(connection, _attempt(connection, ident), ended)
    return True


def _attempt(connection: Connection, ident: AttemptId) -> Attempt:
    query = select(tables.campaign_attempts).where(_A.id == ident)
    return attempt_of(connection.execute(query).mappings().one())


def _plan(connection: Connection, attempt: Attempt, ended: Ended) -> None:
    """Put the contact where its next try is, and its number on the DNC list if he asked for that."""
    if ended.result == "do_not_call":
        add_numbers(connection, attempt.client, [attempt.phone], f"attempt {attempt.id}",
                    ended.owner or "caller", ended.at)  # fmt: skip
    query = select(tables.contacts).where(_C.id == attempt.contact).with_for_update()
    row = connection.execute(query).mappings().first()
    if row is None:  # deleted meanwhile
        return
    contact = contact_of(row)
    body = select(tables.campaigns).where(tables.campaigns.c.id == attempt.campaign)
    campaign = campaign_of(connection.execute(body).mappings().one())
    policy = policy_of(campaign, profile_named(campaign.profile))
    contact = _at_phone(contact, attempt.phone)
    plan = plan_after(policy, campaign.between_phones_s, contact, _placed(connection, contact), ended)
    kept = contact_row(
        Contact(
            id=contact.id,
            campaign=contact.campaign,
            person=contact.person,
            phones=plan.phones,
            phone=plan.phone,
            state=plan.state,
            reason=plan.reason,
            next_at=plan.next_at,
            owner=plan.owner,
        )
    )
    changed = {
        name: kept[name] for name in ("phones", "phone", "zone", "state", "reason", "next_at", "owner")
    }
    connection.execute(
        update(tables.contacts).where(_C.id == contact.id).values(**changed, changed_at=ended.at)
    )
    planned = update(tables.campaign_attempts).where(_A.id == attempt.id)
    connection.execute(planned.values(next_at=plan.next_at))


def _at_phone(contact: Contact, number: str) -> Contact:
    """The contact as it was dialled: a re-import may have changed the order of its phones."""
    for index, phone in enumerate(contact.phones):
        if phone.number == number:
            return Contact(**{**_fields(contact), "phone": index})
    return contact


def _fields(contact: Contact) -> dict[str, Any]:
    return {name: getattr(contact, name) for name in contact.__struct_fields__}


def _placed(connection: Connection, contact: Contact) -> list[PastAttempt]:
    query = select(_A.started_at, _A.ended_at, _A.phone, _A.result).where(_A.contact_id == contact.id)
    rows = connection.execute(query.where(_A.result.is_not(None)).order_by(_A.number)).all()
    return [
        PastAttempt(counted_from(started_at, ended_at, result), phone, result)
        for started_at, ended_at, phone, result in rows
        if result not in NEVER_PLACED
    ]


def _tally(connection: Connection, attempt: Attempt) -> None:
    at = attempt.ended_at or attempt.started_at
    talked = None if attempt.answered_at is None else at - attempt.answered_at
    live = attempt.result in LIVE or (attempt.result == "do_not_call" and attempt.answered_at is not None)
    short = talked is None or attempt.result == "machine" or talked <= SHORT_S
    row = {
        "campaign_id": attempt.campaign,
        "client_id": attempt.client,
        "at": at // BIN_S * BIN_S,
        "placed": 1,
        "live": int(live),
        "abandoned": int(attempt.result == "abandoned"),
        "short": int(short),
    }
    counted = ("placed", "live", "abandoned", "short")
    statement = upsert_adding(tables.campaign_tallies, connection.dialect.name, counted)
    connection.execute(statement, row)

"""Campaigns, contacts, attempts and do-not-call numbers in memory: outlives the application, may be slow."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

import msgspec.structs

from ari_app.campaigns.planning import NEVER_PLACED, Ended, counted_from, plan_after, policy_of
from ari_app.campaigns.ports import CampaignCounts, Claim, Claimed, HoursRule, Tally
from ari_app.model.campaign import Attempt, AttemptEnd, AttemptResult, Campaign, CampaignStatus, Contact
from ari_app.model.ids import AttemptId, CampaignId, ClientId, ContactId, OperatorId
from ari_app.pacing.law import ALLOWED, Ruling
from ari_app.pacing.profiles import profile_named
from ari_app.pacing.retry import PastAttempt
from ari_app.ports import IllegalTransition, Page


class StoreAwayError(Exception):
    """What a store raises that cannot be reached."""


class MemoryBook:
    """`AttemptBook`, `CampaignBook` and `DncBook`. Each act commits in the middle of its waiting."""

    def __init__(self) -> None:
        self.held: dict[CampaignId, Campaign] = {}
        self.contacts: dict[ContactId, Contact] = {}
        self.attempts: dict[AttemptId, Attempt] = {}
        self.dnc: set[str] = set()
        self.away = False
        self.wait_s = 0.001
        self.resolved: Counter[AttemptId] = Counter()
        self.broken: list[str] = []

    async def _before(self) -> None:
        await asyncio.sleep(self.wait_s)
        if self.away:
            raise StoreAwayError

    async def _after(self) -> None:
        await asyncio.sleep(0.001)

    # --- attempts ---------------------------------------------------------------------------------------

    def _due(self, campaign: Campaign, now: float, owner: OperatorId | None) -> list[Contact]:
        state = "ready" if owner is None else "personal"
        return sorted(
            (
                contact
                for contact in self.contacts.values()
                if contact.campaign == campaign.id
                and contact.state == state
                and contact.next_at is not None
                and contact.next_at <= now
                and contact.owner == owner
            ),
            key=lambda contact: (contact.next_at, contact.id),
        )

    async def claim(
        self, campaign: Campaign, count: int, now: float, hours: HoursRule, *,
        owner: OperatorId | None = None, operator_waiting: bool = False,
    ) -> Claimed:  # fmt: skip
        await self._before()
        claims: list[Claim] = []
        passed = Counter[str]()
        for contact in self._due(campaign, now, owner):
            verdict = hours(contact.phones[contact.phone].zones, now)
            if not verdict.open or contact.number in self.dnc:
                passed[verdict.reason if not verdict.open else "do_not_call"] += 1
            elif len(claims) < count:
                claims.append(self._claim(campaign, contact, now))
        states = {contact.state for contact in self.contacts.values() if contact.campaign == campaign.id}
        finished = not claims and not states & {"ready", "personal", "dialing"}
        await self._after()
        return Claimed(tuple(claims), dict(passed), finished=finished)

    def _claim(self, campaign: Campaign, contact: Contact, now: float) -> Claim:
        ident = AttemptId(f"contact{contact.id}-{contact.attempts + 1}")
        if ident in self.attempts:
            self.broken.append(f"attempt {ident} was claimed twice")
        attempt = Attempt(
            id=ident,
            campaign=campaign.id,
            contact=contact.id,
            number=contact.attempts + 1,
            phone=contact.number,
            person=contact.person,
            caller_id=campaign.caller_ids[0],
            started_at=now,
            zones=contact.phones[contact.phone].zones,
            operator=contact.owner,
        )
        self.attempts[ident] = attempt
        self.contacts[contact.id] = msgspec.structs.replace(
            contact, state="dialing", attempts=contact.attempts + 1
        )
        return Claim(attempt, contact)

    async def still_allowed(self, attempt: Attempt, now: float, hours: HoursRule) -> Ruling:
        try:
            async with asyncio.timeout(0.5):
                await self._before()
        except (TimeoutError, StoreAwayError):
            return Ruling(allowed=False, rule="store_away")
        if attempt.phone in self.dnc:
            return Ruling(allowed=False, rule="do_not_call")
        verdict = hours(attempt.zones, now)
        return ALLOWED if verdict.open else Ruling(allowed=False, rule=verdict.reason)

    async def answered(self, attempt: AttemptId, at: float) -> None:
        await self._before()
        self.attempts[attempt] = msgspec.structs.replace(self.attempts[attempt], answered_at=at)

    async def resolve(self, attempt: AttemptId, end: AttemptEnd) -> bool:
        await self._before()
        known = self.attempts[attempt]
        if known.result is not None:
            return False
        self.resolved[attempt] += 1
        fields = msgspec.structs.asdict(end)
        for name in ("callback_at", "owner"):
            fields.pop(name)
        self.attempts[attempt] = msgspec.structs.replace(known, **fields)
        self._plan(self.attempts[attempt], end)
        if end.result == "do_not_call":
            self.dnc.add(known.phone)
        await self._after()
        return True

    def _plan(self, attempt: Attempt, end: AttemptEnd) -> None:
        contact, campaign = self.contacts[attempt.contact], self.held[attempt.campaign]
        placed = [
            PastAttempt(counted_from(past.started_at, past.ended_at, past.result), past.phone, past.result)  # type: ignore[arg-type]
            for past in self.attempts.values()
            if past.contact == contact.id and past.result and past.result not in NEVER_PLACED
        ]
        policy = policy_of(campaign, profile_named(campaign.profile))
        ended = Ended(end.result, end.ended_at, end.reason, end.callback_at, end.owner)
        plan = plan_after(policy, campaign.between_phones_s, contact, placed, ended)
        self.contacts[contact.id] = msgspec.structs.replace(
            contact, state=plan.state, reason=plan.reason, next_at=plan.next_at, phone=plan.phone,
            phones=plan.phones, owner=plan.owner,
        )  # fmt: skip

    async def dispose(
        self, attempt: AttemptId, result: AttemptResult, *, now: float,
        callback_at: float | None = None, owner: OperatorId | None = None,
    ) -> bool:  # fmt: skip
        await self._before()
        end = AttemptEnd(result=result, ended_at=now, callback_at=callback_at, owner=owner)
        self.attempts[attempt] = msgspec.structs.replace(self.attempts[attempt], result=result)
        self._plan(self.attempts[attempt], end)
        return True

    async def open_attempts(self, campaign: CampaignId | None = None) -> list[Attempt]:
        await self._before()
        return [a for a in self.attempts.values() if a.result is None and campaign in {None, a.campaign}]

    async def upcoming(self, campaign: Campaign, now: float, hours: HoursRule, at_most: int) -> list[int]:
        await self._before()
        due = self._due(campaign, now, None)
        return [c.segment for c in due if hours(c.phones[c.phone].zones, now).open][:at_most]

    async def personal_callbacks(self, now: float) -> list[tuple[CampaignId, OperatorId, float]]:
        await self._before()
        return [
            (contact.campaign, contact.owner, contact.next_at)
            for contact in self.contacts.values()
            if contact.state == "personal" and contact.owner and contact.next_at and contact.next_at <= now
        ]

    async def tallies(self, campaign: CampaignId, since: float) -> list[Tally]:
        await self._before()
        return [
            Tally(a.ended_at, 1, int(a.result in {"connected", "abandoned"}), int(a.result == "abandoned"), 0)
            for a in self.attempts.values()
            if a.campaign == campaign and a.ended_at is not None and a.ended_at > since
        ]

    async def counts(self, campaign: CampaignId, now: float) -> CampaignCounts:
        raise NotImplementedError

    # --- campaigns and do-not-call ----------------------------------------------------------------------

    async def campaign(self, ident: CampaignId) -> Campaign | None:
        await self._before()
        return self.held.get(ident)

    async def campaigns(
        self, *, client: ClientId | None = None, status: CampaignStatus | None = None,
        cursor: str | None = None, limit: int = 50,
    ) -> Page[Campaign]:  # fmt: skip
        return Page(tuple(self.held.values()), None)

    async def with_status(self, *statuses: CampaignStatus) -> list[Campaign]:
        await self._before()
        return [campaign for campaign in self.held.values() if campaign.status in statuses]

    async def add_campaign(self, campaign: Campaign) -> None:
        self.held[campaign.id] = campaign

    async def replace_campaign(self, campaign: Campaign) -> Campaign:
        await self._before()
        if self.held[campaign.id].version != campaign.version:
            raise IllegalTransition("changed meanwhile")
        kept = msgspec.structs.replace(campaign, version=campaign.version + 1)
        self.held[campaign.id] = kept
        return kept

    async def add_dnc(
        self, client: ClientId, numbers: Sequence[str], *, source: str, by: str, now: float
    ) -> int:
        await self._before()
        new = set(numbers) - self.dnc
        self.dnc |= new
        return len(new)

    async def remove_dnc(self, client: ClientId, number: str) -> bool:
        self.dnc.discard(number)
        return True

    async def on_dnc(self, client: ClientId, numbers: Sequence[str]) -> set[str]:
        return self.dnc & set(numbers)

"""Claims attempts on due contacts: choose, check and write in one transaction, before anybody is dialled."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

from sqlalchemy import Connection, bindparam, exists, insert, select, text, update

from ari_app.campaigns.planning import NEVER_PLACED, caller_id_for, counted_from, policy_of
from ari_app.campaigns.ports import GLOBAL, Claim, Claimed, HoursRule
from ari_app.model.campaign import Attempt, Campaign, Contact
from ari_app.model.ids import AttemptId, OperatorId
from ari_app.pacing.profiles import profile_named
from ari_app.pacing.retry import WEEK_S, PastAttempt, RetryPolicy, earliest_within_caps, in_blackout
from ari_app.storage import campaign_schema as tables
from ari_app.storage.campaign_rows import attempt_row, contact_of, zone_key, zones_of

_C = tables.contacts.c
_A = tables.campaign_attempts.c
BATCH_MOST = 500
EXAMINED_MOST = 2000
"""Contacts looked at in one claim, however many of them are held back."""
BUSY_AGAIN_S = 60.0
_CLAIM_LOCK = 0x52434C4D

_DUE = (_C.priority, _C.zone, _C.next_at)

Move = dict[str, Any]


@dataclass(slots=True)
class Claiming:
    """One claim, inside one transaction.

    SQLite: the transaction holds the write lock from its first statement. PostgreSQL: claims of one client
    take turns (caps are counted over all its campaigns); contacts that an import holds are skipped.
    """

    connection: Connection
    campaign: Campaign
    now: float
    hours: HoursRule
    owner: OperatorId | None = None
    operator_waiting: bool = False
    passed: Counter[str] = field(default_factory=Counter)
    later: list[float] = field(default_factory=list)
    look_again: bool = False
    """A contact was put back under another number, due now."""

    def claim(self, count: int) -> Claimed:
        """Up to `count` attempts."""
        profile = profile_named(self.campaign.profile)
        if not self.campaign.caller_ids and not profile.caller_id.withheld_allowed:
            return Claimed((), {"no_caller_id": 1})
        if self.connection.dialect.name == "postgresql":
            key = crc32(self.campaign.client.encode()) - 2**31
            lock = text("SELECT pg_advisory_xact_lock(:one, :two)")
            self.connection.execute(lock, {"one": _CLAIM_LOCK, "two": key})
        claims: list[Claim] = []
        policy, examined = policy_of(self.campaign, profile), 0
        groups = list(self.groups())
        for priority in sorted({priority for priority, _, _ in groups}):
            zones = [zone for level, zone, due in groups if level == priority and self.is_open(zone, due)]
            while zones and len(claims) < count and examined < EXAMINED_MOST:
                wanted = min(count - len(claims), BATCH_MOST)
                found = self.candidates(priority, zones, wanted)
                if not found:
                    break
                examined += len(found)
                claims += self.taken(policy, found)
                if len(found) < wanted and not self.look_again:
                    break
        finished = not claims and not groups and not self.any_left()
        due = min(self.later, default=None) if len(claims) < count else None
        return Claimed(tuple(claims), dict(self.passed), due, finished)

    # --- choosing ---------------------------------------------------------------------------------------

    @property
    def state(self) -> str:
        return "ready" if self.owner is None else "personal"

    def groups(self) -> Iterator[tuple[int, str, float]]:
        """The priorities and zones that waiting contacts have, and when the first of each is due.

        One step in the index for each, however many contacts there are.
        """
        here = [_C.campaign_id == self.campaign.id, _C.state == self.state]
        if self.owner is not None:
            here.append(_C.owner == self.owner)
        query = select(_C.priority, _C.zone, _C.next_at).where(*here).limit(1)
        row = self.connection.execute(query.order_by(*_DUE)).first()
        while row is not None:
            yield row[0], row[1], row[2]
            # not `(priority, zone) > (…)`: SQLite would read the rest of this zone for it
            zone = query.where(_C.priority == row[0], _C.zone > row[1]).order_by(_C.zone, _C.next_at)
            further = self.connection.execute(zone).first()
            if further is None:
                level = query.where(_C.priority > row[0]).order_by(*_DUE)
                further = self.connection.execute(level).first()
            row = further

    def is_open(self, zone: str, first_due: float) -> bool:
        """Whether somebody in this zone may be called now; else when it is worth asking again."""
        verdict = self.hours(zones_of(zone), self.now)
        if verdict.open:
            if first_due > self.now:
                self.later.append(first_due)
            return first_due <= self.now
        self.passed[verdict.reason] += 1
        if verdict.opens_at is not None:
            self.later.append(max(verdict.opens_at, first_due))
        return False

    def waiting(self, priority: int, zone: str) -> Any:
        found = [_C.campaign_id == self.campaign.id, _C.state == self.state]
        found += [_C.priority == priority, _C.zone == zone]
        if self.owner is not None:
            found.append(_C.owner == self.owner)
        return found

    def candidates(self, priority: int, zones: Sequence[str], wanted: int) -> list[Contact]:
        """The contacts due longest, over all open zones."""
        rows: list[Any] = []
        for zone in zones:
            query = select(tables.contacts).where(*self.waiting(priority, zone), _C.next_at <= self.now)
            query = query.order_by(_C.next_at, _C.id).limit(wanted).with_for_update(skip_locked=True)
            rows += self.connection.execute(query).mappings().all()
        rows.sort(key=lambda row: (row["next_at"], row["id"]))
        return [contact_of(row) for row in rows[:wanted]]

    def any_left(self) -> bool:
        """Whether anybody is being dialled, or will be."""
        states = _C.state.in_(("ready", "personal", "dialing"))
        query = select(exists().where(_C.campaign_id == self.campaign.id, states))
        return bool(self.connection.scalar(query))

    # --- checking ---------------------------------------------------------------------------------------

    def taken(self, policy: RetryPolicy, found: Sequence[Contact]) -> list[Claim]:
        """Attempts on those that no rule holds back; the others are put where they will be due."""
        if not found:
            return []
        numbers = {phone.number for contact in found for phone in contact.phones}
        blocked = dnc_among(self.connection, self.campaign.client, numbers)
        past, dialing = self.history(found)
        claims, moves = [], []
        for contact in found:
            move = self.held_back(policy, contact, blocked, past, dialing)
            if move is None:
                claims.append(Claim(self.attempt(contact), contact))
            else:
                moves.append({"key": contact.id, **move})
        if moves:
            self.connection.execute(_MOVE, [{"at": self.now, **move} for move in moves])
        if claims:
            rows = [attempt_row(claim.attempt) for claim in claims]
            self.connection.execute(insert(tables.campaign_attempts), rows)
            self.connection.execute(_DIALING, [{"key": c.contact.id, "at": self.now} for c in claims])
        return claims

    def history(
        self, found: Sequence[Contact]
    ) -> tuple[dict[str, dict[str, PastAttempt]], set[str]]:  # fmt: skip
        """A week's placed attempts by number and by person, and who is being dialled now."""
        by: dict[str, dict[str, PastAttempt]] = defaultdict(dict)
        dialing: set[str] = set()
        columns = (_A.id, _A.phone, _A.person, _A.started_at, _A.ended_at, _A.result)
        since = (_A.client_id == self.campaign.client, _A.started_at > self.now - WEEK_S)
        for one, values in (
            (_A.phone, {contact.number for contact in found}),
            (_A.person, {contact.person for contact in found}),
        ):
            query = select(*columns).where(*since, one.in_(values))
            for ident, phone, person, started_at, ended_at, result in self.connection.execute(query):
                if result in NEVER_PLACED:
                    continue
                if result is None:
                    dialing |= {f"n{phone}", f"p{person}"}
                past = PastAttempt(counted_from(started_at, ended_at, result), phone, result or "unknown")
                by[f"n{phone}"][ident] = by[f"p{person}"][ident] = past
        return by, dialing

    def held_back(
        self,
        policy: RetryPolicy,
        contact: Contact,
        blocked: set[str],
        past: dict[str, dict[str, PastAttempt]],
        dialing: set[str],
    ) -> Move | None:
        """None: may be dialled; else what becomes of the contact, counted by its reason."""
        keys = (f"n{contact.number}", f"p{contact.person}")
        if contact.number in blocked:
            return self.without_blocked(contact, blocked)
        if any(key in dialing for key in keys):
            return self.put_off(contact, "being_dialled", self.now + BUSY_AGAIN_S)
        known = list({**past.get(keys[0], {}), **past.get(keys[1], {})}.values())
        if not self.operator_waiting and in_blackout(
            known, contact.number, policy.blackout_after_drop_s, self.now
        ):
            drops = [p.at for p in known if p.number == contact.number and p.disposition == "abandoned"]
            until = max(drops) + policy.blackout_after_drop_s
            return self.put_off(contact, "blackout_after_drop", until)
        at = earliest_within_caps(policy.caps, known, contact.number, self.now)
        if at is None or at > self.now:
            return self.put_off(contact, "attempt_cap", at)
        return None

    def without_blocked(self, contact: Contact, blocked: set[str]) -> Move:
        """The next phone that is on no DNC list, else nothing more."""
        self.passed["do_not_call"] += 1
        order = range(contact.phone + 1, contact.phone + len(contact.phones))
        for index in (index % len(contact.phones) for index in order):
            phone = contact.phones[index]
            if not phone.dead and phone.number not in blocked:
                self.look_again = True
                move = self.move(contact, contact.state, "next_phone", self.now)
                return {**move, "to_phone": index, "to_zone": zone_key(phone.zones)}
        return self.move(contact, "excluded", "do_not_call", None)

    def put_off(self, contact: Contact, reason: str, at: float | None) -> Move:
        self.passed[reason] += 1
        if at is None:
            return self.move(contact, "excluded", reason, None)
        self.later.append(at)
        return self.move(contact, contact.state, reason, at)

    def move(self, contact: Contact, state: str, reason: str, at: float | None) -> Move:
        zone = zone_key(contact.phones[contact.phone].zones)
        return {"to_state": state, "to_reason": reason, "to_next": at, "to_phone": contact.phone,
                "to_zone": zone}  # fmt: skip

    def attempt(self, contact: Contact) -> Attempt:
        caller_id = caller_id_for(self.campaign.caller_ids, contact.number, contact.attempts)
        return Attempt(
            id=AttemptId(f"out-{uuid.uuid4().hex}"),
            campaign=self.campaign.id,
            contact=contact.id,
            number=contact.attempts + 1,
            phone=contact.number,
            person=contact.person,
            caller_id=caller_id or "",
            started_at=self.now,
            client=self.campaign.client,
            segment=contact.segment,
            zones=contact.phones[contact.phone].zones,
            operator=contact.owner,
        )


_MOVE = (
    update(tables.contacts)
    .where(_C.id == bindparam("key"))
    .values(
        state=bindparam("to_state"),
        reason=bindparam("to_reason"),
        next_at=bindparam("to_next"),
        phone=bindparam("to_phone"),
        zone=bindparam("to_zone"),
        changed_at=bindparam("at"),
    )
)
_DIALING = (
    update(tables.contacts)
    .where(_C.id == bindparam("key"))
    .values(state="dialing", reason="", attempts=_C.attempts + 1, changed_at=bindparam("at"))
)


def dnc_among(connection: Connection, client: str, numbers: set[str]) -> set[str]:
    """Which of these numbers the client must not call."""
    table = tables.dnc_numbers.c
    query = select(table.number).where(table.client_id.in_((client, GLOBAL)), table.number.in_(numbers))
    return set(connection.scalars(query))


def upcoming(
    connection: Connection, campaign: Campaign, now: float, hours: HoursRule, most: int
) -> list[int]:
    """Segments of the contacts that would be claimed next, in order."""
    claiming = Claiming(connection, campaign, now, hours)
    segments: list[int] = []
    groups = list(claiming.groups())
    for priority in sorted({level for level, _, _ in groups}):
        rows: list[Any] = []
        for _, zone, due in (group for group in groups if group[0] == priority):
            if due > now or not hours(zones_of(zone), now).open:
                continue
            query = select(_C.next_at, _C.id, _C.segment).where(*claiming.waiting(priority, zone))
            query = query.where(_C.next_at <= now).order_by(_C.next_at, _C.id).limit(most - len(segments))
            rows += connection.execute(query).all()
        segments += [row[2] for row in sorted(rows)]
        if len(segments) >= most:
            break
    return segments[:most]

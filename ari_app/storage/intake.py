"""Puts rows of a list among the contacts: new, known, on other lists, not to be called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec
from sqlalchemy import Connection, bindparam, case, delete, func, select, text, update

from ari_app.campaigns.lists.mapping import Draft
from ari_app.campaigns.planning import NEVER_PLACED, policy_of
from ari_app.campaigns.ports import Taken
from ari_app.model.campaign import Campaign, Contact, Phone
from ari_app.model.contact_import import ContactImport, Remark
from ari_app.model.ids import ContactId
from ari_app.pacing.profiles import profile_named
from ari_app.pacing.retry import DAY_S, WEEK_S
from ari_app.storage import campaign_schema as tables
from ari_app.storage.campaign_rows import contact_of, contact_row
from ari_app.storage.claiming import dnc_among
from ari_app.storage.rows import insert_many

_C = tables.contacts.c
_N = tables.contact_numbers.c
_A = tables.campaign_attempts.c
_UPDATED = ("name", "phones", "data", "segment", "priority", "phone", "zone", "state", "reason", "next_at",
            "import_id", "line", "changed_at")  # fmt: skip


@dataclass(slots=True)
class Intake:
    """One chunk of one import, inside one transaction."""

    connection: Connection
    campaign: Campaign
    job: ContactImport
    now: float
    blocked: set[str] = field(default_factory=set)
    tried: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Placed attempts of the last day and week, by number."""
    here: dict[str, int] = field(default_factory=dict)
    """Contact by number, on this list."""
    elsewhere: dict[str, str] = field(default_factory=dict)
    """Another campaign by number."""

    def take(self, drafts: Sequence[Draft]) -> list[Taken]:
        """What became of each draft, in order."""
        if not drafts:
            return []
        numbers = {phone.number for draft in drafts for phone in draft.phones}
        self.blocked = dnc_among(self.connection, self.campaign.client, numbers)
        self._look_up_numbers(numbers)
        self._look_up_attempts(numbers)
        people = self._people({draft.person for draft in drafts})
        fresh = iter(self._new_ids(sum(draft.person not in people for draft in drafts)))
        inserts: list[Contact] = []
        updates: dict[int, tuple[Contact, Contact]] = {}
        taken: list[Taken] = []
        for draft in drafts:
            known = people.get(draft.person)
            if known is not None and known.import_id == self.job.id:
                taken.append(self._duplicate(draft, known))
                continue
            phones, remarks = self._phones(draft, known)
            if not phones:
                taken.append(Taken("rejected", tuple(_rejected(remarks))))
                continue
            if known is None:
                contact = self._new(ContactId(next(fresh)), draft, phones)
                inserts.append(contact)
            else:
                contact = self._changed(known, draft, phones)
                updates[known.id] = (known, contact)
            people[draft.person] = contact
            self.here.update({phone.number: contact.id for phone in phones})
            taken.append(Taken("accepted" if known is None else "updated", tuple(remarks)))
        self._write(inserts, list(updates.values()))
        return taken

    # --- what is known already --------------------------------------------------------------------------

    def _look_up_numbers(self, numbers: set[str]) -> None:
        query = select(_N.number, _N.campaign_id, _N.contact_id)
        query = query.where(_N.client_id == self.campaign.client, _N.number.in_(numbers))
        for number, campaign, contact in self.connection.execute(query):
            if campaign == self.campaign.id:
                self.here[number] = contact
            else:
                self.elsewhere[number] = campaign

    def _look_up_attempts(self, numbers: set[str]) -> None:
        today = func.sum(case((_A.started_at > self.now - DAY_S, 1), else_=0))
        query = select(_A.phone, today, func.count()).where(
            _A.client_id == self.campaign.client,
            _A.phone.in_(numbers),
            _A.started_at > self.now - WEEK_S,
            _A.result.is_(None) | _A.result.not_in(NEVER_PLACED),
        )
        for number, day, week in self.connection.execute(query.group_by(_A.phone)):
            self.tried[number] = (int(day), int(week))

    def _people(self, keys: set[str]) -> dict[str, Contact]:
        query = select(tables.contacts).where(_C.campaign_id == self.campaign.id, _C.person.in_(keys))
        rows = self.connection.execute(query.with_for_update()).mappings()
        return {row["person"]: contact_of(row) for row in rows}

    def _new_ids(self, count: int) -> list[int]:
        if not count:
            return []
        if self.connection.dialect.name == "postgresql":
            query = text("SELECT nextval('contacts_id_seq') FROM generate_series(1, :many)")
            return list(self.connection.scalars(query, {"many": count}))
        query = text("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'contacts'")
        last = int(self.connection.scalar(query) or 0)
        return list(range(last + 1, last + 1 + count))

    # --- judging ----------------------------------------------------------------------------------------

    def _duplicate(self, draft: Draft, known: Contact) -> Taken:
        told = f"the same person as in row {known.line}"
        return Taken("rejected", (self._remark(draft, "duplicate", known.number, told, rejected=True),))

    def _phones(self, draft: Draft, known: Contact | None) -> tuple[tuple[Phone, ...], list[Remark]]:
        """The draft's phones that may be kept, and remarks about the others."""
        kept: list[Phone] = []
        remarks: list[Remark] = []
        dead = {phone.number for phone in known.phones if phone.dead} if known is not None else set()
        for phone in draft.phones:
            number = phone.number
            owner = self.here.get(number)
            if number in self.blocked:
                told = "on a do-not-call list"
                remarks.append(self._remark(draft, "do_not_call", number, told))
                continue
            if owner is not None and (known is None or owner != known.id):
                told = f"another contact of this list has this number (contact {owner})"
                remarks.append(self._remark(draft, "duplicate_number", number, told))
                continue
            if number in self.elsewhere:
                told = f"also on the list of campaign {self.elsewhere[number]}"
                remarks.append(self._remark(draft, "on_other_list", number, told))
                if self.job.options.across == "reject":
                    continue
            day, week = self.tried.get(number, (0, 0))
            if week and self._capped(day, week):
                told = f"called {day} times in a day, {week} in a week: it waits until the cap allows more"
                remarks.append(self._remark(draft, "attempt_cap", number, told))
            kept.append(msgspec.structs.replace(phone, dead=True) if number in dead else phone)
        return tuple(kept), remarks

    def _capped(self, day: int, week: int) -> bool:
        caps = policy_of(self.campaign, profile_named(self.campaign.profile)).caps
        of_day, of_week = caps.per_number_day, caps.per_number_week
        return (of_day is not None and day >= of_day) or (of_week is not None and week >= of_week)

    def _remark(self, draft: Draft, code: str, number: str, told: str, *, rejected: bool = False) -> Remark:
        column = next((phone.label for phone in draft.phones if phone.number == number), "")
        return Remark(draft.line, code, column, number, told, rejected)

    # --- writing ----------------------------------------------------------------------------------------

    def _new(self, ident: ContactId, draft: Draft, phones: tuple[Phone, ...]) -> Contact:
        return Contact(
            id=ident,
            campaign=self.campaign.id,
            person=draft.person,
            phones=phones,
            client=self.campaign.client,
            name=draft.name,
            data=draft.data,
            segment=self.job.segment if draft.segment is None else draft.segment,
            priority=draft.priority,
            import_id=self.job.id,
            line=draft.line,
            created_at=self.now,
            changed_at=self.now,
        )

    def _changed(self, known: Contact, draft: Draft, phones: tuple[Phone, ...]) -> Contact:
        """The contact with what the list says now; what was done with it stays, unless a new number came."""
        numbers = [phone.number for phone in phones]
        old = {phone.number for phone in known.phones}
        current = numbers.index(known.number) if known.number in numbers else 0
        contact = msgspec.structs.replace(
            known,
            name=draft.name or known.name,
            phones=phones,
            phone=current,
            data={**known.data, **draft.data},
            priority=draft.priority,
            segment=known.segment if draft.segment is None else draft.segment,
            import_id=self.job.id,
            line=draft.line,
            changed_at=self.now,
        )
        fresh = [index for index, number in enumerate(numbers) if number not in old]
        unreached = known.state == "excluded" or known.reason == "invalid_number"
        if fresh and unreached and known.state in {"done", "excluded"}:
            return msgspec.structs.replace(
                contact, state="ready", reason="new_number", next_at=self.now, phone=fresh[0]
            )
        return contact

    def _write(self, inserts: Sequence[Contact], updates: Sequence[tuple[Contact, Contact]]) -> None:
        if inserts:
            rows = [{"id": contact.id, **contact_row(contact)} for contact in inserts]
            insert_many(self.connection, tables.contacts, rows)
        if updates:
            rows = [
                {"key": new.id, **{f"to_{n}": v for n, v in contact_row(new).items() if n in _UPDATED}}
                for _, new in updates
            ]
            self.connection.execute(_UPDATE, rows)
            old = {phone.number for known, _ in updates for phone in known.phones}
            ours = (_N.client_id == self.campaign.client, _N.campaign_id == self.campaign.id)
            self.connection.execute(delete(tables.contact_numbers).where(*ours, _N.number.in_(old)))
        numbers = [
            {
                "client_id": self.campaign.client,
                "number": phone.number,
                "campaign_id": self.campaign.id,
                "contact_id": contact.id,
            }
            for contact in [*inserts, *(new for _, new in updates)]
            for phone in contact.phones
        ]
        if numbers:
            insert_many(self.connection, tables.contact_numbers, numbers)


_UPDATE = (
    update(tables.contacts)
    .where(_C.id == bindparam("key"))
    .values({name: bindparam(f"to_{name}") for name in _UPDATED})
)


def _rejected(remarks: Sequence[Remark]) -> list[Remark]:
    return [msgspec.structs.replace(remark, rejected=True) for remark in remarks]

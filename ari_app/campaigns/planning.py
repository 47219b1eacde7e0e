"""What happens to a contact next: which phone, when, or why never. Pure, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import msgspec

from ari_app.model.campaign import AttemptResult, Campaign, Contact, ContactState, Phone
from ari_app.model.ids import OperatorId
from ari_app.pacing.law import LegalProfile
from ari_app.pacing.retry import NextTry, PastAttempt, RetryPolicy, earliest_within_caps, next_try

NEVER_PLACED: frozenset[AttemptResult] = frozenset({"withdrawn", "skipped"})
NOBODY_THERE: frozenset[AttemptResult] = frozenset(
    {"no_answer", "busy", "machine", "failed", "invalid_number", "unknown"}
)
"""After these the contact's next phone is tried."""
LATER_S = 60.0
"""When a contact is looked at again whose call was withdrawn, or skipped, without saying when."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The contact as it is to be kept."""

    state: ContactState
    reason: str
    next_at: float | None
    phone: int
    phones: tuple[Phone, ...]
    owner: OperatorId | None = None


def policy_of(campaign: Campaign, profile: LegalProfile) -> RetryPolicy:
    """The campaign's retry policy, tightened by the law."""
    caps = profile.caps.tightened_by(campaign.caps)
    return RetryPolicy(campaign.retries, campaign.attempts_at_most, caps, profile.blackout_after_drop_s)


def counted_from(started_at: float, ended_at: float | None, result: AttemptResult | None) -> float:
    """When an attempt counts from: the rest after a drop begins with the drop, all else with the dialling."""
    return ended_at if result == "abandoned" and ended_at is not None else started_at


@dataclass(frozen=True, slots=True)
class Ended:
    """How the latest attempt on a contact ended; it is the last one of `placed`, unless it never was."""

    result: AttemptResult
    at: float
    reason: str = ""
    callback_at: float | None = None
    owner: OperatorId | None = None


def plan_after(policy: RetryPolicy, between_s: float, contact: Contact, placed: Sequence[PastAttempt],
               ended: Ended) -> Plan:  # fmt: skip
    """Plan the contact's next try. `placed`: this contact's attempts that were placed, in order."""
    if ended.result in NEVER_PLACED:
        again = ended.callback_at if ended.callback_at is not None else ended.at + LATER_S
        return Plan("ready", ended.reason or ended.result, again, contact.phone, contact.phones)
    if ended.result == "callback" and ended.callback_at is not None:
        at = _within(policy, placed, contact.number, ended.callback_at)
        state: ContactState = "ready" if ended.owner is None else "personal"
        kept = state if at is not None else "done"
        return Plan(kept, "callback", at, contact.phone, contact.phones, ended.owner)
    if ended.result == "do_not_call":
        return Plan("excluded", "do_not_call", None, contact.phone, contact.phones)
    phones = contact.phones
    if ended.result == "invalid_number":
        here = msgspec.structs.replace(phones[contact.phone], dead=True)
        phones = (*phones[: contact.phone], here, *phones[contact.phone + 1 :])
    return _retried(policy, between_s, contact, phones, placed, ended)


def _retried(
    policy: RetryPolicy,
    between_s: float,
    contact: Contact,
    phones: tuple[Phone, ...],
    placed: Sequence[PastAttempt],
    ended: Ended,
) -> Plan:
    living = [index for index, phone in enumerate(phones) if not phone.dead]
    if not living:
        return Plan("done", "invalid_number", None, contact.phone, phones)
    following = [index for index in living if index > contact.phone]
    nxt = following[0] if following else living[0]
    dead = {phone.number for phone in phones if phone.dead}
    known = [past for past in placed if not (past.number in dead and past.disposition == "invalid_number")]
    number = phones[nxt].number
    wanted = next_try(policy, known, number)
    more_left = len(placed) < policy.attempts_at_most and ended.result in NOBODY_THERE
    if following and more_left and wanted.reason not in {"finished", "blackout_after_drop"}:
        pause_s = 0.0 if ended.result == "invalid_number" else between_s
        at = _within(policy, known, number, ended.at + pause_s)
        wanted = NextTry(at, "next_phone") if at is not None else NextTry(None, "attempt_cap")
    elif not known:  # all of them were dead numbers: the others have not been tried yet
        wanted = NextTry(ended.at, "first_attempt")
    if wanted.at is None:
        reason = ended.result if wanted.reason == "finished" else wanted.reason
        return Plan("done", reason, None, contact.phone, phones)
    return Plan("ready", wanted.reason, wanted.at, nxt, phones)


def _within(policy: RetryPolicy, placed: Sequence[PastAttempt], number: str, at: float) -> float | None:
    return earliest_within_caps(policy.caps, placed, number, at)


def caller_id_for(pool: Sequence[str], number: str, attempt: int) -> str | None:
    """The number to show: of the called area where the pool has one, the pool in turn otherwise."""
    if not pool:
        return None
    near = [own for own in pool if own[:5] == number[:5]] if number.startswith("+55") else []
    choice = near or pool
    return choice[(crc32(number.encode()) + attempt) % len(choice)]

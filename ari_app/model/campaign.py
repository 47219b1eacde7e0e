"""Outbound campaigns: what is to be dialled how, whom, and what came of each dialling."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

import msgspec

from ari_app.model.ids import (
    DEFAULT_CLIENT,
    AttemptId,
    CampaignId,
    ClientId,
    ContactId,
    FlowId,
    OperatorId,
    PromptId,
    QueueId,
    SkillId,
)

CampaignMode: TypeAlias = Literal["preview", "progressive", "power", "predictive", "agentless"]
CampaignStatus: TypeAlias = Literal["draft", "running", "paused", "stopped", "finished"]
AmdPolicy: TypeAlias = Literal["off", "detect", "leave_message"]
"""`detect`: machines are hung up; `leave_message`: they hear the campaign's message after their tone."""
AmdVerdict: TypeAlias = Literal["human", "machine", "unsure", "fax"]
Disposition: TypeAlias = Literal[
    "connected",
    "no_answer",
    "busy",
    "machine",
    "failed",
    "abandoned",
    "callback",
    "invalid_number",
    "do_not_call",
    "unknown",
]
"""How an attempt ended. `unknown`: we were away when it ended, so it counts as placed."""
AttemptResult: TypeAlias = Disposition | Literal["withdrawn", "skipped"]
"""`withdrawn` (a rule said no at the last moment), `skipped` (by the operator in preview): never placed."""
ContactState: TypeAlias = Literal["ready", "personal", "dialing", "done", "excluded"]
"""`personal`: only the operator it was promised to may call; `excluded`: may not be called."""

LEGAL_STATUS: Mapping[CampaignStatus, frozenset[CampaignStatus]] = MappingProxyType(
    {
        "draft": frozenset({"running"}),
        "running": frozenset({"paused", "stopped", "finished"}),
        "paused": frozenset({"running", "stopped", "finished"}),
        "stopped": frozenset({"running"}),
        "finished": frozenset({"running"}),
    }
)
"""From each status, where a campaign may go. A finished one runs again when its list has grown."""
MIN_RING_S = 15.0


@dataclass(frozen=True, slots=True)
class RetryRule:
    """Waits before the second, third, … try after this disposition, in seconds; the last repeats.

    `at_most` tries in all may end this way before the contact is given up for it.
    """

    after_s: tuple[float, ...]
    at_most: int


@dataclass(frozen=True, slots=True)
class AttemptCaps:
    """Attempts allowed in any 24 hours and any 7 days, per number and per person; None is no cap."""

    per_number_day: int | None = None
    per_number_week: int | None = None
    per_person_day: int | None = None
    per_person_week: int | None = None

    def tightened_by(self, other: AttemptCaps) -> AttemptCaps:
        """The stricter of both, cap by cap."""
        return AttemptCaps(
            _lower(self.per_number_day, other.per_number_day),
            _lower(self.per_number_week, other.per_number_week),
            _lower(self.per_person_day, other.per_person_day),
            _lower(self.per_person_week, other.per_person_week),
        )


def _lower(one: int | None, other: int | None) -> int | None:
    both = [cap for cap in (one, other) if cap is not None]
    return min(both) if both else None


class Hours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A campaign's own calling hours, in minutes after local midnight; the legal profile narrows them."""

    by_weekday: dict[int, tuple[tuple[int, int], ...]]
    """By ISO weekday 1 (Monday) to 7; a missing day is closed."""
    on_holidays: tuple[tuple[int, int], ...] = ()


HOUR_S = 3600.0
RETRIES: Mapping[Disposition, RetryRule] = MappingProxyType(
    {
        "no_answer": RetryRule((4 * HOUR_S, 24 * HOUR_S), 6),
        "busy": RetryRule((600.0, 1800.0), 6),
        "machine": RetryRule((4 * HOUR_S, 24 * HOUR_S), 4),
        "failed": RetryRule((1800.0, 6 * HOUR_S), 3),
        "abandoned": RetryRule((72 * HOUR_S,), 2),
        "unknown": RetryRule((24 * HOUR_S,), 2),
    }
)
"""What a campaign does unless told otherwise."""


class Campaign(msgspec.Struct, frozen=True, kw_only=True):
    """One campaign as configured. Durations in seconds, shares from 0 to 1."""

    id: CampaignId
    name: str
    client: ClientId = DEFAULT_CLIENT
    mode: CampaignMode = "progressive"
    status: CampaignStatus = "draft"
    priority: int = 5
    """1 (first) to 9, between campaigns that share operators or trunks."""
    queue: QueueId | None = None
    """Whose operators serve the answered; none for `agentless`."""
    skills: dict[SkillId, int] = {}
    flow: FlowId | None = None
    """What an answered person hears first; `agentless`: all of it."""
    message: PromptId | None = None
    """`agentless` without a flow: what is played; also what is left on machines."""
    language: str = "pt-BR"
    opt_out_digit: str = "9"
    profile: str = "brazil"
    """The legal profile, a name of `pacing.profiles`; none of what follows can loosen it."""
    abandon_cap: float = 0.03
    ratio: float = 1.5
    """`power`: calls per free operator."""
    at_once: int = 10
    """`agentless`: calls at once."""
    trunk: str = "carrier"
    trunk_concurrency: int = 30
    calls_per_s: float = 5.0
    caller_ids: tuple[str, ...] = ()
    ring_s: float = 25.0
    amd: AmdPolicy = "off"
    retries: dict[Disposition, RetryRule] = msgspec.field(default_factory=lambda: dict(RETRIES))
    attempts_at_most: int = 8
    """Per contact, over all its phones."""
    between_phones_s: float = 300.0
    """Before the next phone of the same contact is tried."""
    caps: AttemptCaps = AttemptCaps()
    hours: Hours | None = None
    """None: those of the legal profile."""
    holidays: tuple[str, ...] = ()
    """Local dates, ISO 8601, beside the public holidays of `holiday_country`."""
    holiday_country: str | None = "BR"
    record: bool = True
    form: str | None = None
    created_at: float = 0.0
    changed_at: float = 0.0
    version: int = 1
    """Counts changes: who writes must have read the latest."""


class Phone(msgspec.Struct, frozen=True, omit_defaults=True):
    """One number of a contact: E.164 and the IANA zones it may lie in (several: all must be open)."""

    number: str
    zones: tuple[str, ...] = ()
    label: str = ""
    dead: bool = False
    """The network said that there is no such number."""


class Contact(msgspec.Struct, frozen=True):
    """One person of a campaign's list, and what to do about him next."""

    id: ContactId
    campaign: CampaignId
    person: str
    """The key by which the same person is known on other lists and numbers."""
    phones: tuple[Phone, ...]
    client: ClientId = DEFAULT_CLIENT
    name: str = ""
    data: dict[str, str] = {}
    """The list's other columns, for preview and script."""
    segment: int = 0
    """0 to 31: which part of the list, for the pacing's learning; by default one per import."""
    priority: int = 5
    phone: int = 0
    """Index of the phone to be tried next."""
    state: ContactState = "ready"
    reason: str = ""
    """Why `next_at` or `state` is what it is."""
    next_at: float | None = 0.0
    attempts: int = 0
    owner: OperatorId | None = None
    """The operator of a personal callback."""
    import_id: str = ""
    line: int = 0
    """The row of that import, the header being row 1."""
    created_at: float = 0.0
    changed_at: float = 0.0

    @property
    def number(self) -> str:
        """The number that would be dialled next."""
        return self.phones[self.phone].number


class Attempt(msgspec.Struct, frozen=True):
    """One dialling of a contact: on disk before it is dialled, dialled at most once."""

    id: AttemptId
    """Ours, and the id of the channel."""
    campaign: CampaignId
    contact: ContactId
    number: int
    """1, 2, … of the contact."""
    phone: str
    person: str
    caller_id: str
    started_at: float
    client: ClientId = DEFAULT_CLIENT
    segment: int = 0
    zones: tuple[str, ...] = ()
    operator: OperatorId | None = None
    """Who previewed or owns it before it is dialled; later, who talked."""
    result: AttemptResult | None = None
    """None while it is being dialled or talked."""
    reason: str = ""
    answered_at: float | None = None
    connected_at: float | None = None
    ended_at: float | None = None
    cause: int = 0
    """Q.850."""
    verdict: AmdVerdict | None = None
    verdict_s: float | None = None
    """Seconds from the answer to the verdict."""
    drop_ms: int | None = None
    """Evidence of a drop: from the answer to the message (or hang-up) that replaced an operator."""
    next_at: float | None = None
    """When the contact is tried again; None: not."""


class AttemptEnd(msgspec.Struct, frozen=True, kw_only=True):
    """What the dialer tells when an attempt is over."""

    result: AttemptResult
    ended_at: float
    reason: str = ""
    cause: int = 0
    answered_at: float | None = None
    connected_at: float | None = None
    operator: OperatorId | None = None
    verdict: AmdVerdict | None = None
    verdict_s: float | None = None
    drop_ms: int | None = None
    callback_at: float | None = None
    """With `callback`: the promised minute; with `owner`, of that operator alone."""
    owner: OperatorId | None = None

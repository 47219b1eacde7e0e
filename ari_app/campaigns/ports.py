"""What the dialer, the store and the API need of each other for campaigns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, Protocol, TypeAlias

import msgspec

from ari_app.campaigns.lists.mapping import Draft
from ari_app.model.campaign import Attempt, AttemptEnd, AttemptResult, Campaign, CampaignStatus, Contact
from ari_app.model.contact_import import ContactImport, Remark
from ari_app.model.ids import AttemptId, CampaignId, ClientId, ImportId, OperatorId
from ari_app.pacing.calling_hours import HoursVerdict
from ari_app.pacing.law import Ruling
from ari_app.ports import Page

HoursRule: TypeAlias = Callable[[Sequence[str], float], HoursVerdict]
"""May a number in these zones be called at this time: `pacing.calling_hours.may_call` with a campaign's
hours, holidays and clock guard filled in. Called in the claiming transaction, so it must not wait.
"""


class Claim(msgspec.Struct, frozen=True):
    """An attempt that is ours to dial, with its contact (as before the claim)."""

    attempt: Attempt
    contact: Contact


class Claimed(msgspec.Struct, frozen=True):
    """What a claim gave, and why it gave no more.

    `passed_over` counts contacts by the rule that held them back (`do_not_call`, `attempt_cap`,
    `blackout_after_drop`) and groups of contacts by `outside_hours`, `time_zone_unknown`,
    `clock_not_trusted`; `no_caller_id` when the pool is empty. `next_due_at`: when it is worth asking
    again (None: nothing is scheduled), if fewer than asked for were given.
    """

    claims: tuple[Claim, ...]
    passed_over: Mapping[str, int]
    next_due_at: float | None = None
    finished: bool = False
    """No contact is left to be dialled, now or later, and none is being dialled."""


class Tally(msgspec.Struct, frozen=True):
    """Attempts that ended in the quarter of an hour from `at` on: for budgets and law after a restart."""

    at: float
    placed: int
    live: int
    """People who answered: connected, abandoned, callback or do_not_call after an answer."""
    abandoned: int
    short: int
    """Not completed, voicemail, or over within 6 s (Anatel)."""


class CampaignCounts(msgspec.Struct, frozen=True):
    """Where a campaign's list stands."""

    contacts: Mapping[str, int]
    """By state."""
    due: int
    """Ready, and their time has come."""
    results: Mapping[str, int]
    """Attempts by result, `dialing` for the open ones."""
    live: int
    abandoned: int
    live_today: int
    abandoned_today: int
    """Over the last 24 hours."""


class AttemptBook(Protocol):
    """Attempts in the store; the dialer is their single writer.

    What changes an attempt is on disk (`synchronous=FULL`) when the method returns.
    """

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
        """Up to `count` attempts on due contacts, written as being dialled, in one transaction.

        Checked in it: calling hours, DNC of the client and of all, caps per number and person over all
        campaigns of the client, the blackout after a drop (lifted by `operator_waiting`: an operator is
        reserved for each of these calls). `owner`: only callbacks promised by that operator.
        """
        ...

    async def still_allowed(self, attempt: Attempt, now: float, hours: HoursRule) -> Ruling:
        """The last word right before originate: DNC, campaign still running, hours.

        Never raises: a store that is away or slower than half a second says `store_away`, not allowed. Who
        is not allowed resolves the attempt as `withdrawn`.
        """
        ...

    async def answered(self, attempt: AttemptId, at: float) -> None:
        """Note that somebody or something answered, so that a crash does not lose it."""
        ...

    async def resolve(self, attempt: AttemptId, end: AttemptEnd) -> bool:
        """Write the outcome and plan the contact's next try; False: it was resolved before, nothing changed.

        A `do_not_call` puts the number on the client's DNC list in the same transaction.
        """
        ...

    async def dispose(
        self,
        attempt: AttemptId,
        result: AttemptResult,
        *,
        now: float,
        callback_at: float | None = None,
        owner: OperatorId | None = None,
    ) -> bool:
        """An operator's disposition after the talk replaces `connected` and plans anew; False: no such."""
        ...

    async def open_attempts(self, campaign: CampaignId | None = None) -> list[Attempt]:
        """Attempts without an outcome, oldest first: to be reconciled with the PBX."""
        ...

    async def upcoming(self, campaign: Campaign, now: float, hours: HoursRule, at_most: int) -> list[int]:
        """Segments of the contacts that would be dialled next, in order (`pacing.Snapshot.next_segments`)."""
        ...

    async def personal_callbacks(self, now: float) -> list[tuple[CampaignId, OperatorId, float]]:
        """Personal callbacks whose minute has come, earliest first."""
        ...

    async def tallies(self, campaign: CampaignId, since: float) -> list[Tally]:
        """Counts by quarter of an hour, oldest first."""
        ...

    async def counts(self, campaign: CampaignId, now: float) -> CampaignCounts: ...


class CampaignBook(Protocol):
    """Campaigns in the store."""

    async def campaign(self, ident: CampaignId) -> Campaign | None: ...

    async def campaigns(
        self,
        *,
        client: ClientId | None = None,
        status: CampaignStatus | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Campaign]: ...

    async def with_status(self, *statuses: CampaignStatus) -> list[Campaign]:
        """All with one of these, by priority: what the dialer takes up after a restart."""
        ...

    async def add_campaign(self, campaign: Campaign) -> None:
        """Raises `AlreadyExists`."""
        ...

    async def replace_campaign(self, campaign: Campaign) -> Campaign:
        """Write what was read with `campaign.version`; gives it with the next version.

        Raises `IllegalTransition` when it was changed meanwhile, `NotFound`.
        """
        ...


class DncBook(Protocol):
    """Numbers that must not be called: per client, and for all (`GLOBAL`)."""

    async def add_dnc(
        self, client: ClientId, numbers: Sequence[str], *, source: str, by: str, now: float
    ) -> int:
        """Add E.164 numbers; how many were new. On disk when it returns, and no claim after it gives them."""
        ...

    async def remove_dnc(self, client: ClientId, number: str) -> bool: ...

    async def on_dnc(self, client: ClientId, numbers: Sequence[str]) -> set[str]:
        """Which of these the client must not call."""
        ...


class DncEntry(msgspec.Struct, frozen=True):
    """A number that must not be called, and how it came onto the list."""

    client: ClientId
    number: str
    source: str
    by: str
    added_at: float


class StoreAway(Exception):  # noqa: N818 - a lost resource, worth another try
    """The store is locked, full or away."""


class ImportBook(Protocol):
    """Imports of contact lists in the store."""

    async def add_import(self, job: ContactImport) -> None: ...

    async def contact_import(self, ident: ImportId) -> ContactImport | None: ...

    async def imports(
        self, campaign: CampaignId, *, cursor: str | None = None, limit: int = 50
    ) -> Page[ContactImport]:
        """Newest first. Raises `CursorRefused`."""
        ...

    async def unfinished_imports(self) -> list[ContactImport]:
        """Those being prepared or running, oldest first: to be gone on with after a restart."""
        ...

    async def put_import(self, job: ContactImport) -> None: ...

    async def cancel_import(self, ident: ImportId) -> bool:
        """Ask for its end; False: it was over. What was taken before stays."""
        ...

    async def take_drafts(
        self,
        job: ContactImport,
        drafts: Sequence[Draft],
        now: float,
        settle: Callable[[Sequence[Taken]], ContactImport],
    ) -> ContactImport | None:
        """Put drafts on the list and the import, as `settle` makes it of the outcomes, in one transaction.

        None: it was cancelled, and nothing was taken. Raises `StoreAway`.
        """
        ...


class Taken(msgspec.Struct, frozen=True):
    """What became of a draft; `remarks` beside those that it brought."""

    outcome: Literal["accepted", "updated", "rejected"]
    remarks: tuple[Remark, ...] = ()


GLOBAL = ClientId("*")
"""The DNC list that holds for every client."""


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """Why a campaign dials nobody, or fewer than operators and law would bear."""

    rule: str
    text: str
    """For people, in English; pages in other languages say it by `rule` and numbers."""
    setting: str = ""
    """What to raise for more: a field of the campaign, or `outside_calls.` of the site file."""
    now: float | None = None
    limit: float | None = None
    again_s: float | None = None
    """In how many seconds it is tried again."""


class CampaignLive(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign's present second, as its one writer sees it."""

    ringing: int
    waiting: int
    """Live people without an operator."""
    talking: int
    operators: int
    """Signed in for it, whatever they do."""
    operators_free: int
    launched: int
    """In the latest second."""
    rule: str
    reasons: dict[str, float]
    """Why so many were launched: the numbers behind the latest plan."""
    held_by: str = ""
    """What keeps it from dialling (`no_operators`, `outside_hours`, `trunk_down`, `abandon_cap`, …)."""
    held: Held | None = None
    """The same in words, also while it only slows the dialling down."""
    answer_rate: float = 0.0
    abandon_rate: float = 0.0
    calls_per_minute: float = 0.0
    ringing_numbers: tuple[str, ...] = ()
    """Masked; after a stop, what is still ringing."""


class CampaignDesk(Protocol):
    """The running side, as people act on it; the dialer is the one writer behind it.

    Each act raises `NotFound`, or `IllegalTransition` where the status or what is missing (no caller id, no
    queue) forbids it, and takes effect within a second.
    """

    async def start(self, campaign: CampaignId, *, by: str) -> Campaign: ...

    async def pause(self, campaign: CampaignId, *, by: str) -> Campaign: ...

    async def resume(self, campaign: CampaignId, *, by: str) -> Campaign: ...

    async def stop(self, campaign: CampaignId, *, by: str) -> Campaign: ...

    async def changed(self, campaign: Campaign) -> None:
        """Its configuration was changed in the store: take it over (mode, cap, ratio, trunk) at once."""
        ...

    def live(self, campaign: CampaignId) -> CampaignLive | None:
        """What happens now; None: nothing runs, rings or is talked."""
        ...


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """A contact that an operator is shown before the call (O2)."""

    attempt: AttemptId
    campaign: CampaignId
    operator: OperatorId
    number: str
    name: str
    data: dict[str, str]
    attempts: int
    since: float
    until: float
    """Without a decision by then it is passed over."""


class PreviewDesk(Protocol):
    """What an operator decides about the contact that is shown to him."""

    def pending(self, operator: OperatorId) -> Preview | None: ...

    def accept(self, operator: OperatorId, attempt: AttemptId) -> Preview:
        """Dial it now. Raises `NotFound`, `IllegalTransition` when it was decided already."""
        ...

    def skip(self, operator: OperatorId, attempt: AttemptId, reason: str, again_s: float = 3600.0) -> Preview:
        """Pass it over; it comes again after `again_s`. Raises `NotFound`, `IllegalTransition`."""
        ...

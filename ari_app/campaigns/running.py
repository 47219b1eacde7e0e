"""One campaign that runs, or whose calls still run: its pacing, its law, its numbers. No I/O."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Sequence

from ari_app.campaigns.flight import Flight
from ari_app.campaigns.hours import Holidays, hours_rule
from ari_app.campaigns.jurisdiction import WatchedClock, profile_of
from ari_app.campaigns.ports import CampaignLive, Tally
from ari_app.campaigns.seats import Seats
from ari_app.logs import mask_number
from ari_app.model.campaign import MIN_RING_S, Attempt, Campaign, CampaignMode
from ari_app.model.ids import CallId
from ari_app.model.routing import QueueRequest
from ari_app.pacing.floor import Connected, FloorEvent, Placed, Settled
from ari_app.pacing.law import Dial, LegalGuard, Ruling
from ari_app.pacing.pacer import Mode, Pacer, PacerSettings
from ari_app.pacing.vocabulary import Plan
from ari_app.ports import Clock

MODES: dict[CampaignMode, Mode] = {
    "preview": "progressive",  # one contact per free operator is shown; he starts the call
    "progressive": "progressive",
    "power": "power",
    "predictive": "predictive",
    "agentless": "message",
}
FALSE_MACHINE_SHARE = 0.04
"""People taken for machines on lines up to 20 dB above noise: benchmarks/amd/RESULTS.md."""
HANDOVER_S = 0.5
"""Until a free operator's phone is up, and before the law's grace is over the message must begin."""
RECENT_S = 900.0
PER_OPERATOR = 5
"""Contacts looked ahead per operator: more than pacing ever launches at once."""


class Running:
    """The state that the dialer keeps of a campaign; the dialer is its one writer."""

    def __init__(
        self, campaign: Campaign, request: QueueRequest, tallies: Sequence[Tally], clock: Clock,
        watched: WatchedClock,
    ) -> None:  # fmt: skip
        self.campaign = campaign
        self.request = request
        self._clock = clock
        self._watched = watched
        self.flights: dict[CallId, Flight] = {}
        self.wake = asyncio.Event()
        self.halted = campaign.status != "running"
        """No new call goes out; those that ring, ring on."""
        self.claiming = 0
        """Calls that pacing allowed and the store is being asked for."""
        self.segments: list[int] = []
        self.launched = 0
        self.plan: Plan | None = None
        self.held_by = ""
        self.short_of = ""
        """What let fewer calls out than pacing allowed, while some went out."""
        self.doubt = False
        """The store failed while it was asked for attempts: it may have some that we do not know."""
        self.ask_again_at = 0.0
        self._rests: tuple[str, float] = ("", 0.0)
        self._launches: deque[float] = deque()
        self._ends: deque[tuple[float, bool, bool]] = deque()
        """Lately ended: when, answered live, abandoned."""
        self.seats = Seats(self.flights.__contains__, self._tell_floor)
        self._governed(tallies)

    # -- law and pacing --------------------------------------------------------------------------------------

    def _governed(self, tallies: Sequence[Tally]) -> None:
        """Pacing and guard anew, with what was counted before."""
        campaign = self.campaign
        self.profile = profile_of(campaign)
        self.free_days = Holidays(campaign.holiday_country, campaign.holidays)
        self.hours = hours_rule(campaign, lambda: self._watched.trusted)
        self.guard = LegalGuard(self.profile)
        self.pacer = Pacer(
            PacerSettings(
                mode=MODES[campaign.mode],
                profile=self.profile,
                cap=campaign.abandon_cap,
                ratio=max(1.0, campaign.ratio),
                at_once=campaign.at_once,
                false_machine_share=FALSE_MACHINE_SHARE if self.detects else 0.0,
                handover_s=HANDOVER_S,
            )
        )
        self._tallies = list(tallies)
        for tally in tallies:
            self.pacer.budget.restore(tally.at, tally.live, tally.abandoned)
            self.guard.restore(tally.at, tally.live, tally.abandoned)
            self.guard.shorts.add(tally.at, float(tally.placed), float(tally.short))

    def change(self, campaign: Campaign, request: QueueRequest, tallies: Sequence[Tally]) -> None:
        """Take another configuration over; calls in the air go on, nothing that the law counts is lost."""
        before, self.campaign, self.request = self.campaign, campaign, request
        self.halted = campaign.status != "running"
        fields = ("mode", "profile", "abandon_cap", "ratio", "at_once", "hours", "amd", "holidays",
                  "holiday_country")  # fmt: skip
        if all(getattr(before, field) == getattr(campaign, field) for field in fields):
            return
        self._governed(tallies)
        self.seats.forget()
        for flight in self.flights.values():
            self._into_floor(flight)

    def _into_floor(self, flight: Flight) -> None:
        """A flight is where it is, in a floor that was made anew."""
        if flight.in_floor in {"ringing", "waiting"}:
            self.pacer.apply(Placed(flight.call, flight.attempt.segment), flight.attempt.started_at)
        if flight.in_floor == "waiting":
            self.pacer.floor.apply(Settled(flight.call, "human"), flight.answered_at or self._clock.now())

    @property
    def detects(self) -> bool:
        """Whether who answers is listened to first; some laws count what that costs, so they forbid it."""
        return self.campaign.amd != "off" and self.profile.machine_detection

    @property
    def ring_s(self) -> float:
        """How long a phone rings: never less than the law wants (O5)."""
        return max(self.campaign.ring_s, self.profile.min_ring_s, MIN_RING_S)

    @property
    def needs_operators(self) -> bool:
        return self.campaign.mode != "agentless"

    @property
    def reserves(self) -> bool:
        """Whether an operator is reserved before anybody is dialled."""
        return self.campaign.mode == "preview"

    def may_dial(self, attempt: Attempt, *, operator_waiting: bool) -> Ruling:
        """The guard's word on one attempt, now."""
        now = self._clock.now()
        trusted = self._watched.observe(now, self._clock.monotonic())
        return self.guard.rule_on(
            Dial(
                now,
                attempt.zones,
                attempt.caller_id or None,
                self.ring_s,
                clock_trusted=trusted,
                operator_waiting=operator_waiting,
                holidays=self.free_days,
            )
        )

    def rests(self, why: str, until: float) -> None:
        """Nobody is dialled before that time."""
        self._rests = (why, until)

    def resting(self) -> str:
        """Why it rests now; empty: it does not."""
        why, until = self._rests
        return why if self._clock.now() < until else ""

    def tell(self, event: FloorEvent) -> None:
        """Something happened on the campaign's floor."""
        self.pacer.apply(event, self._clock.now())

    _tell_floor = tell

    def connected(self, flight: Flight) -> None:
        """A waiting contact was given to an operator."""
        if flight.operator is not None and flight.in_floor == "waiting":
            flight.in_floor = "gone"
            self.seats.connected(flight.operator)
            self.tell(Connected(flight.call, flight.operator))

    # -- numbers ---------------------------------------------------------------------------------------------

    def ahead(self) -> int:
        """How many contacts to look ahead."""
        return self.campaign.at_once if not self.needs_operators else PER_OPERATOR * len(self.seats.all())

    def appetite(self) -> int:
        """Free operators that this campaign has use for, as weaker ones that share them must know."""
        if self.halted or not self.needs_operators:
            return 0
        return len(self.segments) + self.in_the_air() if not self.held_by else self.in_the_air()

    def in_the_air(self) -> int:
        """Calls that ring, or wait for an operator, or are about to be dialled."""
        return self.claiming + sum(
            flight.in_floor in {"ringing", "waiting"} for flight in self.flights.values()
        )

    def count_launch(self) -> None:
        self._launches.append(self._clock.now())

    def count_end(self, *, live: bool, abandoned: bool) -> None:
        self._ends.append((self._clock.now(), live, abandoned))

    def look(self) -> CampaignLive:
        """The present second, for people."""
        now, flights = self._clock.now(), self.flights.values()
        while self._launches and self._launches[0] < now - 60.0:
            self._launches.popleft()
        while self._ends and self._ends[0][0] < now - RECENT_S:
            self._ends.popleft()
        live = sum(answered for _, answered, _ in self._ends)
        plan = self.plan
        return CampaignLive(
            ringing=sum(flight.stage == "dialling" and flight.answered_at is None for flight in flights),
            waiting=sum(flight.in_floor == "waiting" for flight in flights),
            talking=sum(flight.connected_at is not None for flight in flights),
            operators=len(self.seats.all()),
            operators_free=len(self.seats.idle()),
            launched=self.launched,
            rule=plan.rule if plan else "",
            reasons={name: float(value) for name, value in plan.reasons.items() if math.isfinite(value)}
            if plan
            else {},
            held_by=self.held_by,
            answer_rate=live / len(self._ends) if self._ends else 0.0,
            abandon_rate=self.pacer.budget.rates(now)[1],
            calls_per_minute=float(len(self._launches)),
            ringing_numbers=tuple(
                mask_number(flight.attempt.phone)
                for flight in flights
                if flight.stage == "dialling" and flight.answered_at is None
            ),
        )

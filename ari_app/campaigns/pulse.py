"""The dialer's pulse: once a second, and when something happens, how many contacts may be dialled now.

Pacing says how many calls operators and law bear, the trunks how many they carry, the store which contacts.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import structlog

from ari_app.campaigns.flight import Flight
from ari_app.campaigns.landing import Landing
from ari_app.campaigns.ports import Claimed
from ari_app.campaigns.preview import Previews
from ari_app.campaigns.running import Running
from ari_app.campaigns.takeoff import Takeoff
from ari_app.campaigns.tower import Tower
from ari_app.model.facts import CampaignDialled, CampaignHeld
from ari_app.model.ids import CallId
from ari_app.model.operator import OperatorState

log = structlog.get_logger()

BEAT_S = 1.0
SOON_S = 0.1
"""No campaign is looked at more often than this."""
SLOW_S = 2.0
"""What the store took longer to claim was decided on another floor: it is given back."""
ASK_S = 5.0
"""How often the store is asked why nobody is due."""


class Pulse:
    """Drives the campaigns that run."""

    def __init__(
        self,
        tower: Tower,
        takeoff: Takeoff,
        landing: Landing,
        previews: Previews,
        finished: Callable[[Running], Awaitable[None]],
    ) -> None:
        """`finished` is called when no contact of a campaign is left."""
        self._tower = tower
        self._takeoff = takeoff
        self._landing = landing
        self._previews = previews
        self._finished = finished
        self._driven: set[Running] = set()

    # -- time ------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Drive what was taken up before, and keep promises of single operators, until cancelled."""
        self._driven.clear()
        for running in self._tower.running.values():
            self.drive(running)
        while True:
            await self._personal()
            await asyncio.sleep(BEAT_S)

    def drive(self, running: Running) -> None:
        """Let a campaign live, once."""
        running.wake.set()
        if running not in self._driven and self._tower.tasks is not None:
            self._driven.add(running)
            self._tower.beside(self._drive(running), f"campaign {running.campaign.id}")

    async def _drive(self, running: Running) -> None:
        """Until it is halted and nothing of it is in the air any more."""
        while not (running.halted and not running.flights):
            running.wake.clear()
            try:
                await self._beat(running)
            except Exception as fault:  # a campaign's fault, or the store's, must not end the others
                if not running.doubt:  # told once, not every second
                    log.exception("campaign.beat_fault", campaign=running.campaign.id)
                running.launched, running.doubt = 0, True
                self._hold(running, "store_away" if not isinstance(fault, ValueError) else "fault")
            await asyncio.sleep(SOON_S)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(BEAT_S - SOON_S):
                    await running.wake.wait()
        self._driven.discard(running)
        self._tower.trunks.forget(running.campaign.id)
        if self._tower.running.get(running.campaign.id) is running:
            del self._tower.running[running.campaign.id]

    async def _beat(self, running: Running) -> None:
        ports, campaign = self._tower.ports, running.campaign
        now = ports.clock.now()
        self._tower.watched.observe(now, ports.clock.monotonic())
        running.launched, running.short_of = 0, ""
        if running.needs_operators:
            running.seats.sync(ports.blending.fitting(running.request))
        self._look_after_previews(running)
        held = self._held(running)
        if held:
            self._hold(running, held)
            return
        if running.doubt:
            await self._sweep(running)
        running.segments = await ports.attempts.upcoming(campaign, now, running.hours, running.ahead())
        running.plan = plan = running.pacer.tick(now, running.segments, self._reserved(running))
        room, short_of = self._room(running, plan.launch)
        if running.halted:
            return
        if room:
            running.short_of = short_of
            await self._claim(running, room)
        elif running.segments:
            self._hold(running, short_of)
        else:
            await self._ask_why(running)

    def _room(self, running: Running, wanted: int) -> tuple[int, str]:
        """How many of the calls wanted the trunk bears, and what let it not be more."""
        campaign, ports = running.campaign, self._tower.ports
        room = self._tower.trunks.room(campaign, wanted, ports.clock.monotonic())
        toll = ports.toll.trunk(campaign.trunk, ports.clock.now())
        if toll.spent >= toll.most_spent > 0.0:
            return 0, "toll_trunk_spend" if wanted else ""
        free = toll.most_calls - toll.calls - self._tower.about_to_dial(campaign.trunk)
        if free < room:
            return max(0, free), "toll_trunk_calls"
        return room, "trunk_full" if room < wanted else ""

    def _held(self, running: Running) -> str:
        """What keeps a campaign from dialling anybody at all; empty: nothing."""
        ports, campaign = self._tower.ports, running.campaign
        if running.halted:
            return campaign.status if campaign.status != "running" else "halted"
        if not self._tower.sees:
            return "pbx_away"
        if running.needs_operators and not running.seats.all():
            return "no_operators"
        if not campaign.caller_ids:
            return "no_caller_id"
        if not self._tower.watched.trusted:
            return "clock_not_trusted"
        if not ports.journal.healthy:
            return "store_away"
        if self._tower.trunks.paused(campaign.trunk, ports.clock.monotonic()):
            return "trunk_down"
        standing = running.guard.standing(ports.clock.now(), operator_waiting=running.reserves)
        return running.resting() or ("" if standing.allowed else standing.rule)

    def _hold(self, running: Running, why: str) -> None:
        if running.held_by != why:
            running.held_by = why
            self._tower.tell(running, CampaignHeld(running.campaign.id, why))
            log.info("campaign.held" if why else "campaign.goes_on", campaign=running.campaign.id, by=why)

    def _reserved(self, running: Running) -> int:
        """Free operators who are kept out: for inbound callers in line, and for campaigns that go first."""
        if not running.needs_operators:
            return 0
        mine, reserved = running.seats.idle(), 0
        for other in self._tower.running.values():
            shared = len(mine & other.seats.idle()) if other is not running else 0
            wanted = min(shared, other.appetite()) if shared else 0
            if other.campaign.priority < running.campaign.priority:
                reserved += wanted
            elif other.campaign.priority == running.campaign.priority:
                reserved += max(other.in_the_air(), wanted // 2) if wanted else 0
        staffing = self._tower.ports.blending.staffing(running.request)
        foresees = running.campaign.mode in {"power", "predictive"}  # counts on operators who are busy yet
        inbound = staffing.inbound_waiting if foresees else staffing.inbound_for_idle
        return min(len(mine), reserved) + inbound

    # -- claims ----------------------------------------------------------------------------------------------

    async def _claim(self, running: Running, count: int) -> None:
        """So many attempts, on disk; they are in the air from here on."""
        ports, campaign = self._tower.ports, running.campaign
        began, running.claiming = ports.clock.monotonic(), count
        try:
            claimed = await ports.attempts.claim(
                campaign, count, ports.clock.now(), running.hours, operator_waiting=running.reserves
            )
        finally:
            running.claiming = 0
        late = ports.clock.monotonic() - began > SLOW_S
        for claim in claimed.claims:
            self._takeoff.begin(running, Flight(claim, reserved=running.reserves), late=late)
        running.launched = len(claimed.claims)
        if claimed.claims and running.plan is not None:
            plan = running.plan
            self._tower.tell(
                running, CampaignDialled(campaign.id, running.launched, plan.rule, dict(plan.reasons))
            )
        self._hold(running, "" if claimed.claims else _why_none(claimed))

    async def _ask_why(self, running: Running) -> None:
        """Nobody is to be dialled now: because of which rule, or because the list is done."""
        ports = self._tower.ports
        now = ports.clock.now()
        if now < running.ask_again_at:
            return
        claimed = await ports.attempts.claim(running.campaign, 0, now, running.hours)
        running.ask_again_at = now + ASK_S
        self._hold(running, _why_none(claimed))
        if claimed.finished and not running.flights:
            await self._finished(running)

    async def _sweep(self, running: Running) -> None:
        """Attempts that the store has and we do not: claimed, never dialled, given back."""
        for attempt in await self._tower.ports.attempts.open_attempts(running.campaign.id):
            known = CallId(attempt.id) in self._tower.flights or attempt.id in self._landing.writing
            if not known:
                self._landing.give_back(attempt)
        running.doubt = False

    async def _personal(self) -> None:
        """Callbacks that an operator promised, at their minute (O9)."""
        ports = self._tower.ports
        if not self._tower.sees or not any(not running.halted for running in self._tower.running.values()):
            return
        now = ports.clock.now()
        try:
            for ident, operator, _ in await ports.attempts.personal_callbacks(now):
                running, presence = self._tower.running.get(ident), ports.blending.presence(operator)
                ready = presence is not None and presence.state not in {
                    OperatorState.SIGNED_OUT, OperatorState.PAUSED, OperatorState.UNREACHABLE,
                }  # fmt: skip
                engaged = any(f.attempt.operator == operator for f in self._tower.flights.values())
                if running is None or not ready or engaged or self._held(running):
                    continue
                claimed = await ports.attempts.claim(
                    running.campaign, 1, now, running.hours, owner=operator, operator_waiting=True
                )
                for claim in claimed.claims:
                    self._takeoff.begin(running, Flight(claim, reserved=True), late=False)
        except Exception as error:  # noqa: BLE001 - the store is away: the minute comes again
            log.warning("campaign.personal_callbacks_unknown", error=str(error)[:300])

    def _look_after_previews(self, running: Running) -> None:
        """Who is shown a contact and leaves, or whose campaign is stopped, decides no more."""
        for flight in running.flights.values():
            if flight.stage != "claimed" or flight.assigned is None:
                continue
            presence = self._tower.ports.blending.presence(flight.assigned.operator)
            gone = presence is None or presence.after is not None or not presence.reachable
            if gone or running.halted:
                self._previews.withdraw(flight, "stopped" if running.halted else "operator_left")


def _why_none(claimed: Claimed) -> str:
    """The rule that held most contacts back."""
    if claimed.finished:
        return "finished"
    if not claimed.passed_over:
        return "no_contact_due"
    return max(claimed.passed_over, key=lambda rule: claimed.passed_over[rule])

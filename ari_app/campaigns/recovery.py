"""What was under way when we were away: found in store, PBX and call records, with one outcome each.

An open attempt without a channel was perhaps dialled, perhaps not: it is `unknown`, never dialled again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import structlog

from ari_app.calls.session import Session
from ari_app.calls.toll import Allowed
from ari_app.campaigns.flight import Flight
from ari_app.campaigns.landing import Landing
from ari_app.campaigns.ports import Claim
from ari_app.campaigns.running import Running
from ari_app.campaigns.script import LiveCall
from ari_app.campaigns.takeoff import GRACE_S, Takeoff
from ari_app.campaigns.tower import Tower
from ari_app.model.call import Phase
from ari_app.model.campaign import Attempt, Campaign, Contact, Phone
from ari_app.model.ids import CallId
from ari_app.pacing.floor import Placed, Settled

log = structlog.get_logger()

AGAIN_S = 1.0
MEMORY_S = 31 * 86_400.0
"""The longest window over which a law counts, and a day."""


class Recovery:
    """Takes up campaigns and attempts at start, and compares with the PBX on every connect."""

    def __init__(
        self,
        tower: Tower,
        takeoff: Takeoff,
        landing: Landing,
        sessions: Callable[[], Mapping[CallId, Session]],
    ) -> None:
        self._tower = tower
        self._takeoff = takeoff
        self._landing = landing
        self._sessions = sessions
        self._seen = asyncio.Event()

    async def load(self) -> None:
        """Before the telephone is heard: the campaigns that run and the attempts without an outcome."""
        ports = self._tower.ports
        for campaign in await ports.campaigns.with_status("running"):
            await self.take_up(campaign)
        for attempt in await ports.attempts.open_attempts():
            running = self._tower.running.get(attempt.campaign)
            if running is None:
                known = await ports.campaigns.campaign(attempt.campaign)
                if known is None:
                    continue
                running = await self.take_up(known)
            self._resume(running, attempt)
            self._tower.watched.known_until(attempt.started_at)

    async def take_up(self, campaign: Campaign) -> Running:
        """A campaign with what was counted for it before."""
        ports = self._tower.ports
        since = ports.clock.now() - MEMORY_S
        tallies = await ports.attempts.tallies(campaign.id, since)
        request = ports.request_of(campaign)
        running = Running(campaign, request, tallies, ports.clock, self._tower.watched)
        for tally in tallies[-1:]:
            self._tower.watched.known_until(tally.at)
        self._tower.running[campaign.id] = running
        return running

    def _resume(self, running: Running, attempt: Attempt) -> None:
        phones = (Phone(attempt.phone, attempt.zones),)
        contact = Contact(attempt.contact, attempt.campaign, attempt.person, phones, attempt.client)
        flight = Flight(Claim(attempt, contact), stage="dialling", resumed=True)
        flight.answered_at = attempt.answered_at
        self._tower.take_off(running, flight)
        self._tower.trunks.carried(running.campaign.trunk, flight.call)
        flight.longest_s = self._may_last(running, attempt)
        running.tell(Placed(flight.call, attempt.segment))
        flight.in_floor = "ringing"

    def _may_last(self, running: Running, attempt: Attempt) -> float | None:
        """How long the call may still last, as the gate held for it: it is under way, whatever it says."""
        toll, call, now = self._tower.ports.toll, CallId(attempt.id), self._tower.ports.clock.now()
        held = toll.again(call)
        if held is not None:
            return held.longest_s
        verdict = toll.ask(call, attempt.phone, now, operator=None, trunk=running.campaign.trunk)
        return verdict.longest_s if isinstance(verdict, Allowed) else None

    def pbx_seen(self) -> None:
        """Calls are reconciled with the PBX: attempts are next."""
        self._seen.set()

    async def run(self) -> None:
        """Reconcile whenever the PBX was seen again, until the store lets us; until cancelled."""
        while True:
            await self._seen.wait()
            self._seen.clear()
            try:
                await self.reconcile()
            except Exception as error:  # noqa: BLE001 - the store is away: nobody is dialled until it is back
                log.warning("campaign.not_reconciled", error=str(error)[:300])
                await asyncio.sleep(AGAIN_S)
                self._seen.set()

    async def reconcile(self) -> None:
        """The PBX is seen (again), and calls were reconciled before: every attempt is there, or over."""
        for flight in list(self._tower.flights.values()):
            if flight.stage == "claimed":
                continue
            session = self._sessions().get(flight.call)
            if session is not None:
                self._found_in_session(flight, session)
                continue
            if await self._tower.ports.telephony.exists(flight.channel) is False:
                await self._gone(flight)
            elif flight.resumed and not flight.looked_after:
                flight.looked_after = True
                ring_s = self._tower.of(flight).ring_s
                self._tower.beside(self._takeoff.see_to(flight, ring_s + GRACE_S), f"attempt {flight.call}")
        self._tower.sees = True
        for running in self._tower.running.values():
            running.wake.set()

    def lost(self) -> None:
        """The PBX is out of sight: nobody is dialled."""
        self._tower.sees = False
        self._seen.clear()

    def _found_in_session(self, flight: Flight, session: Session) -> None:
        """It was answered, and a restart found the call: it goes on by its script."""
        if not flight.resumed or flight.stage == "answered":
            return
        running = self._tower.of(flight)
        flight.stage = "answered"
        flight.seen.set()
        flight.answered_at = flight.answered_at or session.record.answered_at or session.record.started_at
        if flight.in_floor == "ringing":
            flight.in_floor = "waiting"
            running.tell(Settled(flight.call, "human"))
            running.guard.live_answered(session.now())
        script = LiveCall(running, flight, self._landing)
        if session.record.phase is Phase.TALKING and session.record.operator is not None:
            flight.connected_at, flight.operator = session.record.connected_at, session.record.operator
            self._landing.connected(flight)
        script.resumed(session)

    async def _gone(self, flight: Flight) -> None:
        """Its channel is gone and nobody told how: what the store knows of the call decides."""
        record = await self._tower.ports.record_of(flight.call)
        log.info("campaign.attempt_in_doubt", call_id=flight.call, answered=record is not None)
        if record is not None:
            flight.answered_at = flight.answered_at or record.answered_at or record.started_at
            self._landing.call_ended(record)
        elif flight.answered_at is not None and self._tower.of(flight).needs_operators:
            self._landing.finish(flight, "abandoned", "lost")
        else:
            self._landing.finish(flight, "unknown", "away_when_it_ended")

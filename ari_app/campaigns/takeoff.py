"""The way of one attempt from its claim to the ringing: operator, last word, dial.

Between the last word of guard and store and the dialling nothing is waited for. What is in doubt afterwards
is asked of the PBX; it is never dialled again.
"""

from __future__ import annotations

import asyncio
import contextlib

import msgspec.structs
import structlog

from ari_app.calls.toll import Allowed, Reason
from ari_app.campaigns.flight import Flight
from ari_app.campaigns.landing import Landing
from ari_app.campaigns.preview import Previews
from ari_app.campaigns.running import Running
from ari_app.campaigns.tower import Tower
from ari_app.dispatch.messages import Assigned, DispatchMessage
from ari_app.pacing.floor import Placed
from ari_app.ports import Outcome

log = structlog.get_logger()

GRACE_S = 10.0
"""After the ring time (and the listening) an attempt's end should have been told: ask."""
RESERVE_S = 5.0
"""Who finds no free operator for so long gives the contact back."""
PERSONAL_S = 900.0
"""A personal callback waits this long for its operator's present call to end."""
PREVIEW_S = 120.0
"""An operator who says nothing about a contact that he is shown has skipped it."""
TOLL_RESTS_S = {Reason.TRUNK_BUSY: 2.0, Reason.TRUNK_SPENT: 60.0}
"""For how long a campaign rests that has used up its trunk's calls or money."""
TOLL_LATER_S = 86_400.0
"""When a contact is looked at again whose number may not be called for what it costs."""


class Takeoff:
    """Brings claimed attempts into the air."""

    def __init__(self, tower: Tower, landing: Landing, previews: Previews) -> None:
        self._tower = tower
        self._landing = landing
        self._previews = previews

    def begin(self, running: Running, flight: Flight, *, late: bool) -> None:
        """A claimed attempt: it counts in the pacing from now on."""
        self._tower.take_off(running, flight)
        running.tell(Placed(flight.call, flight.attempt.segment))
        flight.in_floor = "ringing"
        self._tower.trunks.placed(running.campaign, flight.call)
        if late:
            self._landing.finish(flight, "withdrawn", "store_slow")
        else:
            self._tower.beside(self._fly(running, flight), f"attempt {flight.call}")

    async def _fly(self, running: Running, flight: Flight) -> None:
        try:
            if flight.reserved and not await self._operator(running, flight):
                return
            if flight.stage == "claimed" and await self._last_word(running, flight):
                await self._dial(running, flight)
        except Exception as fault:  # one attempt's fault must not end the dialer; what is in doubt is asked
            log.exception("campaign.attempt_fault", call_id=flight.call)
            if flight.stage == "claimed":
                self._landing.finish(flight, "withdrawn", type(fault).__name__)
            else:
                await self.see_to(flight, GRACE_S)

    # -- an operator first -----------------------------------------------------------------------------------

    async def _operator(self, running: Running, flight: Flight) -> bool:
        """Reserve one and, in preview, let him look; False: the attempt is over."""
        owner, request = flight.attempt.operator, running.request
        if owner is not None:
            request = msgspec.structs.replace(request, preferred=owner, preferred_wait_s=PERSONAL_S)
        self._tower.ports.blending.reserve(flight.call, request)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(RESERVE_S if owner is None else PERSONAL_S):
                await flight.ready.wait()
        assigned = flight.assigned
        if assigned is None:
            self._landing.finish(flight, "withdrawn", "no_operator")
            return False
        if owner is not None and assigned.operator != owner:
            self._landing.finish(flight, "withdrawn", "owner_away")
            return False
        flight.operator = assigned.operator
        if not running.reserves:
            return True
        decision = await self._previews.show(running, flight, assigned.operator, PREVIEW_S)
        if flight.stage == "over":
            return False
        if not decision.accepted:
            again = self._tower.ports.clock.now() + decision.again_s
            self._landing.finish(flight, "skipped", decision.reason, next_at=again)
            return False
        return True

    def deliver(self, flight: Flight, message: DispatchMessage) -> None:
        """The dispatcher's answer for an attempt that has no session."""
        if isinstance(message, Assigned):
            if flight.stage != "claimed" or flight.assigned is not None:
                self._tower.ports.blending.release(flight.call, message)
                return
            flight.assigned = message
        flight.ready.set()

    # -- the dial --------------------------------------------------------------------------------------------

    def _refusal(self, running: Running, flight: Flight) -> str:
        """Why this attempt must not be dialled now; empty: it may."""
        attempt = flight.attempt
        if running.halted:
            return "stopped"
        if not self._tower.sees:
            return "pbx_away"
        if running.needs_operators and not flight.reserved and not running.seats.all():
            return "no_operators"
        if attempt.caller_id not in running.campaign.caller_ids:
            return "no_caller_id"
        ruling = running.may_dial(attempt, operator_waiting=flight.assigned is not None)
        return "" if ruling.allowed else ruling.rule

    async def _last_word(self, running: Running, flight: Flight) -> bool:
        """Guard, store, and the guard again, because the store took its time."""
        why = self._refusal(running, flight)
        if not why:
            now = self._tower.ports.clock.now()
            ruling = await self._tower.ports.attempts.still_allowed(flight.attempt, now, running.hours)
            why = self._refusal(running, flight) if ruling.allowed else ruling.rule
        if flight.stage != "claimed":
            return False
        if why:
            self._landing.finish(flight, "withdrawn", why)
        return not why and self._may_cost(running, flight)

    def _may_cost(self, running: Running, flight: Flight) -> bool:
        """The toll gate's word (X8); it holds the call's place and money until the end."""
        now, trunk = self._tower.ports.clock.now(), running.campaign.trunk
        verdict = self._tower.ports.toll.ask(
            flight.call, flight.attempt.phone, now, operator=None, trunk=trunk
        )
        if isinstance(verdict, Allowed):
            flight.longest_s = verdict.longest_s
            return True
        why, rests_s = f"toll_{verdict.reason.value}", TOLL_RESTS_S.get(verdict.reason)
        if rests_s is not None:
            running.rests(why, now + rests_s)
        log.warning("campaign.toll_refused", call_id=flight.call, why=why)
        later = now + (TOLL_LATER_S if rests_s is None else rests_s)
        self._landing.finish(flight, "withdrawn", why, next_at=later)
        return False

    async def _dial(self, running: Running, flight: Flight) -> None:
        attempt, campaign = flight.attempt, running.campaign
        flight.stage = "dialling"
        running.count_launch()
        outcome = await self._tower.ports.telephony.dial(
            flight.channel,
            attempt.phone,
            call=flight.call,
            client=attempt.client,
            shows=attempt.caller_id,
            ring_s=running.ring_s,
            trunk=campaign.trunk,
            listen=running.detects,
        )
        if outcome in {Outcome.REFUSED, Outcome.GONE}:
            now = self._tower.ports.clock.monotonic()
            rests_s = self._tower.trunks.congested(campaign.trunk, now)
            log.warning("campaign.trunk_refused", trunk=campaign.trunk, rests_s=rests_s)
            self._landing.finish(flight, "failed", "trunk_refused")
        else:
            await self.see_to(flight, running.ring_s + GRACE_S)

    async def see_to(self, flight: Flight, first_s: float) -> None:
        """No attempt stays open: one whose end was not told is asked for, then cut off."""
        for patience_s in (first_s, GRACE_S, GRACE_S):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(patience_s):
                    await flight.seen.wait()
                return
            if await self._tower.ports.telephony.exists(flight.channel) is False:
                break
            await self._tower.ports.telephony.hang_up(flight.channel, 16)
        if not flight.seen.is_set():
            self._landing.finish(flight, "unknown", "end_not_told")

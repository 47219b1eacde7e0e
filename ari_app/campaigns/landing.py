"""How attempts end: the outcome is written until it is on disk, and pacing, law and trunk are told."""

from __future__ import annotations

import asyncio

import structlog

from ari_app.campaigns.flight import LESSONS, Flight, result_of
from ari_app.campaigns.tower import Tower
from ari_app.campaigns.trunks import CONGESTED
from ari_app.model.call import CallRecord
from ari_app.model.campaign import Attempt, AttemptEnd, AttemptResult
from ari_app.model.facts import AttemptResolved
from ari_app.model.ids import AttemptId
from ari_app.pacing.floor import Abandoned, HungUp, Settled, Withdrawn

log = structlog.get_logger()

AGAIN_S = 0.5
"""An outcome that could not be written is written again after this long, until it is."""
NEVER_DIALLED = frozenset({"withdrawn", "skipped"})


class Landing:
    """`script.Ground` and the end of every flight."""

    def __init__(self, tower: Tower) -> None:
        self._tower = tower
        self.writing: set[AttemptId] = set()
        """Attempts whose outcome is not on disk yet."""

    # -- what the script tells -------------------------------------------------------------------------------

    def wants_operator(self, flight: Flight) -> None:
        running = self._tower.of(flight)
        self._tower.ports.blending.reserve(flight.call, running.request, flight.answered_at)

    def connected(self, flight: Flight) -> None:
        running = self._tower.of(flight)
        running.connected(flight)
        running.wake.set()

    def dropped(self, flight: Flight) -> None:
        """A person got no operator in time: counted once, with its evidence (O3)."""
        running, now = self._tower.of(flight), self._tower.ports.clock.now()
        if flight.drop_ms is not None:
            return
        flight.drop_ms = round(1000 * max(0.0, now - (flight.answered_at or now)))
        running.guard.live_abandoned(now)
        self._leave_floor(flight, dropped=True)
        log.info("campaign.dropped", call_id=flight.call, after_ms=flight.drop_ms)

    def hung_up(self, flight: Flight) -> None:
        """The person left before an operator was due: no drop."""
        flight.note = flight.note or "hung_up_first"
        self._leave_floor(flight, dropped=False)

    def opted_out(self, flight: Flight) -> None:
        """Off the list, at once and until it is written (O2)."""
        if not flight.opted_out:
            flight.opted_out = True
            self._tower.beside(self._never_again(flight), f"opt-out {flight.call}")

    async def _never_again(self, flight: Flight) -> None:
        dnc, attempt, clock = self._tower.ports.dnc, flight.attempt, self._tower.ports.clock
        while True:
            try:
                await dnc.add_dnc(
                    attempt.client, [attempt.phone], source="opt_out", by="caller", now=clock.now()
                )
            except Exception as error:  # noqa: BLE001 - any driver's error: again
                log.warning("campaign.opt_out_not_written", call_id=flight.call, error=str(error)[:300])
                await asyncio.sleep(AGAIN_S)
            else:
                return

    # -- the end ---------------------------------------------------------------------------------------------

    def call_ended(self, record: CallRecord) -> None:
        """The session of an answered call is over."""
        flight = self._tower.flights.get(record.id)
        if flight is not None:
            result, reason = self._outcome(flight, record)
            self.finish(flight, result, reason, talked_s=record.talk_s or 0.0)

    def _outcome(self, flight: Flight, record: CallRecord) -> tuple[AttemptResult, str]:
        """What became of a call that was answered."""
        if record.connected_at is not None:
            flight.connected_at = flight.connected_at or record.connected_at
            flight.operator = flight.operator or record.operator
        if flight.opted_out:
            return "do_not_call", "opted_out"
        if flight.connected_at is not None:
            return "connected", ""
        if flight.by_machine:
            return "machine", flight.note or flight.verdict or ""
        if flight.drop_ms is not None:
            return "abandoned", "no_operator"
        if not self._tower.of(flight).needs_operators:
            return "connected", "message"
        if flight.note == "hung_up_first":
            return "no_answer", flight.note
        return "abandoned", "lost"

    def channel_ended(self, flight: Flight, cause: int) -> None:
        """Nobody got into our hands."""
        result, reason = result_of(cause)
        if flight.answered_at is not None and flight.resumed:  # we were away when somebody answered
            result, reason = "abandoned", "lost"
        elif flight.answered_at is not None:  # while he was listened to
            result, reason = "no_answer", "hung_up_first"
        trunk, now = self._tower.of(flight).campaign.trunk, self._tower.ports.clock.monotonic()
        if cause in CONGESTED and flight.answered_at is None:
            log.warning("campaign.trunk_congested", trunk=trunk, cause=cause,
                        rests_s=self._tower.trunks.congested(trunk, now))  # fmt: skip
        else:
            self._tower.trunks.worked(trunk)
        self.finish(flight, result, reason, cause=cause)

    def finish(
        self,
        flight: Flight,
        result: AttemptResult,
        reason: str,
        *,
        cause: int = 0,
        talked_s: float | None = None,
        next_at: float | None = None,
    ) -> None:
        """The attempt is over, once; a second time changes nothing."""
        tower = self._tower
        if tower.flights.pop(flight.call, None) is None:
            return
        running, now = tower.of(flight), tower.ports.clock.now()
        flight.stage = "over"
        flight.seen.set()
        flight.ready.set()
        self._release(flight)
        if result == "abandoned":
            self.dropped(flight)
        self._settle(flight, result)
        running.flights.pop(flight.call, None)
        tower.ports.toll.ended(flight.call, _cost_s(flight, result, now), now)
        tower.trunks.ended(running.campaign.trunk, flight.call)
        if result not in NEVER_DIALLED:
            voicemail = flight.by_machine
            running.guard.call_ended(now, talked_s if flight.answered_at is not None else None,
                                     voicemail=voicemail)  # fmt: skip
            live = flight.answered_at is not None and result in {"connected", "abandoned", "do_not_call"}
            running.count_end(live=live, abandoned=result == "abandoned")
        running.wake.set()
        end = AttemptEnd(
            result=result,
            ended_at=now,
            reason=reason,
            cause=cause,
            answered_at=flight.answered_at,
            connected_at=flight.connected_at,
            operator=flight.operator,
            verdict=flight.verdict,
            verdict_s=flight.verdict_s,
            drop_ms=flight.drop_ms,
            callback_at=next_at,
        )
        tower.tell(running, AttemptResolved(flight.attempt.campaign, flight.attempt.id, result, reason,
                                            flight.verdict, flight.drop_ms), flight.call)  # fmt: skip
        log.info("campaign.attempt_over", call_id=flight.call, result=result, reason=reason, cause=cause)
        self.writing.add(flight.attempt.id)
        tower.beside(self._write(flight.attempt.id, end), f"attempt end {flight.call}")

    def give_back(self, attempt: Attempt) -> None:
        """An attempt that was claimed and never came to us: its contact is due again."""
        now = self._tower.ports.clock.now()
        self.writing.add(attempt.id)
        end = AttemptEnd(result="withdrawn", ended_at=now, reason="claim_in_doubt")
        self._tower.beside(self._write(attempt.id, end), f"attempt end {attempt.id}")

    async def _write(self, attempt: AttemptId, end: AttemptEnd) -> None:
        """Until it is written; after a crash the attempt is open, and found again."""
        while True:
            try:
                await self._tower.ports.attempts.resolve(attempt, end)
            except Exception as error:  # noqa: BLE001 - the store is away: again
                log.warning("campaign.end_not_written", call_id=attempt, error=str(error)[:300])
                await asyncio.sleep(AGAIN_S)
            else:
                self.writing.discard(attempt)
                return

    # -- inside ----------------------------------------------------------------------------------------------

    def _release(self, flight: Flight) -> None:
        """Nobody is kept for it any more."""
        assigned, flight.assigned = flight.assigned, None
        if assigned is not None or flight.reserved:
            self._tower.ports.blending.release(flight.call, assigned)

    def _settle(self, flight: Flight, result: AttemptResult) -> None:
        """Take it out of the floor, with what is to be learned of it."""
        running = self._tower.of(flight)
        if flight.in_floor == "ringing":
            flight.in_floor = "gone"
            if result in LESSONS:
                running.tell(Settled(flight.call, LESSONS[result]))
            else:
                running.tell(Withdrawn(flight.call))
        elif flight.in_floor == "waiting":
            self._leave_floor(flight, dropped=False)

    def _leave_floor(self, flight: Flight, *, dropped: bool) -> None:
        if flight.in_floor == "waiting":
            flight.in_floor = "gone"
            self._tower.of(flight).tell(Abandoned(flight.call) if dropped else HungUp(flight.call))


def _cost_s(flight: Flight, result: AttemptResult, now: float) -> float:
    """For how long it may have cost money: who perhaps answered unseen, from the dialling on."""
    since = flight.answered_at
    if since is None and result == "unknown":
        since = flight.attempt.started_at
    return now - since if since is not None else 0.0

"""The dialer as calls and telephone see it: who answers a call of a campaign, and what becomes of him.

The single writer of attempts. `pulse` decides how many contacts are dialled, `takeoff` brings a claimed
attempt into the air, `script` serves who answers, `landing` writes the outcome, `recovery` finds what was
under way before a restart, `office` takes over what people start, stop and change.
"""

from __future__ import annotations

import structlog

from ari_app.calls.placing import Begin
from ari_app.campaigns.flight import VERDICTS, Flight
from ari_app.campaigns.landing import Landing
from ari_app.campaigns.running import Running
from ari_app.campaigns.script import LiveCall
from ari_app.campaigns.takeoff import Takeoff
from ari_app.campaigns.tower import Tower
from ari_app.dispatch.eligibility import fits_now
from ari_app.dispatch.messages import DispatchMessage
from ari_app.dispatch.presence import Change, Presence
from ari_app.model.call import CallRecord
from ari_app.model.ids import AttemptId, CallId, CampaignId, ChannelId, Language
from ari_app.model.telephony import CallEntered
from ari_app.pacing.floor import Settled

log = structlog.get_logger()


class Dialer:
    """`calls.placing.Placer` for campaigns."""

    def __init__(self, tower: Tower, takeoff: Takeoff, landing: Landing) -> None:
        self._tower = tower
        self._takeoff = takeoff
        self._landing = landing

    def operator_changed(self, presence: Presence, change: Change) -> None:
        """An operator's state changed: dialling reacts at once, not at the next second (O12)."""
        del change
        for running in self._tower.running.values():
            if running.needs_operators and fits_now(presence.operator, running.request):
                running.seats.see(presence)
                running.wake.set()

    def deliver(self, call: CallId, message: DispatchMessage) -> bool:
        flight = self._tower.flights.get(call)
        if flight is not None:
            self._takeoff.deliver(flight, message)
        return flight is not None

    def campaign_of(self, call: CallId) -> CampaignId | None:
        """The campaign that a live call was placed for."""
        flight = self._tower.flights.get(call)
        return None if flight is None else flight.attempt.campaign

    def channel_answered(self, channel: ChannelId) -> None:
        flight = self._tower.flights.get(CallId(channel))
        if flight is not None and flight.stage == "dialling" and flight.answered_at is None:
            flight.answered_at = self._tower.ports.clock.now()
            self._note(flight)

    def entered(self, event: CallEntered) -> tuple[CallRecord, Begin] | None:
        """Somebody or something answered a call of ours."""
        flight = self._tower.flights.get(event.call)
        if flight is None or flight.stage in {"answered", "over"}:
            return None
        running, now = self._tower.of(flight), self._tower.ports.clock.now()
        if flight.answered_at is None:
            flight.answered_at = now
            self._note(flight)
        flight.stage = "answered"
        flight.seen.set()
        self._tower.trunks.worked(running.campaign.trunk)
        self._judge(running, flight, event, now)
        record = CallRecord(
            id=event.call,
            channel=event.channel,
            caller=flight.attempt.phone,
            called=flight.attempt.caller_id,
            started_at=flight.attempt.started_at,
            direction="outbound",
            client=running.campaign.client,
            language=Language(running.campaign.language),
            answered_at=flight.answered_at,
        )
        return record, LiveCall(running, flight, self._landing).begin

    def _judge(self, running: Running, flight: Flight, event: CallEntered, now: float) -> None:
        """Person or machine, and since when the law's grace runs."""
        answered_at = flight.answered_at or now
        flight.verdict = VERDICTS.get(event.verdict)
        if flight.verdict is not None:
            flight.verdict_s = now - answered_at
        if flight.by_machine:
            flight.in_floor = "gone"
            running.tell(Settled(flight.call, "machine"))
            return
        flight.greeted_at = answered_at if flight.verdict is None else now - _silence_s(event.verdict_cause)
        flight.in_floor = "waiting"
        running.tell(Settled(flight.call, "human"))
        running.guard.live_answered(now)

    def channel_ended(self, channel: ChannelId, cause: int) -> None:
        flight = self._tower.flights.get(CallId(channel))
        if flight is not None and flight.stage == "dialling":
            self._landing.channel_ended(flight, cause)

    def call_ended(self, record: CallRecord) -> None:
        self._landing.call_ended(record)

    def _note(self, flight: Flight) -> None:
        if flight.answered_at is not None:
            self._tower.beside(self._answered(flight.attempt.id, flight.answered_at), f"answer {flight.call}")

    async def _answered(self, attempt: AttemptId, at: float) -> None:
        try:
            await self._tower.ports.attempts.answered(attempt, at)
        except Exception as error:  # noqa: BLE001 - the outcome will say it again
            log.warning("campaign.answer_not_written", call_id=attempt, error=str(error)[:300])


def _silence_s(cause: str) -> float:
    """How long the person had been silent when AMD() decided: `HUMAN-<silence ms>-<limit ms>`."""
    rule, _, rest = cause.partition("-")
    first = rest.partition("-")[0]
    return int(first) / 1000 if rule == "HUMAN" and first.isdigit() else 0.0

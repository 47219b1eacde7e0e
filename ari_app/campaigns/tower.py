"""What the parts of the dialer share: campaigns that run, calls in the air, ports. One writer: it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field

from ari_app.calls.toll import TollGate
from ari_app.campaigns.flight import Flight
from ari_app.campaigns.jurisdiction import WatchedClock
from ari_app.campaigns.ports import AttemptBook, CampaignBook, DncBook
from ari_app.campaigns.running import Running
from ari_app.campaigns.trunks import Trunks
from ari_app.dispatch.blending import Blending
from ari_app.model.call import CallRecord
from ari_app.model.campaign import Campaign
from ari_app.model.facts import Fact
from ari_app.model.ids import CallId, CampaignId
from ari_app.model.routing import QueueRequest
from ari_app.ports import Clock, Journal, Stamped, Telephony
from ari_app.tasks import begin_task


@dataclass(frozen=True, slots=True)
class Ports:
    """What the dialer needs of the outside."""

    attempts: AttemptBook
    campaigns: CampaignBook
    dnc: DncBook
    telephony: Telephony
    blending: Blending
    journal: Journal
    clock: Clock
    request_of: Callable[[Campaign], QueueRequest]
    """What a campaign's answered contacts ask of the router."""
    toll: TollGate
    """The guard against toll fraud; the same as of all other outside calls (X8)."""
    record_of: Callable[[CallId], Awaitable[CallRecord | None]]
    """A call as stored: what became of one while we were away."""


@dataclass(slots=True)
class Tower:
    """The dialer's state."""

    ports: Ports
    trunks: Trunks = field(default_factory=Trunks)
    watched: WatchedClock = field(default_factory=WatchedClock)
    running: dict[CampaignId, Running] = field(default_factory=dict)
    flights: dict[CallId, Flight] = field(default_factory=dict)
    sees: bool = False
    """The PBX is seen and reconciled with: without that nobody is dialled."""
    tasks: asyncio.TaskGroup | None = None

    def of(self, flight: Flight) -> Running:
        return self.running[flight.attempt.campaign]

    def about_to_dial(self, trunk: str) -> int:
        """Claimed calls that the toll gate has not been asked for yet."""
        return sum(
            flight.stage == "claimed" and not flight.reserved and self.of(flight).campaign.trunk == trunk
            for flight in self.flights.values()
        )

    def beside(self, errand: Coroutine[None, None, None], name: str) -> None:
        """Run something until it ends or the dialer does; it must not raise.

        Raises `RuntimeError` when the dialer is not open, or is closing.
        """
        if self.tasks is None:
            errand.close()
            raise RuntimeError("the dialer is not open")
        begin_task(self.tasks, errand, name)

    def take_off(self, running: Running, flight: Flight) -> None:
        """A claimed attempt is ours to bring to its end."""
        self.flights[flight.call] = flight
        running.flights[flight.call] = flight

    def tell(self, running: Running, fact: Fact, call: CallId | None = None) -> None:
        """Keep a fact."""
        now = self.ports.clock.now()
        self.ports.journal.put_facts([Stamped(now, fact, call, running.campaign.client)])

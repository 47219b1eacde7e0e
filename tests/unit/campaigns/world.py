"""An outbound campaign in jumping time: real dialer, sessions, dispatcher and router on a fake network."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import msgspec.structs

from ari_app.app.campaigning import request_of
from ari_app.calls.services import Services
from ari_app.campaigns.desk import StatusDesk
from ari_app.campaigns.ports import AttemptBook, CampaignBook, CampaignLive, DncBook
from ari_app.campaigns.service import Campaigns
from ari_app.campaigns.tower import Ports
from ari_app.dispatch.blending import Blending
from ari_app.dispatch.presence import Presence
from ari_app.flow.site import OutsideCalls
from ari_app.model.call import CallRecord
from ari_app.model.campaign import Attempt, Campaign, Contact, Phone
from ari_app.model.ids import CallId, CampaignId, ContactId, OperatorId, PromptId, QueueId
from ari_app.model.operator import OperatorState
from tests.fakes.attempts import MemoryBook
from tests.fakes.loop import LoopClock
from tests.fakes.network import Network, Subscriber
from tests.unit.calls.world import World, flow_book

SALE = CampaignId("sale")
MONDAY_10H = 1_700_485_200.0
"""2023-11-20 10:00 in São Paulo."""
SHOWN = "+551140001000"


def campaign(**changes: Any) -> Campaign:
    """A campaign that may dial."""
    made = Campaign(
        id=SALE,
        name="Sale",
        status="running",
        queue=QueueId("sales"),
        caller_ids=(SHOWN,),
        message=PromptId("campaign/message"),
        holiday_country=None,
        calls_per_s=50.0,
        trunk_concurrency=200,
    )
    return msgspec.structs.replace(made, **changes)


class Field(World):
    """`World` with campaigns, contacts and subscribers; store and network outlive the application."""

    def __init__(
        self,
        made: Campaign | None = None,
        contacts: int = 20,
        subscriber: Callable[[str], Subscriber] = lambda _number: Subscriber(),
    ) -> None:
        super().__init__()
        self.clock = LoopClock(MONDAY_10H)
        self.network = Network(subscriber)
        self.telephone = self.network
        self.store = MemoryBook()
        self.outside_calls = OutsideCalls()
        self.book = flow_book()
        self.campaigns: Campaigns
        self.desk: StatusDesk
        for each in (made or campaign(),):
            self.given_campaign(each, contacts)

    def given_campaign(self, made: Campaign, contacts: int = 20) -> None:
        self.store.held[made.id] = made
        for number in range(contacts):
            ident = ContactId(len(self.store.contacts))
            phone = Phone(f"+55119{len(self.store.contacts):08d}", ("America/Sao_Paulo",))
            self.store.contacts[ident] = Contact(
                ident, made.id, f"person{ident}", (phone,), name=f"Name {number}", data={"debt": "10"}
            )

    # -- an application ------------------------------------------------------------------------------------

    async def before(self, tasks: asyncio.TaskGroup) -> None:
        site = self.book.site
        attempts, campaigns, dnc = self.books()
        ports = Ports(
            attempts=attempts,
            campaigns=campaigns,
            dnc=dnc,
            telephony=self.telephone,
            blending=Blending(self.dispatcher, self.clock),
            journal=self.journal,
            clock=self.clock,
            request_of=lambda each: request_of(each, site),
            toll=self.toll,
            record_of=self._record,
        )
        self.desk = StatusDesk(self.store, self.clock)
        self.campaigns = Campaigns(ports, lambda: self.exchange.sessions, self.desk.finish)
        self.desk.follow(self.campaigns.office)
        self.dispatcher._changed = self.campaigns.dialer.operator_changed
        self.exchange.services = replace(self.exchange.services, placers=(self.campaigns.dialer,))
        await self.campaigns.recovery.load()
        tasks.create_task(self.campaigns.run())

    def books(self) -> tuple[AttemptBook, CampaignBook, DncBook]:
        """The store."""
        return self.store, self.store, self.store

    async def after(self) -> None:
        self.campaigns.recovery.pbx_seen()

    async def _record(self, call: CallId) -> CallRecord | None:
        await asyncio.sleep(0.001)
        known = self.journal.calls.get(call)
        return known[0] if known is not None else None

    def services(self) -> Services:
        return self.exchange.services

    # -- looking -------------------------------------------------------------------------------------------

    @property
    def dialled(self) -> list[str]:
        return [number for _, _, number in self.network.dialled]

    def live(self, ident: CampaignId = SALE) -> CampaignLive:
        found = self.desk.live(ident)
        assert found is not None
        return found

    def results(self) -> list[tuple[str | None, str]]:
        return [(attempt.result, attempt.reason) for attempt in self.store.attempts.values()]

    def ended(self, result: str) -> list[Attempt]:
        return [attempt for attempt in self.store.attempts.values() if attempt.result == result]

    def operators_are(self, state: OperatorState, *only: str) -> None:
        """Let operators sign out or in."""
        for ident in only or tuple(self.dispatcher.operators):
            act: Callable[[Presence, float], Any] = (
                (lambda presence, now: presence.sign_out(now, "test"))
                if state is OperatorState.SIGNED_OUT
                else (lambda presence, now: presence.sign_in(now, "test"))
            )
            self.dispatcher.act(OperatorId(ident), act)


def by_number(behaviours: Mapping[int, Subscriber], otherwise: Subscriber) -> Callable[[str], Subscriber]:
    """Behaviours of the n-th contacts."""
    return lambda number: behaviours.get(int(number[-4:]), otherwise)

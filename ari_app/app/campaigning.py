"""Outbound campaigns put together from store, telephone and dispatcher."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ari_app.calls.session import Session
from ari_app.calls.toll import TollGate
from ari_app.campaigns.desk import StatusDesk
from ari_app.campaigns.service import Campaigns
from ari_app.campaigns.tower import Ports
from ari_app.dispatch.blending import Blending
from ari_app.flow.site import Site
from ari_app.model.campaign import Campaign
from ari_app.model.ids import CallId, QueueId, SkillId
from ari_app.model.routing import QueueRequest, SkillNeed
from ari_app.ports import Clock, Journal, Telephony
from ari_app.storage.archive import CallArchive
from ari_app.storage.attempts import AttemptStore
from ari_app.storage.campaigns import CampaignStore
from ari_app.storage.database import Database

HIGHEST = 9
"""Of a campaign's priorities, which count down, while a caller's count up."""


def request_of(campaign: Campaign, site: Site) -> QueueRequest:
    """What an answered contact asks of the router: the queue's skills and the campaign's."""
    queue = site.queues.get(campaign.queue or "")
    wanted: dict[SkillId, int] = {}
    for levels in (queue.skills if queue is not None else {}, campaign.skills):
        for skill, level in levels.items():
            wanted[SkillId(skill)] = max(level, wanted.get(SkillId(skill), 0))
    return QueueRequest(
        queue=campaign.queue or QueueId(""),
        needs=tuple(SkillNeed(skill, level) for skill, level in sorted(wanted.items())),
        priority=HIGHEST - campaign.priority,
        outbound=True,
        client=campaign.client,
    )


def campaigns_of(  # noqa: PLR0913 - all that they are made of
    *,
    database: Database,
    archive: CallArchive,
    telephony: Telephony,
    blending: Blending,
    journal: Journal,
    clock: Clock,
    toll: TollGate,
    site: Callable[[], Site],
    sessions: Callable[[], Mapping[CallId, Session]],
    agrees: Callable[[], bool],
) -> tuple[Campaigns, StatusDesk]:
    """The running side, and the desk by which people act on it; `agrees`: whether the clocks do."""
    store = CampaignStore(database)
    desk = StatusDesk(store, clock)
    ports = Ports(
        attempts=AttemptStore(database),
        campaigns=store,
        dnc=store,
        telephony=telephony,
        blending=blending,
        journal=journal,
        clock=clock,
        request_of=lambda campaign: request_of(campaign, site()),
        toll=toll,
        record_of=archive.call,
    )
    campaigns = Campaigns(ports, sessions, desk.finish)
    campaigns.tower.watched.agrees = agrees
    desk.follow(campaigns.office)
    return campaigns, desk

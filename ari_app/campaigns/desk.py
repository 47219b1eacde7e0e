"""Starts, pauses and stops campaigns: checks what must be there, writes the status, tells the dialer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import msgspec
import structlog

from ari_app.campaigns.hours import hours_of, knows_country
from ari_app.campaigns.ports import CampaignBook, CampaignLive
from ari_app.model.campaign import LEGAL_STATUS, MIN_RING_S, Campaign, CampaignStatus
from ari_app.model.ids import CampaignId
from ari_app.pacing.profiles import PROFILES, profile_named
from ari_app.ports import Clock, IllegalTransition, NotFound

log = structlog.get_logger()


class Running(Protocol):
    """Who dials: the one that has to know at once."""

    async def take_over(self, campaign: Campaign) -> None:
        """Status or configuration changed, and is in the store."""
        ...

    def live(self, campaign: CampaignId) -> CampaignLive | None: ...


class StatusDesk:
    """`campaigns.ports.CampaignDesk`; what is written holds even while nobody dials."""

    def __init__(self, book: CampaignBook, clock: Clock) -> None:
        self._book = book
        self._clock = clock
        self._running: Running | None = None

    def follow(self, running: Running) -> None:
        """Tell this one of every change from now on."""
        self._running = running

    async def start(self, campaign: CampaignId, *, by: str) -> Campaign:
        """Raises `NotFound`, `IllegalTransition`."""
        return await self._move(campaign, "running", by, ("draft", "stopped", "finished"))

    async def pause(self, campaign: CampaignId, *, by: str) -> Campaign:
        """Raises `NotFound`, `IllegalTransition`."""
        return await self._move(campaign, "paused", by)

    async def resume(self, campaign: CampaignId, *, by: str) -> Campaign:
        """Raises `NotFound`, `IllegalTransition`."""
        return await self._move(campaign, "running", by, ("paused",))

    async def stop(self, campaign: CampaignId, *, by: str) -> Campaign:
        """Raises `NotFound`, `IllegalTransition`."""
        return await self._move(campaign, "stopped", by)

    async def finish(self, campaign: CampaignId) -> Campaign:
        """Its list is done. Raises as the others."""
        return await self._move(campaign, "finished", "dialer")

    async def changed(self, campaign: Campaign) -> None:
        """Take over a configuration that is in the store already."""
        if self._running is not None:
            await self._running.take_over(campaign)

    def live(self, campaign: CampaignId) -> CampaignLive | None:
        """What happens now; None: not running."""
        return None if self._running is None else self._running.live(campaign)

    async def _move(
        self,
        ident: CampaignId,
        status: CampaignStatus,
        by: str,
        only_from: tuple[CampaignStatus, ...] | None = None,
    ) -> Campaign:
        campaign = await self._book.campaign(ident)
        if campaign is None:
            raise NotFound(f"campaign {ident} does not exist")
        fits = status in LEGAL_STATUS[campaign.status]
        if not fits or (only_from is not None and campaign.status not in only_from):
            raise IllegalTransition(f"campaign {ident} is {campaign.status}")
        if status == "running":
            missing = "; ".join(problems_of(campaign))
            if missing:
                raise IllegalTransition(f"campaign {ident} cannot run: {missing}")
        now = self._clock.now()
        moved = msgspec.structs.replace(campaign, status=status, changed_at=now)
        moved = await self._book.replace_campaign(moved)
        log.info("campaign.status", campaign=ident, status=status, before=campaign.status, by=by)
        await self.changed(moved)
        return moved


def problems_of(campaign: Campaign) -> Iterator[str]:
    """What keeps a campaign from being run, each with its field's name."""
    if campaign.profile not in PROFILES:
        yield f"profile: {campaign.profile!r} is not one of {', '.join(PROFILES)}"
        return
    profile = profile_named(campaign.profile)
    if not campaign.caller_ids and not profile.caller_id.withheld_allowed:
        yield "caller_ids: empty, and the legal profile asks for a number to show"
    for number in campaign.caller_ids:
        if profile.caller_id.prefixes and not number.startswith(profile.caller_id.prefixes):
            yield f"caller_ids: {number} has none of the legal prefixes"
    if campaign.ring_s < max(profile.min_ring_s, MIN_RING_S):
        yield f"ring_s: {campaign.ring_s:g} is below the legal {max(profile.min_ring_s, MIN_RING_S):g}"
    if campaign.mode == "agentless":
        if campaign.flow is None and campaign.message is None:
            yield "flow or message: an agentless campaign has to say something"
    elif campaign.flow is not None:
        yield "flow: only agentless campaigns have one; else an answered person goes to an operator at once"
    elif campaign.queue is None:
        yield f"queue: {campaign.mode} needs operators"
    if campaign.amd != "off" and not profile.machine_detection:
        yield "amd: the legal profile does not allow machine detection"
    if campaign.amd == "leave_message" and campaign.message is None:
        yield "message: amd leave_message needs one"
    yield from _hours_problems(campaign)


def _hours_problems(campaign: Campaign) -> Iterator[str]:
    try:
        hours = hours_of(campaign)
    except ValueError as error:
        yield f"hours: {error}"
        return
    if not any(hours.by_weekday.values()) and not hours.on_holidays:
        yield "hours: closed all week within the legal hours"
    if campaign.holiday_country is not None and not knows_country(campaign.holiday_country):
        yield f"holiday_country: {campaign.holiday_country!r} is not known"

"""What `desk` tells the dialer: a campaign was started, halted or changed. `desk.Running`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec.structs
import structlog

from ari_app.campaigns.holding import explain
from ari_app.campaigns.ports import CampaignLive
from ari_app.campaigns.pulse import Pulse
from ari_app.campaigns.recovery import MEMORY_S, Recovery
from ari_app.campaigns.running import Running
from ari_app.campaigns.tower import Tower
from ari_app.model.campaign import Campaign
from ari_app.model.ids import CampaignId

log = structlog.get_logger()


class Office:
    """Halting acts in memory before anything is waited for."""

    def __init__(
        self, tower: Tower, recovery: Recovery, finish: Callable[[CampaignId], Awaitable[object]]
    ) -> None:
        """`finish` gives a campaign whose list is done its status."""
        self._tower = tower
        self._recovery = recovery
        self._finish = finish
        self.pulse: Pulse

    async def take_over(self, campaign: Campaign) -> None:
        """Status or configuration changed: hot, calls in the air go on."""
        running = self._tower.running.get(campaign.id)
        runs = campaign.status == "running"
        if running is None:
            if runs:
                self.pulse.drive(await self._recovery.take_up(campaign))
            return
        if not runs or not campaign.caller_ids:
            running.halted = True
            running.wake.set()
        since = self._tower.ports.clock.now() - MEMORY_S
        tallies = await self._tower.ports.attempts.tallies(campaign.id, since)
        running.change(campaign, self._tower.ports.request_of(campaign), tallies)
        self.pulse.drive(running)
        if not runs:
            log.info("campaign.halted", campaign=campaign.id, status=campaign.status,
                     ringing=running.look().ringing)  # fmt: skip

    async def finished(self, running: Running) -> None:
        """No contact is left."""
        await self._finish(running.campaign.id)

    def live(self, campaign: CampaignId) -> CampaignLive | None:
        running = self._tower.running.get(campaign)
        if running is None:
            return None
        return msgspec.structs.replace(running.look(), held=explain(self._tower, running))

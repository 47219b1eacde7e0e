"""The running side of campaigns, put together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from ari_app.calls.session import Session
from ari_app.campaigns.dialer import Dialer
from ari_app.campaigns.landing import Landing
from ari_app.campaigns.office import Office
from ari_app.campaigns.preview import Previews
from ari_app.campaigns.pulse import Pulse
from ari_app.campaigns.recovery import Recovery
from ari_app.campaigns.takeoff import Takeoff
from ari_app.campaigns.tower import Ports, Tower
from ari_app.model.ids import CallId, CampaignId


class Campaigns:
    """`dialer` is told what the telephone does, `office` and `previews` what people want."""

    def __init__(
        self,
        ports: Ports,
        sessions: Callable[[], Mapping[CallId, Session]],
        finish: Callable[[CampaignId], Awaitable[object]],
    ) -> None:
        """`sessions` are the live calls; `finish` gives a campaign whose list is done its status."""
        self.tower = Tower(ports)
        self.landing = Landing(self.tower)
        self.previews = Previews(self.tower)
        takeoff = Takeoff(self.tower, self.landing, self.previews)
        self.dialer = Dialer(self.tower, takeoff, self.landing)
        self.recovery = Recovery(self.tower, takeoff, self.landing, sessions)
        self.office = Office(self.tower, self.recovery, finish)
        self.pulse = Pulse(self.tower, takeoff, self.landing, self.previews, self.office.finished)
        self.office.pulse = self.pulse

    async def run(self) -> None:
        """Serve until cancelled; `recovery.load` comes before, `recovery.pbx_seen` on every connect."""
        async with asyncio.TaskGroup() as tasks:
            self.tower.tasks = tasks
            tasks.create_task(self.recovery.run(), name="campaign recovery")
            await self.pulse.run()

"""`/queues`: live figures of the waiting lines."""

from __future__ import annotations

from dataclasses import dataclass

from ari_app.ports import Floor, NotFound
from ari_app.web.route import EVERYBODY, READERS, Ask, Route
from ari_app.web.views import Listing, QueueLiveOut, QueueOut, queue_live_out, queue_out


@dataclass(frozen=True, slots=True)
class QueuesApi:
    """Queues, as the floor sees them now."""

    floor: Floor

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/queues", self.queues, "Queues", EVERYBODY, answer=Listing[QueueOut]),
            Route(
                "GET",
                "/queues/{id}/live",
                self.live,
                "One queue now, with the waiting calls in line",
                READERS,
                answer=QueueLiveOut,
                problems=(404,),
            ),
        ]

    async def queues(self, ask: Ask) -> Listing[QueueOut]:
        return Listing([queue_out(view) for view in self.floor.queues(ask.principal.client)])

    async def live(self, ask: Ask) -> QueueLiveOut:
        for view in self.floor.queues(ask.principal.client):
            if view.id == ask.path["id"]:
                return queue_live_out(view, ask.now)
        raise NotFound(f"queue {ask.path['id']} does not exist")

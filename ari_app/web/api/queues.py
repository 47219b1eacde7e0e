"""`/queues`: live figures of the waiting lines; closing, opening and announcing at once (C20)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ari_app.ports import Floor, NotFound, QueueOffice, QueueView
from ari_app.web.problems import HttpRefusal
from ari_app.web.route import EVERYBODY, LEADERS, READERS, Ask, Route
from ari_app.web.views import Listing, QueueLiveOut, QueueOut, queue_live_out, queue_out

PromptName = Annotated[str, Meta(pattern=r"^[a-z0-9-]+(/[a-z0-9-]+)*\Z", max_length=80)]


class QueueStateIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What changes at once and until told otherwise; `announcement` null takes it away."""

    closed: bool | UnsetType = UNSET
    announcement: PromptName | UnsetType | None = UNSET


@dataclass(frozen=True, slots=True)
class QueuesApi:
    """Queues, as the floor sees them now. `prompts`: those of the catalogue, by language."""

    floor: Floor
    office: QueueOffice
    prompts: Callable[[], frozenset[str]]

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
            Route(
                "PUT",
                "/queues/{id}/state",
                self.set_state,
                "Close or open at once, or announce something to everybody who waits and comes",
                LEADERS,
                body=QueueStateIn,
                answer=QueueOut,
                problems=(404,),
            ),
        ]

    async def queues(self, ask: Ask) -> Listing[QueueOut]:
        return Listing([queue_out(view) for view in self.floor.queues(ask.principal.client)])

    async def live(self, ask: Ask) -> QueueLiveOut:
        return queue_live_out(self._visible(ask), ask.now)

    async def set_state(self, ask: Ask) -> QueueOut:
        queue = self.office.queue(self._visible(ask).id, ask.principal.client).id
        body: QueueStateIn = ask.body
        said = "" if body.announcement is None else body.announcement
        if said is not UNSET and said and said not in self.prompts():
            raise HttpRefusal(422, f"announcement: there is no prompt {said!r}")
        self.office.set_state(
            queue,
            closed=None if body.closed is UNSET else body.closed,
            announcement=None if said is UNSET else said,
            by=ask.principal.name,
        )
        return queue_out(self._visible(ask))

    def _visible(self, ask: Ask) -> QueueView:
        for view in self.floor.queues(ask.principal.client):
            if view.id == ask.path["id"]:
                return view
        raise NotFound(f"queue {ask.path['id']} does not exist")

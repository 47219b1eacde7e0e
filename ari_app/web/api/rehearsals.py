"""`/rehearsals`: real calls through a flow or a draft, in a made-up world; for who may change flows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from ari_app.ports import RehearsalOffice, RehearsalPlan
from ari_app.web.api.flows import FlowText
from ari_app.web.api.inputs import Moment, Text, epoch
from ari_app.web.route import ADMINS, Ask, Route

_LIMIT = 1024 * 1024
Number = Annotated[str, Meta(pattern=r"^\+?[0-9]{0,15}\Z", max_length=16)]


class RehearsalIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Either `phone` (a test phone that will call) or `call` (a phone that is called now).

    `source` is a draft; without it the live version is rehearsed. `caller`, `called`, `language` and `time`
    are what the flow believes of the call.
    """

    phone: Text | None = None
    call: Number | None = None
    source: FlowText | None = None
    called: Number = "5000"
    caller: Text = ""
    language: Text | None = None
    time: Moment | None = None
    real_lookups: bool = False


class WatchQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is known already: facts and moves; wait at most `wait_s` for more."""

    after: Annotated[int, Meta(ge=0)] = 0
    moves: Annotated[int, Meta(ge=0)] = 0
    wait_s: Annotated[float, Meta(ge=0, le=10)] = 0.0


class ActIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A step of a scenario that concerns the world: `operator_connects`, `lookup_answers`, and so on."""

    act: Text
    value: Any = None


@dataclass(frozen=True, slots=True)
class RehearsalsApi:
    """Rehearsals belong to the installation, as flows do."""

    office: RehearsalOffice

    def routes(self) -> list[Route]:
        return [
            Route(
                "POST",
                "/flows/{id}/rehearsals",
                self.begin,
                "Rehearse a flow on a real phone, in a made-up world",
                ADMINS,
                body=RehearsalIn,
                answer=dict[str, Any],
                status=201,
                installation=True,
                limit_bytes=_LIMIT,
                problems=(404, 409),
            ),
            Route(
                "GET",
                "/rehearsals/{id}",
                self.watch,
                "What has come of a rehearsal; waits for news",
                ADMINS,
                query=WatchQuery,
                answer=dict[str, Any],
                installation=True,
                problems=(404,),
            ),
            Route(
                "POST",
                "/rehearsals/{id}/acts",
                self.act,
                "Change the world of a rehearsal, or let something happen in it",
                ADMINS,
                body=ActIn,
                installation=True,
                problems=(404, 409),
            ),
            Route(
                "DELETE",
                "/rehearsals/{id}",
                self.end,
                "Forget a rehearsal that has not begun",
                ADMINS,
                installation=True,
                problems=(404,),
            ),
        ]

    async def begin(self, ask: Ask) -> dict[str, Any]:
        body: RehearsalIn = ask.body
        plan = RehearsalPlan(
            flow=ask.path["id"],
            source=body.source,
            phone=body.phone,
            call=body.call,
            called=body.called,
            caller=body.caller,
            language=body.language,
            time=epoch(body.time),
            real_lookups=body.real_lookups,
        )
        return await self.office.begin(plan)

    async def watch(self, ask: Ask) -> dict[str, Any]:
        query: WatchQuery = ask.query
        return await self.office.watch(ask.path["id"], query.after, query.moves, query.wait_s)

    async def act(self, ask: Ask) -> None:
        body: ActIn = ask.body
        await self.office.act(ask.path["id"], body.act, body.value)

    async def end(self, ask: Ask) -> None:
        self.office.end(ask.path["id"])

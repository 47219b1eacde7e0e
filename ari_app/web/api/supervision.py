"""`/supervision`: listen to talks, whisper, barge in, take over; trainees and seniors (S2, S3)."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from ari_app.model.ids import CallId, OperatorId
from ari_app.model.watching import Mode, WatchView
from ari_app.ports import NotFound, OperatorDesk, WatchDesk
from ari_app.web.api.inputs import Extension, Text
from ari_app.web.problems import HttpRefusal
from ari_app.web.route import LEADERS, Ask, Route
from ari_app.web.views import Listing


class WatchIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose phone is rung, and for what: one call, or every call of an operator until it is ended."""

    phone: Extension
    mode: Mode = "listen"
    call_id: Text | None = None
    operator: Extension | None = None


class WatchPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From listening to whispering, barging in, taking over, and back."""

    mode: Mode


class WatchOut(msgspec.Struct, frozen=True):
    """A phone that listens; `on_call` is what it hears now."""

    id: str
    phone: str
    mode: Mode
    by: str
    call_id: str | None
    operator: str | None
    answered: bool
    on_call: str | None


def watch_out(view: WatchView) -> WatchOut:
    """A watch as the API shows it."""
    return WatchOut(view.id, view.watcher, view.mode, view.by, view.call, view.target, view.answered, view.on)


@dataclass(frozen=True, slots=True)
class SupervisionApi:
    """For who leads; everything written is in the audit log, and in the call's trace."""

    watches: WatchDesk
    desk: OperatorDesk

    def routes(self) -> list[Route]:
        one = "/supervision/{id}"
        return [
            Route(
                "GET",
                "/supervision",
                self.listed,
                "Who listens to whom now",
                LEADERS,
                answer=Listing[WatchOut],
            ),
            Route(
                "POST",
                "/supervision",
                self.begin,
                "Ring a phone that listens to a talk, or to all of an operator's",
                LEADERS,
                body=WatchIn,
                answer=WatchOut,
                status=201,
                problems=(404, 409, 503),
            ),
            Route(
                "PATCH",
                one,
                self.change,
                "Whisper, barge in, take over, or only listen",
                LEADERS,
                body=WatchPatch,
                answer=WatchOut,
                problems=(404, 409, 503),
            ),
            Route("DELETE", one, self.end, "Hang the listening phone up", LEADERS, problems=(404, 503)),
        ]

    async def listed(self, ask: Ask) -> Listing[WatchOut]:
        return Listing([watch_out(view) for view in self._own(ask)])

    async def begin(self, ask: Ask) -> WatchOut:
        body: WatchIn = ask.body
        if (body.call_id is None) == (body.operator is None):
            raise HttpRefusal(422, "Say either which call or which operator.")
        if body.mode == "take_over" and body.call_id is None:
            raise HttpRefusal(422, "One call is taken over, not an operator.")
        view = self.desk.view(OperatorId(body.phone))
        if view is None or not ask.principal.owns(view.operator.client):
            raise NotFound(f"operator {body.phone} does not exist")
        begun = await self.watches.begin(
            OperatorId(body.phone),
            body.mode,
            by=ask.principal.name,
            call=CallId(body.call_id) if body.call_id else None,
            target=OperatorId(body.operator) if body.operator else None,
        )
        return watch_out(begun)

    async def change(self, ask: Ask) -> WatchOut:
        body: WatchPatch = ask.body
        return watch_out(await self.watches.change(self._one(ask), body.mode, by=ask.principal.name))

    async def end(self, ask: Ask) -> None:
        await self.watches.end(self._one(ask))

    def _own(self, ask: Ask) -> list[WatchView]:
        return [view for view in self.watches.watches() if ask.principal.owns(view.client)]

    def _one(self, ask: Ask) -> CallId:
        ident = CallId(ask.path["id"])
        if not any(view.id == ident for view in self._own(ask)):
            raise NotFound(f"watch {ident} does not exist")
        return ident

"""`POST /calls`: an operator calls somebody by a click (P10)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Protocol

import msgspec
from msgspec import Meta

from ari_app.model.ids import CallId, OperatorId
from ari_app.ports import NotFound, OperatorDesk
from ari_app.web.api.inputs import Extension
from ari_app.web.problems import HttpRefusal
from ari_app.web.route import LEADERS_AND_SELF, Ask, Route


class Clicks(Protocol):
    """`calls.operator_calls.OperatorCalls`."""

    async def click(self, operator: OperatorId, number: str, *, by: str) -> CallId:
        """Raises `NotFound`, `IllegalTransition` with the reason."""
        ...


class CallIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom to call; `operator` is whose phone rings first, the own one when left out."""

    number: Annotated[str, Meta(pattern=r"^[+]?[0-9]{3,15}\Z", max_length=16)]
    operator: Extension | None = None


class CallPlaced(msgspec.Struct, frozen=True):
    """The operator's phone rings; the call is known under this id once he picks up."""

    call_id: str


@dataclass(frozen=True, slots=True)
class DiallingApi:
    """Calls that operators place themselves."""

    desk: OperatorDesk
    clicks: Clicks

    def routes(self) -> list[Route]:
        return [
            Route("POST", "/calls", self.place, "Ring an operator's phone, then call an outside number",
                  LEADERS_AND_SELF, body=CallIn, answer=CallPlaced, status=202, problems=(404, 409)),
        ]  # fmt: skip

    async def place(self, ask: Ask) -> CallPlaced:
        body: CallIn = ask.body
        own = ask.principal.operator
        wanted = OperatorId(body.operator) if body.operator is not None else own
        if wanted is None:
            raise HttpRefusal(422, "operator: whose phone is to ring?")
        view = self.desk.view(wanted)
        if view is None or (ask.principal.role == "operator" and wanted != own):
            raise NotFound(f"operator {wanted} does not exist")
        ask.principal.must_own(view.operator.client, f"operator {wanted}")
        return CallPlaced(await self.clicks.click(wanted, body.number, by=ask.principal.name))

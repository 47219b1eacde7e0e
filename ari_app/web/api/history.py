"""`/calls/{id}/history`: what is known of the person of a call, before anybody picks up (P4).

Authorised by the call: an operator sees the history of those whose call he has or had, and of nobody else.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from ari_app.model.ids import CallId
from ari_app.ports import CallFilter, NotFound
from ari_app.web.api.calls import may_see
from ari_app.web.api.cases import CaseOut, CaseStore, case_out
from ari_app.web.route import EVERYBODY, Ask, Route
from ari_app.web.stores import Calls
from ari_app.web.views import CallOut, call_out

MOST = 20


class HistoryOut(msgspec.Struct, frozen=True):
    """The latest of the number's earlier calls, and its cases, newest first; none for a hidden number."""

    number: str
    calls: list[CallOut]
    cases: list[CaseOut]


@dataclass(frozen=True, slots=True)
class HistoryApi:
    """A customer's history by the number of one of his calls."""

    calls: Calls
    cases: CaseStore

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/calls/{id}/history", self.history,
                  "Earlier calls and the cases of the same number", EVERYBODY,
                  answer=HistoryOut, problems=(404,)),
        ]  # fmt: skip

    async def history(self, ask: Ask) -> HistoryOut:
        record = await self.calls.call(CallId(ask.path["id"]))
        if record is None or not may_see(ask.principal, record):
            raise NotFound(f"call {ask.path['id']} does not exist")
        placed = record.direction == "outbound" and record.caller == record.operator
        number = record.called if placed else record.caller
        if not any(character.isdigit() for character in number) or record.direction == "internal":
            return HistoryOut("", [], [])
        mine = CallFilter(client=record.client, caller=number, until=record.started_at)
        calls = await self.calls.calls(mine, limit=MOST + 1)
        cases = await self.cases.cases(client=record.client, caller=number, limit=MOST)
        earlier = [call_out(call) for call in calls.items if call.id != record.id][:MOST]
        return HistoryOut(number, earlier, [case_out(case, ask.now) for case in cases.items])

"""`/calls`: records, traces (C16) and routing traces (R10)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ari_app.model.call import CallRecord, FinalState
from ari_app.model.ids import CallId, OperatorId, QueueId
from ari_app.ports import CallFilter, Floor, NotFound
from ari_app.web.api.inputs import Key, Limit, Moment, Paged, Text, epoch
from ari_app.web.route import EVERYBODY, STAFF, Ask, Principal, Route
from ari_app.web.stores import Calls
from ari_app.web.views import CallOut, FactOut, Listing, RoutingOut, call_out, fact_out, with_times

_DECISIONS = frozenset({"RoutingDecided", "CallQueued", "CallDequeued"})
_OFFERS = frozenset({"OfferMade", "OfferEnded"})


class CallQuery(Paged, frozen=True, forbid_unknown_fields=True, rename={"caller": "from"}, kw_only=True):
    """What a list of calls is narrowed to; `since` and `until` look at the start."""

    caller: Text | None = None
    live: bool | None = None
    final_state: FinalState | None = None
    operator: Text | None = None
    queue: Key | None = None
    protocol: Text | None = None
    since: Moment | None = None
    until: Moment | None = None


class TraceQuery(Paged, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A trace is paged by `seq`."""

    limit: Limit = 500


@dataclass(frozen=True, slots=True)
class CallsApi:
    """Calls as a list, one by one, and how each went."""

    archive: Calls
    floor: Floor

    def routes(self) -> list[Route]:
        return [
            Route(
                "GET",
                "/calls",
                self.calls,
                "Calls, newest first",
                EVERYBODY,
                query=CallQuery,
                answer=Listing[CallOut],
            ),
            Route("GET", "/calls/{id}", self.call, "One call", EVERYBODY, answer=CallOut, problems=(404,)),
            Route(
                "GET",
                "/calls/{id}/trace",
                self.trace,
                "Every node, digit, branch and wait of a call, with times",
                EVERYBODY,
                query=TraceQuery,
                answer=Listing[FactOut],
                problems=(404,),
            ),
            Route(
                "GET",
                "/calls/{id}/routing",
                self.routing,
                "Why the call waits or waited, and to whom it was offered",
                STAFF,
                answer=RoutingOut,
                problems=(404,),
            ),
        ]

    async def calls(self, ask: Ask) -> Listing[CallOut]:
        query: CallQuery = ask.query
        operator = query.operator
        if ask.principal.role == "operator":
            operator = ask.principal.operator or ""
        wanted = CallFilter(
            client=ask.principal.client,
            live=query.live,
            final_state=query.final_state,
            caller=query.caller,
            operator=None if operator is None else OperatorId(operator),
            queue=None if query.queue is None else QueueId(query.queue),
            protocol=query.protocol,
            since=epoch(query.since),
            until=epoch(query.until),
        )
        page = await self.archive.calls(wanted, cursor=query.cursor, limit=query.limit)
        return Listing([call_out(record) for record in page.items], page.next)

    async def call(self, ask: Ask) -> CallOut:
        return call_out(await self._visible(ask))

    async def trace(self, ask: Ask) -> Listing[dict[str, Any]]:
        record = await self._visible(ask)
        query: TraceQuery = ask.query
        after = int(query.cursor) if query.cursor and query.cursor.isascii() and query.cursor.isdigit() else 0
        facts = await self.archive.facts_of(record.id, after=min(after, 2**62), limit=query.limit + 1)
        following = str(facts[query.limit - 1].seq) if len(facts) > query.limit else None
        return Listing([fact_out(fact) for fact in facts[: query.limit]], following)

    async def routing(self, ask: Ask) -> RoutingOut:
        record = await self._visible(ask)
        facts = await self.archive.facts_of(record.id, kinds=_DECISIONS | _OFFERS)
        waiting = self.floor.explain(record.id)
        return RoutingOut(
            call_id=record.id,
            waiting=None if waiting is None else with_times(dict(waiting)),
            decisions=[fact_out(fact) for fact in facts if fact.kind in _DECISIONS],
            offers=[fact_out(fact) for fact in facts if fact.kind in _OFFERS],
        )

    async def _visible(self, ask: Ask) -> CallRecord:
        record = await self.archive.call(CallId(ask.path["id"]))
        if record is None or not may_see(ask.principal, record):
            raise NotFound(f"call {ask.path['id']} does not exist")
        return record


def may_see(principal: Principal, record: CallRecord) -> bool:
    """An operator sees the calls he had; others those of their client."""
    if principal.role == "operator" and (principal.operator is None or record.operator != principal.operator):
        return False
    return principal.owns(record.client)

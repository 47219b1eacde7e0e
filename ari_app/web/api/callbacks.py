"""`/callbacks`: who was promised a call, at which place in line, and how each attempt went (C13)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

import msgspec

from ari_app.model.call import CallRecord
from ari_app.model.ids import CallbackId, CallId, ClientId
from ari_app.model.work import Attempt, AttemptOutcome, Callback, CallbackState
from ari_app.ports import IllegalTransition, NotFound, Page
from ari_app.web.api.inputs import Paged, Text
from ari_app.web.route import LEADERS, LEADERS_AND_SELF, STAFF_AND_SELF, Ask, Route
from ari_app.web.views import Listing, Time, optional_time, rfc3339


class Book(Protocol):
    """Callbacks in the store, read only."""

    async def callbacks(
        self,
        *,
        client: ClientId | None = None,
        state: str | None = None,
        call: CallId | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Callback]: ...

    async def callback(self, ident: CallbackId) -> Callback | None: ...

    async def attempts(self, ident: CallbackId) -> list[Attempt]: ...


class CallbackOut(msgspec.Struct, frozen=True):
    """A promise to call back. `entered_at` is the place in line; `attempts` how often it was tried."""

    id: str
    client: str
    call_id: str
    number: str
    queue: str
    state: CallbackState
    entered_at: Time
    booked_at: Time
    next_at: Time
    attempts: int
    outcome: AttemptOutcome | None


class AttemptOut(msgspec.Struct, frozen=True):
    """One dialling; its id is that of the call which came of it."""

    id: str
    number: int
    started_at: Time
    ended_at: Time | None
    outcome: AttemptOutcome | None


class CallbackWithAttempts(CallbackOut, frozen=True):
    """The same with each attempt."""

    tried: list[AttemptOut]


def callback_out(callback: Callback) -> CallbackOut:
    """A callback as the API shows it."""
    return CallbackOut(
        id=callback.id,
        client=callback.client,
        call_id=callback.call,
        number=callback.number,
        queue=callback.request.queue,
        state=callback.state,
        entered_at=rfc3339(callback.entered_at),
        booked_at=rfc3339(callback.booked_at),
        next_at=rfc3339(callback.next_at),
        attempts=callback.attempts,
        outcome=callback.outcome,
    )


class CallbackQuery(Paged, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a list of callbacks is narrowed to."""

    state: CallbackState | None = None
    call_id: Text | None = None


@dataclass(frozen=True, slots=True)
class CallbacksApi:
    """Callbacks. `cancel` and `again` are the one writer's."""

    book: Book
    cancel: Callable[[CallbackId], Awaitable[Callback]]
    call: Callable[[CallId], Awaitable[CallRecord | None]]
    again: Callable[[CallRecord], Awaitable[Callback]]

    def routes(self) -> list[Route]:
        return [
            Route(
                "GET",
                "/callbacks",
                self.callbacks,
                "Promised calls, newest first",
                STAFF_AND_SELF,
                query=CallbackQuery,
                answer=Listing[CallbackOut],
            ),
            Route(
                "GET",
                "/callbacks/{id}",
                self.callback,
                "One promise with its attempts",
                STAFF_AND_SELF,
                answer=CallbackWithAttempts,
                problems=(404,),
            ),
            Route(
                "DELETE",
                "/callbacks/{id}",
                self.take_back,
                "Take a promise back, unless it is being dialled",
                LEADERS,
                answer=CallbackOut,
                problems=(404, 409),
            ),
            Route(
                "POST",
                "/calls/{id}/callback",
                self.line_dropped,
                "The line dropped: call back, the same operator first",
                LEADERS_AND_SELF,
                answer=CallbackOut,
                status=202,
                problems=(404, 409, 503),
            ),
        ]

    async def callbacks(self, ask: Ask) -> Listing[CallbackOut]:
        query: CallbackQuery = ask.query
        page = await self.book.callbacks(
            client=ask.principal.client,
            state=query.state,
            call=None if query.call_id is None else CallId(query.call_id),
            cursor=query.cursor,
            limit=query.limit,
        )
        return Listing([callback_out(callback) for callback in page.items], page.next)

    async def callback(self, ask: Ask) -> CallbackWithAttempts:
        callback = await self._visible(ask)
        tried = [
            AttemptOut(a.id, a.number, rfc3339(a.started_at), optional_time(a.ended_at), a.outcome)
            for a in await self.book.attempts(callback.id)
        ]
        shown = callback_out(callback)
        return CallbackWithAttempts(**msgspec.structs.asdict(shown), tried=tried)

    async def take_back(self, ask: Ask) -> CallbackOut:
        return callback_out(await self.cancel((await self._visible(ask)).id))

    async def line_dropped(self, ask: Ask) -> CallbackOut:
        ident, own = CallId(ask.path["id"]), ask.principal.operator
        record = await self.call(ident)
        if record is None or (ask.principal.role == "operator" and record.operator != own):
            raise NotFound(f"call {ident} does not exist")
        ask.principal.must_own(record.client, f"call {ident}")
        if record.connected_at is None or record.direction != "inbound":
            raise IllegalTransition(f"call {ident} is none that came in and was talked in")
        return callback_out(await self.again(record))

    async def _visible(self, ask: Ask) -> Callback:
        ident = CallbackId(ask.path["id"])
        callback = await self.book.callback(ident)
        if callback is None:
            raise NotFound(f"callback {ident} does not exist")
        ask.principal.must_own(callback.client, f"callback {ident}")
        return callback

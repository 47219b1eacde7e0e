"""`/work-items`: messages that callers left, to be taken, heard and done (C14); their answers (C15)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated, Protocol

import msgspec
from aiohttp import web
from msgspec import Meta

from ari_app.model.ids import CallId, ClientId, OperatorId, QueueId, WorkItemId
from ari_app.model.work import AudioState, WorkItem, WorkKind, WorkState
from ari_app.ports import IllegalTransition, NotFound, OperatorDesk, Page, RecordingAudio
from ari_app.web.api.calls import may_see
from ari_app.web.api.inputs import Key, Paged, Text
from ari_app.web.audio import send_audio
from ari_app.web.problems import HttpRefusal
from ari_app.web.route import EVERYBODY, LEADERS_AND_SELF, STAFF_AND_SELF, Ask, Principal, Route
from ari_app.web.stores import Calls
from ari_app.web.views import Listing, Time, optional_time, rfc3339

Remark = Annotated[str, Meta(max_length=2000)]


class Work(Protocol):
    """Work items in the store."""

    async def items(  # noqa: PLR0913 - a filter each
        self,
        *,
        client: ClientId | None = None,
        queues: Collection[QueueId] | None = None,
        kind: str | None = None,
        state: str | None = None,
        owner: str | None = None,
        call: CallId | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[WorkItem]: ...

    async def item(self, ident: WorkItemId) -> WorkItem | None: ...

    async def change_item(
        self, item: WorkItem, state: WorkState, *, owner: str | None, note: str, now: float
    ) -> WorkItem: ...


class WorkItemOut(msgspec.Struct, frozen=True, rename={"caller": "from", "called": "to"}):
    """A message that a caller left. `audio` is `stored` once it can be heard."""

    id: str
    client: str
    kind: WorkKind
    queue: str
    call_id: str
    caller: str
    called: str
    created_at: Time
    state: WorkState
    owner: str | None
    changed_at: Time | None
    note: str
    audio: AudioState
    duration_s: float
    sha256: str


def item_out(item: WorkItem) -> WorkItemOut:
    """A work item as the API shows it."""
    same = ("id", "client", "kind", "queue", "caller", "called", "state", "owner", "note", "audio")
    return WorkItemOut(
        **{name: getattr(item, name) for name in (*same, "duration_s", "sha256")},
        call_id=item.call,
        created_at=rfc3339(item.created_at),
        changed_at=optional_time(item.changed_at or None),
    )


class WorkQuery(Paged, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a list of work items is narrowed to."""

    kind: WorkKind | None = None
    state: WorkState | None = None
    queue: Key | None = None
    owner: Text | None = None
    call_id: Text | None = None


class WorkChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Take it, give it back (`new`), or finish it. `owner`: for whom; a supervisor may hand it on."""

    state: WorkState | None = None
    owner: Text | None = None
    note: Remark | None = None


class AnswerOut(msgspec.Struct, frozen=True):
    """One answer of a survey."""

    at: Time
    question: str
    answer: str


class SurveyOut(msgspec.Struct, frozen=True):
    """What a caller answered after the call, and the comments he spoke (as work items)."""

    call_id: str
    answers: list[AnswerOut]
    comments: list[WorkItemOut]


@dataclass(frozen=True, slots=True)
class WorkApi:
    """Work items and surveys. An operator sees the items of the queues he serves, and his own."""

    work: Work
    audio: RecordingAudio
    calls: Calls
    desk: OperatorDesk

    def routes(self) -> list[Route]:
        return [
            Route(
                "GET",
                "/work-items",
                self.items,
                "Messages that callers left, newest first",
                STAFF_AND_SELF,
                query=WorkQuery,
                answer=Listing[WorkItemOut],
            ),
            Route(
                "GET",
                "/work-items/{id}",
                self.item,
                "One message",
                STAFF_AND_SELF,
                answer=WorkItemOut,
                problems=(404,),
            ),
            Route(
                "PATCH",
                "/work-items/{id}",
                self.change,
                "Take a message, give it back, finish it",
                LEADERS_AND_SELF,
                body=WorkChange,
                answer=WorkItemOut,
                problems=(404, 409),
            ),
            Route(
                "GET",
                "/work-items/{id}/audio",
                self.send_audio,
                "What the caller said; byte ranges are served",
                STAFF_AND_SELF,
                media_type="audio/wav",
                problems=(404, 416),
                audited=True,
                timeout_s=None,
            ),
            Route(
                "GET",
                "/calls/{id}/survey",
                self.survey,
                "What the caller answered after the call",
                EVERYBODY,
                answer=SurveyOut,
                problems=(404,),
            ),
        ]

    async def items(self, ask: Ask) -> Listing[WorkItemOut]:
        query: WorkQuery = ask.query
        mine = self._queues(ask.principal)
        wanted = None if query.queue is None else QueueId(query.queue)
        page = await self.work.items(
            client=ask.principal.client,
            queues=mine if wanted is None else {wanted} if mine is None else {wanted} & mine,
            kind=query.kind,
            state=query.state,
            owner=query.owner,
            call=None if query.call_id is None else CallId(query.call_id),
            cursor=query.cursor,
            limit=query.limit,
        )
        return Listing([item_out(item) for item in page.items], page.next)

    async def item(self, ask: Ask) -> WorkItemOut:
        return item_out(await self._visible(ask))

    async def change(self, ask: Ask) -> WorkItemOut:
        item, wanted = await self._visible(ask), ask.body
        state: WorkState = wanted.state or item.state
        myself = ask.principal.operator or ask.principal.name
        if ask.principal.role == "operator":
            if wanted.owner not in {None, myself}:
                raise HttpRefusal(403, "An operator takes work for himself.")
            if item.owner not in {None, myself}:
                raise IllegalTransition(f"work item {item.id} is taken by {item.owner}")
        owner = None if state == "new" else wanted.owner or item.owner or myself
        note = item.note if wanted.note is None else wanted.note
        return item_out(await self.work.change_item(item, state, owner=owner, note=note, now=ask.now))

    async def send_audio(self, ask: Ask) -> web.StreamResponse:
        return await send_audio(ask, self.audio, await self._visible(ask))

    async def survey(self, ask: Ask) -> SurveyOut:
        ident = CallId(ask.path["id"])
        record = await self.calls.call(ident)
        if record is None or not may_see(ask.principal, record):
            raise NotFound(f"call {ident} does not exist")
        facts = await self.calls.facts_of(ident, kinds={"SurveyAnswered"})
        answers = [AnswerOut(rfc3339(f.at), f.body["question"], f.body["answer"]) for f in facts]
        comments = await self.work.items(call=ident, kind="survey")
        return SurveyOut(ident, answers, [item_out(item) for item in comments.items])

    def _queues(self, principal: Principal) -> set[QueueId] | None:
        """Whose messages an operator may hear; None: everybody's."""
        if principal.role != "operator":
            return None
        view = self.desk.view(OperatorId(principal.operator or ""))
        if view is None:
            return set()
        return None if view.operator.queues is None else set(view.operator.queues)

    async def _visible(self, ask: Ask) -> WorkItem:
        ident = ask.path["id"]
        item = await self.work.item(WorkItemId(ident))
        if item is None:
            raise NotFound(f"work item {ident} does not exist")
        ask.principal.must_own(item.client, f"work item {ident}")
        mine = self._queues(ask.principal)
        if mine is not None and item.queue not in mine and item.owner != ask.principal.operator:
            raise NotFound(f"work item {ident} does not exist")
        return item

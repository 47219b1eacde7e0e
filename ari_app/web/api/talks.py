"""`/calls/{id}/hold`, `/transfer`, `/consult`, … and `/parked`: what is done in a talk (P6)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from ari_app.model import talks as t
from ari_app.model.ids import CallId, ChannelId, OperatorId
from ari_app.ports import NotFound, TalkDesk
from ari_app.web.api.inputs import Extension, Key, Level
from ari_app.web.route import LEADERS_AND_SELF, STAFF_AND_SELF, Ask, Principal, Route
from ari_app.web.stores import Calls

To = Annotated[str, Meta(pattern=r"^(\+?[0-9]{2,15}|[a-z0-9][a-z0-9_-]{0,63})\Z", max_length=64)]
Needs = Annotated[dict[Key, Level], Meta(max_length=20)]


class TargetIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where to: an operator's extension, a queue (with skills), or an outside number."""

    kind: t.TargetKind
    to: To
    needs: Needs = {}

    def target(self) -> t.Target:
        return t.Target(self.kind, self.to, {str(skill): level for skill, level in self.needs.items()})


class TransferIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The target."""

    target: TargetIn


class ConferenceIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is called for it; none: the one who is consulted joins."""

    target: TargetIn | None = None


class NothingIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An empty object, or no body at all."""


class RetrieveIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The phone that is rung; none: the own one."""

    extension: Extension | None = None


class PartyOut(msgspec.Struct, frozen=True):
    """One besides the caller."""

    channel: str
    kind: Literal["operator", "outside", "supervisor"]
    who: str
    state: Literal["ringing", "talking", "consulting", "away"]
    muted: bool


class TalkOut(msgspec.Struct, frozen=True):
    """A talk as it is now. `with_caller` false: the operator is with the one consulted."""

    call_id: str
    phase: str
    operator: str | None
    held: bool
    muted: bool
    consulting: str
    with_caller: bool
    transferring_to: str
    slot: str
    parties: list[PartyOut]


class ParkedOut(msgspec.Struct, frozen=True):
    """A parked caller."""

    slot: str
    call_id: str


class ParkedListing(msgspec.Struct, frozen=True):
    """All of them."""

    items: list[ParkedOut]


def talk_out(view: t.TalkView) -> TalkOut:
    """A talk as the API shows it."""
    parties = [PartyOut(each.channel, each.kind, each.who, each.state, each.muted) for each in view.parties]
    return TalkOut(
        view.call,
        view.phase,
        view.operator,
        view.held,
        view.muted,
        view.consulting,
        view.with_caller,
        view.transferring_to,
        view.slot,
        parties,
    )


SIMPLE: dict[str, tuple[type[t.Ask], str]] = {
    "hold": (t.Hold, "Music to the caller; the operator hears nobody"),
    "resume": (t.Resume, "Back from hold"),
    "mute": (t.Mute, "Nobody hears the operator"),
    "unmute": (t.Unmute, "The operator is heard again"),
    "toggle": (t.Toggle, "From the one consulted to the caller, or back"),
    "complete": (t.Complete, "The operator leaves; the caller talks with the one consulted"),
    "cancel": (t.Cancel, "Let the one consulted go; the operator is with the caller again"),
    "park": (t.Park, "The caller waits with music in the slot that the answer tells"),
    "take-back": (t.TakeBack, "End a transfer that nobody has answered yet"),
}


@dataclass(frozen=True, slots=True)
class TalksApi:
    """Operators act on the talk they are in, supervisors on all of their client."""

    archive: Calls
    talks: TalkDesk

    def routes(self) -> list[Route]:
        simple = [self._act(name, summary, self._simple(kind)) for name, (kind, summary) in SIMPLE.items()]
        return [
            *simple,
            self._act(
                "transfer",
                "Blind transfer; the caller comes back with the reason when it fails",
                self.transfer,
                TransferIn,
            ),
            self._act(
                "consult", "Talk with the target while the caller hears music", self.consult, TransferIn
            ),
            self._act(
                "conference",
                "All hear each other: the one consulted, or somebody who is called for it",
                self.conference,
                ConferenceIn,
            ),
            self._act("retrieve", "Ring a phone with a parked caller", self.retrieve, RetrieveIn),
            self._act(
                "rejoin",
                "Ring a phone that was lost in the middle of the talk: it has its place again",
                self.rejoin,
                RetrieveIn,
            ),
            Route(
                "DELETE",
                "/calls/{id}/parties/{channel}",
                self.drop,
                "Let one party of a talk go",
                LEADERS_AND_SELF,
                answer=TalkOut,
                problems=(404, 409, 503),
            ),
            Route(
                "GET",
                "/calls/{id}/talk",
                self.talk,
                "Who is in a talk now, and how",
                STAFF_AND_SELF,
                answer=TalkOut,
                problems=(404,),
            ),
            Route(
                "GET", "/parked", self.parked, "Parked callers by slot", STAFF_AND_SELF, answer=ParkedListing
            ),
        ]

    def _act(
        self,
        name: str,
        summary: str,
        handler: Callable[[Ask], Awaitable[TalkOut]],
        body: type[msgspec.Struct] = NothingIn,
    ) -> Route:
        return Route(
            "POST",
            f"/calls/{{id}}/{name}",
            handler,
            summary,
            LEADERS_AND_SELF,
            body=body,
            body_optional=body is not TransferIn,
            answer=TalkOut,
            problems=(404, 409, 503),
        )

    def _simple(self, kind: type[t.Ask]) -> Callable[[Ask], Awaitable[TalkOut]]:
        async def act(ask: Ask) -> TalkOut:
            return await self._do(ask, kind())

        return act

    async def transfer(self, ask: Ask) -> TalkOut:
        body: TransferIn = ask.body
        return await self._do(ask, t.Transfer(body.target.target()))

    async def consult(self, ask: Ask) -> TalkOut:
        body: TransferIn = ask.body
        return await self._do(ask, t.Consult(body.target.target()))

    async def conference(self, ask: Ask) -> TalkOut:
        body: ConferenceIn = ask.body
        return await self._do(ask, t.Conference(body.target.target() if body.target else None))

    async def retrieve(self, ask: Ask) -> TalkOut:
        body: RetrieveIn = ask.body
        extension = body.extension or ask.principal.operator
        if extension is None:
            raise NotFound("say which phone is to be rung")
        return await self._do(ask, t.Retrieve(OperatorId(extension)))

    async def rejoin(self, ask: Ask) -> TalkOut:
        body: RetrieveIn = ask.body
        extension = body.extension or ask.principal.operator
        if extension is None:
            raise NotFound("say whose phone is to be rung")
        return await self._do(ask, t.Rejoin(OperatorId(extension)))

    async def drop(self, ask: Ask) -> TalkOut:
        return await self._do(ask, t.Drop(ChannelId(ask.path["channel"])))

    async def talk(self, ask: Ask) -> TalkOut:
        call = await self._call(ask)
        view = self.talks.talk(call)
        own = ask.principal.operator
        if view is None or (ask.principal.role == "operator" and own not in _in(view)):
            raise NotFound(f"call {call} is not live")
        return talk_out(view)

    async def parked(self, ask: Ask) -> ParkedListing:
        parked = self.talks.parked(ask.principal.client)
        return ParkedListing([ParkedOut(slot, call) for slot, call in sorted(parked.items())])

    async def _do(self, ask: Ask, wanted: t.Ask) -> TalkOut:
        call = await self._call(ask)
        return talk_out(await self.talks.ask(call, wanted, actor_of(ask.principal)))

    async def _call(self, ask: Ask) -> CallId:
        record = await self.archive.call(CallId(ask.path["id"]))
        if record is None or not ask.principal.owns(record.client):
            raise NotFound(f"call {ask.path['id']} does not exist")
        return record.id


def actor_of(principal: Principal) -> t.Actor:
    """Operators act for themselves only; who leads acts on every talk of the client."""
    if principal.role == "operator":
        return t.Actor(principal.name, principal.operator or OperatorId(""))
    return t.Actor(principal.name)


def _in(view: t.TalkView) -> set[str]:
    return {view.operator or "", *(party.who for party in view.parties)}

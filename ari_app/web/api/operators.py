"""`/operators`: create, change, remove, rotate secrets, set states, punch the clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ari_app.model.ids import DEFAULT_CLIENT, ClientId, OperatorId, QueueId, SkillId
from ari_app.model.operator import Operator
from ari_app.ports import NotFound, OperatorDesk, OperatorView
from ari_app.web.api.inputs import Extension, Key, Level, Name, Note
from ari_app.web.api.timeclock_views import PunchOut, punch_out
from ari_app.web.problems import HttpRefusal
from ari_app.web.route import ADMINS, LEADERS, LEADERS_AND_SELF, STAFF_AND_SELF, Ask, Route
from ari_app.web.views import Listing, OperatorOut, SecretsOut, operator_out, secrets_out

Skills = Annotated[dict[Key, Level], Meta(max_length=100)]
Queues = Annotated[list[Key], Meta(max_length=200)]
WrapUp = Annotated[float, Meta(ge=0, le=3600)]
LanguageTag = Literal["pt-BR", "en", "es"]


class OperatorIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new operator; `queues` null: every queue whose skills fit."""

    extension: Extension
    name: Name
    skills: Skills = {}
    queues: Queues | None = None
    client: Key | None = None
    language: LanguageTag = "pt-BR"
    wrap_up_s: WrapUp = 5.0
    enabled: bool = True
    leads: bool = False
    auto_answer: bool = False
    confirm: bool = False


class OperatorPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What changes; the rest stays."""

    name: Name | UnsetType = UNSET
    skills: Skills | UnsetType = UNSET
    queues: Queues | UnsetType | None = UNSET
    language: LanguageTag | UnsetType = UNSET
    wrap_up_s: WrapUp | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET
    leads: bool | UnsetType = UNSET
    auto_answer: bool | UnsetType = UNSET
    confirm: bool | UnsetType = UNSET


class StateIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The state wanted; a pause may say why."""

    state: Literal["available", "paused", "signed_out"]
    reason: Note | None = None


class WrapUpIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much longer the paper work takes."""

    more_s: Annotated[float, Meta(gt=0, le=3600)]


class ClockIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A punch of the clock."""

    direction: Literal["in", "out"]


class OperatorCreated(OperatorOut, frozen=True):
    """The new operator with what is told only once."""

    password: str
    console_password: str
    pin: str


class ClockedOut(OperatorOut, frozen=True):
    """The operator with the receipt of the punch."""

    receipt: PunchOut


@dataclass(frozen=True, slots=True)
class OperatorsApi:
    """Operators, through the desk. The role operator reaches only itself."""

    desk: OperatorDesk

    def routes(self) -> list[Route]:
        one = "/operators/{extension}"
        return [
            Route(
                "GET",
                "/operators",
                self.operators,
                "Operators and states",
                STAFF_AND_SELF,
                answer=Listing[OperatorOut],
            ),
            Route(
                "POST",
                "/operators",
                self.create,
                "Create an operator and the phone account; the secrets are told this once",
                ADMINS,
                body=OperatorIn,
                answer=OperatorCreated,
                status=201,
                problems=(409, 502),
            ),
            Route(
                "GET", one, self.operator, "One operator", STAFF_AND_SELF, answer=OperatorOut, problems=(404,)
            ),
            Route(
                "PATCH",
                one,
                self.change,
                "Change configuration",
                LEADERS,
                body=OperatorPatch,
                answer=OperatorOut,
                problems=(404,),
            ),
            Route(
                "DELETE",
                one,
                self.remove,
                "Cut the phone off and delete; a call in progress goes on",
                ADMINS,
                problems=(404, 409, 502),
            ),
            Route(
                "PUT",
                f"{one}/state",
                self.set_state,
                "Sign in, make ready, pause, sign out",
                LEADERS_AND_SELF,
                body=StateIn,
                answer=OperatorOut,
                problems=(404, 409),
            ),
            Route(
                "POST",
                f"{one}/wrap-up",
                self.wrap_up,
                "More time for the paper work after a call; the state `available` ends it",
                LEADERS_AND_SELF,
                body=WrapUpIn,
                answer=OperatorOut,
                problems=(404, 409),
            ),
            Route(
                "POST",
                f"{one}/clock",
                self.clock,
                "Clock in or out; the receipt is on disk",
                LEADERS_AND_SELF,
                body=ClockIn,
                answer=ClockedOut,
                problems=(404, 409, 503),
            ),
            Route(
                "POST",
                f"{one}/rotate",
                self.rotate,
                "New passwords and PIN, told this once; the old ones stop working",
                ADMINS,
                answer=SecretsOut,
                problems=(404, 502),
            ),
        ]

    async def operators(self, ask: Ask) -> Listing[OperatorOut]:
        views = self.desk.views(ask.principal.client)
        if ask.principal.role == "operator":
            views = [view for view in views if view.operator.id == ask.principal.operator]
        return Listing([operator_out(view) for view in views])

    async def operator(self, ask: Ask) -> OperatorOut:
        return operator_out(self._visible(ask))

    async def create(self, ask: Ask) -> OperatorCreated:
        body: OperatorIn = ask.body
        client = ClientId(body.client) if body.client else ask.principal.client or DEFAULT_CLIENT
        if not ask.principal.owns(client):
            raise HttpRefusal(403, "Your access is bound to another client.")
        operator = Operator(
            id=OperatorId(body.extension),
            name=body.name,
            skills={SkillId(skill): level for skill, level in body.skills.items()},
            queues=_queues(body.queues),
            client=client,
            language=body.language,
            wrap_up_s=body.wrap_up_s,
            enabled=body.enabled,
            leads=body.leads,
            auto_answer=body.auto_answer,
            confirm=body.confirm,
        )
        secrets = await self.desk.create(operator, by=ask.principal.name)
        view = self.desk.view(operator.id)
        if view is None:
            raise NotFound(f"operator {operator.id} was removed meanwhile")
        told = msgspec.structs.asdict(secrets_out(operator.id, secrets))
        return OperatorCreated(**(msgspec.structs.asdict(operator_out(view)) | told))

    async def change(self, ask: Ask) -> OperatorOut:
        body: OperatorPatch = ask.body
        view = self._visible(ask)
        changes = {k: v for k, v in msgspec.structs.asdict(body).items() if v is not UNSET}
        if "queues" in changes:
            changes["queues"] = _queues(changes["queues"])
        await self.desk.change(msgspec.structs.replace(view.operator, **changes), by=ask.principal.name)
        return operator_out(self._visible(ask))

    async def remove(self, ask: Ask) -> None:
        await self.desk.remove(self._visible(ask).operator.id, by=ask.principal.name)

    async def rotate(self, ask: Ask) -> SecretsOut:
        operator = self._visible(ask).operator.id
        return secrets_out(operator, await self.desk.rotate(operator, by=ask.principal.name))

    async def set_state(self, ask: Ask) -> OperatorOut:
        body: StateIn = ask.body
        operator = self._visible(ask).operator.id
        view = await self.desk.set_state(
            operator, body.state, reason=body.reason or "", by=ask.principal.name
        )
        return operator_out(view)

    async def wrap_up(self, ask: Ask) -> OperatorOut:
        body: WrapUpIn = ask.body
        operator = self._visible(ask).operator.id
        return operator_out(await self.desk.wrap_up(operator, body.more_s, by=ask.principal.name))

    async def clock(self, ask: Ask) -> ClockedOut:
        body: ClockIn = ask.body
        operator = self._visible(ask).operator.id
        punch = await self.desk.clock(operator, body.direction, by=ask.principal.name)
        fields = msgspec.structs.asdict(operator_out(self._visible(ask)))
        return ClockedOut(**fields, receipt=punch_out(punch))

    def _visible(self, ask: Ask) -> OperatorView:
        return visible(self.desk, ask)


def visible(desk: OperatorDesk, ask: Ask) -> OperatorView:
    """The operator of the path; the role operator sees only itself. Raises `NotFound`."""
    extension = ask.path["extension"]
    view = desk.view(OperatorId(extension))
    principal = ask.principal
    hidden = principal.role == "operator" and principal.operator != extension
    if view is None or hidden:
        raise NotFound(f"operator {extension} does not exist")
    principal.must_own(view.operator.client, f"operator {extension}")
    return view


def _queues(given: list[str] | None) -> tuple[QueueId, ...] | None:
    return None if given is None else tuple(QueueId(queue) for queue in given)

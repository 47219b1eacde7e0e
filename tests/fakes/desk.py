"""An operators' desk, a floor and a flow office in memory, with the ports' promises and no phones."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from ari_app.model.ids import CallId, ChannelId, ClientId, OperatorId, PromptId, PunchId, QueueId
from ari_app.model.operator import LEGAL, Operator, OperatorState
from ari_app.model.punch import Punch
from ari_app.model.queue import Queue, QueueState
from ari_app.model.talks import Actor, Ask, TalkView
from ari_app.model.watching import Mode, WatchView
from ari_app.ports import (
    AlreadyExists,
    Check,
    FlowRefused,
    IllegalTransition,
    NotFound,
    OperatorSecrets,
    OperatorView,
    Overtaken,
    PromptMade,
    QueueView,
    RehearsalPlan,
)
from ari_app.storage.punches import PunchStore


class FakeDesk:
    """Operators in a dictionary."""

    def __init__(self, punches: PunchStore) -> None:
        self.punches = punches
        self._views: dict[OperatorId, OperatorView] = {}
        self._passwords: dict[OperatorId, str] = {}
        self._turn = 0

    def _secrets(self, operator: OperatorId) -> OperatorSecrets:
        self._turn += 1
        self._passwords[operator] = f"phone-{operator}-{self._turn}"
        return OperatorSecrets(self._passwords[operator], f"console-{operator}-{self._turn}", "4711")

    def _known(self, operator: OperatorId) -> OperatorView:
        view = self._views.get(operator)
        if view is None:
            raise NotFound(f"operator {operator} does not exist")
        return view

    def views(self, client: ClientId | None = None) -> list[OperatorView]:
        return [v for v in self._views.values() if client is None or v.operator.client == client]

    def view(self, operator: OperatorId) -> OperatorView | None:
        return self._views.get(operator)

    async def phone_passwords(self) -> dict[OperatorId, str]:
        """As the store knows them."""
        return self._passwords

    async def create(self, operator: Operator, *, by: str) -> OperatorSecrets:
        if operator.id in self._views:
            raise AlreadyExists(f"operator {operator.id} exists already")
        signed_out = OperatorState.SIGNED_OUT
        view = OperatorView(
            operator, signed_out, "", 1_700_000_000.0, None, reachable=False, clocked_in=False
        )
        self._views[operator.id] = view
        return self._secrets(operator.id)

    async def change(self, operator: Operator, *, by: str) -> None:
        view = self._known(operator.id)
        self._views[operator.id] = msgspec.structs.replace(view, operator=operator)

    async def remove(self, operator: OperatorId, *, by: str) -> None:
        self._known(operator)
        del self._views[operator]

    async def rotate(self, operator: OperatorId, *, by: str) -> OperatorSecrets:
        self._known(operator)
        return self._secrets(operator)

    async def set_state(
        self,
        operator: OperatorId,
        state: Literal["available", "paused", "signed_out"],
        *,
        reason: str,
        by: str,
    ) -> OperatorView:
        view = self._known(operator)
        wanted = OperatorState(state)
        if wanted != view.state and wanted not in LEGAL[view.state]:
            raise IllegalTransition(f"operator {operator} cannot go from {view.state} to {wanted}")
        self._views[operator] = msgspec.structs.replace(view, state=wanted, reason=reason)
        return self._views[operator]

    async def sit(self, operator: OperatorId, phone: OperatorId, *, by: str) -> OperatorView:
        view = msgspec.structs.replace(self._known(operator), phone=phone, state=OperatorState.AVAILABLE)
        self._views[operator] = view
        return view

    def at_phone(self, phone: OperatorId) -> OperatorView | None:
        return next((view for view in self._views.values() if view.phone == phone), None)

    async def click(self, operator: OperatorId, number: str, *, by: str) -> CallId:
        self._known(operator)
        return CallId(f"call-to-{number}")

    async def wrap_up(self, operator: OperatorId, more_s: float, *, by: str) -> OperatorView:
        view = self._known(operator)
        if view.state is not OperatorState.WRAP_UP or view.wrap_up_until is None:
            raise IllegalTransition(f"operator {operator} is not in wrap-up")
        until = view.wrap_up_until + more_s
        self._views[operator] = msgspec.structs.replace(view, wrap_up_until=until)
        return self._views[operator]

    async def clock(self, operator: OperatorId, direction: Literal["in", "out"], *, by: str) -> Punch:
        view = self._known(operator)
        if view.clocked_in == (direction == "in"):
            raise IllegalTransition(f"operator {operator} is clocked {direction} already")
        self._views[operator] = msgspec.structs.replace(view, clocked_in=direction == "in")
        return await self.correct(operator, direction, 1_700_000_000.0, corrects=None, note="", by=by)

    async def correct(
        self,
        operator: OperatorId,
        direction: Literal["in", "out"] | None,
        at: float,
        *,
        corrects: PunchId | None,
        note: str,
        by: str,
    ) -> Punch:
        client = self._known(operator).operator.client
        bare = Punch(PunchId(""), client, 0, operator, direction, at, 1_700_000_000.0, by, corrects, note)
        return await self.punches.append(bare)


class FakeTalks:
    """Talks as a test puts them: `views[call]`; every ask is done by noting it."""

    def __init__(self) -> None:
        self.views: dict[CallId, TalkView] = {}
        self.asked: list[tuple[CallId, Ask, Actor]] = []

    async def ask(self, call: CallId, ask: Ask, actor: Actor) -> TalkView:
        if call not in self.views:
            raise NotFound(f"call {call} is over")
        self.asked.append((call, ask, actor))
        return self.views[call]

    def talk(self, call: CallId) -> TalkView | None:
        return self.views.get(call)

    def parked(self, client: ClientId | None = None) -> Mapping[str, CallId]:
        del client
        return {view.slot: call for call, view in self.views.items() if view.slot}


class FakeWatches:
    """Nobody listens, and no phone can be reached for it."""

    async def begin(
        self,
        watcher: OperatorId,
        mode: Mode,
        *,
        by: str,
        call: CallId | None = None,
        target: OperatorId | None = None,
        own_leg: ChannelId | None = None,
    ) -> WatchView:
        del mode, by, call, target, own_leg
        raise IllegalTransition(f"phone {watcher} cannot be reached")

    async def change(self, ident: CallId, mode: Mode, *, by: str) -> WatchView:
        del mode, by
        raise NotFound(f"watch {ident} does not exist")

    async def end(self, ident: CallId) -> None:
        raise NotFound(f"watch {ident} does not exist")

    def watches(self) -> list[WatchView]:
        return []


class FakeFloor:
    """Queues as a test puts them: `queues_of[client]`, and explanations by call."""

    def __init__(self) -> None:
        self.queues_of: dict[ClientId, list[QueueView]] = {}
        self.waiting: dict[CallId, dict[str, Any]] = {}

    def queues(self, client: ClientId | None = None) -> list[QueueView]:
        return [q for owner, queues in self.queues_of.items() if client in {None, owner} for q in queues]

    def explain(self, call: CallId) -> Mapping[str, Any] | None:
        return self.waiting.get(call)

    def queue(self, queue: QueueId, client: ClientId | None = None) -> Queue:
        """`ports.QueueOffice` over the same queues."""
        for owner, views in self.queues_of.items():
            if client in {None, owner} and any(view.id == queue for view in views):
                return Queue(queue, client=owner)
        raise NotFound(f"queue {queue} does not exist")

    def by_code(self, code: str) -> Queue | None:
        del code
        return None

    def set_state(
        self, queue: QueueId, *, closed: bool | None = None, announcement: str | None = None, by: str
    ) -> QueueState:
        client = self.queue(queue).client
        views = self.queues_of[client]
        place = next(nth for nth, view in enumerate(views) if view.id == queue)
        now_closed = views[place].closed if closed is None else closed
        said = views[place].announcement if announcement is None else announcement or None
        views[place] = msgspec.structs.replace(views[place], closed=now_closed, announcement=said)
        prompt = None if said is None else PromptId(said)
        return QueueState(queue, client, now_closed, prompt, by, 1_700_000_000.0)


class FakeOffice:
    """Flows in a dictionary; a text with `broken` in it has an error."""

    def __init__(self) -> None:
        self.texts: dict[str, list[tuple[str, str]]] = {}

    def _shown(self, flow: str) -> dict[str, Any]:
        problems: list[dict[str, Any]] = []
        return {
            "id": flow,
            "version": self.texts[flow][-1][0],
            "published_at": 1_700_000_000.5,
            "published_by": "admin",
            "nodes": 1,
            "problems": problems,
        }

    def flows(self) -> list[dict[str, Any]]:
        return [self._shown(flow) for flow in self.texts]

    def versions(self, flow: str) -> list[dict[str, Any]] | None:
        if flow not in self.texts:
            return None
        current = self.texts[flow][-1][0]
        return [
            {"version": v, "published_at": 1_700_000_000.5, "published_by": "admin", "current": v == current}
            for v, _ in reversed(self.texts[flow])
        ]

    def source(self, flow: str, version: str | None) -> str | None:
        texts = self.texts.get(flow, [])
        if version is None:
            return texts[-1][1] if texts else None
        return next((text for known, text in texts if known == version), None)

    def check(self, name: str, text: str) -> list[dict[str, Any]]:
        if "broken" not in text:
            return []
        return [
            {
                "severity": "error",
                "file": f"{name}.yaml",
                "line": 1,
                "column": 1,
                "node": None,
                "code": "broken",
                "message": "the flow is broken",
                "hint": "",
            }
        ]

    async def publish(self, flow: str, text: str, *, by: str, base: str | None = None) -> dict[str, Any]:
        if base is not None and (flow not in self.texts or self.texts[flow][-1][0] != base):
            raise Overtaken(f"flow {flow} was published meanwhile")
        problems = self.check(flow, text)
        if problems:
            raise FlowRefused(problems)
        version = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]
        self.texts.setdefault(flow, []).append((version, text))
        return self._shown(flow)

    async def rollback(self, flow: str, version: str | None, *, by: str) -> dict[str, Any]:
        texts = self.texts.get(flow, [])
        earlier = [pair for pair in texts[:-1] if version in {None, pair[0]}]
        if not earlier:
            raise NotFound(f"flow {flow} has no such earlier version")
        texts.append(earlier[-1])
        return self._shown(flow)

    async def retire(self, flow: str, *, by: str) -> None:
        if self.texts.pop(flow, None) is None:
            raise NotFound(f"flow {flow} is not live")


class FakePrompts:
    """Own prompts in a dictionary."""

    def __init__(self) -> None:
        self.made: dict[tuple[str, str, str], PromptMade] = {}

    def prompts(self, client: ClientId | None) -> list[dict[str, Any]]:
        return [
            {
                "name": f"own/{made.name}",
                "language": made.language,
                "own": True,
                "text": made.text,
                "client": made.client,
            }
            for made in self.made.values()
            if client in {None, made.client}
        ]

    async def upload(self, made: PromptMade, data: bytes) -> dict[str, Any]:
        del data
        self.made[made.client, made.language, made.name] = made
        return {"name": made.name}

    async def speak(self, made: PromptMade) -> dict[str, Any]:
        return await self.upload(made, b"")

    async def record(self, made: PromptMade, phone: str) -> dict[str, Any]:
        del phone
        return await self.upload(made, b"")

    def audio(self, client: ClientId, language: str, name: str) -> Path:
        if (client, language, name) not in self.made:
            raise NotFound(f"prompt {name} does not exist")
        return Path("/nowhere")

    def delete(self, client: ClientId, language: str, name: str) -> None:
        self.audio(client, language, name)
        del self.made[client, language, name]


class FakeRehearsals:
    """Rehearsals in a dictionary; nobody is called."""

    def __init__(self) -> None:
        self.plans: dict[str, RehearsalPlan] = {}

    async def begin(self, plan: RehearsalPlan) -> dict[str, Any]:
        self.plans["r1"] = plan
        return {"id": "r1", "state": "waiting", "number": "7357"}

    async def watch(self, ident: str, after: int, moves: int, wait_s: float) -> dict[str, Any]:
        del after, moves, wait_s
        if ident not in self.plans:
            raise NotFound(f"rehearsal {ident} does not exist")
        return {"id": ident, "state": "waiting"}

    async def act(self, ident: str, act: str, value: Any) -> None:
        del act, value
        await self.watch(ident, 0, 0, 0.0)

    def end(self, ident: str) -> None:
        if self.plans.pop(ident, None) is None:
            raise NotFound(f"rehearsal {ident} does not exist")


class FakeScenarios:
    """No flow has any."""

    async def text(self, flow: str) -> str:
        del flow
        return ""

    async def run(self, flow: str, source: str | None, scenarios: str | None) -> dict[str, Any]:
        del flow, source, scenarios
        return {"results": [], "problems": [], "coverage": 0.0, "untested": ["menu"]}


class FakeReadiness:
    """Ready unless told otherwise."""

    def __init__(self) -> None:
        self.wrong: dict[str, str] = {}

    async def checks(self) -> list[Check]:
        names = ("pbx", "database", "flows")
        return [Check(name, ok=name not in self.wrong, detail=self.wrong.get(name, "")) for name in names]

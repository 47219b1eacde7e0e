"""A busy call centre for the console to show: operators, queues, calls with traces, a recording, flows."""

from __future__ import annotations

import random
import struct
import time
import wave
from typing import Any

import msgspec
import numpy as np

from ari_app.model import facts
from ari_app.model.account import User
from ari_app.model.call import CallRecord, FinalState, Phase
from ari_app.model.ids import (
    DEFAULT_CLIENT,
    CallbackId,
    CallId,
    ChannelId,
    FlowId,
    FlowVersion,
    Language,
    NodeId,
    OperatorId,
    Protocol,
    QueueId,
    RecordingId,
    SkillId,
    WorkItemId,
)
from ari_app.model.operator import Operator, OperatorState
from ari_app.model.recording import Recording, RecordingStatus
from ari_app.model.routing import QueueRequest
from ari_app.model.webhook import Delivery, Webhook
from ari_app.model.work import Callback, Case, CaseKind, WorkItem, WorkKind
from ari_app.ports import OperatorSecrets, OperatorView, QueueView, Stamped
from ari_app.storage.callbacks import CallbackStore
from ari_app.storage.secrets import SecretBox
from ari_app.storage.webhooks import WebhookStore
from ari_app.storage.work import WorkStore
from pbx.patience import PATIENCE_S
from tests.api.house import House

PASSWORD = "correct horse battery"
HOSTILE = "<img src=x onerror=\"document.title='owned'\"> \u202eevil\u202c ${jndi} " + "W" * 40

_NAMES = (
    "Ana Souza", "Bruno Lima", "Carla Dias", "Davi Rocha", "Elisa Prado", "Fábio Nunes", "Gabriela Reis",
    "Heitor Melo", "Íris Campos", "João Barros", "Karen Teles", "Luís Antônio de Albuquerque e Vasconcelos",
)  # fmt: skip
_STATES = (
    OperatorState.AVAILABLE, OperatorState.TALKING, OperatorState.TALKING, OperatorState.WRAP_UP,
    OperatorState.PAUSED, OperatorState.AVAILABLE, OperatorState.RINGING, OperatorState.TALKING,
    OperatorState.UNREACHABLE, OperatorState.SIGNED_OUT, OperatorState.ON_HOLD, OperatorState.PAUSED,
)  # fmt: skip


async def seed(house: House) -> None:
    """Fill the house."""
    now = time.time()
    await _people(house, now)
    _queues(house, now)
    _calls(house, now)
    _recording(house, now)
    await _work(house, now)
    await _receiver(house, now)
    assert await house.journal.flush(PATIENCE_S)


async def _receiver(house: House, now: float) -> None:
    """Another system that refused what it was told."""
    store = WebhookStore(house.database, SecretBox(b"k" * 32))
    receiver = Webhook("wh_seeded", "https://crm.example/hooks/ramal", ("call.*", "message.left"), now - 9e5)
    await store.add(receiver, "whsec_c2VlZGVk")
    deliveries = [
        Delivery(
            f"msg_{place}", receiver.id, place, "call.ended", "{}", now - 60 * place, now,
            state="dead" if place < 2 else "delivered", attempts=12 if place < 2 else 1,
            status=500 if place < 2 else 200, error=HOSTILE[:60] if place < 2 else "",
        )
        for place in range(6)
    ]  # fmt: skip
    await store.put(receiver.id, deliveries, None)


async def _work(house: House, now: float) -> None:
    """Messages, promises to call back, cases; a hostile one of each."""
    store, promises = WorkStore(house.database), CallbackStore(house.database)
    (house.folder / "message.wav").write_bytes((house.folder / "r1.wav").read_bytes())
    for place in range(14):
        caller = HOSTILE[:60] if place == 2 else f"+55119876500{place:02d}"
        call, left = CallId(f"c{place:05d}"), now - 400 * place - 30
        kind: WorkKind = ("voicemail", "message", "survey")[place % 3]
        item = WorkItem(WorkItemId(f"m{place}"), kind, QueueId("support"), call, caller, "5000", left)
        await store.add_item(item)
        if place != 4:
            await store.audio_stored(item.id, "message.wav", 8.0, "ab" * 32)
        deadline = left + (7 * 86400 if place % 3 else -3600)
        note = HOSTILE if place == 3 else ""
        kind_of_case: CaseKind = ("complaint", "order", "support")[place % 3]
        protocol = Protocol(f"20260101{place:06d}")
        form = {"fault": "noise on the line", "kind": "modem"} if place == 3 else {}
        case = Case(protocol, kind_of_case, caller, left, deadline, call=call, note=note, form=form)
        house.journal.put_case(case)
        request = QueueRequest(QueueId("support"))
        await promises.add_callback(
            Callback(CallbackId(f"cb{place}"), call, caller, "5000", request, left, left, left + 600)
        )


async def _people(house: House, now: float) -> None:
    for name, role in (("admin", "admin"), ("supervisor", "supervisor"), ("auditor", "auditor")):
        await house.users.insert(User(name, role), PASSWORD, now=now)  # type: ignore[arg-type]
    for place, (name, state) in enumerate(
        zip((*_NAMES, HOSTILE[:80]), (*_STATES, OperatorState.PAUSED), strict=True)
    ):
        operator = Operator(
            OperatorId(str(1001 + place)),
            name,
            {SkillId("support"): 1 + place % 4, SkillId(("sales", "orders", "english")[place % 3]): 2},
            wrap_up_s=600.0 if state is OperatorState.WRAP_UP else 20.0,
        )
        await house.operators.insert(operator, OperatorSecrets("phone", PASSWORD, "4711"))
        await house.desk.create(operator, by="seed")
        put_state(house, operator.id, state, since=now - 37 * place - 12)


def put_state(
    house: House, operator: OperatorId, state: OperatorState, *, since: float, call: str | None = None
) -> None:
    """Make an operator be in a state, as the dispatcher would."""
    view = house.desk.view(operator)
    assert view is not None
    reason = {OperatorState.PAUSED: "meal" if operator < "1010" else HOSTILE}.get(state, "")
    house.desk._views[operator] = msgspec.structs.replace(
        view,
        state=state,
        reason=reason,
        since=since,
        wrap_up_until=time.time() + 60 if state is OperatorState.WRAP_UP else None,
        call=CallId(call) if call else None,
        reachable=state is not OperatorState.UNREACHABLE,
        clocked_in=state is not OperatorState.SIGNED_OUT,
    )


def operator_view(house: House, extension: str) -> OperatorView:
    view = house.desk.view(OperatorId(extension))
    assert view is not None
    return view


async def put_call(house: House, ident: str, caller: str, operator: str, *, ended: bool) -> None:
    """A call that an operator has, or had an hour ago."""
    started = time.time() - (3600 if ended else 25)
    record = CallRecord(
        CallId(ident), ChannelId(f"ch-{ident}"), caller, "5000", started,
        phase=Phase.ENDED if ended else Phase.OFFERED, queue=QueueId("support"),
        operator=OperatorId(operator), answered_at=started, queued_at=started + 8,
        connected_at=started + 15 if ended else None,
        ended_at=started + 99 if ended else None, final_state=FinalState.ANSWERED if ended else None,
        language=Language("pt-BR"), digits="27", wait_s=7.0 if ended else None,
        talk_s=80.0 if ended else None,
    )  # fmt: skip
    house.journal.put_call(record, None)
    assert await house.journal.flush(PATIENCE_S)


def put_caller_at(house: House, ident: str, flow: str, node: str) -> None:
    """Somebody who is at a node of a flow now."""
    record = CallRecord(
        CallId(ident), ChannelId(f"ch-{ident}"), "+5511922221111", "5000", time.time(),
        phase=Phase.FLOW, flow=FlowId(flow), flow_version=FlowVersion("9a8b7c6d5e4f"),
    )  # fmt: skip
    house.journal.put_call(record, None)
    fact = facts.NodeEntered(FlowId(flow), NodeId(node), "menu")
    house.journal.put_facts([Stamped(time.time(), fact, record.id)])


def _queues(house: House, now: float) -> None:
    lines = {
        "support": (
            "Technical support",
            (("w1", 74.0, {"support": 2}, 0), ("w2", 31.0, {"support": 2, "english": 1}, 0)),
        ),
        "sales": ("Sales", ()),
        "complaints": ("Complaints and cancellations", (("w3", 9.0, {"orders": 1}, 5),)),
        "orders": ("Orders", ()),
    }
    for ident, (name, waiting) in lines.items():
        line: list[dict[str, Any]] = []
        for place, (call, waited_s, needs, priority) in enumerate(waiting, start=1):
            line.append(
                {"id": call, "position": place, "waited_s": waited_s, "needs": needs, "priority": priority}
            )
            record = CallRecord(
                CallId(call), ChannelId(f"ch-{call}"), f"+5511987766{place}{len(ident)}", "5000",
                now - waited_s - 14, phase=Phase.WAITING, queue=QueueId(ident), queued_at=now - waited_s,
                answered_at=now - waited_s - 13, language=Language("pt-BR"), digits="2",
            )  # fmt: skip
            house.journal.put_call(record, None)
            house.floor.waiting[CallId(call)] = _why(call, ident, waited_s, needs)
        house.floor.queues_of.setdefault(DEFAULT_CLIENT, []).append(
            QueueView(
                QueueId(ident),
                name,
                len(line),
                max((w["waited_s"] for w in line), default=0.0),
                0 if ident in {"complaints", "orders"} else 2,
                0 if ident == "orders" else 9,
                tuple(line),
            )
        )


def _why(call: str, queue: str, waited_s: float, needs: dict[str, int]) -> dict[str, Any]:
    return {
        "call": call, "at": time.time(), "queue": queue, "step": 0, "needs": needs, "queues": [queue],
        "waited_s": waited_s, "chosen": None, "waiting_because": "all_busy",
        "next_change_at": time.time() + 300,
        "fitting": 4, "idle": 0, "candidates": [], "rivals": [], "exclusions": [],
        "excluded_by_reason": {"busy": 4, "support at level 1, needs 2": 3, "lacks skill english": 2},
    }  # fmt: skip


def _calls(house: House, now: float, count: int = 320) -> None:
    chance = random.Random(7)
    for place in range(count):
        started = now - 40 - place * 29 - chance.random() * 20
        abandoned = chance.random() < 0.09
        wait_s = chance.expovariate(1 / 13)
        talk_s = None if abandoned else 20 + chance.expovariate(1 / 140)
        ended = started + 11 + wait_s + (talk_s or 0)
        caller = HOSTILE[:60] if place == 3 else f"+5511{chance.randrange(900000000, 999999999)}"
        record = CallRecord(
            CallId(f"c{place:05d}"), ChannelId(f"ch{place}"), caller, "5000", started,
            phase=Phase.ENDED, flow=FlowId("main"), flow_version=FlowVersion("9a8b7c6d5e4f"),
            language=Language("pt-BR"), queue=QueueId(("support", "sales", "orders")[place % 3]),
            operator=None if abandoned else OperatorId(str(1001 + place % 9)),
            answered_at=started + 0.4, queued_at=started + 11,
            connected_at=None if abandoned else started + 11 + wait_s, ended_at=ended,
            final_state=FinalState.ABANDONED if abandoned else FinalState.ANSWERED,
            wait_s=wait_s, talk_s=talk_s, digits=("1", "2", "3", "42")[place % 4],
            recording_id=RecordingId("r1") if place == 0 else None,
            protocol=Protocol(f"20260101{place:06d}") if place % 4 == 3 else None,
        )  # fmt: skip
        house.journal.put_call(record, None)
        if place in {0, 3}:
            house.journal.put_facts(_trace(record))


def _trace(call: CallRecord) -> list[Stamped]:
    queued, connected, ended = call.queued_at or 0.0, call.connected_at or 0.0, call.ended_at or 0.0
    start, queue, operator = (
        call.started_at,
        call.queue or QueueId("support"),
        call.operator or OperatorId("1001"),
    )
    missed = OperatorId("1006")
    why = _why(call.id, queue, 4.0, {"support": 2}) | {
        "chosen": operator, "waiting_because": None, "idle": 2,
        "candidates": [
            {"operator": operator, "score": 3.42, "idle_s": 88.0, "skills": {"support": 3}},
            {"operator": "1006", "score": 2.07, "idle_s": 31.5, "skills": {"support": 2, "sales": 2}},
        ],
    }  # fmt: skip
    told: list[tuple[float, facts.AnyFact]] = [
        (start, facts.CallStarted(call.caller, "5000", "inbound")),
        (start + 0.1, facts.FlowEntered(FlowId("main"), FlowVersion("9a8b7c6d5e4f"))),
        (start + 0.4, facts.CallAnswered()),
        (start + 0.5, facts.NodeEntered(FlowId("main"), "first-menu", "menu")),  # type: ignore[arg-type]
        (start + 0.5, facts.PromptPlayed(Language("pt-BR"), ("menu/main-options",))),  # type: ignore[arg-type]
        (start + 9.2, facts.DigitPressed("2")),
        (start + 9.3, facts.BranchDecided("first-menu", "digit", HOSTILE if call.id == "c00003" else "2")),  # type: ignore[arg-type]
        (start + 9.4, facts.NodeLeft(FlowId("main"), "first-menu", "2", "support")),  # type: ignore[arg-type]
        (queued, facts.CallQueued(queue, {"support": 2}, 0)),
        (queued + 0.1, facts.OfferMade("o1", missed, queue, 2.9, 0)),  # type: ignore[arg-type]
        (queued + 1.2, facts.OfferEnded("o1", missed, "missed", 1.1)),  # type: ignore[arg-type]
        (queued + 1.3, facts.RoutingDecided(why)),
        (queued + 1.3, facts.OfferMade("o2", operator, queue, 3.42, 0)),  # type: ignore[arg-type]
        (connected, facts.OfferEnded("o2", operator, "answered", 2.3)),  # type: ignore[arg-type]
        (connected, facts.CallConnected(operator)),
        (ended, facts.TalkEnded(operator, call.talk_s or 0.0, "caller")),
        (ended, facts.CallEnded("answered", 16)),
        (ended + 0.8, facts.RecordingStored(RecordingId("r1"), "complete", 8.0)),
    ]
    return [Stamped(at, fact, call.id) for at, fact in told]


def _recording(house: House, now: float, seconds: float = 8.0, rate_hz: int = 8000) -> None:
    """Speech-like bursts, in turns: the caller left, the operator right."""
    at = np.arange(int(seconds * rate_hz)) / rate_hz
    envelope = np.abs(np.sin(at * 2.1)) * np.abs(np.sin(at * 11.3)) ** 0.5
    caller = np.sin(at * 2 * np.pi * 190) * envelope * (np.sin(at * 1.4) > 0)
    operator = np.sin(at * 2 * np.pi * 240) * envelope * (np.sin(at * 1.4) <= 0)
    samples = (np.stack([caller, operator], axis=1) * 20000).astype("<i2")
    with wave.open(str(house.folder / "r1.wav"), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(struct.pack(f"<{samples.size}h", *samples.reshape(-1).tolist()))
    recording = Recording(
        RecordingId("r1"), CallId("c00000"), RecordingStatus.COMPLETE, now - 30, file="r1.wav",
        duration_s=seconds, sha256="ab" * 32,
    )  # fmt: skip
    slices = np.abs([caller, operator]).reshape(2, 320, -1).max(axis=2)
    house.journal.put_recording(recording, (slices * 255).astype(np.uint8).tobytes())

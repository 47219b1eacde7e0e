"""A made-up world round a call: what queues, operators, other systems and the store answer.

The virtual line and a call on a real line that is only a rehearsal ask the same `Stage`, so that both mean
the same by "the queue is full" or "the look-up fails".
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from ari_app.flow.scenario.script import Step
from ari_app.model.commands import (
    AskQueueStatus,
    BookCallback,
    Command,
    Enqueue,
    IssueProtocol,
    KeepMessage,
    LeaveQueue,
    Lookup,
    RecordingConsent,
    RecordMessage,
    Sound,
    TransferTo,
)
from ari_app.model.ids import OperatorId, Protocol
from ari_app.model.routing import QueueRequest
from ari_app.model.signals import (
    AnySignal,
    CallbackBooked,
    LookupCompleted,
    MessageRecorded,
    OperatorConnected,
    OperatorLeft,
    ProtocolIssued,
    QueueRefused,
    QueueStatusKnown,
    TransferEnded,
)

PROMPT_S = 3.0
"""How long a prompt lasts of which nothing is known."""
Refusal = Literal["full", "empty", "closed", "timeout"]


class LookupAnswer(msgspec.Struct, frozen=True):
    """What another system answers: a body with a status, or a failure after some time."""

    body: Any = None
    status: int = 200
    error: str = ""
    after_s: float = 0.2


FAILURES = {
    "timeout": LookupAnswer(error="timeout"),
    "not_found": LookupAnswer(status=404),
    "error": LookupAnswer(status=500),
    "garbage": LookupAnswer(error="not JSON"),
}


class World(msgspec.Struct):
    """How the world round the flow behaves; a scenario may change it as it goes."""

    lookups: list[LookupAnswer] = msgspec.field(default_factory=list)
    position: int = 2
    estimate_s: float | None = 90.0
    refusal: Literal["", "full", "empty", "closed", "timeout"] = ""
    transfer: Literal["", "answered", "busy", "no_answer", "rejected", "unreachable", "failed"] = ""
    protocol: str = "20260000001"
    broken: set[str] = msgspec.field(default_factory=set)
    """What does not work: `recording`, `callback`, `protocol`."""
    speaks_s: float = 0.0
    durations: dict[str, float] = msgspec.field(default_factory=dict)
    """Seconds of a prompt, by `<language>/<prompt>`, or by the prompt alone."""

    def lasts(self, sound: Sound) -> float:
        """How long a sound plays."""
        own = self.durations.get(f"{sound.language}/{sound.prompt}")
        return self.durations.get(sound.prompt, PROMPT_S) if own is None else own


def change(world: World, step: Step) -> bool:
    """Change how the world behaves; False when the step is of another kind."""
    value = step.value
    match step.act:
        case "lookup_answers":
            world.lookups.append(LookupAnswer(value))
        case "lookup_fails":
            world.lookups.append(FAILURES.get(value, FAILURES["error"]))
        case "transfer_ends":
            world.transfer = value
        case "speaks":
            world.speaks_s = value
        case "breaks":
            world.broken.add(value)
        case "queue_status":
            world.position = int(value.get("position", 1))
            world.estimate_s = value.get("estimate_s")
        case _:
            return False
    return True


class Reply(msgspec.Struct, frozen=True):
    """What comes back to the flow, after a while; `key` names the errand."""

    after_s: float
    key: str
    signal: AnySignal


class Stage:
    """What a made-up world has seen of one call; nothing real is touched."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.queue: QueueRequest | None = None
        self.operator: OperatorId | None = None
        self.kept: list[KeepMessage] = []
        self.booked: list[BookCallback] = []
        self.transfers: list[TransferTo] = []
        self.consent: bool | None = None

    @property
    def talking(self) -> bool:
        return self.operator is not None

    def take(self, command: Command) -> Reply | None:
        """Note what the flow asks of the world, and what comes of it."""
        match command:
            case Enqueue(request):
                self.queue = request
                if self.world.refusal:
                    return Reply(0.0, "refusal", QueueRefused(self.world.refusal))
            case LeaveQueue():
                self.queue = None
            case AskQueueStatus():
                known = QueueStatusKnown(self.world.position, self.world.estimate_s)
                return Reply(0.0, "status", known)
            case TransferTo():
                self.transfers.append(command)
                if self.world.transfer:
                    return Reply(1.0, "transfer", TransferEnded(self.world.transfer))
            case RecordMessage(name, max_s, silence_s):
                length = min(self.world.speaks_s, max_s)
                recorded = MessageRecorded(name, length, failed="recording" in self.world.broken)
                return Reply(length + silence_s, f"record:{name}", recorded)
            case KeepMessage():
                self.kept.append(command)
            case Lookup(lookup, timeout_s=timeout_s):
                return self._look_up(lookup, timeout_s)
            case IssueProtocol() if "protocol" not in self.world.broken:
                return Reply(0.05, "protocol", ProtocolIssued(Protocol(self.world.protocol)))
            case BookCallback():
                return self._book(command)
            case RecordingConsent(given):
                self.consent = given
            case _:
                pass
        return None

    def connect(self, operator: str) -> AnySignal:
        """An operator takes the call."""
        self.operator, self.queue = OperatorId(operator), None
        return OperatorConnected(self.operator)

    def leave(self) -> AnySignal:
        """The operator hangs up first."""
        operator, self.operator = self.operator, None
        return OperatorLeft(operator or OperatorId("1001"))

    def refuse(self, reason: Refusal) -> AnySignal:
        """The queue lets the caller go."""
        self.queue = None
        return QueueRefused(reason)

    def _book(self, command: BookCallback) -> Reply:
        works = "callback" not in self.world.broken
        if works:
            self.booked.append(command)
            self.queue = None
        return Reply(0.05, "callback", CallbackBooked(works))

    def _look_up(self, lookup: str, timeout_s: float) -> Reply:
        answers = self.world.lookups
        answer = answers.pop(0) if answers else LookupAnswer(error="unreachable")
        if answer.error == "timeout" or answer.after_s > timeout_s:
            late = LookupCompleted(lookup=lookup, ok=False, error="timeout")
            return Reply(timeout_s, f"lookup:{lookup}", late)
        completed = LookupCompleted(
            lookup=lookup,
            ok=not answer.error and 200 <= answer.status < 300,
            status=0 if answer.error else answer.status,
            body=msgspec.Raw(msgspec.json.encode(answer.body)),
            error=answer.error,
        )
        return Reply(answer.after_s, f"lookup:{lookup}", completed)

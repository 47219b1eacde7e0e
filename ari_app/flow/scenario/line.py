"""A telephone line in virtual time: performs a flow's commands and lets time pass, without a phone.

The scenario runner, the terminal player, the prover's counter-examples and the property tests all drive a
flow through this one class, so that they mean the same by "waits" and "hears".
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable
from typing import Any, Literal

import msgspec

from ari_app.flow import engine
from ari_app.flow.book import FlowBook
from ari_app.flow.state import State
from ari_app.model.commands import (
    AskQueueStatus,
    BookCallback,
    CancelTimer,
    Command,
    Enqueue,
    IssueProtocol,
    KeepMessage,
    LeaveQueue,
    Lookup,
    Play,
    PlayMessage,
    RecordingConsent,
    RecordMessage,
    Sound,
    StartMusic,
    StartTimer,
    StopMusic,
    StopPlayback,
    TransferTo,
)
from ari_app.model.facts import Fact
from ari_app.model.ids import FlowId, OperatorId, Protocol
from ari_app.model.routing import QueueRequest
from ari_app.model.signals import (
    AnySignal,
    CallArrived,
    CallbackBooked,
    DigitReceived,
    LookupCompleted,
    MessageRecorded,
    OperatorConnected,
    OperatorLeft,
    PlaybackFinished,
    ProtocolIssued,
    QueueRefused,
    QueueStatusKnown,
    TimerFired,
    TransferEnded,
)

PROMPT_S = 3.0
KEY_GAP_S = 0.3


class LookupAnswer(msgspec.Struct, frozen=True):
    """What another system answers: a body with a status, or a failure after some time."""

    body: Any = None
    status: int = 200
    error: str = ""
    after_s: float = 0.2


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


class Line:
    """One call. `heard`, `facts` and `commands` hold all that happened so far; `now` is virtual."""

    def __init__(self, book: FlowBook, flow: FlowId, arrived: CallArrived, now: float, world: World) -> None:
        self.book = book
        self.world = world
        self.now = now
        self.heard: list[tuple[float, Sound]] = []
        self.facts: list[tuple[float, Fact]] = []
        self.commands: list[Command] = []
        self.queue: QueueRequest | None = None
        self.talking = False
        self.music = False
        self.kept: list[KeepMessage] = []
        self.booked: list[BookCallback] = []
        self.transfers: list[TransferTo] = []
        self.consent: bool | None = None
        self._serial = 0
        self._due: list[tuple[float, int, str, AnySignal]] = []
        self._live: set[str] = set()
        self.state: State
        self._perform(engine.start(book, flow, arrived, now))

    @property
    def ended(self) -> bool:
        return self.state.finished

    @property
    def playing(self) -> bool:
        return any(key.startswith("play:") for key in self._live)

    # --- what the caller and the world do ----------------------------------------------------------------

    def signal(self, signal: AnySignal) -> None:
        """Something happens now."""
        if not self.state.finished:
            self._perform(engine.advance(self.book, self.state, signal, self.now))

    def press(self, digits: str) -> None:
        """Press keys one after the other."""
        for digit in digits:
            self.signal(DigitReceived(digit))
            self.wait(KEY_GAP_S)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        end = self.now + seconds
        while not self.state.finished and self._next_at() <= end:
            self.step()
        self.now = max(self.now, end)

    def step(self) -> bool:
        """Let time pass until the next thing happens; False when nothing will."""
        if self._next_at() == math.inf:
            return False
        at, _, key, signal = heapq.heappop(self._due)
        self._live.discard(key)
        self.now = max(self.now, at)
        self.signal(signal)
        return True

    def until(self, happened: Callable[[], bool], limit_s: float) -> bool:
        """Let time pass until something is so; False when it did not come to that in time."""
        end = self.now + limit_s
        while not happened():
            if self.state.finished or self._next_at() > end:
                return happened()
            self.step()
        return True

    def _next_at(self) -> float:
        """When the next thing happens; infinite when nothing will."""
        while self._due and self._due[0][2] not in self._live:
            heapq.heappop(self._due)
        return self._due[0][0] if self._due else math.inf

    def connect(self, operator: str = "1001") -> None:
        """An operator takes the call."""
        self.talking, self.queue, self.music = True, None, False
        self.signal(OperatorConnected(OperatorId(operator)))

    def operator_leaves(self) -> None:
        """The operator hangs up first."""
        self.talking = False
        self.signal(OperatorLeft(OperatorId(self.state.operator or "1001")))

    def refuse(self, reason: Literal["full", "empty", "closed", "timeout"]) -> None:
        """The queue lets the caller go."""
        self.queue = None
        self.signal(QueueRefused(reason))

    # --- what the flow asks for --------------------------------------------------------------------------

    def _perform(self, sprint: engine.Sprint) -> None:
        self.state = sprint.state
        self.facts.extend((self.now, fact) for fact in sprint.facts)
        self.commands.extend(sprint.commands)
        for command in sprint.commands:
            self._do(command)
        if self.state.finished:
            self._due.clear()
            self._live.clear()

    def _later(self, after_s: float, key: str, signal: AnySignal) -> None:
        self._serial += 1
        self._live.add(key)
        heapq.heappush(self._due, (self.now + after_s, self._serial, key, signal))

    def _do(self, command: Command) -> None:  # noqa: C901, PLR0912, PLR0915 - one line per command
        match command:
            case Play(playback, sounds):
                self.heard.extend((self.now, sound) for sound in sounds)
                length = sum(self.world.durations.get(sound.prompt, PROMPT_S) for sound in sounds)
                self._later(length, f"play:{playback}", PlaybackFinished(playback))
            case PlayMessage(playback, _):
                self._later(self.world.speaks_s, f"play:{playback}", PlaybackFinished(playback))
            case StopPlayback(playback):
                self._live.discard(f"play:{playback}")
            case StartTimer(timer, after_s):
                self._later(after_s, f"timer:{timer}", TimerFired(timer))
            case CancelTimer(timer):
                self._live.discard(f"timer:{timer}")
            case StartMusic():
                self.music = True
            case StopMusic():
                self.music = False
            case Enqueue(request):
                self.queue = request
                if self.world.refusal:
                    refused = QueueRefused(self.world.refusal)
                    self._later(0.0, "refusal", refused)
            case LeaveQueue():
                self.queue = None
            case AskQueueStatus():
                known = QueueStatusKnown(self.world.position, self.world.estimate_s)
                self._later(0.0, "status", known)
            case TransferTo():
                self.transfers.append(command)
                if self.world.transfer:
                    self._later(1.0, "transfer", TransferEnded(self.world.transfer))
            case RecordMessage(name, max_s, silence_s):
                length = min(self.world.speaks_s, max_s)
                recorded = MessageRecorded(name, length, failed="recording" in self.world.broken)
                self._later(length + silence_s, f"record:{name}", recorded)
            case KeepMessage():
                self.kept.append(command)
            case Lookup(lookup, timeout_s=timeout_s):
                self._look_up(lookup, timeout_s)
            case IssueProtocol() if "protocol" not in self.world.broken:
                self._later(0.05, "protocol", ProtocolIssued(Protocol(self.world.protocol)))
            case BookCallback():
                works = "callback" not in self.world.broken
                if works:
                    self.booked.append(command)
                    self.queue = None
                self._later(0.05, "callback", CallbackBooked(works))
            case RecordingConsent(given):
                self.consent = given
            case _:
                pass

    def _look_up(self, lookup: str, timeout_s: float) -> None:
        answers = self.world.lookups
        answer = answers.pop(0) if answers else LookupAnswer(error="unreachable")
        completed = LookupCompleted(
            lookup=lookup,
            ok=not answer.error and 200 <= answer.status < 300,
            status=0 if answer.error else answer.status,
            body=msgspec.Raw(msgspec.json.encode(answer.body)),
            error=answer.error,
        )
        if answer.error == "timeout" or answer.after_s > timeout_s:
            completed = LookupCompleted(lookup=lookup, ok=False, error="timeout")
            self._later(timeout_s, f"lookup:{lookup}", completed)
        else:
            self._later(answer.after_s, f"lookup:{lookup}", completed)

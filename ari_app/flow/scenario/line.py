"""A telephone line in virtual time: performs a flow's commands and lets time pass, without a phone.

The scenario runner, the terminal player, the prover's counter-examples and the property tests all drive a
flow through this one class, so that they mean the same by "waits" and "hears".
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Mapping
from typing import Any

from ari_app.flow import engine
from ari_app.flow.book import FlowBook
from ari_app.flow.scenario.script import Step
from ari_app.flow.scenario.world import LookupAnswer, Refusal, Stage, World, change
from ari_app.flow.state import State
from ari_app.model.commands import (
    BookCallback,
    CancelTimer,
    Command,
    KeepMessage,
    Play,
    PlayMessage,
    Sound,
    StartMusic,
    StartTimer,
    StopMusic,
    StopPlayback,
    TransferTo,
)
from ari_app.model.facts import Fact
from ari_app.model.ids import FlowId
from ari_app.model.routing import QueueRequest
from ari_app.model.signals import (
    AnySignal,
    CallArrived,
    CallerHungUp,
    DigitReceived,
    PlaybackFinished,
    Resumed,
    TimerFired,
)

__all__ = ["Line", "LookupAnswer", "World"]

KEY_GAP_S = 0.3


class Line:
    """One call. `heard`, `facts` and `commands` hold all that happened so far; `now` is virtual."""

    def __init__(self, book: FlowBook, flow: FlowId, arrived: CallArrived, now: float, world: World) -> None:
        self.book = book
        self.stage = Stage(world)
        self.now = now
        self.began = now
        self.heard: list[tuple[float, Sound]] = []
        self.facts: list[tuple[float, Fact]] = []
        self.commands: list[Command] = []
        self.music = False
        self._serial = 0
        self._due: list[tuple[float, int, str, AnySignal]] = []
        self._live: set[str] = set()
        self.state: State
        self._perform(engine.start(book, flow, arrived, now))

    # --- what is known ------------------------------------------------------------------------------------

    @property
    def ended(self) -> bool:
        return self.state.finished

    @property
    def playing(self) -> bool:
        return any(key.startswith("play:") for key in self._live)

    @property
    def moves(self) -> int:
        """How much the flow has asked for so far."""
        return len(self.commands)

    @property
    def node(self) -> str:
        return str(self.state.node)

    @property
    def variables(self) -> Mapping[str, Any]:
        return self.state.variables

    @property
    def language(self) -> str:
        return self.state.language

    @property
    def world(self) -> World:
        return self.stage.world

    @property
    def queue(self) -> QueueRequest | None:
        return self.stage.queue

    @property
    def talking(self) -> bool:
        return self.stage.talking

    @property
    def kept(self) -> list[KeepMessage]:
        return self.stage.kept

    @property
    def booked(self) -> list[BookCallback]:
        return self.stage.booked

    @property
    def transfers(self) -> list[TransferTo]:
        return self.stage.transfers

    @property
    def consent(self) -> bool | None:
        return self.stage.consent

    # --- what the caller and the world do ----------------------------------------------------------------

    def signal(self, signal: AnySignal) -> None:
        """Something happens now."""
        if not self.state.finished:
            self._perform(engine.advance(self.book, self.state, signal, self.now))

    def change(self, step: Step) -> bool:
        """Change how the world behaves; False when the step is of another kind."""
        return change(self.world, step)

    def press(self, digits: str) -> None:
        """Press keys one after the other."""
        for digit in digits:
            self.signal(DigitReceived(digit))
            self.wait(KEY_GAP_S)

    def hang_up(self) -> None:
        """The caller hangs up."""
        self.signal(CallerHungUp())

    def restart(self) -> None:
        """The application restarts under the call."""
        self.signal(Resumed())

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
        self.music = False
        self.signal(self.stage.connect(operator))

    def operator_leaves(self) -> None:
        """The operator hangs up first."""
        self.signal(self.stage.leave())

    def refuse(self, reason: Refusal) -> None:
        """The queue lets the caller go."""
        self.signal(self.stage.refuse(reason))

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

    def _do(self, command: Command) -> None:
        match command:
            case Play(playback, sounds):
                self.heard.extend((self.now, sound) for sound in sounds)
                length = sum(self.world.lasts(sound) for sound in sounds)
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
            case _:
                reply = self.stage.take(command)
                if reply is not None:
                    self._later(reply.after_s, reply.key, reply.signal)

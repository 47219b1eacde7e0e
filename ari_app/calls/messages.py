"""What lies in a session's mailbox besides telephone events and the dispatcher's messages."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from ari_app.dispatch.messages import DispatchMessage
from ari_app.model.ids import ChannelId, OperatorId
from ari_app.model.recording import Tape
from ari_app.model.signals import AnySignal
from ari_app.model.talks import Actor, Ask, TalkView
from ari_app.model.telephony import TelephonyEvent

RecordingAct: TypeAlias = Literal["start", "pause", "resume", "withdraw"]


@dataclass(frozen=True, slots=True)
class TimerDue:
    """A timer of the flow, or of the session itself (names beginning with `@`)."""

    timer: str


@dataclass(frozen=True, slots=True)
class SignalReady:
    """The answer to something that took time: a look-up, a protocol number."""

    signal: AnySignal


@dataclass(frozen=True, slots=True)
class Found:
    """What the PBX said of a call when it was asked (after a restart, after it was out of sight).

    `lost`: the PBX itself was restarted since. `operator` is whose phone rings or talks for the call.
    """

    alive: bool
    in_stasis: bool = False
    operator: OperatorId | None = None
    operator_up: bool = False
    leg: ChannelId | None = None
    """The operator's channel."""
    lost: bool = False
    asked_at: float = 0.0
    """When the PBX was asked, on the monotonic clock: who has moved since knows better."""
    legs: frozenset[ChannelId] = frozenset()
    """All other channels of this call."""
    in_fallback: bool = False
    """The dialplan's own queue has the caller, or its voicemail."""


@dataclass(frozen=True, slots=True)
class RecordingAsked:
    """Somebody wants a live call's recording started, paused, resumed or withdrawn; `answer` is told."""

    act: RecordingAct
    by: str
    answer: asyncio.Future[Tape]
    max_s: float | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody asks for something in a talk; `reply` gets the talk as it then is, or the refusal."""

    ask: Ask
    actor: Actor
    reply: asyncio.Future[TalkView] = field(compare=False)

    def refuse(self, refusal: Exception) -> None:
        if not self.reply.done():
            self.reply.set_exception(refusal)


@dataclass(frozen=True, slots=True)
class Admit:
    """A supervisor's phone wants into the talk, takes it over, or (`leaves`) was taken out of it again."""

    channel: ChannelId
    who: OperatorId
    take_over: bool
    by: str
    leaves: bool = False


Message = TelephonyEvent | DispatchMessage | TimerDue | SignalReady | Found | RecordingAsked | Asked | Admit

"""What happened to a call, in the past tense: the only input of a flow besides `now`."""

from __future__ import annotations

from typing import Literal

import msgspec

from ari_app.model.ids import ClientId, Language, OperatorId, PlaybackId, PromptId, Protocol


class Signal(msgspec.Struct, frozen=True, tag=True):
    """Base of all signals."""


class CallArrived(Signal, frozen=True):
    """A call came in (or an outbound call was answered): what is known of it."""

    called: str
    caller: str
    caller_name: str = ""
    direction: Literal["inbound", "outbound", "internal"] = "inbound"
    client: ClientId = ClientId("default")
    language: Language | None = None
    variables: dict[str, str] = {}


class DigitReceived(Signal, frozen=True):
    """One key of the caller: `0`-`9`, `*`, `#`, `A`-`D`."""

    digit: str


class PlaybackFinished(Signal, frozen=True):
    """A `Play` came to its end; `failed` when a sound could not be played."""

    playback: PlaybackId
    failed: bool = False


class TimerFired(Signal, frozen=True):
    """A timer of the flow ran out."""

    timer: str


class CallerHungUp(Signal, frozen=True):
    """The caller is gone; `cause` is the Q.850 cause."""

    cause: int = 16


class QueueStatusKnown(Signal, frozen=True):
    """The answer to `AskQueueStatus`: place in line (1 = next) and honest estimate, if there is one."""

    position: int
    estimate_s: float | None


class QueueRefused(Signal, frozen=True):
    """The queue did not take the call, or let it go without an operator.

    `full`, `empty` (nobody signed in who could ever serve it), `closed`, `timeout` (waited too long).
    """

    reason: Literal["full", "empty", "closed", "timeout"]
    announcement: PromptId | None = None
    """An emergency announcement to be heard first (C20)."""


class QueueAnnounced(Signal, frozen=True):
    """An emergency announcement is to be heard now; the place in line is kept (C20)."""

    prompt: PromptId


class OperatorConnected(Signal, frozen=True):
    """An operator and the caller hear each other."""

    operator: OperatorId


class OperatorLeft(Signal, frozen=True):
    """The operator hung up and the caller is still there: the flow goes on after `enqueue`."""

    operator: OperatorId


class TransferEnded(Signal, frozen=True):
    """A `TransferTo` came to its end and the caller is still there."""

    outcome: Literal["answered", "busy", "no_answer", "rejected", "unreachable", "failed"]


class MachineReady(Signal, frozen=True):
    """An answering machine only listens now; not `ok`: it goes on talking."""

    ok: bool


class OutsideConnected(Signal, frozen=True):
    """Whom an operator called outside answered."""


class MessageRecorded(Signal, frozen=True):
    """A `RecordMessage` ended; zero seconds when nothing was said, `failed` when it could not be kept."""

    name: str
    duration_s: float
    terminator: str = ""
    failed: bool = False


class LookupCompleted(Signal, frozen=True):
    """The answer to a `Lookup`: `ok` with a decoded JSON `body`, or the reason why not."""

    lookup: str
    ok: bool
    status: int = 0
    body: msgspec.Raw = msgspec.Raw(b"null")
    error: str = ""


class ProtocolIssued(Signal, frozen=True):
    """The answer to `IssueProtocol`: the number is stored with its case."""

    protocol: Protocol


class CallbackBooked(Signal, frozen=True):
    """The answer to `BookCallback`; not `ok` when the queue offers none just now."""

    ok: bool


class Resumed(Signal, frozen=True):
    """The application came back after a restart and this call is still alive at its wait."""


AnySignal = (
    CallArrived
    | DigitReceived
    | PlaybackFinished
    | TimerFired
    | CallerHungUp
    | QueueStatusKnown
    | QueueRefused
    | QueueAnnounced
    | OperatorConnected
    | OperatorLeft
    | TransferEnded
    | OutsideConnected
    | MachineReady
    | MessageRecorded
    | LookupCompleted
    | ProtocolIssued
    | CallbackBooked
    | Resumed
)

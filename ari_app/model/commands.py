"""What a flow asks the shell to do, imperative; each is performed by one file in `ari_app/calls/perform`."""

from __future__ import annotations

from typing import Literal

import msgspec

from ari_app.model.ids import Language, PlaybackId, PromptId
from ari_app.model.routing import QueueRequest


class Command(msgspec.Struct, frozen=True, tag=True):
    """Base of all commands."""


class Answer(Command, frozen=True):
    """Answer the caller's channel; asked again, it does nothing."""


class Sound(msgspec.Struct, frozen=True):
    """A prompt of the catalogue in one language."""

    language: Language
    prompt: PromptId
    place: str = ""
    """Where the PBX finds it, when it is none of the product's own; see `recordings.prompts`."""


class Play(Command, frozen=True):
    """Play sounds one after the other; ends with `PlaybackFinished` unless stopped."""

    playback: PlaybackId
    sounds: tuple[Sound, ...]


class StopPlayback(Command, frozen=True):
    """Cut a running playback short (barge-in); no `PlaybackFinished` need follow."""

    playback: PlaybackId


class StartTimer(Command, frozen=True):
    """Fire `TimerFired(timer)` after `after_s` seconds; the same name again replaces the earlier one."""

    timer: str
    after_s: float


class CancelTimer(Command, frozen=True):
    """Forget a timer; unknown names are no error."""

    timer: str


class StartMusic(Command, frozen=True):
    """Music (or the silence with comfort of class `music`) to the caller while he waits."""

    music: str = "default"


class StopMusic(Command, frozen=True):
    """No more music."""


class Enqueue(Command, frozen=True):
    """Put the call in line; followed by `OperatorConnected` or `QueueRefused`."""

    request: QueueRequest


class LeaveQueue(Command, frozen=True):
    """Take the call out of the line (to play something else, to hang up)."""


class AskQueueStatus(Command, frozen=True):
    """Ask for place and estimate: answered by `QueueStatusKnown`."""


class TransferTo(Command, frozen=True):
    """Connect the caller with an extension or outside number; ends with `TransferEnded`."""

    kind: Literal["operator", "extension", "number"]
    target: str
    ring_s: float = 25.0


class RecordMessage(Command, frozen=True):
    """Record the caller: ends with `MessageRecorded`."""

    name: str
    max_s: float = 120.0
    silence_s: float = 4.0
    beep: bool = True
    terminator: str = "#"


class PlayMessage(Command, frozen=True):
    """Play back a message recorded on this call; ends with `PlaybackFinished` unless stopped."""

    playback: PlaybackId
    name: str


class KeepMessage(Command, frozen=True):
    """Hand a recorded message over as a work item of `queue`.

    A caller who hangs up while recording has left his message: this then comes while it is being closed.
    """

    name: str
    kind: Literal["voicemail", "message", "survey"]
    queue: str = ""


class Lookup(Command, frozen=True):
    """Ask another system by HTTP; ends with `LookupCompleted`. Secrets are named, never contained."""

    lookup: str
    method: Literal["GET", "POST", "PUT"]
    url: str
    headers: dict[str, str] = {}
    body: str = ""
    timeout_s: float = 5.0
    retries: int = 0
    max_bytes: int = 65536
    secrets: dict[str, str] = {}
    """Header → name of the secret that the shell puts there."""


class IssueProtocol(Command, frozen=True):
    """Open a case of `kind` and give it a number: answered by `ProtocolIssued`."""

    kind: Literal["complaint", "order", "support", "information", "cancellation"]


class BookCallback(Command, frozen=True):
    """Call `number` back in its turn: answered by `CallbackBooked`.

    A caller in line keeps his place; one who is not joins by `request`.
    """

    number: str
    request: QueueRequest | None = None


class RecordingConsent(Command, frozen=True):
    """The caller agreed to being recorded, or refused: then no audio is kept."""

    given: bool


class PauseRecording(Command, frozen=True):
    """Nothing that is said from here on is recorded: card data follows. Ends by itself after `max_s`."""

    max_s: float = 120.0


class ResumeRecording(Command, frozen=True):
    """What is said may be recorded again."""


class HangUp(Command, frozen=True):
    """End the call with a Q.850 cause."""

    cause: int = 16


AnyCommand = (
    Answer
    | Play
    | StopPlayback
    | StartTimer
    | CancelTimer
    | StartMusic
    | StopMusic
    | Enqueue
    | LeaveQueue
    | AskQueueStatus
    | TransferTo
    | RecordMessage
    | PlayMessage
    | KeepMessage
    | Lookup
    | IssueProtocol
    | BookCallback
    | RecordingConsent
    | PauseRecording
    | ResumeRecording
    | HangUp
)

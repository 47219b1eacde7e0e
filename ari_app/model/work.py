"""What calls leave to be done: messages to hear, cases to answer, callers to call back."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import msgspec

from ari_app.model.ids import DEFAULT_CLIENT, CallbackId, CallId, ClientId, Protocol, QueueId, WorkItemId
from ari_app.model.routing import QueueRequest

WorkKind: TypeAlias = Literal["voicemail", "message", "survey"]
WorkState: TypeAlias = Literal["new", "taken", "done"]
AudioState: TypeAlias = Literal["pending", "stored", "missing"]
CaseKind: TypeAlias = Literal["complaint", "order", "support", "information", "cancellation"]
CaseState: TypeAlias = Literal["open", "in_progress", "waiting", "closed"]
CallbackState: TypeAlias = Literal["waiting", "dialling", "talking", "done", "failed", "cancelled"]
AttemptOutcome: TypeAlias = Literal[
    "answered", "abandoned", "busy", "no_answer", "rejected", "unreachable", "failed", "lost", "refused"
]


class WorkItem(msgspec.Struct, frozen=True):
    """A message that a caller left, for the operators of a queue.

    `source` names the recording on the PBX until `audio` is `stored`, then `file` is relative to the
    recordings folder. `missing`: what was said is lost, that somebody called is not.
    """

    id: WorkItemId
    kind: WorkKind
    queue: QueueId
    call: CallId
    caller: str
    called: str
    created_at: float
    client: ClientId = DEFAULT_CLIENT
    state: WorkState = "new"
    owner: str | None = None
    changed_at: float = 0.0
    note: str = ""
    audio: AudioState = "pending"
    source: str = ""
    file: str = ""
    duration_s: float = 0.0
    sha256: str = ""


class Case(msgspec.Struct, frozen=True):
    """Something a customer wants answered, under the number that was spoken to him."""

    protocol: Protocol
    kind: CaseKind
    caller: str
    opened_at: float
    deadline_at: float
    """By when it has to be answered (SAC: seven days, Brazil's decree 11.034/2022, article 13)."""
    client: ClientId = DEFAULT_CLIENT
    call: CallId | None = None
    queue: QueueId | None = None
    state: CaseState = "open"
    owner: str | None = None
    changed_at: float = 0.0
    form: dict[str, Any] = {}
    note: str = ""


class Callback(msgspec.Struct, frozen=True):
    """A promise to call `number` back from the place in line that `entered_at` is."""

    id: CallbackId
    call: CallId
    """The call in which it was promised."""
    number: str
    called: str
    request: QueueRequest
    entered_at: float
    booked_at: float
    next_at: float
    client: ClientId = DEFAULT_CLIENT
    language: str = ""
    state: CallbackState = "waiting"
    attempts: int = 0
    outcome: AttemptOutcome | None = None
    """How the latest attempt ended."""
    changed_at: float = 0.0


class Attempt(msgspec.Struct, frozen=True):
    """One dialling of a callback's number: written before it is dialled, dialled at most once."""

    id: CallId
    """Also the id of the channel and of the call that comes of it."""
    callback: CallbackId
    number: int
    started_at: float
    client: ClientId = DEFAULT_CLIENT
    ended_at: float | None = None
    outcome: AttemptOutcome | None = None

"""What the dispatcher tells a waiting call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ari_app.model.ids import OfferId, OperatorId, PromptId
from ari_app.model.queue import Queue
from ari_app.model.routing import QueueRequest


@dataclass(frozen=True, slots=True)
class Assigned:
    """An operator is reserved for this call: ring the phone, then say how it went."""

    offer: OfferId
    operator: OperatorId
    queue: Queue
    score: float
    step: int
    direct: bool = False
    """Asked for by name: when it fails nobody else is tried."""


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """The queue lets the call go without an operator."""

    reason: Literal["full", "empty", "closed", "timeout"]
    announcement: PromptId | None = None
    """What a caller of a closed queue hears first."""


@dataclass(frozen=True, slots=True)
class Announced:
    """The queue has an emergency announcement: let the caller hear it now."""

    prompt: PromptId


@dataclass(frozen=True, slots=True)
class Reclassified:
    """The configuration changed while the call waits: it asks for this now, at its old place."""

    request: QueueRequest


DispatchMessage = Assigned | TurnedAway | Announced | Reclassified

"""What the dispatcher tells a waiting call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ari_app.model.ids import OfferId, OperatorId
from ari_app.model.queue import Queue


@dataclass(frozen=True, slots=True)
class Assigned:
    """An operator is reserved for this call: ring the phone, then say how it went."""

    offer: OfferId
    operator: OperatorId
    queue: Queue
    score: float
    step: int


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """The queue lets the call go without an operator."""

    reason: Literal["full", "empty", "closed", "timeout"]


DispatchMessage = Assigned | TurnedAway

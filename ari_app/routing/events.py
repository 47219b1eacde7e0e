"""What the dispatcher tells the routing index, in the past tense."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ari_app.model.ids import DEFAULT_CLIENT, CallId, ClientId, OperatorId, QueueId, SkillId
from ari_app.model.routing import QueueRequest
from ari_app.routing.policy import Policy

FailedOutcome = Literal[
    "missed", "busy", "rejected", "unconfirmed", "unreachable", "phone_error", "caller_gone", "cancelled",
    "answered",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class OperatorAvailable:
    """An operator is signed in, ready and reachable: he may be given a call.

    `queues` None: every queue of `client`. `idle_since` is when the last contact's wrap-up (or pause) ended.
    """

    operator: OperatorId
    skills: Mapping[SkillId, int]
    idle_since: float
    queues: frozenset[QueueId] | None = None
    client: ClientId = DEFAULT_CLIENT


@dataclass(frozen=True, slots=True)
class OperatorGone:
    """An operator can take no call now: paused, reserved elsewhere, unreachable; or signed out for good."""

    operator: OperatorId
    signed_out: bool = False


@dataclass(frozen=True, slots=True)
class OperatorChanged:
    """An operator's skills or queues were changed by a supervisor; idle or busy as before."""

    operator: OperatorId
    skills: Mapping[SkillId, int]
    queues: frozenset[QueueId] | None = None
    client: ClientId = DEFAULT_CLIENT


@dataclass(frozen=True, slots=True)
class CallerWaiting:
    """A call entered a queue at `entered_at`, or came back to its place after a restart."""

    call: CallId
    request: QueueRequest
    entered_at: float


@dataclass(frozen=True, slots=True)
class CallerLeft:
    """A call left the queue without an operator: hung up, overflowed, took a callback."""

    call: CallId


@dataclass(frozen=True, slots=True)
class RequestChanged:
    """A waiting call now asks for something else (another queue, priority, needs); its place is kept."""

    call: CallId
    request: QueueRequest


@dataclass(frozen=True, slots=True)
class OfferAnswered:
    """The offered operator and the call are connected: the call has left the queue."""

    call: CallId
    operator: OperatorId


@dataclass(frozen=True, slots=True)
class OfferFailed:
    """An offer came to nothing; the call waits again at its old place (R7).

    The operator is not offered this call again before `excluded_until`. Whether he is available is said
    apart, by `OperatorAvailable` or `OperatorGone`: until then he is given nothing.
    """

    call: CallId
    operator: OperatorId
    outcome: FailedOutcome
    excluded_until: float


@dataclass(frozen=True, slots=True)
class ContactEnded:
    """An operator finished a contact, wrap-up included, after `handled_s`: the index learns loads from it."""

    operator: OperatorId
    handled_s: float


@dataclass(frozen=True, slots=True)
class PolicyChanged:
    """The supervisor changed weights or a queue's order; nobody loses a place."""

    policy: Policy


@dataclass(frozen=True, slots=True)
class Tick:
    """Time passed: relaxation steps, waits for a preferred operator and exclusions may be due."""


Event = (
    OperatorAvailable
    | OperatorGone
    | OperatorChanged
    | CallerWaiting
    | CallerLeft
    | RequestChanged
    | OfferAnswered
    | OfferFailed
    | ContactEnded
    | PolicyChanged
    | Tick
)

"""Operators: who they are and the states of their day; legal transitions are data (P2)."""

from __future__ import annotations

import enum

import msgspec

from ari_app.model.ids import DEFAULT_CLIENT, CallId, ClientId, OperatorId, QueueId, SkillId


class OperatorState(enum.StrEnum):
    """What an operator is doing."""

    SIGNED_OUT = "signed_out"
    AVAILABLE = "available"
    RESERVED = "reserved"
    RINGING = "ringing"
    TALKING = "talking"
    ON_HOLD = "on_hold"
    WRAP_UP = "wrap_up"
    PAUSED = "paused"
    UNREACHABLE = "unreachable"


_S = OperatorState

LEGAL: dict[OperatorState, frozenset[OperatorState]] = {
    _S.SIGNED_OUT: frozenset({_S.AVAILABLE, _S.PAUSED, _S.UNREACHABLE, _S.TALKING, _S.WRAP_UP}),
    _S.AVAILABLE: frozenset({_S.RESERVED, _S.PAUSED, _S.SIGNED_OUT, _S.UNREACHABLE, _S.TALKING}),
    _S.RESERVED: frozenset({_S.RINGING, _S.TALKING, _S.AVAILABLE, _S.PAUSED, _S.SIGNED_OUT, _S.UNREACHABLE}),
    _S.RINGING: frozenset({_S.TALKING, _S.AVAILABLE, _S.PAUSED, _S.SIGNED_OUT, _S.UNREACHABLE}),
    _S.TALKING: frozenset({_S.ON_HOLD, _S.WRAP_UP, _S.AVAILABLE, _S.PAUSED, _S.SIGNED_OUT, _S.UNREACHABLE}),
    _S.ON_HOLD: frozenset({_S.TALKING, _S.WRAP_UP, _S.AVAILABLE, _S.PAUSED, _S.SIGNED_OUT, _S.UNREACHABLE}),
    _S.WRAP_UP: frozenset({_S.AVAILABLE, _S.PAUSED, _S.SIGNED_OUT, _S.UNREACHABLE, _S.TALKING}),
    _S.PAUSED: frozenset({_S.AVAILABLE, _S.SIGNED_OUT, _S.UNREACHABLE, _S.PAUSED, _S.TALKING, _S.WRAP_UP}),
    _S.UNREACHABLE: frozenset({_S.AVAILABLE, _S.PAUSED, _S.SIGNED_OUT, _S.TALKING, _S.WRAP_UP}),
}
"""From each state, where it may go. `paused` to `paused` changes the reason and splits the interval."""

PROTECTED = "protected"
"""Reason of the pause after an abusive call (P9): never counted as lateness."""
PAUSE_KEYS = {
    "1": "break", "2": "meal", "3": "toilet", "4": "training", "5": "meeting",
    "6": "technical", "7": "coaching", "8": "paperwork",
}  # fmt: skip
"""Digits of the pause reasons, as `codes/enter-reason` is followed by."""
NO_REASON = "unspecified"
UNLIMITED = frozenset({"toilet", PROTECTED})
"""Reasons whose pauses take as long as they take (P12, P9): no site can limit them."""


class Operator(msgspec.Struct, frozen=True):
    """An operator as configured; the password of the phone is kept apart, by the store."""

    id: OperatorId
    name: str
    skills: dict[SkillId, int]
    queues: tuple[QueueId, ...] | None = None
    """The queues served; None: every queue of the client whose skills fit."""
    client: ClientId = DEFAULT_CLIENT
    language: str = "pt-BR"
    wrap_up_s: float = 5.0
    enabled: bool = True
    leads: bool = False
    """Whether extension and PIN open what supervisors do by phone (C20, S2)."""
    auto_answer: bool = False
    """The phone answers by itself, with a tone before the caller is heard; not together with `confirm`."""
    confirm: bool = False
    """Whoever answers the phone presses a key first: for phones where a voicemail may answer (R7)."""


class Pending(msgspec.Struct, frozen=True):
    """What was asked for during a call and becomes true after it."""

    state: OperatorState
    reason: str
    by: str


class KnownState(msgspec.Struct, frozen=True):
    """An operator's state as last written, to be taken up after a restart."""

    state: OperatorState
    reason: str
    since: float
    clocked_in: bool
    pending: Pending | None = None
    wrap_up_until: float | None = None
    owes: CallId | None = None
    """The call whose form is still to be written."""
    phone: OperatorId | None = None
    """The phone of another extension at which the operator signed in (hot-desk); None: the own one."""

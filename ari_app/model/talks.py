"""What may be asked for during a talk, and what a talk looks like from outside (P6)."""

from __future__ import annotations

from typing import Literal

import msgspec

from ari_app.model.ids import CallId, ChannelId, OperatorId

TargetKind = Literal["operator", "queue", "number"]


class Target(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a caller is to go: an operator's extension, a queue (with the skills wanted there), a number."""

    kind: TargetKind
    to: str
    needs: dict[str, int] = {}


class Ask(msgspec.Struct, frozen=True, tag=True):
    """Base of what may be asked for during a talk."""


class Hold(Ask, frozen=True):
    """Music to the caller; the operator hears nobody."""


class Resume(Ask, frozen=True):
    """Back from hold."""


class Mute(Ask, frozen=True):
    """Nobody hears the operator."""


class Unmute(Ask, frozen=True):
    """The operator is heard again."""


class Transfer(Ask, frozen=True):
    """Blind: the operator leaves, the caller goes to the target, and comes back if that fails."""

    target: Target


class Consult(Ask, frozen=True):
    """The operator talks with the target while the caller hears music."""

    target: Target


class Toggle(Ask, frozen=True):
    """From the one consulted to the caller, or back."""


class Complete(Ask, frozen=True):
    """The operator leaves; the caller talks with the one consulted."""


class Cancel(Ask, frozen=True):
    """The one consulted, or called for a conference, is let go; the operator is with the caller again."""


class Conference(Ask, frozen=True):
    """All hear each other: the one consulted, or (`target`) somebody who is called for it."""

    target: Target | None = None


class Park(Ask, frozen=True):
    """The caller waits with music in a numbered slot; the operator is free."""


class Retrieve(Ask, frozen=True):
    """Take a parked caller: the phone `extension` is rung."""

    extension: OperatorId


class Rejoin(Ask, frozen=True):
    """Ring an operator's phone that was lost in the middle of the talk: it has its place again."""

    extension: OperatorId


class TakeBack(Ask, frozen=True):
    """End a transfer that nobody has answered yet: the caller comes back to who transferred him."""


class Drop(Ask, frozen=True):
    """Let one party of a conference go."""

    party: ChannelId


class Actor(msgspec.Struct, frozen=True):
    """Who asks. `operator` None: a supervisor, who may act on every talk."""

    name: str
    operator: OperatorId | None = None


class PartyView(msgspec.Struct, frozen=True):
    """One who is in a talk besides the caller."""

    channel: ChannelId
    kind: Literal["operator", "outside", "supervisor"]
    who: str
    state: Literal["ringing", "talking", "consulting", "away"]
    muted: bool


class TalkView(msgspec.Struct, frozen=True):
    """A talk as it is now. `transferring_to`: where the caller was sent; `slot`: where he is parked."""

    call: CallId
    phase: str
    operator: OperatorId | None
    held: bool = False
    muted: bool = False
    consulting: str = ""
    with_caller: bool = True
    """Whether the operator is connected with the caller (not with the one consulted)."""
    transferring_to: str = ""
    slot: str = ""
    parties: tuple[PartyView, ...] = ()

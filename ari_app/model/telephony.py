"""What the PBX told us, freed of its wire format; `asterisk.telephony` makes these of ARI events."""

from __future__ import annotations

from dataclasses import dataclass

from ari_app.model.ids import CallId, ChannelId, OperatorId, PlaybackId


@dataclass(frozen=True, slots=True)
class CallEntered:
    """A caller's channel came to us for the first time."""

    call: CallId
    channel: ChannelId
    caller: str
    caller_name: str
    called: str
    direction: str
    verdict: str = ""
    """Of an outbound call that was listened to first: AMDSTATUS, or FAX."""
    verdict_cause: str = ""
    """AMDCAUSE: the rule that decided and its numbers, e.g. `HUMAN-820-800`."""
    endpoint: str = ""
    """The account or trunk that the call came by."""
    operator: OperatorId | None = None
    """Who sits at the phone that the call came from."""


@dataclass(frozen=True, slots=True)
class CallReturned:
    """A caller came back from the dialplan: how the dialling of an operator or number ended.

    `status` is DIALSTATUS, `cause` the Q.850 cause of the called leg (0: none), `target` who was dialled.
    """

    call: CallId
    channel: ChannelId
    status: str
    cause: int
    target: str


@dataclass(frozen=True, slots=True)
class ChannelDigit:
    """A key was pressed on a channel in our hands."""

    channel: ChannelId
    digit: str


@dataclass(frozen=True, slots=True)
class PlaybackEnded:
    """A playback of ours is over."""

    playback: PlaybackId
    failed: bool


@dataclass(frozen=True, slots=True)
class ChannelAnswered:
    """A channel that we dialled under an id of ours was answered."""

    channel: ChannelId


@dataclass(frozen=True, slots=True)
class ChannelEnded:
    """A channel is gone, with its Q.850 cause; `lost`: it went while we could not see, or with the PBX.

    `call` is whose leg it was, as the channel itself says.
    """

    channel: ChannelId
    cause: int
    lost: bool = False
    call: CallId | None = None


@dataclass(frozen=True, slots=True)
class OperatorLegRinging:
    """An operator's phone is being called for a call of ours."""

    call: CallId
    operator: OperatorId
    channel: ChannelId


@dataclass(frozen=True, slots=True)
class OperatorLegAnswered:
    """The operator picked up; `confirmed`: by a key, where one was asked for."""

    call: CallId
    operator: OperatorId
    channel: ChannelId
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class OperatorLegEnded:
    """The operator's leg is gone."""

    call: CallId | None
    operator: OperatorId
    channel: ChannelId
    cause: int


@dataclass(frozen=True, slots=True)
class OutsideLeg:
    """A line of a trunk rings, or (`up`) was answered, for a call of ours; the caller's own one, too."""

    call: CallId
    channel: ChannelId
    up: bool


@dataclass(frozen=True, slots=True)
class OperatorDialled:
    """An operator took up the phone for a call that we did not offer."""

    operator: OperatorId
    channel: ChannelId


@dataclass(frozen=True, slots=True)
class OperatorHeld:
    """An operator put a caller on hold, or took him back."""

    call: CallId
    operator: OperatorId
    held: bool


@dataclass(frozen=True, slots=True)
class PhoneReachable:
    """An operator's phone registered, or was lost."""

    operator: OperatorId
    reachable: bool


@dataclass(frozen=True, slots=True)
class LegPulled:
    """A side of a talk came out of the dialplan into our hands; the caller's or the operator's."""

    call: CallId
    channel: ChannelId


@dataclass(frozen=True, slots=True)
class LegJoined:
    """A leg that we rang for a talk was answered and is in our hands."""

    call: CallId
    channel: ChannelId


@dataclass(frozen=True, slots=True)
class EarReady:
    """A channel that listens in for this watch is in our hands."""

    watch: CallId
    channel: ChannelId


@dataclass(frozen=True, slots=True)
class CallReferred:
    """A phone sent the caller to `target` (SIP REFER) and is out of the talk; empty: it was no number."""

    call: CallId
    channel: ChannelId
    target: str


@dataclass(frozen=True, slots=True)
class MessageEnded:
    """A recording of the caller's voice (voicemail, survey comment) is over."""

    file: str
    duration_s: float
    failed: bool


@dataclass(frozen=True, slots=True)
class PbxConnected:
    """We see the PBX (again): reconcile."""


@dataclass(frozen=True, slots=True)
class PbxLost:
    """We no longer see the PBX."""


TelephonyEvent = (
    CallEntered
    | CallReturned
    | ChannelDigit
    | PlaybackEnded
    | ChannelAnswered
    | ChannelEnded
    | OperatorLegRinging
    | OperatorLegAnswered
    | OperatorLegEnded
    | OutsideLeg
    | OperatorDialled
    | OperatorHeld
    | PhoneReachable
    | LegPulled
    | LegJoined
    | EarReady
    | CallReferred
    | MessageEnded
    | PbxConnected
    | PbxLost
)

"""What calls need of the PBX."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import Protocol

import msgspec

from ari_app.model.commands import RecordMessage, Sound
from ari_app.model.ids import (
    CallId,
    ChannelId,
    ClientId,
    OperatorId,
    PlaybackId,
)


class Outcome(enum.Enum):
    """How a request to the PBX went."""

    DONE = "done"
    GONE = "gone"
    """The channel (or playback, bridge) no longer exists: the caller hung up."""
    REFUSED = "refused"
    """The PBX said no: wrong state, unknown sound, no such endpoint."""
    UNKNOWN = "unknown"
    """No answer: it may or may not have happened. Reconcile tells."""


class LiveChannel(msgspec.Struct, frozen=True):
    """A channel that exists on the PBX now."""

    channel: ChannelId
    call: CallId | None
    operator: OperatorId | None
    """Set for a channel of an operator's phone."""
    up: bool
    in_stasis: bool
    context: str
    caller: str
    called: str


class LivePbx(msgspec.Struct, frozen=True):
    """All channels, our bridges by name, and when this PBX process was started (epoch seconds)."""

    started_at: float
    channels: tuple[LiveChannel, ...]
    bridges: tuple[str, ...] = ()


class Neighbour(msgspec.Struct, frozen=True):
    """A channel that another one is bridged with; `number` is whom it shows."""

    channel: ChannelId
    operator: OperatorId | None
    number: str


class TalkLines(Protocol):
    """What a talk needs once it is more than two phones in the dialplan: bridges, extra legs, ears."""

    async def pull(self, channel: ChannelId, leg: ChannelId) -> Outcome:
        """Take caller and operator out of the dialplan; each comes as `LegPulled`. Only when both talk."""
        ...

    async def take(self, channel: ChannelId) -> Outcome:
        """Take the caller alone (`LegPulled`); whom he talked with in the dialplan is hung up."""
        ...

    async def open_bridge(self, bridge: str) -> Outcome:
        """Make a bridge under a name of ours; one that is there already is as good."""
        ...

    async def close_bridge(self, bridge: str) -> Outcome:
        """Take it down; when this returns it is gone, and one of its name is a new one."""
        ...

    async def join(self, bridge: str, channels: Sequence[ChannelId]) -> Outcome:
        """Bring channels that are in our hands into a bridge, out of the one they were in."""
        ...

    async def part(self, bridge: str, channel: ChannelId) -> Outcome: ...

    async def bridge_music(self, bridge: str, *, on: bool) -> Outcome: ...

    async def ringing_tone(self, bridge: str, playback: PlaybackId) -> Outcome:
        """Who waits in the bridge hears that it rings, until `stop_playback`."""
        ...

    async def mute(self, channel: ChannelId, *, muted: bool) -> Outcome:
        """Nobody hears what this channel says."""
        ...

    async def ring(
        self,
        channel: ChannelId,
        target: str,
        *,
        call: CallId,
        client: ClientId,
        shows: str,
        ring_s: float,
        outside: bool,
    ) -> Outcome:
        """Ring a phone or outside number for a talk: `LegJoined` is its answer, `ChannelEnded` its end."""
        ...

    async def belongs(self, channel: ChannelId, call: CallId) -> Outcome:
        """From now on the channel's events are those of this call."""
        ...

    async def snoop(self, channel: ChannelId, snoop: ChannelId, *, whisper: bool) -> Outcome:
        """Make a channel that hears what `channel` says and hears; with `whisper` it speaks to it, too."""
        ...

    async def neighbours(self, channel: ChannelId) -> tuple[Neighbour, ...] | None:
        """With whom a channel is bridged now; None when the PBX did not say."""
        ...


class Telephony(TalkLines, Protocol):
    """The telephone as calls use it: one Asterisk, seen through ARI.

    No method raises for what telephones do; each returns an `Outcome` within five seconds.
    """

    async def answer(self, channel: ChannelId) -> Outcome: ...

    async def play(self, channel: ChannelId, playback: PlaybackId, sounds: Sequence[Sound]) -> Outcome: ...

    async def play_message(self, channel: ChannelId, playback: PlaybackId, file: str) -> Outcome:
        """Play what was recorded under this name before."""
        ...

    async def stop_playback(self, channel: ChannelId, playback: PlaybackId) -> Outcome: ...

    async def start_music(self, channel: ChannelId, music: str) -> Outcome: ...

    async def stop_music(self, channel: ChannelId) -> Outcome: ...

    async def hang_up(self, channel: ChannelId, cause: int) -> Outcome: ...

    async def offer(  # noqa: PLR0913 - all that an offer is
        self,
        channel: ChannelId,
        operator: OperatorId,
        *,
        ring_s: float,
        max_talk_s: float,
        record: bool,
        say: str = "",
        ask: str = "",
        auto: bool = False,
    ) -> Outcome:
        """Send the caller to the dialplan, which rings the operator with music for the caller.

        `say` is a prompt (`en/transfer/busy`) that the operator alone hears on answering; `ask` one to which
        he presses 1, and only then has answered. `auto`: the phone is told to answer by itself, and a tone
        is heard on it before the caller is.
        """
        ...

    async def hung_up(self, channel: ChannelId) -> bool:
        """Whether the far side has hung up: the channel is gone, or only the dialplan still keeps it."""
        ...

    async def transfer(
        self,
        channel: ChannelId,
        target: str,
        *,
        ring_s: float,
        max_talk_s: float,
        outside: bool,
        record: bool = False,
    ) -> Outcome:
        """Dial an operator's phone or an outside number for a channel in our hands."""
        ...

    async def show_as(self, channel: ChannelId, number: str) -> Outcome:
        """Whom this channel dials sees this number."""
        ...

    async def ring_phone(
        self,
        channel: ChannelId,
        operator: OperatorId,
        number: str,
        *,
        call: CallId,
        client: ClientId,
        ring_s: float,
    ) -> Outcome:
        """Ring the operator's own phone; picked up, it goes on as if it had dialled the number (P10)."""
        ...

    def seat(self, operator: OperatorId, phone: OperatorId | None) -> None:
        """The phone of this extension rings for the operator from now on; None: the own one (hot-desk)."""
        ...

    def operator_at(self, phone: OperatorId) -> OperatorId | None:
        """Who sits at the phone of this extension; None: nobody."""
        ...

    async def dial(  # noqa: PLR0913 - all that a dialling is
        self,
        channel: ChannelId,
        number: str,
        *,
        call: CallId,
        client: ClientId,
        shows: str,
        ring_s: float,
        trunk: str = "",
        listen: bool = False,
    ) -> Outcome:
        """Call an outside number under a channel id of ours; who answers comes as `CallEntered`, outbound.

        Asked twice with one id, the number is dialled once. No answer comes as `ChannelEnded`. `trunk`: by
        which way (empty: the first). With `listen` whoever answers is listened to for some seconds first
        and comes with a verdict. `REFUSED`: the number, or the trunk, is none.
        """
        ...

    async def ring_operator(
        self,
        channel: ChannelId,
        operator: str,
        *,
        call: CallId,
        client: ClientId,
        shows: str,
        ring_s: float,
    ) -> Outcome:
        """The same for an operator's own phone: who picks up comes as `CallEntered`, outbound."""
        ...

    async def await_silence(self, channel: ChannelId) -> Outcome:
        """Wait until an answering machine only listens; ends with `CallReturned`, target `machine`."""
        ...

    async def record_message(self, channel: ChannelId, command: RecordMessage, file: str) -> Outcome: ...

    async def renew(self, channel: ChannelId, seconds: int) -> Outcome:
        """Reset the dead-man's switch: the dialplan takes the caller back if this is not done in time."""
        ...

    async def to_fallback(self, channel: ChannelId) -> Outcome:
        """Hand the caller to the dialplan's own queue."""
        ...

    async def exists(self, channel: ChannelId) -> bool | None:
        """Whether the channel lives; None when the PBX did not say."""
        ...

    async def live(self) -> LivePbx | None:
        """Everything that lives; None when the PBX did not say."""
        ...

    async def reachable(self, operator: OperatorId) -> bool | None: ...

    async def watch(self, operators: Sequence[OperatorId]) -> Outcome:
        """Subscribe to these operators' phones: their legs and reachability are then told."""
        ...


class TapeDeck(Protocol):
    """The PBX's recorder of a channel, while it lives; `file` is a name in its recordings folder."""

    async def start(self, channel: ChannelId, file: str) -> Outcome:
        """Record what is said from here on while the channel is bridged, behind what the file holds.

        Also the way to go on when another party has joined: it stops what ran before.
        """
        ...

    async def stop(self, channel: ChannelId) -> Outcome: ...

    async def mute(self, channel: ChannelId, *, muted: bool, heard_only: bool = False) -> Outcome:
        """Write silence instead of what is said; `heard_only`: instead of what the channel hears."""
        ...

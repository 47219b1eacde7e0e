"""What the inside needs of the outside, and what the layers above need of each other.

Every port is a `Protocol`: the product has one implementation, the tests have a fake that passes the same
contract suite. Expected outcomes are values; an exception is a bug or a lost resource.
"""

from __future__ import annotations

import enum
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Generic, Literal, Protocol, TypeVar

import msgspec

from ari_app.model.account import AuditEntry
from ari_app.model.call import CallRecord, FinalState
from ari_app.model.commands import RecordMessage, Sound
from ari_app.model.facts import Fact
from ari_app.model.ids import (
    CallId,
    ChannelId,
    ClientId,
    OperatorId,
    PlaybackId,
    PunchId,
    QueueId,
    RecordingId,
    SkillId,
    WorkItemId,
)
from ari_app.model.operator import KnownState, Operator, OperatorState, Pending
from ari_app.model.punch import Punch
from ari_app.model.queue import Queue, QueueState
from ari_app.model.recording import Recording, RecordingStatus, Tape
from ari_app.model.talks import Actor, Ask, TalkView
from ari_app.model.watching import Mode, WatchView
from ari_app.model.work import Case, WorkItem

T = TypeVar("T")


class Clock(Protocol):
    """Time as a port, so that tests can jump."""

    def now(self) -> float:
        """Seconds since the epoch, UTC: for records."""
        ...

    def monotonic(self) -> float:
        """Seconds that never jump: for waiting."""
        ...


class Stamped(msgspec.Struct, frozen=True):
    """A fact with its time and the call it belongs to (none: an operator's fact)."""

    at: float
    fact: Fact
    call: CallId | None = None
    client: ClientId = ClientId("default")


class StoredFact(msgspec.Struct, frozen=True):
    """A fact as read back: `seq` orders all facts of the installation and is the cursor of the live feed."""

    seq: int
    at: float
    client: ClientId
    call: CallId | None
    kind: str
    body: dict[str, Any]


class StoredCall(msgspec.Struct, frozen=True):
    """A call without a final state, as found after a restart, with its engine state at the last wait."""

    record: CallRecord
    state: bytes | None


class Journal(Protocol):
    """Where calls and facts are written: queued at once, group-committed in order, never delaying a caller.

    While the store is stalled or away writes wait in memory, in order, and are replayed.
    """

    def put_call(self, record: CallRecord, state: bytes | None) -> None:
        """Insert or replace the record and the engine's state (None: nothing to resume)."""
        ...

    def put_facts(self, facts: Sequence[Stamped]) -> None: ...

    def put_recording(self, recording: Recording) -> None: ...

    def put_case(self, case: Case) -> None:
        """Insert a case; one under the same number stays as it is."""
        ...

    async def flush(self, timeout_s: float = 5.0) -> bool:
        """Wait until all that was put before is on disk; False if it did not get there in time."""
        ...

    @property
    def healthy(self) -> bool:
        """False while writes fail or have waited for more than two seconds."""
        ...


class CallFilter(msgspec.Struct, frozen=True):
    """What a list of calls is narrowed to; None: not narrowed."""

    client: ClientId | None = None
    live: bool | None = None
    final_state: FinalState | None = None
    caller: str | None = None
    operator: OperatorId | None = None
    queue: QueueId | None = None
    protocol: str | None = None
    since: float | None = None
    until: float | None = None


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

    async def close_bridge(self, bridge: str) -> Outcome: ...

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

    async def offer(
        self,
        channel: ChannelId,
        operator: OperatorId,
        *,
        ring_s: float,
        max_talk_s: float,
        record: bool,
        say: str = "",
    ) -> Outcome:
        """Send the caller to the dialplan, which rings the operator with music for the caller.

        `say` is a prompt (`en/transfer/busy`) that the operator alone hears on answering.
        """
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


class RecordingBook(Protocol):
    """Recordings in the store, as those who keep, check and delete them need them."""

    async def find(self, ident: RecordingId) -> Recording | None: ...

    async def of_call(self, call: CallId) -> list[Recording]: ...

    async def put_peaks(self, recording: Recording, peaks: bytes) -> None: ...

    async def expired(self, now: float, *, limit: int = 100) -> list[Recording]:
        """Those that retention deletes now, and those whose deletion was cut short."""
        ...

    async def begin_deletion(self, ident: RecordingId, *, why: str, now: float) -> bool:
        """Make it a tombstone; False: it is held, or there is none."""
        ...

    async def end_deletion(self, ident: RecordingId) -> None:
        """The file is gone."""
        ...

    async def mark(self, ident: RecordingId, status: RecordingStatus, detail: str) -> None: ...

    async def between(self, since: float, until: float) -> list[Recording]: ...

    async def sealed_by(self, keys: Sequence[str], *, limit: int = 200) -> list[Recording]: ...

    async def put_key(self, ident: RecordingId, sealed_key: str, *, before: str) -> None: ...


class LiveRecordings(Protocol):
    """The recordings of calls that are going on, as people act on them."""

    def tape(self, call: CallId) -> Tape | None:
        """None: the call is not going on."""
        ...

    def talking_with(self, operator: OperatorId) -> CallId | None:
        """The call that an operator has now."""
        ...

    async def act(
        self,
        call: CallId,
        act: Literal["start", "pause", "resume", "withdraw"],
        *,
        by: str,
        max_s: float | None = None,
    ) -> Tape:
        """Raises `NotFound`, `IllegalTransition`, `PbxRefused`."""
        ...


class RecordingFilter(msgspec.Struct, frozen=True):
    """What a list of recordings is narrowed to; `caller` and all below ask for the recorded call (M8)."""

    client: ClientId | None = None
    call: CallId | None = None
    since: float | None = None
    until: float | None = None
    status: RecordingStatus | None = None
    text: str | None = None
    """Words of the transcript (M10)."""
    operator: OperatorId | None = None
    """Anybody who is to be heard in it."""
    caller: str | None = None
    queue: QueueId | None = None
    protocol: str | None = None
    disposition: str | None = None
    """The form that was written after the call."""


class Page(msgspec.Struct, Generic[T], frozen=True):
    """A page of a list and the cursor of the next one; None: this was the last."""

    items: tuple[T, ...]
    next: str | None


class OperatorSecrets(msgspec.Struct, frozen=True):
    """What is told once, when an operator is created or a password is rotated."""

    phone_password: str
    console_password: str
    pin: str


class OperatorView(msgspec.Struct, frozen=True):
    """An operator as the API shows it: configuration and live state."""

    operator: Operator
    state: OperatorState
    reason: str
    since: float
    call: CallId | None
    reachable: bool
    clocked_in: bool
    wrap_up_until: float | None = None
    pending: Pending | None = None
    """What was asked for during the call and becomes true after it."""
    owes: CallId | None = None
    """The call whose form is to be written before the next one."""
    phone: OperatorId | None = None
    """The extension of the phone that rings for this operator."""


class QueueView(msgspec.Struct, frozen=True):
    """A queue's live figures."""

    id: QueueId
    name: str
    waiting: int
    oldest_wait_s: float
    operators_available: int
    operators_signed_in: int
    calls: tuple[dict[str, Any], ...]
    target_s: float = 20.0
    """The service level's threshold."""
    needs: dict[SkillId, int] = {}
    """What every caller of this queue needs, with the least level."""
    closed: bool = False
    announcement: str | None = None
    """The emergency announcement that its callers hear; None: none."""


class OperatorDesk(Protocol):
    """The operators as people act on them: by HTTP, by phone code, by the demo. One writer behind it."""

    def views(self, client: ClientId | None = None) -> list[OperatorView]: ...

    def view(self, operator: OperatorId) -> OperatorView | None: ...

    async def create(self, operator: Operator, *, by: str) -> OperatorSecrets:
        """Create the operator and the phone account. Raises `AlreadyExists`, `PhoneRefused`."""
        ...

    async def change(self, operator: Operator, *, by: str) -> None:
        """Replace the configuration (skills, queues, name). Raises `NotFound`."""
        ...

    async def remove(self, operator: OperatorId, *, by: str) -> None:
        """Cut the registration and delete the account; a call in progress goes on. Raises `NotFound`."""
        ...

    async def rotate(self, operator: OperatorId, *, by: str) -> OperatorSecrets:
        """New passwords and PIN; the old ones stop working at once. Raises `NotFound`."""
        ...

    async def set_state(
        self,
        operator: OperatorId,
        state: Literal["available", "paused", "signed_out"],
        *,
        reason: str,
        by: str,
    ) -> OperatorView:
        """Sign in, pause, make ready, sign out. Raises `NotFound`, `IllegalTransition`."""
        ...

    async def sit(self, operator: OperatorId, phone: OperatorId, *, by: str) -> OperatorView:
        """Sign in at any phone (hot-desk): it rings for this operator until he signs out.

        Raises `NotFound`, `IllegalTransition` (somebody is signed in there, or he is on a call).
        """
        ...

    def at_phone(self, phone: OperatorId) -> OperatorView | None:
        """Who sits at this phone; None: nobody."""
        ...

    async def wrap_up(self, operator: OperatorId, more_s: float, *, by: str) -> OperatorView:
        """More time for the paper work. Raises `NotFound`, `IllegalTransition` outside of wrap-up."""
        ...

    async def clock(self, operator: OperatorId, direction: Literal["in", "out"], *, by: str) -> Punch:
        """Punch the clock; the receipt is on disk. Raises `NotFound`, `IllegalTransition` (in twice, out
        twice), `StoreAway`.
        """
        ...

    async def correct(
        self,
        operator: OperatorId,
        direction: Literal["in", "out"] | None,
        at: float,
        *,
        corrects: PunchId | None,
        note: str,
        by: str,
    ) -> Punch:
        """Append a forgotten punch, or one that stands in for another. Raises `NotFound`, `StoreAway`."""
        ...


class QueueOffice(Protocol):
    """Queues as people act on them at once: by HTTP, by phone (C20)."""

    def queue(self, queue: QueueId, client: ClientId | None = None) -> Queue:
        """Raises `NotFound`."""
        ...

    def by_code(self, code: str) -> Queue | None:
        """The queue that these digits name by phone."""
        ...

    def set_state(
        self, queue: QueueId, *, closed: bool | None = None, announcement: str | None = None, by: str
    ) -> QueueState:
        """Close or open, announce a prompt or (an empty text) nothing more; None leaves it as it is."""
        ...


class TalkDesk(Protocol):
    """Talks as people act on them: by HTTP, by a dialled code. The call's session decides and does it."""

    async def ask(self, call: CallId, ask: Ask, actor: Actor) -> TalkView:
        """Do it, or raise `Refusal` with the reason; `TimeoutError`: the PBX did not do it in time."""
        ...

    def talk(self, call: CallId) -> TalkView | None:
        """A live call's talk as it is now."""
        ...

    def parked(self, client: ClientId | None = None) -> Mapping[str, CallId]:
        """Slot → call."""
        ...


class WatchDesk(Protocol):
    """Listening in, as people act on it."""

    async def begin(
        self,
        watcher: OperatorId,
        mode: Mode,
        *,
        by: str,
        call: CallId | None = None,
        target: OperatorId | None = None,
        own_leg: ChannelId | None = None,
    ) -> WatchView:
        """Ring the watcher's phone (or take `own_leg`, on which he dialled). Raises `Refusal`."""
        ...

    async def change(self, ident: CallId, mode: Mode, *, by: str) -> WatchView: ...

    async def end(self, ident: CallId) -> None: ...

    def watches(self) -> list[WatchView]: ...


class PinCheck(Protocol):
    """Extension and PIN, keyed at a phone."""

    async def check(
        self, operator: OperatorId, pin: str, *, phone: OperatorId
    ) -> Literal["right", "wrong", "locked"]:
        """Errors of the store raise."""
        ...


class Audit(Protocol):
    """Where acts of people are written for ever."""

    async def append(self, entry: AuditEntry) -> None: ...


class Floor(Protocol):
    """What is happening now, for the live pages."""

    def queues(self, client: ClientId | None = None) -> list[QueueView]: ...

    def explain(self, call: CallId) -> Mapping[str, Any] | None:
        """Why this caller is still waiting (R10); None when the call does not wait."""
        ...


class ScenarioOffice(Protocol):
    """The scenarios of flows, run in virtual time."""

    async def text(self, flow: str) -> str: ...

    async def run(self, flow: str, source: str | None, scenarios: str | None) -> dict[str, Any]:
        """Results, problems, coverage. Raises `NotFound`, `FlowRefused` for a draft with errors."""
        ...


class FlowOffice(Protocol):
    """Call flows as admins own them: check, publish, roll back."""

    def flows(self) -> list[dict[str, Any]]:
        """Each flow: `id`, `version`, `published_at`, `published_by`, `nodes`, `problems`."""
        ...

    def versions(self, flow: str) -> list[dict[str, Any]] | None:
        """Newest first: `version`, `published_at`, `published_by`, `current`; None: no such flow."""
        ...

    def source(self, flow: str, version: str | None) -> str | None: ...

    def check(self, name: str, text: str) -> list[dict[str, Any]]:
        """Problems of a text: `severity`, `file`, `line`, `column`, `node`, `code`, `message`, `hint`."""
        ...

    async def publish(self, flow: str, text: str, *, by: str, base: str | None = None) -> dict[str, Any]:
        """Make a text the live version. Raises `FlowRefused` with the problems; then nothing changed.

        `base`: the version that the author began from. Another one is live by now: raises `Overtaken`.
        """
        ...

    async def rollback(self, flow: str, version: str | None, *, by: str) -> dict[str, Any]:
        """Make an earlier version live (None: the one before). Raises `NotFound`."""
        ...

    async def retire(self, flow: str, *, by: str) -> None:
        """Take a flow out of service; its versions stay. Raises `NotFound`, `IllegalTransition` if in use."""
        ...


class RehearsalPlan(msgspec.Struct, frozen=True):
    """A rehearsal as asked for: on a test phone that calls, or a number that is called."""

    flow: str
    source: str | None = None
    """A draft; None: the live version."""
    phone: str | None = None
    call: str | None = None
    called: str = "5000"
    caller: str = ""
    language: str | None = None
    time: float | None = None
    """What the flow takes for the time at its beginning."""
    real_lookups: bool = False


class RehearsalOffice(Protocol):
    """Real calls through a flow in a made-up world."""

    async def begin(self, plan: RehearsalPlan) -> dict[str, Any]:
        """Raises `NotFound`, `FlowRefused` for a draft with errors, `Refusal`."""
        ...

    async def watch(self, ident: str, after: int, moves: int, wait_s: float) -> dict[str, Any]:
        """Raises `NotFound`."""
        ...

    async def act(self, ident: str, act: str, value: Any) -> None:
        """Raises `NotFound`, `Refusal`."""
        ...

    def end(self, ident: str) -> None:
        """Raises `NotFound`."""
        ...


class PromptMade(msgspec.Struct, frozen=True):
    """A prompt to be made; `name` without `own/`."""

    name: str
    language: str
    client: ClientId
    by: str
    text: str = ""


class PromptOffice(Protocol):
    """Prompts that admins make, and the names of those that ship."""

    def prompts(self, client: ClientId | None) -> list[dict[str, Any]]: ...

    async def upload(self, made: PromptMade, data: bytes) -> dict[str, Any]:
        """From a sound file of any usual format. Raises `Refusal`; then nothing changed."""
        ...

    async def speak(self, made: PromptMade) -> dict[str, Any]:
        """By the configured voice. Raises `Refusal`."""
        ...

    async def record(self, made: PromptMade, phone: str) -> dict[str, Any]:
        """By a phone that is called. Raises `Refusal`; gives the rehearsal that does it."""
        ...

    def audio(self, client: ClientId, language: str, name: str) -> Path:
        """Raises `NotFound`."""
        ...

    def delete(self, client: ClientId, language: str, name: str) -> None:
        """Raises `NotFound`, `IllegalTransition` while a live flow uses it."""
        ...


class OperatorBook(Protocol):
    """The operators in the store, their secrets sealed or hashed."""

    async def all(self) -> list[Operator]: ...

    async def insert(self, operator: Operator, secrets: OperatorSecrets) -> None:
        """Raises `AlreadyExists`."""
        ...

    async def replace(self, operator: Operator) -> None:
        """Raises `NotFound`."""
        ...

    async def replace_secrets(self, operator: OperatorId, secrets: OperatorSecrets) -> None:
        """Raises `NotFound`."""
        ...

    async def delete(self, operator: OperatorId) -> None:
        """Raises `NotFound`."""
        ...

    async def phone_passwords(self) -> dict[OperatorId, str]: ...

    async def states(self) -> dict[OperatorId, KnownState]: ...

    async def put_states(self, client: ClientId, states: Mapping[OperatorId, KnownState]) -> None: ...


class QueueStateBook(Protocol):
    """What was said of queues at once, in the store. Errors of the store raise."""

    async def put_queue_state(self, state: QueueState) -> None: ...

    async def queue_states(self) -> list[QueueState]: ...


class PunchBook(Protocol):
    """The time clock's chain in the store."""

    async def append(self, punch: Punch) -> Punch:
        """Give it number and hash, on disk. Raises `NotFound` (corrects nothing), `StoreAway`."""
        ...

    async def punches(self, operator: OperatorId) -> list[Punch]: ...


class Phones(Protocol):
    """Phone accounts on the PBX, made and cut at run time."""

    async def put_phone(self, operator: OperatorId, password: str) -> bool:
        """Create or replace; False when the PBX refused or is away (it is reconciled on the next connect)."""
        ...

    async def delete_phone(self, operator: OperatorId) -> bool: ...


class SipBan(msgspec.Struct, frozen=True):
    """An address that the PBX refuses from `since` until `until`, and why; times in epoch seconds."""

    address: str
    since: float
    until: float
    reason: str


class SipBans(Protocol):
    """Addresses that knocked too often with wrong names or passwords."""

    def bans(self) -> list[SipBan]:
        """Those in force, the newest first."""
        ...

    async def lift(self, address: str) -> None:
        """Hear the address again. Raises `NotFound`."""
        ...


class VoiceSpool(Protocol):
    """Where the PBX keeps what callers said, until we have it."""

    async def fetch(self, name: str, write: Callable[[bytes], object]) -> Outcome:
        """Stream a finished recording: `GONE` there is none, `REFUSED` it is still being recorded."""
        ...

    async def stored(self) -> list[str] | None:
        """Names of all finished recordings; None when the PBX did not say."""
        ...

    async def delete(self, name: str) -> Outcome: ...


class WorkItems(Protocol):
    """Work items in the store, as the one who fetches their audio needs them. Errors of the store raise."""

    async def add_item(self, item: WorkItem) -> None:
        """Insert; one that is there already stays as it is."""
        ...

    async def pending_items(self) -> list[WorkItem]:
        """Those whose audio is still on the PBX."""
        ...

    async def audio_stored(self, ident: WorkItemId, file: str, duration_s: float, sha256: str) -> None: ...

    async def audio_missing(self, ident: WorkItemId) -> None: ...

    async def drop_item(self, ident: WorkItemId) -> None:
        """Nothing was said: there is no work."""
        ...


class Audible(Protocol):
    """Something with audio in the recordings folder."""

    @property
    def id(self) -> str: ...

    @property
    def file(self) -> str:
        """Path relative to the recordings folder; empty: none."""
        ...

    @property
    def sha256(self) -> str: ...


class AudioInfo(msgspec.Struct, frozen=True):
    """What is needed to send a recording's audio: bytes in all, media type, a tag that changes with them."""

    size: int
    media_type: str
    etag: str


class RecordingAudio(Protocol):
    """Reads the audio of recordings, wherever and however it is kept (folder, store, encrypted)."""

    async def describe(self, recording: Audible) -> AudioInfo | None:
        """None: there is no audio (any more)."""
        ...

    def read(self, recording: Audible, start: int, stop: int) -> AsyncIterator[bytes]:
        """The bytes from `start` up to, not including, `stop`, in pieces."""
        ...


class Check(msgspec.Struct, frozen=True):
    """One condition of being ready and what is wrong with it."""

    name: str
    ok: bool
    detail: str = ""


class Readiness(Protocol):
    """Whether callers can be served: PBX connected, database writable, flows valid."""

    async def checks(self) -> Sequence[Check]: ...


# --- refusals: values of the domain, mapped to HTTP problems by `web`


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """Something that a person asked for cannot be done; the message says what and why."""


class NotFound(Refusal):
    """No such thing (or not of this client)."""


class AlreadyExists(Refusal):
    """The name is taken."""


class Overtaken(Refusal):
    """Somebody else changed it since it was read; what he made is not written over unseen."""


class IllegalTransition(Refusal):
    """The state machine does not allow this from the present state."""


class PhoneRefused(Refusal):
    """The PBX did not take the phone account."""


class StoreAway(Refusal):
    """What must be on disk first cannot be written now: nothing was done."""


class AudioDamaged(Refusal):
    """The stored audio is not what its manifest says: cut, changed, swapped, or its key is missing."""


class PbxRefused(Refusal):
    """The PBX did not do it, or did not answer."""


class CursorRefused(Refusal):
    """The cursor is none that a page of ours has given."""


class FlowRefused(Refusal):
    """The flow has errors; `problems` as of `FlowOffice.check`."""

    def __init__(self, problems: list[dict[str, Any]]) -> None:
        super().__init__(f"the flow has {len(problems)} problem(s)")
        self.problems = problems

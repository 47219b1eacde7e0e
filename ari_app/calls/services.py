"""What every call's session is given: the ports and the shared settings, in one value."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ari_app.calls.callbacks import Callbacks
from ari_app.calls.placing import Placer
from ari_app.calls.slots import Slots
from ari_app.calls.toll import TollGate
from ari_app.dispatch.dispatcher import Dispatcher
from ari_app.flow.book import FlowBook
from ari_app.model.call import CallRecord
from ari_app.model.commands import KeepMessage, Lookup, Sound
from ari_app.model.ids import CallId, ChannelId, ClientId, FlowId, Language, OperatorId
from ari_app.model.ids import Protocol as ProtocolNumber
from ari_app.model.recording import RecordingLeg, RecordingPolicy, Tape
from ari_app.model.signals import LookupCompleted
from ari_app.model.work import Case, CaseKind
from ari_app.ports import Clock, Journal, TapeDeck, Telephony


class Recorder(Protocol):
    """Recordings as a call needs them."""

    def room(self) -> bool:
        """Whether there is disk space for one more recording."""
        ...

    def finish(self, record: CallRecord, legs: tuple[RecordingLeg, ...], tape: Tape, *, lost: bool) -> None:
        """The call is over: make its recording whole, in the background."""
        ...

    def hold_last(self, call: CallId, seconds: float | None) -> None:
        """Keep no more than the last seconds of a call's file from now on; None: keep all that comes."""
        ...

    def taped_s(self, call: CallId) -> float | None:
        """How much the PBX has written of this call; None: nothing is known."""
        ...

    def throw_away(self, call: CallId) -> None:
        """Leave no byte of what was recorded of a call."""
        ...


class Messages(Protocol):
    """What callers said."""

    def keep(self, record: CallRecord, file: str, command: KeepMessage) -> None:
        """Make a work item of a recorded message, in the background."""
        ...


class Cases(Protocol):
    """Protocol numbers and the cases they stand for."""

    def issue(self, record: CallRecord, kind: CaseKind) -> ProtocolNumber:
        """Open a case under a number that no other has."""
        ...


class Watchers(Protocol):
    """Those who listen in, as a call's session tells them what happens."""

    def talking(self, call: CallId) -> None: ...

    def talk_over(self, call: CallId) -> None: ...

    def given_back(self, channel: ChannelId) -> None: ...

    def knows(self, ident: CallId | None) -> bool: ...

    def owns(self, channel: ChannelId) -> bool: ...

    def joined(self, ident: CallId, channel: ChannelId) -> None: ...

    def ear_ready(self, ident: CallId, ear: ChannelId) -> None: ...

    def channel_ended(self, channel: ChannelId) -> None: ...


class Lookups(Protocol):
    """Other systems, asked by HTTP."""

    async def ask(self, command: Lookup) -> LookupCompleted: ...


@dataclass(frozen=True, slots=True)
class Answering:
    """Who answers a dialled number; `language` None: the flow's own."""

    flow: FlowId
    client: ClientId
    language: Language | None = None


@dataclass(frozen=True, slots=True)
class Services:
    """See the types."""

    telephony: Telephony
    dispatcher: Dispatcher
    journal: Journal
    clock: Clock
    book: Callable[[], FlowBook]
    """The flows as published now; a call keeps the version it started with."""
    flow_of: Callable[[str], Answering | None]
    """Which flow answers a dialled number."""
    recorder: Recorder
    deck: TapeDeck
    recording_policy: Callable[[CallRecord], RecordingPolicy]
    """The rule by which a call is recorded, once its queue is known."""
    messages: Messages
    cases: Cases
    case_of: Callable[[str], Awaitable[Case | None]]
    """The case of a protocol number."""
    callbacks: Callbacks
    placers: Sequence[Placer]
    """Whose calls come back to us as outbound ones: callbacks, campaigns, operators who dial."""
    lookups: Lookups
    last_operator: Callable[[CallRecord], Awaitable[OperatorId | None]]
    """Who talked with this caller last (R5)."""
    supervision: Watchers
    """Who listens to talks."""
    on_dnc: Callable[[ClientId, str], Awaitable[bool]]
    """Whether a client's do-not-call list, or that of all, holds a number; the store's errors raise."""
    toll: TollGate
    """Which outside numbers are called, and for how much money."""
    slots: Slots
    """Parked callers."""
    estimate: Callable[[CallId], float | None]
    """Honest waiting time of a waiting call, seconds."""
    lasts: Callable[[Sequence[Sound]], float] = lambda sounds: 3.0 * len(sounds)
    """How long sounds play, one after the other, seconds."""
    own_sound: Callable[[ClientId, Sound], Sound] = lambda _client, sound: sound
    """A sound with the place of the admins' own prompt, where it is one."""

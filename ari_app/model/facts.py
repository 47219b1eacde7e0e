"""What is worth telling, in the past tense: stored in one outbox, read by console, webhooks, reports.

Facts never steer a call. A call's trace (C16) is its facts in order; each is stored with its time.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from ari_app.model.ids import (
    AttemptId,
    CallbackId,
    CampaignId,
    FlowId,
    FlowVersion,
    Language,
    NodeId,
    OfferId,
    OperatorId,
    PromptId,
    Protocol,
    PunchId,
    QueueId,
    RecordingId,
    WorkItemId,
)


class Fact(msgspec.Struct, frozen=True, tag_field="fact", tag=True):
    """Base of all facts."""


# --- the call -----------------------------------------------------------------------------------------------


class CallStarted(Fact, frozen=True):
    """A call came to us."""

    caller: str
    called: str
    direction: str


class CallRefused(Fact, frozen=True):
    """An operator's own call was not placed, and why."""

    reason: str
    text: str


class CallAnswered(Fact, frozen=True):
    """We (or, outbound, the called party) answered."""


class CallQueued(Fact, frozen=True):
    """The call entered a queue: the service-level clock starts."""

    queue: QueueId
    needs: dict[str, int]
    priority: int


class CallDequeued(Fact, frozen=True):
    """The call left the queue without an operator."""

    queue: QueueId
    reason: str


OfferOutcome = Literal[
    "answered",
    "missed",
    "busy",
    "rejected",
    "unconfirmed",
    "unreachable",
    "phone_error",
    "caller_gone",
    "cancelled",
]


class RoutingDecided(Fact, frozen=True):
    """Why this operator (or nobody yet): the explanation of one routing decision, bounded (R10)."""

    explanation: dict[str, Any]


class OfferMade(Fact, frozen=True):
    """An operator was reserved and the phone is being rung."""

    offer: OfferId
    operator: OperatorId
    queue: QueueId
    score: float
    step: int


class OfferEnded(Fact, frozen=True):
    """How an offer ended."""

    offer: OfferId
    operator: OperatorId
    outcome: OfferOutcome
    ring_s: float


class CallConnected(Fact, frozen=True):
    """Caller and operator hear each other."""

    operator: OperatorId


class TalkEnded(Fact, frozen=True):
    """They no longer do."""

    operator: OperatorId
    talk_s: float
    by: Literal["caller", "operator", "lost"]


class CallHeld(Fact, frozen=True):
    """The operator put the caller on hold (music), or took him back."""

    operator: OperatorId
    held: bool
    by: str


class OperatorMuted(Fact, frozen=True):
    """Nobody hears the operator, or everybody does again."""

    operator: OperatorId
    muted: bool
    by: str


class TransferStarted(Fact, frozen=True):
    """The caller is on his way to somebody else; `how` tells who asked: API or the phone's own REFER."""

    operator: OperatorId | None
    kind: Literal["operator", "queue", "number"]
    target: str
    how: Literal["blind", "attended", "refer", "take_over"]
    by: str


class TransferEnded(Fact, frozen=True):
    """The target has the caller, or (any other outcome) he goes back to `back_to`, who is told why."""

    target: str
    outcome: str
    back_to: OperatorId | None = None


class PartyJoined(Fact, frozen=True):
    """One more who hears, or is asked by, the operator: consulted, in conference, or a supervisor."""

    kind: Literal["operator", "outside", "supervisor"]
    who: str
    role: Literal["consult", "conference", "talk", "barge"]


class PartyLeft(Fact, frozen=True):
    """That one is out again; `outcome` is `answered`, or why it never came to a talk."""

    kind: Literal["operator", "outside", "supervisor"]
    who: str
    outcome: str
    talk_s: float


class WatchBegan(Fact, frozen=True):
    """A supervisor's or trainee's phone hears (`whisper`, `barge`: and speaks into) this talk."""

    watcher: OperatorId
    mode: Literal["listen", "whisper", "barge", "take_over"]
    operator: OperatorId | None
    by: str


class WatchEnded(Fact, frozen=True):
    """It no longer does."""

    watcher: OperatorId
    mode: Literal["listen", "whisper", "barge", "take_over"]


class PhoneRejoined(Fact, frozen=True):
    """An operator's phone was lost in the middle of a talk and is rung once more."""

    operator: OperatorId
    by: str


class CallParked(Fact, frozen=True):
    """The caller waits in a numbered slot."""

    slot: str
    operator: OperatorId | None
    by: str


class CallRetrieved(Fact, frozen=True):
    """A parked caller is fetched, or (`timeout`) comes back to who parked him."""

    slot: str
    operator: OperatorId | None
    by: str


class CallEnded(Fact, frozen=True):
    """The one final state of a call."""

    final_state: str
    cause: int


class CallResumed(Fact, frozen=True):
    """A restarted application took the call up again in this phase."""

    phase: str


class RecordingStored(Fact, frozen=True):
    """The recording's file and manifest are on disk."""

    recording: RecordingId
    status: str
    duration_s: float


class ConsentTold(Fact, frozen=True):
    """The caller agreed to being recorded, refused, or took his consent back (M4)."""

    consent: Literal["given", "refused", "withdrawn"]
    by: str


class RecordingStarted(Fact, frozen=True):
    """From here on (or from `from_s` seconds into the talk) the call is recorded, by this rule (M2)."""

    by: str
    policy: str
    from_s: float


class RecordingPaused(Fact, frozen=True):
    """Silence is written instead of what is said (M3)."""

    by: str
    at_s: float
    max_s: float


class RecordingResumed(Fact, frozen=True):
    """What is said is recorded again."""

    by: str
    at_s: float


class RecordingAlarm(Fact, frozen=True):
    """A recording is not what it should be, or the recorder cannot work (M5).

    `no_room`, `not_started`, `not_paused`, `incomplete`, `missing`, `corrupt`, `orphan`, `store_away`,
    `not_converted`, `not_resumed`, `not_shredded`, `restored`, `database_away`, `clock_jumped`,
    `not_transcribed`.
    """

    kind: str
    detail: str


class RecordingDeleted(Fact, frozen=True):
    """The audio is gone for good (M6)."""

    recording: RecordingId
    why: str
    by: str


class ProtocolGiven(Fact, frozen=True):
    """The caller has a protocol number."""

    protocol: Protocol
    kind: str


class MessageLeft(Fact, frozen=True):
    """What the caller said is kept as a work item; zero seconds when the audio could not be had."""

    item: WorkItemId
    kind: str
    queue: QueueId
    duration_s: float


class CallbackPromised(Fact, frozen=True):
    """The caller will be called back and keeps his place."""

    callback: CallbackId
    queue: QueueId


class CallbackTried(Fact, frozen=True):
    """One attempt to call back is over."""

    callback: CallbackId
    attempt: int
    outcome: str


class SessionFault(Fact, frozen=True):
    """Our own mistake, caught at the top of a session; the caller was taken to the safe exit."""

    error: str


# --- the flow -----------------------------------------------------------------------------------------------


class FlowEntered(Fact, frozen=True):
    """The flow (or sub-flow) that steers the call from here."""

    flow: FlowId
    version: FlowVersion


class NodeEntered(Fact, frozen=True):
    """The call came to a node."""

    flow: FlowId
    node: NodeId
    type: str


class NodeLeft(Fact, frozen=True):
    """The call left a node by an exit; `to` is empty at the flow's end."""

    flow: FlowId
    node: NodeId
    exit: str
    to: str


class PromptPlayed(Fact, frozen=True):
    """A prompt was started."""

    language: Language
    prompts: tuple[PromptId, ...]


class PromptFailed(Fact, frozen=True):
    """The prompt of this node could not be played, or its end was never told; the flow went on."""

    node: NodeId


class DigitPressed(Fact, frozen=True):
    """A key was received; masked as `*` where the node collects something secret."""

    digit: str


class BranchDecided(Fact, frozen=True):
    """A condition and the value it had."""

    node: NodeId
    expression: str
    value: Any


class VariableSet(Fact, frozen=True):
    """A variable got a value."""

    name: str
    value: Any


class WaitStarted(Fact, frozen=True):
    """The flow waits here for the caller or the world."""

    node: NodeId
    kind: str
    timeout_s: float | None


class LookupAnswered(Fact, frozen=True):
    """Another system answered, or did not."""

    node: NodeId
    ok: bool
    status: int
    error: str


class SurveyAnswered(Fact, frozen=True):
    """One answer of a survey (C15)."""

    question: str
    answer: str


class FlowFault(Fact, frozen=True):
    """An author's mistake met at run time; the caller was taken to the flow's safe exit."""

    node: NodeId
    error: str


class FlowEnded(Fact, frozen=True):
    """The flow has nothing more to do."""

    flow: FlowId


class QueueStateChanged(Fact, frozen=True):
    """Somebody closed or opened a queue at once, or gave it an emergency announcement."""

    queue: QueueId
    closed: bool
    announcement: PromptId | None
    by: str


# --- operators ----------------------------------------------------------------------------------------------


class OperatorStateChanged(Fact, frozen=True):
    """One interval of an operator's day ended and the next began."""

    operator: OperatorId
    old: str
    new: str
    reason: str
    by: str


class PauseOverran(Fact, frozen=True):
    """A pause lasts longer than the site means its reason to; nothing was done about it.

    Told once per pause; once more when the application starts anew during it, or its limit was changed.
    """

    operator: OperatorId
    reason: str
    paused_at: float
    longest_s: float


class OperatorClocked(Fact, frozen=True):
    """A punch of the clock; `direction` None strikes one out, `corrects` names it."""

    operator: OperatorId
    direction: Literal["in", "out"] | None
    by: str
    punch: PunchId = PunchId("")
    punched_at: float = 0.0
    corrects: PunchId | None = None


# --- campaigns ----------------------------------------------------------------------------------------------


class CampaignDialled(Fact, frozen=True):
    """Pacing let calls go out: how many, by which rule, and the numbers behind it (O15)."""

    campaign: CampaignId
    launched: int
    rule: str
    reasons: dict[str, float]


class CampaignHeld(Fact, frozen=True):
    """A running campaign stopped dialling, and why; empty: it goes on."""

    campaign: CampaignId
    reason: str


class AttemptResolved(Fact, frozen=True):
    """A campaign's attempt is over; `drop_ms` is the evidence of a drop."""

    campaign: CampaignId
    attempt: AttemptId
    result: str
    reason: str
    verdict: str | None
    drop_ms: int | None


class PreviewOffered(Fact, frozen=True):
    """An operator is shown a contact before the call."""

    campaign: CampaignId
    attempt: AttemptId
    operator: OperatorId


class NoticeSent(Fact, frozen=True):
    """A supervisor told an operator something; it stands on the operator's page until read."""

    operator: OperatorId
    notice: str
    text: str
    by: str


AnyFact = (
    CallStarted
    | CallRefused
    | CallAnswered
    | CallQueued
    | CallDequeued
    | RoutingDecided
    | OfferMade
    | OfferEnded
    | CallConnected
    | TalkEnded
    | CallHeld
    | OperatorMuted
    | TransferStarted
    | TransferEnded
    | PartyJoined
    | PartyLeft
    | WatchBegan
    | WatchEnded
    | CallParked
    | CallRetrieved
    | CallEnded
    | CallResumed
    | RecordingStored
    | ConsentTold
    | RecordingStarted
    | RecordingPaused
    | RecordingResumed
    | RecordingAlarm
    | RecordingDeleted
    | ProtocolGiven
    | MessageLeft
    | CallbackPromised
    | CallbackTried
    | SessionFault
    | FlowEntered
    | NodeEntered
    | NodeLeft
    | PromptPlayed
    | PromptFailed
    | DigitPressed
    | BranchDecided
    | VariableSet
    | WaitStarted
    | LookupAnswered
    | SurveyAnswered
    | FlowFault
    | FlowEnded
    | QueueStateChanged
    | OperatorStateChanged
    | OperatorClocked
    | CampaignDialled
    | CampaignHeld
    | AttemptResolved
    | PreviewOffered
    | NoticeSent
)

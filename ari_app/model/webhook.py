"""Whom we tell of facts over HTTP, and what is on its way to them (X10)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal, TypeAlias

import msgspec

from ari_app.model.ids import ClientId

DeliveryState: TypeAlias = Literal["pending", "delivered", "dead"]

TEST_EVENT = "webhook.test"
EVENTS: Mapping[str, str] = {
    "CallStarted": "call.started",
    "CallAnswered": "call.answered",
    "CallQueued": "call.queued",
    "CallDequeued": "call.dequeued",
    "CallConnected": "call.connected",
    "TransferEnded": "call.transferred",
    "ProtocolGiven": "call.protocol_given",
    "SurveyAnswered": "call.survey_answered",
    "CallEnded": "call.ended",
    "MessageLeft": "message.left",
    "CallbackPromised": "callback.promised",
    "CallbackTried": "callback.tried",
    "ConsentTold": "recording.consent_told",
    "RecordingStored": "recording.stored",
    "RecordingAlarm": "recording.alarm",
    "RecordingDeleted": "recording.deleted",
    "OperatorStateChanged": "operator.state_changed",
    "PauseOverran": "operator.pause_overran",
    "OperatorClocked": "operator.clocked",
    "QueueStateChanged": "queue.state_changed",
    "AttemptResolved": "campaign.attempt_resolved",
    "CampaignHeld": "campaign.held",
    "SessionFault": "fault.session",
    "FlowFault": "fault.flow",
}
"""Facts that are told to others, and the names they go by; what callers press is never among them."""


class Webhook(msgspec.Struct, frozen=True):
    """A receiver; its secret is kept apart."""

    id: str
    url: str
    events: tuple[str, ...]
    """Names of events, `call.*`, or `*`."""
    created_at: float
    client: ClientId | None = None
    """None: facts of all clients."""
    private: bool = False
    """It may lie in our own network."""
    enabled: bool = True
    cursor: int = 0
    """The last fact that was looked at for it."""

    def wants(self, event: str, client: ClientId) -> bool:
        """Whether it is to be told of this event of this client."""
        return self.client in {None, client} and matches(self.events, event)


class Delivery(msgspec.Struct, frozen=True):
    """One event for one receiver; its id is the same at every try."""

    id: str
    webhook: str
    seq: int
    """Of the fact; below zero: a test."""
    event: str
    body: str
    created_at: float
    next_at: float
    client: ClientId | None = None
    state: DeliveryState = "pending"
    attempts: int = 0
    status: int = 0
    """Of the last answer; 0: there was none."""
    error: str = ""


def matches(patterns: Collection[str], event: str) -> bool:
    """Whether a subscription to these names takes in the event."""
    kind = event.partition(".")[0]
    return bool({"*", event, f"{kind}.*"} & set(patterns))


def is_pattern(name: str) -> bool:
    """Whether a subscription may name this."""
    return name == "*" or any(matches((name,), event) for event in EVENTS.values())

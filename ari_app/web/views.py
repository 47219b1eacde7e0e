"""What goes out as JSON: snake_case, times as RFC 3339 UTC with milliseconds, durations in seconds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from msgspec import Meta

from ari_app.model.call import CallRecord, FinalState, Phase
from ari_app.model.operator import OperatorState
from ari_app.model.recording import Codec, Consent, Pause, Recording, RecordingStatus
from ari_app.ports import OperatorSecrets, OperatorView, QueueView, StoredFact

T = TypeVar("T")
Time = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]


def rfc3339(at: float) -> str:
    """`2026-01-02T03:04:05.678Z` of seconds since the epoch."""
    return datetime.fromtimestamp(round(at, 3), UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def optional_time(at: float | None) -> str | None:
    """The same for a time that may not have come yet."""
    return None if at is None else rfc3339(at)


def with_times(value: Any) -> Any:
    """A free-form answer of a port with each number named `…_at` as a time."""
    if isinstance(value, Mapping):
        return {
            key: rfc3339(item)
            if str(key).endswith("_at") and isinstance(item, int | float) and not isinstance(item, bool)
            else with_times(item)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [with_times(item) for item in value]
    return value


class Listing(msgspec.Struct, Generic[T], frozen=True):
    """A page: `next` is the cursor of the following one, null on the last."""

    items: list[T]
    next: str | None = None


class CallOut(msgspec.Struct, frozen=True, rename={"caller": "from", "called": "to"}):
    """A call."""

    id: str
    client: str
    channel: str
    caller: str
    called: str
    direction: str
    phase: Phase
    flow: str | None
    flow_version: str | None
    language: str | None
    queue: str | None
    operator: str | None
    started_at: Time
    answered_at: Time | None
    queued_at: Time | None
    offered_at: Time | None
    connected_at: Time | None
    ended_at: Time | None
    final_state: FinalState | None
    wait_s: float | None
    talk_s: float | None
    digits: str
    recording_id: str | None
    protocol: str | None


def call_out(record: CallRecord) -> CallOut:
    """A record as the API shows it."""
    fields = {name: getattr(record, name) for name in CallOut.__struct_fields__}
    for name, value in fields.items():
        if name.endswith("_at") and value is not None:
            fields[name] = rfc3339(value)
    return CallOut(**fields)


class FactOut(msgspec.Struct, frozen=True):
    """A fact's head; its own fields stand beside these (see the schema `AnyFact`)."""

    seq: int
    at: Time
    call_id: str | None
    fact: str


def fact_out(stored: StoredFact) -> dict[str, Any]:
    """A fact as the API shows it, flat."""
    head = {"seq": stored.seq, "at": rfc3339(stored.at), "call_id": stored.call, "fact": stored.kind}
    return {**stored.body, **head}


class RoutingOut(msgspec.Struct, frozen=True):
    """A call's routing trace: why it waits now (null: it does not), each decision, each offer (R10)."""

    call_id: str
    waiting: dict[str, Any] | None
    decisions: list[dict[str, Any]]
    offers: list[dict[str, Any]]


class LegOut(msgspec.Struct, frozen=True):
    """One stretch with one operator."""

    operator: str
    start_s: float
    end_s: float


class PauseOut(msgspec.Struct, frozen=True):
    """A stretch of silence in place of what was said; `end_s` null: it goes on."""

    start_s: float
    end_s: float | None
    by: str
    ended_by: str


def pause_out(pause: Pause) -> PauseOut:
    """A pause as the API shows it."""
    return PauseOut(round(pause.start_s, 3), pause.end_s, pause.by, pause.ended_by)


class RecordingOut(msgspec.Struct, frozen=True):
    """A call's recording: left channel the caller, right the operator side.

    `file` is its key in `store` (`file:///folder`, `s3://bucket/prefix`).
    """

    id: str
    client: str
    call_id: str
    status: RecordingStatus
    started_at: Time
    duration_s: float
    rate_hz: int
    samples: int
    sha256: str
    file: str
    store: str
    legs: list[LegOut]
    pauses: list[PauseOut]
    codec: Codec
    encrypted: bool
    stored_bytes: int
    stored_sha256: str
    policy: str
    consent: Consent
    expires_at: Time | None
    hold: str
    deleted_at: Time | None
    deleted_why: str
    detail: str


def recording_out(recording: Recording) -> RecordingOut:
    """A recording as the API shows it."""
    return RecordingOut(
        id=recording.id,
        client=recording.client,
        call_id=recording.call,
        status=recording.status,
        started_at=rfc3339(recording.started_at),
        duration_s=recording.duration_s,
        rate_hz=recording.rate_hz,
        samples=recording.samples,
        sha256=recording.sha256,
        file=recording.file,
        store=recording.store,
        legs=[LegOut(leg.operator, leg.start_s, leg.end_s) for leg in recording.legs],
        pauses=[pause_out(pause) for pause in recording.pauses],
        codec=recording.codec,
        encrypted=bool(recording.sealed_key),
        stored_bytes=recording.stored_bytes,
        stored_sha256=recording.stored_sha256,
        policy=recording.policy,
        consent=recording.consent,
        expires_at=optional_time(recording.expires_at),
        hold=recording.hold,
        deleted_at=optional_time(recording.deleted_at),
        deleted_why=recording.deleted_why,
        detail=recording.detail,
    )


class PendingOut(msgspec.Struct, frozen=True):
    """What was asked for during a call and becomes true after it."""

    state: OperatorState
    reason: str
    by: str


class OperatorOut(msgspec.Struct, frozen=True):
    """An operator: configuration and live state; `since` is the start of the present state.

    `phone` is the extension of the phone that rings, `owes` the call whose form is to be written first,
    `pause_until` when the pause should be over by the site's limit: nothing ends it then.
    """

    extension: str
    client: str
    name: str
    skills: dict[str, int]
    queues: list[str] | None
    language: str
    wrap_up_s: float
    enabled: bool
    state: OperatorState
    reason: str
    since: Time
    call_id: str | None
    reachable: bool
    clocked_in: bool
    leads: bool
    auto_answer: bool
    confirm: bool
    phone: str
    wrap_up_until: Time | None
    pause_until: Time | None
    pending: PendingOut | None
    owes: str | None


def operator_out(view: OperatorView) -> OperatorOut:
    """An operator as the API shows it."""
    operator = view.operator
    return OperatorOut(
        extension=operator.id,
        client=operator.client,
        name=operator.name,
        skills={str(skill): level for skill, level in operator.skills.items()},
        queues=None if operator.queues is None else [str(queue) for queue in operator.queues],
        language=operator.language,
        wrap_up_s=operator.wrap_up_s,
        enabled=operator.enabled,
        state=view.state,
        reason=view.reason,
        since=rfc3339(view.since),
        call_id=view.call,
        reachable=view.reachable,
        clocked_in=view.clocked_in,
        leads=operator.leads,
        auto_answer=operator.auto_answer,
        confirm=operator.confirm,
        phone=view.phone or operator.id,
        wrap_up_until=None if view.wrap_up_until is None else rfc3339(view.wrap_up_until),
        pause_until=None if view.pause_until is None else rfc3339(view.pause_until),
        pending=None if view.pending is None else PendingOut(**msgspec.structs.asdict(view.pending)),
        owes=view.owes,
    )


class SecretsOut(msgspec.Struct, frozen=True):
    """Told once: the phone's password, the console's, the PIN for phone codes."""

    extension: str
    password: str
    console_password: str
    pin: str


def secrets_out(extension: str, secrets: OperatorSecrets) -> SecretsOut:
    """New secrets as the API tells them."""
    return SecretsOut(extension, secrets.phone_password, secrets.console_password, secrets.pin)


class QueueOut(msgspec.Struct, frozen=True):
    """A queue's live figures."""

    id: str
    name: str
    waiting: int
    oldest_wait_s: float
    operators_available: int
    operators_signed_in: int
    target_s: float
    skills: dict[str, int]
    closed: bool
    announcement: str | None


class QueueLiveOut(QueueOut, frozen=True):
    """The same with the waiting calls in line, true at `at`."""

    at: Time
    calls: list[dict[str, Any]]


def queue_out(view: QueueView) -> QueueOut:
    """A queue as the API lists it."""
    return QueueOut(**_queue_fields(view))


def queue_live_out(view: QueueView, now: float) -> QueueLiveOut:
    """A queue as the live page shows it."""
    return QueueLiveOut(
        **_queue_fields(view), at=rfc3339(now), calls=[with_times(call) for call in view.calls]
    )


def _queue_fields(view: QueueView) -> dict[str, Any]:
    fields = {name: getattr(view, name) for name in QueueOut.__struct_fields__ if name != "skills"}
    return fields | {"skills": {str(skill): level for skill, level in view.needs.items()}}

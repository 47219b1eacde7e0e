"""A queue as configured: how long phones ring, how long callers wait, what is recorded."""

from __future__ import annotations

from typing import Literal

import msgspec

from ari_app.model.ids import DEFAULT_CLIENT, ClientId, PromptId, QueueId, SkillId


class QueueState(msgspec.Struct, frozen=True):
    """What was said of a queue at once, until told otherwise: it outlasts a restart (C20)."""

    queue: QueueId
    client: ClientId
    closed: bool
    announcement: PromptId | None
    changed_by: str
    changed_at: float


class Queue(msgspec.Struct, frozen=True):
    """Settings of one queue; all durations in seconds."""

    id: QueueId
    name: str = ""
    client: ClientId = DEFAULT_CLIENT
    ring_s: float = 20.0
    """How long one operator's phone rings before the next is tried."""
    wrap_up_s: float | None = None
    """Wrap-up after a call of this queue; None: the operator's own."""
    target_s: float = 20.0
    """The service level's threshold T."""
    needs: dict[SkillId, int] = {}
    """What every caller of this queue needs, with the least level."""
    last_operator_s: float = 0.0
    """How long a returning caller waits for the operator of last time (R5)."""
    code: str = ""
    """What is keyed to name this queue by phone (C20)."""
    max_waiting: int | None = None
    """More callers than this are refused as `full`."""
    max_wait_s: float | None = None
    """Callers who waited this long are refused as `timeout`."""
    when_empty: Literal["wait", "leave"] = "wait"
    """What happens when nobody is signed in who could serve the call: wait, or refuse as `empty`."""
    max_talk_s: float = 7200.0
    miss_limit: int = 2
    """Missed offers in a row after which an operator is paused."""
    retry_s: float = 30.0
    """For how long an operator who missed or rejected a call is not offered the same call again."""
    auto_answer: bool = False
    """Operators' phones answer its calls by themselves, with a tone: for campaigns, where seconds count."""
    confirm: bool = False
    """Whoever answers an operator's phone presses a key before the caller is given to it."""
    form_required: bool = False
    """Wrap-up lasts until the operator has written down what came of the call."""

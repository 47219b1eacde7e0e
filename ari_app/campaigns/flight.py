"""One attempt while it is in the air: from its claim to its outcome."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from ari_app.campaigns.ports import Claim
from ari_app.dispatch.messages import Assigned
from ari_app.model.campaign import AmdVerdict, Attempt, AttemptResult
from ari_app.model.ids import CallId, ChannelId, OperatorId
from ari_app.pacing.vocabulary import Outcome as Lesson

Stage: TypeAlias = Literal["claimed", "dialling", "answered", "over"]

VERDICTS: dict[str, AmdVerdict] = {
    "HUMAN": "human",
    "MACHINE": "machine",
    "NOTSURE": "unsure",
    "FAX": "fax",
}


@dataclass(slots=True, eq=False)
class Flight:
    """An attempt and what is known of it; times are epoch seconds. One writer: the dialer."""

    claim: Claim
    stage: Stage = "claimed"
    assigned: Assigned | None = None
    """The operator who is reserved for it before it is dialled (preview, personal callbacks)."""
    reserved: bool = False
    """An operator is asked for before it is dialled."""
    resumed: bool = False
    """It was under way when we started."""
    looked_after: bool = False
    """Somebody waits for its end, and asks when it is not told."""
    in_floor: Literal["", "ringing", "waiting", "gone"] = ""
    answered_at: float | None = None
    greeted_at: float | None = None
    """When the greeting of who answered was over: the law's grace begins."""
    verdict: AmdVerdict | None = None
    verdict_s: float | None = None
    connected_at: float | None = None
    operator: OperatorId | None = None
    drop_ms: int | None = None
    longest_s: float | None = None
    """The call is ended after so many seconds: what the toll gate holds money for."""
    opted_out: bool = False
    note: str = ""
    """What else is to be said of its end."""
    seen: asyncio.Event = field(default_factory=asyncio.Event)
    """It entered, or is over: nobody needs to look after it any more."""
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    """The operator who was asked for is reserved, or will not be."""

    @property
    def attempt(self) -> Attempt:
        return self.claim.attempt

    @property
    def call(self) -> CallId:
        return CallId(self.claim.attempt.id)

    @property
    def channel(self) -> ChannelId:
        return ChannelId(self.claim.attempt.id)

    @property
    def by_machine(self) -> bool:
        """Nobody is there who could be connected."""
        return self.verdict in {"machine", "fax"}


def result_of(cause: int) -> tuple[AttemptResult, str]:
    """How dialling somebody ended, by the Q.850 cause of the channel's end, and why in a word."""
    match cause:
        case 17:
            return "busy", "busy"
        case 21:
            return "no_answer", "rejected"
        case 1 | 28:
            return "invalid_number", "no_such_number"
        case 34 | 38 | 41 | 42 | 44:
            return "failed", "congestion"
        case 2 | 3 | 20 | 27 | 58 | 88 | 127:
            return "failed", "unreachable"
    return "no_answer", "no_answer"


LESSONS: dict[AttemptResult, Lesson] = {
    "busy": "busy",
    "no_answer": "no_answer",
    "machine": "machine",
    "invalid_number": "failed",
    "failed": "failed",
    "unknown": "no_answer",
}
"""What the pacing learns of an attempt that nobody live answered."""

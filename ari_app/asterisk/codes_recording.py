"""Codes by which operators start, pause and resume the recording of the call they are in (M2, M3).

The phone holds the call while the code is dialled; what was asked for is done before anything is said.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import structlog

from ari_app.asterisk.spoken import Dialogue, Spoken
from ari_app.model.ids import OperatorId
from ari_app.ports import IllegalTransition, LiveRecordings, NotFound, OperatorDesk, PbxRefused

log = structlog.get_logger()

Act: TypeAlias = Literal["start", "pause", "resume"]
SAID: dict[Act, str] = {"start": "consent/notice", "pause": "consent/paused", "resume": "consent/resumed"}


class RecordingCodes:
    """Acts on the call of whoever sits at the phone, on no other."""

    def __init__(self, desk: OperatorDesk, recordings: LiveRecordings) -> None:
        self._desk = desk
        self._recordings = recordings

    def dialogues(self) -> dict[str, Dialogue]:
        """By the code's verb."""
        return {f"record_{act}": self._dialogue(act) for act in SAID}

    def _dialogue(self, act: Act) -> Dialogue:
        async def dialogue(phone: OperatorId, spoken: Spoken) -> tuple[str, ...]:
            del spoken
            return (await self.act(phone, act),)

        return dialogue

    async def act(self, phone: OperatorId, act: Act) -> str:
        """What is said of it."""
        view = self._desk.at_phone(phone)
        if view is None:
            return "codes/not-signed-in"
        call = self._recordings.talking_with(view.operator.id)
        if call is None:
            return "codes/not-allowed-now"
        try:
            await self._recordings.act(call, act, by=view.operator.id)
        except (IllegalTransition, NotFound) as refusal:
            log.info("code.refused", operator=view.operator.id, act=act, reason=str(refusal))
            return "codes/not-allowed-now"
        except PbxRefused:
            return "codes/try-again-later"
        return SAID[act]

"""`ports.LiveRecordings`: what people ask of the recordings of live calls, given to the calls' sessions."""

from __future__ import annotations

import asyncio

from ari_app.calls.exchange import Exchange
from ari_app.calls.messages import RecordingAct, RecordingAsked
from ari_app.calls.session import Session
from ari_app.model.call import Phase
from ari_app.model.ids import CallId, OperatorId
from ari_app.model.recording import Tape
from ari_app.ports import NotFound, PbxRefused

PATIENCE_S = 8.0


class RecordingDesk:
    """Asks a call's own session, which alone changes its recording."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def tape(self, call: CallId) -> Tape | None:
        session = self._exchange.sessions.get(call)
        return None if session is None or session.ended else session.tape

    def talking_with(self, operator: OperatorId) -> CallId | None:
        for call, session in self._exchange.sessions.items():
            if session.record.operator == operator and session.record.phase is Phase.TALKING:
                return call
        return None

    async def act(self, call: CallId, act: RecordingAct, *, by: str, max_s: float | None = None) -> Tape:
        """Raises `NotFound`, `IllegalTransition`, `PbxRefused`."""
        session = self._live(call)
        answer: asyncio.Future[Tape] = asyncio.get_running_loop().create_future()
        session.mailbox.put(RecordingAsked(act, by, answer, max_s))
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await answer
        except TimeoutError as error:
            if session.ended:
                raise NotFound(f"call {call} is over") from error
            raise PbxRefused("the call did not answer in time") from error

    def _live(self, call: CallId) -> Session:
        session = self._exchange.sessions.get(call)
        if session is None or session.ended:
            raise NotFound(f"call {call} is not going on")
        return session

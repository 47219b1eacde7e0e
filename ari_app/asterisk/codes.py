"""What operators dial (P1): each code does one thing at the desk and says in their language what it did.

The act comes first and the words after it, so that hanging up early changes nothing. Who acts is whose phone
it is: the dialplan names the endpoint that authenticated.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import structlog

from ari_app.asterisk.agi import AgiRequest, AgiSession
from ari_app.asterisk.spoken import Dialogue, Spoken
from ari_app.flow import speech
from ari_app.model.ids import OperatorId
from ari_app.model.operator import NO_REASON, PAUSE_KEYS, PROTECTED, OperatorState
from ari_app.ports import IllegalTransition, NotFound, OperatorDesk, OperatorView, StoreAway

log = structlog.get_logger()

BY = "phone"
MORE_S = 60.0
"""By how much the code extends a wrap-up."""


class Codes:
    """The FastAGI handler."""

    def __init__(
        self, desk: OperatorDesk, sounds: str, more: Mapping[str, Dialogue], now: Callable[[], float]
    ) -> None:
        """`sounds` is the folder of prompts as Asterisk sees it; `more`: codes that ask something first."""
        self._desk = desk
        self._sounds = sounds
        self._more = more
        self._now = now
        self._verbs: dict[str, Callable[[OperatorId], Awaitable[str]]] = {
            "sign_in": self._sign_in,
            "sign_out": self._sign_out,
            "ready": self._ready,
            "clock_in": self._clock_in,
            "clock_out": self._clock_out,
            "abuse_pause": self._abuse_pause,
        }

    async def __call__(self, request: AgiRequest, session: AgiSession) -> None:
        """Serve one dialled code."""
        phone, verb = OperatorId(request.query.get("operator", "")), request.path
        owner, view = self._desk.view(phone), self._desk.at_phone(phone)
        spoken = Spoken(session, self._sounds, _language(view or owner))
        await session.answer()
        if verb in self._more:
            said = await self._more[verb](phone, spoken)
        elif view is None:
            said = ("codes/not-signed-in",)
        elif verb == "pause":
            said = await self._pause(view.operator.id, spoken)
        elif verb == "wrap_up":
            said = await self._wrap_up(view.operator.id, spoken)
        else:
            said = (await self._act(verb, view.operator.id),)
        log.info("code.dialled", phone=phone, verb=verb, said=said)
        await spoken.say(*said)
        await session.hangup()

    async def _act(self, verb: str, operator: OperatorId) -> str:
        do = self._verbs.get(verb)
        if do is None:
            return "codes/unknown-code"
        try:
            return await do(operator)
        except IllegalTransition as refusal:
            log.info("code.refused", operator=operator, verb=verb, reason=str(refusal))
            return _REFUSED.get(verb, "codes/not-allowed-now")
        except StoreAway:
            return "codes/try-again-later"
        except NotFound:
            return "codes/not-allowed-now"

    async def _sign_in(self, operator: OperatorId) -> str:
        view = self._desk.view(operator)
        was_in = view is not None and view.state is not OperatorState.SIGNED_OUT
        await self._desk.set_state(operator, "available", reason="", by=BY)
        return "codes/already-signed-in" if was_in else "codes/signed-in"

    async def _sign_out(self, operator: OperatorId) -> str:
        await self._desk.set_state(operator, "signed_out", reason="", by=BY)
        return "codes/signed-out"

    async def _ready(self, operator: OperatorId) -> str:
        view = self._desk.view(operator)
        if view is None or view.state is OperatorState.SIGNED_OUT:
            return "codes/not-signed-in"
        await self._desk.set_state(operator, "available", reason="", by=BY)
        return "codes/ready"

    async def _clock_in(self, operator: OperatorId) -> str:
        await self._desk.clock(operator, "in", by=BY)
        return "codes/clocked-in"

    async def _clock_out(self, operator: OperatorId) -> str:
        await self._desk.clock(operator, "out", by=BY)
        return "codes/clocked-out"

    async def _abuse_pause(self, operator: OperatorId) -> str:
        await self._desk.set_state(operator, "paused", reason=PROTECTED, by=BY)
        return "codes/protected-pause"

    async def _pause(self, operator: OperatorId, spoken: Spoken) -> tuple[str, ...]:
        """Paused at once; a digit then names the reason, which splits the interval. A pause keeps its own."""
        view = self._desk.view(operator)
        try:
            if view is None or view.state is not OperatorState.PAUSED:
                await self._desk.set_state(operator, "paused", reason=NO_REASON, by=BY)
        except (IllegalTransition, NotFound):
            return ("codes/not-signed-in",)
        digit = await spoken.ask("codes/enter-reason", 3.0, 1)
        if not digit:
            return ("codes/paused",)
        if digit not in PAUSE_KEYS:
            return ("codes/unknown-reason",)
        await self._desk.set_state(operator, "paused", reason=PAUSE_KEYS[digit], by=BY)
        return ("codes/paused-reason", f"reason/{PAUSE_KEYS[digit]}")

    async def _wrap_up(self, operator: OperatorId, spoken: Spoken) -> tuple[str, ...]:
        """A minute more; how much is left is said."""
        try:
            view = await self._desk.wrap_up(operator, MORE_S, by=BY)
        except (IllegalTransition, NotFound):
            return ("codes/not-allowed-now",)
        left_s = max(1, round((view.wrap_up_until or 0.0) - self._now()))
        return speech.say_duration(left_s, spoken.language)


_REFUSED = {
    "clock_in": "codes/already-clocked-in",
    "clock_out": "codes/not-clocked-in",
    "abuse_pause": "codes/not-signed-in",
}


def _language(view: OperatorView | None) -> str:
    return "pt-BR" if view is None else view.operator.language

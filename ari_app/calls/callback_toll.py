"""What callbacks cost: the toll gate is asked before a call is promised, and before it is dialled (X8).

A caller may key in any number, and a caller id may be forged: neither makes us call one that costs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from ari_app.calls import outside
from ari_app.calls.placing import Begin
from ari_app.calls.toll import Allowed, Reason, Refused, TollGate
from ari_app.model.call import CallRecord
from ari_app.model.ids import CallId
from ari_app.ports import Clock

if TYPE_CHECKING:
    from ari_app.calls.session import Session

log = structlog.get_logger()

RESTS_S = {Reason.TRUNK_BUSY: 15.0, Reason.TRUNK_SPENT: 300.0}
"""Refusals that pass, and after how long it is asked again; the others are of the number itself."""


class CallbackToll:
    """The gate as callbacks see it. A callback is placed by a machine: no operator pays for it."""

    def __init__(self, gate: TollGate, clock: Clock) -> None:
        self._gate = gate
        self._clock = clock
        self._allowed: dict[CallId, Allowed] = {}

    def refuses(self, number: str, caller: str) -> str:
        """Why nobody is promised a call to this number; empty: he may be.

        Emergency numbers are called by people alone. The number that `caller` showed, without its `+`, is
        refused where it would reach somebody else: a stranger of our own country instead of a foreigner.
        """
        verdict = self._gate.judge(number)
        if isinstance(verdict, Refused):
            return verdict.text
        shown = self._gate.judge(caller) if caller == f"+{number}" else verdict
        if isinstance(shown, Refused):
            return shown.text
        if shown.number != verdict.number:
            return f"{number} is another number here"
        return f"{number} is an emergency number" if verdict.emergency else ""

    def ask(self, call: CallId, number: str) -> Allowed | Refused:
        """How it is dialled, and for how long; place and money are held until `over`."""
        verdict = self._gate.ask(call, number, self._clock.now(), operator=None, trunk=outside.TRUNK)
        if isinstance(verdict, Allowed) and verdict.emergency:
            self._gate.ended(call, 0.0, self._clock.now())
            verdict = Refused(Reason.UNKNOWN_PREFIX, f"{number} is an emergency number")
        if isinstance(verdict, Allowed):
            self._allowed[call] = verdict
        else:
            log.warning("callback.toll_refused", call_id=call, reason=verdict.reason.value)
        return verdict

    def timed(self, begin: Begin) -> Begin:
        """The same beginning of a call whose own line is the outside one: it ends when its money does."""

        async def begun(session: Session) -> None:
            allowed = self._allowed.get(session.record.id)
            if allowed is not None:
                session.timers.start(outside.TOLL + session.record.channel, allowed.longest_s)
            await begin(session)

        return begun

    def longest_s(self, call: CallId, at_most: float) -> float:
        """How long the talk may last that is allowed."""
        allowed = self._allowed.get(call)
        return at_most if allowed is None else min(at_most, allowed.longest_s)

    def over(self, call: CallId, record: CallRecord | None = None) -> None:
        """What it cost replaces what it held; `record`: of the call, if anybody answered. Twice: nothing."""
        self._allowed.pop(call, None)
        now = self._clock.now()
        began = None if record is None else record.answered_at
        talked_s = 0.0 if record is None or began is None else (record.ended_at or now) - began
        self._gate.ended(call, talked_s, now)

"""Real calls in every phase at once, and what must have become of them after a fault (X2).

One caller talks under recording, a phone rings for the second, the third waits in line, the fourth hears the
menu. `then_all_goes_on` is told after the fault is over.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import pairwise

from pbx.telco_calls import Call
from pbx.telco_phones import Behaviour
from pbx.tones import seconds, spans
from tests.support.words import Words

TALKING_HZ, RINGING_HZ, LINE_HZ = 850.0, 700.0, 950.0
DROPOUT_S = 1.0
"""One that a machine without time for its far phones makes; a talk that is touched breaks for longer."""
TALKS, RINGS, LINE = "1116", "1117", "1118"


@dataclass(slots=True)
class Phases:
    """The four callers with the ids of their calls."""

    words: Words
    talking: Call
    talking_id: str
    ringing: Call
    ringing_id: str
    waiting: Call
    waiting_id: str
    menu: Call
    menu_id: str

    def then_talking_goes_on(self) -> None:
        """Now, whatever the application does: the pair hears each other without a break."""
        self.words.when_they_talk(self.talking, TALKING_HZ)
        heard = spans(self.talking.recorded_audio(), TALKING_HZ)
        gaps = [later[0] - earlier[1] for earlier, later in pairwise(heard)]
        assert all(gap <= DROPOUT_S for gap in gaps), f"the operator's tone was interrupted: {heard}"

    def talking_goes_on_until(self, moment: float) -> None:
        """All the while until this time of the monotonic clock."""
        while time.monotonic() < moment:
            self.then_talking_goes_on()

    def then_all_goes_on(self, *, recorded: bool = True) -> None:
        """The pair talked all the while, the phone was answered, the line kept its order, the menu serves."""
        words = self.words
        words.when_they_talk(self.ringing, RINGING_HZ)
        words.then_phase(self.ringing_id, "talking")
        words.then_operator_is(RINGS, "talking")
        words.then_phase(self.waiting_id, "waiting")
        words.then_phase(self.menu_id, "flow")
        self.menu.press("3")
        words.then_phase(self.menu_id, "waiting")
        words.api.put(f"/operators/{LINE}/state", {"state": "available"})
        self.then_talking_goes_on()
        for call, ident in ((self.waiting, self.waiting_id), (self.menu, self.menu_id)):
            words.when_they_talk(call, LINE_HZ)
            words.then_phase(ident, "talking")
            call.hangup()
            assert words.then_ended(ident)["operator"] == LINE
        for call, ident in ((self.talking, self.talking_id), (self.ringing, self.ringing_id)):
            words.then_phase(ident, "talking")
            call.hangup()
            record = words.then_ended(ident)
            assert record["final_state"] == "answered"
        talk_s = words.api.get(f"/calls/{self.talking_id}")["talk_s"]
        assert talk_s > seconds(self.talking.recorded_audio(), TALKING_HZ) - 1.0
        if recorded:
            heard_s = seconds(self.talking.recorded_audio(), TALKING_HZ)
            words.then_recording_has(self.talking_id, left=440, right=TALKING_HZ, heard_s=heard_s)
        for operator in (TALKS, RINGS, LINE):
            words.then_operator_is(operator, "available")


def calls_in_every_phase(words: Words, rings_s: float = 8.0) -> Phases:
    """Dial until one call is in each phase; the ringing phone is answered after `rings_s`."""
    words.given_operator(TALKS, {"support": 2}, Behaviour(say=f"tone:{TALKING_HZ:g}"))
    words.given_operator(RINGS, {"sales": 1}, Behaviour(say=f"tone:{RINGING_HZ:g}", after_s=rings_s))
    words.given_operator(LINE, {"orders": 1}, Behaviour(say=f"tone:{LINE_HZ:g}"), signed_in=False)

    def dial(caller: str, digit: str) -> tuple[Call, str]:
        call = words.when_caller_dials(caller=caller)
        ident = words.newest_call()
        if digit:
            call.press(digit)
        return call, ident

    talking, talking_id = dial("caller1", "2")
    waiting, waiting_id = dial("caller3", "3")
    words.when_they_talk(talking, TALKING_HZ)
    words.then_phase(talking_id, "talking")
    menu, menu_id = dial("caller4", "")
    words.then_fact(menu_id, "WaitStarted")
    words.then_phase(waiting_id, "waiting")
    ringing, ringing_id = dial("caller2", "1")
    words.then_operator_is(RINGS, "ringing")
    return Phases(words, talking, talking_id, ringing, ringing_id, waiting, waiting_id, menu, menu_id)

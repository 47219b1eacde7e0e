"""The application dies while a phone rings, and the ring ends before it is back (X2)."""

from __future__ import annotations

from pbx.telco_phones import Behaviour
from tests.support.words import Words

OPERATOR_HZ = 850.0


def test_X2_whose_ring_ended_while_the_app_was_dead_is_offered_again_before_who_came_later(
    words: Words,
) -> None:
    robot = words.given_operator("1106", {"support": 2}, Behaviour(do="ring"))
    assert robot is not None
    since = words.telco.ami.mark()
    first = words.when_caller_dials()
    first_id = words.newest_call()
    first.press("2")
    words.then_operator_is("1106", "ringing")
    second = words.when_caller_dials(caller="caller2")
    second_id = words.newest_call()
    second.press("2")
    words.then_phase(second_id, "waiting")
    words.centre.kill_application()
    words.telco.pick_up("1106", since, do="busy")
    words.until(
        lambda: not any(channel["name"].startswith("PJSIP/1106") for channel in words.ari("/channels")),
        "the phone does not ring any more",
    )
    robot.behave(Behaviour(say=f"tone:{OPERATOR_HZ:g}"))
    words.centre.start_application()
    words.centre.await_ready()
    words.when_they_talk(first, OPERATOR_HZ)
    words.then_phase(first_id, "talking")
    words.then_phase(second_id, "waiting")
    first.hangup()
    assert words.then_ended(first_id)["final_state"] == "answered"
    words.when_they_talk(second, OPERATOR_HZ)
    second.hangup()
    assert words.then_ended(second_id)["final_state"] == "answered"

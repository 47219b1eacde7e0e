"""What is changed or taken away under a live call: the operator who talks, the queue that callers wait in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from demo.api import ApiError
from demo.centre import Centre
from pbx.telco_phones import Behaviour
from tests.support.words import Words

NUMBER, OPERATOR_HZ = "5078", 850.0
FLOW = """
flow: going
language: pt-BR
start: line
nodes:
  line: {type: enqueue, queue: going, on: {closed: other, otherwise: bye}}
  other: {type: enqueue, queue: general, on: {otherwise: bye}}
  bye: {type: hangup}
"""
NOTHING = "flow: going\nlanguage: pt-BR\nstart: bye\nnodes:\n  bye: {type: hangup}\n"
QUEUE = "  going: {name: Going, skills: {sales: 5}}\n"


def version(words: Words) -> str | None:
    """Of the flow that is live."""
    flows = words.api.get("/flows")["items"]
    return next((str(flow["version"]) for flow in flows if flow["id"] == "going" and flow["version"]), None)


@pytest.fixture
def site(words: Words, centre: Centre) -> Iterator[str]:
    """A number of its own whose callers wait in a queue of its own; gives the text without the queue."""
    file, flow = centre.plan.flows / "site.yaml", centre.plan.flows / "going.yaml"
    before = file.read_text("utf-8")
    without = before.replace("numbers:\n", f'numbers:\n  "{NUMBER}": {{flow: going, name: Going}}\n', 1)
    flow.write_text(FLOW, "utf-8")
    words.when_site_is(without.replace("\nqueues:\n", f"\nqueues:\n{QUEUE}", 1))
    words.until(lambda: version(words) is not None, "the flow is live")
    yield without
    live = version(words)
    flow.write_text(NOTHING, "utf-8")  # first it names no queue, then the queue may go
    words.until(lambda: version(words) not in {None, live}, "the flow names nothing")
    words.when_site_is(before)
    flow.unlink()
    words.until(lambda: version(words) is None, "the flow is retired")


def test_R9_callers_who_wait_in_a_queue_that_is_deleted_go_on_in_their_flow(words: Words, site: str) -> None:
    words.given_operator("1106", {}, Behaviour(say=f"tone:{OPERATOR_HZ:g}"))
    call = words.when_caller_dials(NUMBER)
    ident = words.newest_call()
    words.then_phase(ident, "waiting")
    live = version(words)
    file = words.centre.plan.flows / "going.yaml"
    file.write_text(FLOW.replace("queue: going", "queue: general"), "utf-8")
    words.until(lambda: version(words) not in {None, live}, "the flow names the queue no more")
    assert words.api.get(f"/calls/{ident}")["queue"] == "going", "who waits is left in peace until then"
    words.when_site_is(site)
    words.when_they_talk(call, OPERATOR_HZ)
    assert words.then_fact(ident, "CallDequeued")["reason"] == "closed"
    record = words.then_call(ident, lambda one: (one["phase"], one["queue"]) == ("talking", "general"))
    assert record["operator"] == "1106"
    call.hangup()
    assert words.then_ended(ident)["final_state"] == "answered"


def test_R2_a_demand_that_is_lowered_in_the_site_file_reaches_who_waits_already(
    words: Words, site: str
) -> None:
    words.given_operator("1106", {"sales": 1}, Behaviour(say=f"tone:{OPERATOR_HZ:g}"))
    call = words.when_caller_dials(NUMBER)
    ident = words.newest_call()
    words.then_phase(ident, "waiting")
    assert words.facts(ident, "OfferMade") == [], "level 5 is asked for"
    entered = words.api.get(f"/calls/{ident}")["queued_at"]
    words.when_site_is(site.replace("\nqueues:\n", f"\nqueues:\n{QUEUE.replace('5', '1')}", 1))
    words.when_they_talk(call, OPERATOR_HZ)
    record = words.then_phase(ident, "talking")
    assert (record["queue"], record["operator"], record["queued_at"]) == ("going", "1106", entered)
    call.hangup()
    words.then_ended(ident)


def test_P8_an_operator_who_is_deleted_in_a_call_talks_to_its_end(words: Words) -> None:
    robot = words.given_operator("1106", {"support": 2}, Behaviour(say=f"tone:{OPERATOR_HZ:g}"))
    assert robot is not None
    call = words.when_caller_dials()
    ident = words.newest_call()
    call.press("2")
    words.when_they_talk(call, OPERATOR_HZ)
    words.api.delete("/operators/1106")
    with pytest.raises(ApiError) as gone:
        words.api.get("/operators/1106")
    assert gone.value.status == 404
    call.hears(OPERATOR_HZ, least_s=1.0)
    assert words.api.get(f"/calls/{ident}")["phase"] == "talking"
    robot.hangup()
    record = words.then_ended(ident)
    assert (record["final_state"], record["operator"]) == ("answered", "1106")
    assert record["talk_s"] > 1.0

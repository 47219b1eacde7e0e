"""What an operator's page is told over HTTP while his phone rings (P4)."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.error import HTTPError

import pytest

from demo.centre import Centre
from pbx.telco_calls import Call
from pbx.telco_phones import Behaviour
from tests.support.words import Words

CALLER, OPERATOR_HZ = "+5511922227777", 850.0
ORDERS = "  orders:\n    name: Orders\n"
FORMS = """
forms:
  order:
    name: Order
    fields:
      greeted: {label: "Good morning, what may we bring you?", type: yes_no, required: true}
      dish: {label: Dish, type: choice, choices: [pizza, soup]}
"""


@pytest.fixture
def site(words: Words, centre: Centre) -> Iterator[None]:
    """After calls for orders a form is filled in; what it asks is what the operator has to say."""
    before = (centre.plan.flows / "site.yaml").read_text("utf-8")
    assert ORDERS in before
    words.when_site_is(before.replace(ORDERS, f"{ORDERS}    form: order\n    ring_s: 90\n") + FORMS)
    yield
    words.when_site_is(before)


def when_caller_asks(words: Words, keys: str) -> tuple[Call, str]:
    call = words.when_caller_dials(caller=None, caller_id=CALLER)
    ident = words.newest_call()
    words.then_waits_for_a_key(ident)
    call.press(keys)
    return call, ident


@pytest.mark.usefixtures("site")
def test_P4_all_that_is_known_of_the_caller_is_told_while_the_phone_rings(words: Words) -> None:
    words.given_operator("1164", {"orders": 1}, Behaviour(say=f"tone:{OPERATOR_HZ:g}"))
    call, earlier = when_caller_asks(words, "3")
    words.when_they_talk(call, OPERATOR_HZ)
    call.hangup()
    words.then_ended(earlier)
    ticket = words.api.post("/cases", {"kind": "order", "from": CALLER, "note": "cold pizza"})["protocol"]
    words.api.wait(f"/cases/{ticket}", lambda case: case["state"] == "open")

    words.given_operator("1163", {"orders": 1, "english": 1}, Behaviour(do="ring"))
    call, ident = when_caller_asks(words, "93")
    words.then_operator_is("1163", "ringing")
    words.then_phase(ident, "offered")
    own, record, known, forms = words.as_operator(
        "1163", "/operators/1163", f"/calls/{ident}", f"/calls/{ident}/history", "/forms"
    )
    assert (own["state"], own["call_id"]) == ("ringing", ident)
    assert (record["phase"], record["connected_at"]) == ("offered", None)
    told = {key: record[key] for key in ("from", "to", "digits", "language", "queue")}
    assert told == {"from": CALLER, "to": "5000", "digits": "93", "language": "en", "queue": "orders"}
    assert known["number"] == CALLER
    before = {one["id"]: (one["queue"], one["final_state"], one["operator"]) for one in known["calls"]}
    assert before[earlier] == ("orders", "answered", "1164")
    assert ident not in before
    tickets = {case["protocol"]: (case["kind"], case["state"], case["note"]) for case in known["cases"]}
    assert tickets[ticket] == ("order", "open", "cold pizza")
    script = next(form for form in forms["items"] if record["queue"] in form["queues"])
    assert [field["label"] for field in script["fields"]] == ["Good morning, what may we bring you?", "Dish"]

    with pytest.raises(HTTPError, match="404"):
        words.as_operator("1164", f"/calls/{ident}/history")
    assert words.api.get("/operators/1163")["state"] == "ringing", "all of that was told before an answer"
    call.hangup()
    words.then_ended(ident)

"""Calls, traces and routing traces over HTTP."""

from __future__ import annotations

from ari_app.model.call import FinalState
from ari_app.model.facts import DigitPressed, NodeEntered, OfferEnded, ProtocolGiven, RoutingDecided
from ari_app.model.ids import CallId, FlowId, NodeId, OfferId, OperatorId, Protocol
from ari_app.model.work import Case
from ari_app.ports import Stamped
from tests.api.house import ACME, BETA, House


async def test_a_call_has_the_fields_of_the_contract(house: House) -> None:
    await house.given_call("c1", answered_at=1_700_000_001.0, final_state=FinalState.ANSWERED, digits="2")
    answer = await house.ask("GET", "/calls/c1", await house.token("admin"))
    assert answer.status == 200
    call = answer.json
    assert (call["from"], call["to"]) == ("+5511988887777", "5000")
    assert call["started_at"] == "2023-11-14T22:13:20.678Z"
    assert call["answered_at"] == "2023-11-14T22:13:21.000Z"
    assert call["ended_at"] is None
    fields = (
        "id direction from to flow flow_version language queue operator started_at answered_at queued_at "
        "offered_at connected_at ended_at final_state wait_s talk_s digits recording_id protocol"
    )
    assert set(fields.split()) <= set(call)


async def test_C16_trace_tells_nodes_and_digits_in_order_with_times(house: House) -> None:
    await house.given_call("c1")
    house.journal.put_facts(
        [
            Stamped(1_700_000_000.5, NodeEntered(FlowId("main"), NodeId("menu"), "menu"), CallId("c1"), ACME),
            Stamped(1_700_000_001.25, DigitPressed("2"), CallId("c1"), ACME),
            Stamped(1_700_000_001.5, ProtocolGiven(Protocol("2026"), "complaint"), CallId("c1"), ACME),
            Stamped(1_700_000_001.5, DigitPressed("9"), CallId("other"), ACME),
        ]
    )
    await house.journal.flush()
    token = await house.token("supervisor")
    items = (await house.ask("GET", "/calls/c1/trace", token)).json["items"]
    assert [item["fact"] for item in items] == ["NodeEntered", "DigitPressed", "ProtocolGiven"]
    assert items[0]["node"] == "menu"
    assert (items[1]["digit"], items[1]["at"]) == ("2", "2023-11-14T22:13:21.250Z")
    first = (await house.ask("GET", "/calls/c1/trace?limit=2", token)).json
    assert len(first["items"]) == 2
    rest = (await house.ask("GET", f"/calls/c1/trace?limit=2&cursor={first['next']}", token)).json
    assert [item["fact"] for item in rest["items"]] == ["ProtocolGiven"]
    assert rest["next"] is None


async def test_R10_routing_tells_decisions_offers_and_why_it_waits(house: House) -> None:
    await house.given_call("c1")
    house.floor.waiting[CallId("c1")] = {"reason": "nobody has support at 2", "queued_at": 1_700_000_000}
    offer = OfferEnded(OfferId("o1"), OperatorId("1005"), "missed", 20.0)
    house.journal.put_facts(
        [
            Stamped(1.0, RoutingDecided({"candidates": [{"operator": "1005", "score": 2.5}]}), CallId("c1")),
            Stamped(2.0, offer, CallId("c1")),
        ]
    )
    await house.journal.flush()
    routing = (await house.ask("GET", "/calls/c1/routing", await house.token("supervisor"))).json
    assert routing["waiting"]["queued_at"] == "2023-11-14T22:13:20.000Z"
    assert routing["decisions"][0]["explanation"]["candidates"][0]["operator"] == "1005"
    assert routing["offers"][0]["outcome"] == "missed"


async def test_calls_are_paged_from_the_newest_without_gap_or_repeat(house: House) -> None:
    for n in range(25):
        await house.given_call(f"c{n:02}", started_at=1_700_000_000.0 + n // 3)
    token = await house.token("admin")
    seen: list[str] = []
    path = "/calls?limit=7"
    while path:
        page = (await house.ask("GET", path, token)).json
        seen += [call["id"] for call in page["items"]]
        path = f"/calls?limit=7&cursor={page['next']}" if page["next"] else ""
    assert seen == [f"c{n:02}" for n in reversed(range(25))]


async def test_calls_are_narrowed(house: House) -> None:
    await house.given_call("c1", caller="+5511", queue="support")
    await house.given_call("c2", final_state=FinalState.ABANDONED, operator="1005")
    token = await house.token("admin")

    async def found(query: str) -> list[str]:
        answer = await house.ask("GET", f"/calls?{query}", token)
        assert answer.status == 200, answer.body
        return [call["id"] for call in answer.json["items"]]

    assert await found("from=%2B5511") == ["c1"]
    assert await found("queue=support") == ["c1"]
    assert await found("live=true") == ["c1"]
    assert await found("live=false") == ["c2"]
    assert await found("final_state=abandoned") == ["c2"]
    assert await found("operator=1005") == ["c2"]
    assert await found("since=2023-11-14T22:13:20Z&until=2023-11-14T22:13:21Z") == ["c2", "c1"]
    assert await found("until=2023-11-14T22:13:20Z") == []


async def test_bad_questions_are_problems_that_name_the_parameter(house: House) -> None:
    token = await house.token("admin")
    for query, named in [
        ("limit=0", "limit"),
        ("limit=x", "limit"),
        ("colour=red", "colour"),
        ("since=yesterday", "since"),
        ("cursor=%21%21", "cursor"),
        ("queue=A%20b", "queue"),
        ("limit=1&limit=2", "limit"),
        ("from=%00", "from"),
    ]:
        answer = await house.ask("GET", f"/calls?{query}", token)
        assert answer.status == 400, query
        assert answer.headers["Content-Type"].startswith("application/problem+json")
        assert named in answer.body.decode(), answer.body
    assert (await house.ask("GET", "/calls/nobody", token)).status == 404
    assert (await house.ask("GET", "/calls/%00", token)).status == 404


async def test_P4_history_of_a_number_is_told_to_who_has_its_call_and_to_nobody_else(house: House) -> None:
    await house.given_call("old", started_at=1_699_000_000.0, final_state=FinalState.ANSWERED)
    await house.given_call("later", started_at=1_700_000_900.0)
    await house.given_call("foreign", caller="+5511900000000", started_at=1_699_000_001.0)
    await house.given_call("now", started_at=1_700_000_500.0, operator=OperatorId("1001"))
    await house.given_call("hidden", caller="anonymous", operator=OperatorId("1001"))
    for protocol, caller in (("20231114000001", "+5511988887777"), ("20231114000002", "+5511900000000")):
        house.journal.put_case(Case(Protocol(protocol), "support", caller, 1.0, 2.0, client=ACME))
    await house.journal.flush()
    mine = await house.token("operator", ACME, "1001")
    told = (await house.ask("GET", "/calls/now/history", mine)).json
    assert told["number"] == "+5511988887777"
    assert [call["id"] for call in told["calls"]] == ["old"]
    assert [case["protocol"] for case in told["cases"]] == ["20231114000001"]
    assert (await house.ask("GET", "/calls/hidden/history", mine)).json == {
        "number": "",
        "calls": [],
        "cases": [],
    }
    for token in (await house.token("operator", ACME, "1002"), await house.token("admin", BETA)):
        assert (await house.ask("GET", "/calls/now/history", token)).status == 404

"""Punches over HTTP: a receipt for each, corrections by leaders, the proof for auditors."""

from __future__ import annotations

from ari_app.model.ids import OperatorId
from ari_app.model.operator import Operator
from tests.api.house import ACME, House


async def test_W1_a_punch_has_a_receipt_and_a_correction_appends(house: House) -> None:
    await house.desk.create(Operator(OperatorId("1001"), "Ana", {}, client=ACME), by="test")
    mine = await house.token("operator", ACME, "1001")
    leader, auditor = await house.token("supervisor", ACME), await house.token("auditor", ACME)
    path = "/operators/1001/punches"
    made = await house.ask("POST", "/operators/1001/clock", mine, json={"direction": "in"})
    receipt = made.json["receipt"]
    assert (made.status, made.json["clocked_in"], receipt["number"], len(receipt["hash"])) == (
        200,
        True,
        1,
        64,
    )
    fix = {"direction": "in", "at": "2023-11-14T22:00:00Z", "note": "came at ten", "corrects": receipt["id"]}
    assert (await house.ask("POST", path, mine, json=fix)).status == 403
    told = await house.ask("POST", path, leader, json=fix)
    assert (told.status, told.json["corrects"], told.json["told_by"]) == (
        201,
        receipt["id"],
        "token:supervisor",
    )
    written = (await house.ask("GET", path, mine)).json["items"]
    assert [punch["id"] for punch in written] == [receipt["id"], told.json["id"]]
    counting = (await house.ask("GET", f"{path}?effective=true", mine)).json["items"]
    assert [punch["at"] for punch in counting] == ["2023-11-14T22:00:00.000Z"]
    assert (await house.ask("GET", "/punches/proof", auditor)).json == {"whole": True, "broken": None}


async def test_W1_a_correction_says_what_is_wrong_with_it(house: House) -> None:
    await house.desk.create(Operator(OperatorId("1001"), "Ana", {}, client=ACME), by="test")
    leader = await house.token("supervisor", ACME)
    good = {"direction": "in", "at": "2023-11-14T22:00:00Z", "note": "forgot"}
    for wrong, status, word in (
        ({"direction": None}, 422, "corrects"),
        ({"at": "2999-01-01T00:00:00Z"}, 422, "future"),
        ({"note": ""}, 422, "note"),
        ({"corrects": "acme-99"}, 404, "acme-99"),
    ):
        answer = await house.ask("POST", "/operators/1001/punches", leader, json=good | wrong)
        assert answer.status == status, answer.body
        assert word in answer.body.decode()

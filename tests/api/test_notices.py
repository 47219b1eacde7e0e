"""Notices: a supervisor's words reach the operators meant, and nobody else."""

from __future__ import annotations

from ari_app.model.ids import OperatorId
from ari_app.model.operator import Operator
from ari_app.storage.notices import NoticeStore
from tests.api.house import ACME, BETA, House


async def _given_two(house: House) -> tuple[str, str]:
    for extension, client in (("1001", ACME), ("2001", BETA)):
        await house.desk.create(Operator(OperatorId(extension), "Ana", {}, client=client), by="test")
    return await house.token("supervisor", ACME), await house.token("operator", ACME, "1001")


async def test_S6_notice_goes_to_who_is_named_and_stays_for_a_page_loaded_anew(house: House) -> None:
    leader, operator = await _given_two(house)
    sent = await house.ask("POST", "/notices", leader, json={"text": "back at 2", "operators": ["1001"]})
    assert sent.status == 201
    assert sent.json["operators"] == ["1001"]
    [kept] = (await house.ask("GET", "/operators/1001/notices", operator)).json["items"]
    assert (kept["id"], kept["text"]) == (sent.json["id"], "back at 2")
    again = NoticeStore(house.database)  # as after a restart
    assert len(await again.told(OperatorId("1001"), since=0.0, limit=9)) == 1
    assert await again.told(OperatorId("1002"), since=0.0, limit=9) == []
    house.clock.advance(13 * 3600)
    assert (await house.ask("GET", "/operators/1001/notices", operator)).json["items"] == []
    for number in range(25):
        house.clock.advance(1)
        told = {"text": f"notice {number}", "operators": ["1001"]}
        assert (await house.ask("POST", "/notices", leader, json=told)).status == 201
    kept = (await house.ask("GET", "/operators/1001/notices", operator)).json["items"]
    assert [one["text"] for one in kept] == [f"notice {number}" for number in range(5, 25)]
    assert len(await again.told(OperatorId("1001"), since=0.0, limit=99)) == 25, "old ones are gone"


async def test_S6_notice_to_all_goes_to_the_own_clients_who_are_signed_in(house: House) -> None:
    leader, _ = await _given_two(house)
    assert (await house.ask("POST", "/notices", leader, json={"text": "x"})).status == 409
    for extension in ("1001", "2001"):
        operator = OperatorId(extension)
        await house.desk.set_state(operator, "available", reason="", by="test")
    told = await house.ask("POST", "/notices", leader, json={"text": "x"})
    assert told.json["operators"] == ["1001"]


async def test_T1_notice_to_another_clients_operator_is_refused_and_told_to_nobody(house: House) -> None:
    leader, operator = await _given_two(house)
    body = {"text": "x", "operators": ["1001", "2001"]}
    assert (await house.ask("POST", "/notices", leader, json=body)).status == 404
    assert (await house.ask("GET", "/operators/1001/notices", operator)).json["items"] == []
    assert (await house.ask("GET", "/operators/2001/notices", operator)).status == 404
    for wrong in ({"text": " "}, {"text": "y" * 281}, {"text": "x", "operators": []}):
        assert (await house.ask("POST", "/notices", leader, json=wrong)).status == 422

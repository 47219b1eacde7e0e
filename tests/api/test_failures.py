"""What fails behind the API is told without telling more than is good."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from ari_app.model.account import User
from ari_app.ports import PhoneRefused
from tests.api.house import House, open_house


async def test_our_own_mistake_is_a_problem_that_tells_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError("a secret inside")

    monkeypatch.setattr(house.desk, "views", broken)
    answer = await house.ask("GET", "/operators", await house.token("admin"))
    assert (answer.status, answer.json["code"]) == (500, "internal_error")
    assert b"secret" not in answer.body


async def test_a_store_that_is_away_is_a_503_and_comes_back(house: House) -> None:
    token = await house.token("admin")
    async with house.database.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE calls RENAME TO away"))
    answer = await house.ask("GET", "/calls", token)
    assert (answer.status, answer.json["code"]) == (503, "unavailable")
    assert answer.headers["Retry-After"] == "2"
    assert b"SELECT" not in answer.body
    async with house.database.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE away RENAME TO calls"))
    assert (await house.ask("GET", "/calls", token)).status == 200


async def test_a_pbx_that_refuses_a_phone_is_told(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(*_: Any, **__: Any) -> Any:
        raise PhoneRefused("the PBX did not take the phone account of 1007")

    monkeypatch.setattr(house.desk, "create", refuse)
    body = {"extension": "1007", "name": "Ana"}
    answer = await house.ask("POST", "/operators", await house.token("admin"), json=body)
    assert (answer.status, answer.json["code"]) == (502, "pbx_refused")
    (row,) = await house.audit.entries()
    assert (row.entry.action, row.entry.status) == ("post_operators", 502)


async def test_a_broken_flow_is_refused_with_its_problems_and_nothing_changes(house: House) -> None:
    token = await house.token("admin")
    good = await house.ask("POST", "/flows/main/publish", token, json={"source": "fine: 1"})
    assert (good.status, good.json["published_at"]) == (200, "2023-11-14T22:13:20.500Z")
    bad = await house.ask("POST", "/flows/main/publish", token, json={"source": "broken: 1"})
    assert bad.status == 422
    assert bad.json["errors"][0]["line"] == 1
    assert (await house.ask("GET", "/flows/main/source", token)).json["source"] == "fine: 1"
    check = await house.ask("POST", "/flows/check", token, json={"source": "broken: 1"})
    assert (check.status, check.json["ok"]) == (200, False)
    await house.ask("POST", "/flows/main/publish", token, json={"source": "fine: 2"})
    versions = (await house.ask("GET", "/flows/main/versions", token)).json["items"]
    diff = await house.ask("GET", f"/flows/main/diff?from={versions[1]['version']}", token)
    assert "-fine: 1" in diff.json["diff"]
    assert "+fine: 2" in diff.json["diff"]
    assert (await house.ask("POST", "/flows/main/rollback", token)).status == 200
    assert (await house.ask("GET", "/flows/main/source", token)).json["source"] == "fine: 1"


async def test_X7_over_tls_the_cookie_never_travels_in_clear(tmp_path: Path) -> None:
    async with open_house(tmp_path, tls=True) as house:
        await house.users.insert(User("ana", "admin"), "a long password", now=0.0)
        body = {"username": "ana", "password": "a long password"}
        answer = await house.ask("POST", "/session", json=body)
        assert "Secure" in answer.headers["Set-Cookie"]
        assert answer.headers["Strict-Transport-Security"]

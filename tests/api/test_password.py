"""Choosing one's own password, and publishing a flow over nobody's work unseen."""

from __future__ import annotations

from typing import Any

from ari_app.model.account import User
from ari_app.model.ids import OperatorId
from ari_app.model.operator import Operator
from ari_app.ports import OperatorSecrets
from tests.api.house import ACME, House

OLD, NEW = "a long password", "quite another one"


async def _sign_in(house: House, name: str, password: str) -> Any:
    return await house.ask("POST", "/session", json={"username": name, "password": password})


async def _change(house: House, name: str) -> Any:
    csrf = (await _sign_in(house, name, OLD)).json["csrf"]
    headers = {"X-Ramal-CSRF": csrf}
    wrong = {"password": "guessed", "new_password": NEW}
    assert (await house.ask("PUT", "/session/password", headers=headers, json=wrong)).status == 409
    short = {"password": OLD, "new_password": "short"}
    assert (await house.ask("PUT", "/session/password", headers=headers, json=short)).status == 422
    good = {"password": OLD, "new_password": NEW}
    return await house.ask("PUT", "/session/password", headers=headers, json=good)


async def test_X7_own_password_is_changed_with_the_old_one_and_signs_out(house: House) -> None:
    await house.users.insert(User("ana", "admin"), OLD, now=0.0)
    operator = Operator(OperatorId("1005"), "Caio", {}, client=ACME)
    await house.operators.insert(operator, OperatorSecrets("p" * 20, OLD, "4711"))
    for name in ("ana", "1005"):
        assert (await _change(house, name)).status == 204, name
        assert (await house.ask("GET", "/session")).status == 401
        assert (await _sign_in(house, name, OLD)).status == 401
        assert (await _sign_in(house, name, NEW)).status == 201
    assert await house.operators.verify_pin(OperatorId("1005"), "4711")


async def test_X7_passwords_in_the_audit_log_are_blacked_out(house: House) -> None:
    await house.users.insert(User("ana", "admin"), OLD, now=0.0)
    await _change(house, "ana")
    rows = await house.audit.entries()
    assert rows
    assert NEW not in str(rows)
    assert OLD not in str(rows)


async def test_C4_who_publishes_over_a_newer_version_is_refused(house: House) -> None:
    admin = await house.token("admin")
    await house.office.publish("main", "a: 1", by="first")
    base = (await house.ask("GET", "/flows/main/source", admin)).json["version"]
    ours = {"source": "a: 2", "base": base}
    assert (await house.ask("POST", "/flows/main/publish", admin, json=ours)).status == 200
    late = await house.ask("POST", "/flows/main/publish", admin, json={"source": "a: 3", "base": base})
    assert (late.status, late.json["code"]) == (409, "conflict")
    assert house.office.source("main", None) == "a: 2"

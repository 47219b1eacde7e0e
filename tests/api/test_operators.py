"""Operators over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.house import House

NEW = {"extension": "1007", "name": "Ana", "skills": {"support": 3}}


async def test_P1_an_operator_is_created_and_the_secrets_told_once(house: House) -> None:
    token = await house.token("admin")
    made = await house.ask("POST", "/operators", token, json=NEW)
    assert made.status == 201, made.body
    assert made.json["password"] == "phone-1007-1"
    assert made.json["state"] == "signed_out"
    shown = await house.ask("GET", "/operators/1007", token)
    assert shown.json["skills"] == {"support": 3}
    assert b"phone-1007" not in shown.body
    again = await house.ask("POST", "/operators", token, json=NEW)
    assert (again.status, again.json["code"]) == (409, "conflict")


async def test_states_change_by_http_and_illegal_ones_are_conflicts(house: House) -> None:
    token = await house.token("supervisor")
    await house.ask("POST", "/operators", await house.token("admin"), json=NEW)
    put = await house.ask("PUT", "/operators/1007/state", token, json={"state": "available", "reason": None})
    assert (put.status, put.json["state"]) == (200, "available")
    put = await house.ask("PUT", "/operators/1007/state", token, json={"state": "paused", "reason": "lunch"})
    assert put.json["reason"] == "lunch"
    assert (await house.ask("POST", "/operators/1007/clock", token, json={"direction": "in"})).status == 200
    assert (await house.ask("POST", "/operators/1007/clock", token, json={"direction": "in"})).status == 409


async def test_patch_changes_what_is_given_and_nothing_else(house: House) -> None:
    token = await house.token("admin")
    await house.ask("POST", "/operators", token, json=NEW)
    changed = await house.ask("PATCH", "/operators/1007", token, json={"queues": ["sales"]})
    assert (changed.json["queues"], changed.json["skills"]) == (["sales"], {"support": 3})
    assert (await house.ask("PATCH", "/operators/1007", token, json={"queues": None})).json["queues"] is None
    rotated = await house.ask("POST", "/operators/1007/rotate", token)
    assert rotated.json["password"] == "phone-1007-2"
    assert (await house.ask("DELETE", "/operators/1007", token)).status == 204
    assert (await house.ask("GET", "/operators/1007", token)).status == 404


@pytest.mark.parametrize(
    ("body", "status", "named"),
    [
        ({**NEW, "extension": "10x7"}, 422, "$.extension"),
        ({**NEW, "skills": {"support": 9}}, 422, "$.skills"),
        ({**NEW, "boss": True}, 422, "boss"),
        ({"extension": "1007"}, 422, "name"),
        ([], 422, "object"),
        ("{", 400, "JSON"),
        (b"\xff\xfe", 400, "JSON"),
        (b'{"extension":"1007","name":"\\u0000"}', 400, "NUL"),
    ],
)
async def test_bad_bodies_are_problems_that_name_the_field(
    house: House, body: Any, status: int, named: str
) -> None:
    token = await house.token("admin")
    raw = isinstance(body, str | bytes)
    options: dict[str, Any] = {"data": body} if raw else {"json": body}
    if raw:
        options["headers"] = {"Content-Type": "application/json"}
    answer = await house.ask("POST", "/operators", token, **options)
    assert answer.status == status, answer.body
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert named in answer.body.decode()


async def test_wrong_media_type_method_size_and_path_are_problems(house: House) -> None:
    token = await house.token("admin")
    cases = [
        (await house.ask("POST", "/operators", token, data=b"a=1"), 415),
        (await house.ask("PUT", "/operators", token, json={}), 405),
        (await house.ask("GET", "/nowhere", token), 404),
        (await house.ask("POST", "/operators", token, json={"name": "x" * 100_000}), 413),
        (await house.ask("POST", "/operators/1007/rotate", token, json={"a": 1}), 400),
    ]
    for answer, status in cases:
        assert answer.status == status
        assert answer.headers["Content-Type"].startswith("application/problem+json")
        assert answer.json["status"] == status
    assert cases[1][0].headers["Allow"]

"""Signing in to the console: cookies, forgery, brakes, the second factor."""

from __future__ import annotations

import base64
from typing import Any

from ari_app.model.account import User
from ari_app.model.ids import OperatorId
from ari_app.model.operator import Operator
from ari_app.ports import OperatorSecrets
from ari_app.storage.secrets import totp
from tests.api.house import ACME, House

PASSWORD = "a long password"


async def given_user(house: House, name: str = "ana", **fields: Any) -> None:
    await house.users.insert(User(name, fields.pop("role", "admin"), **fields), PASSWORD, now=0.0)


async def sign_in(house: House, name: str = "ana", password: str = PASSWORD, **extra: Any) -> Any:
    return await house.ask("POST", "/session", json={"username": name, "password": password, **extra})


async def test_X7_sign_in_gives_a_strict_cookie_and_sign_out_ends_it(house: House) -> None:
    await given_user(house)
    answer = await sign_in(house)
    assert answer.status == 201, answer.body
    cookie = answer.headers["Set-Cookie"]
    for word in ("HttpOnly", "SameSite=Strict", "Path=/"):
        assert word in cookie
    who = (await house.ask("GET", "/session")).json
    assert (who["username"], who["role"], who["csrf"]) == ("ana", "admin", answer.json["csrf"])
    kept = {c.key: c.value for c in house.http.cookie_jar}
    out = await house.ask("DELETE", "/session", headers={"X-Ramal-CSRF": who["csrf"]})
    assert out.status == 204
    assert (await house.ask("GET", "/session", cookies=kept)).status == 401


async def test_X7_a_write_by_cookie_needs_the_token_and_our_own_page(house: House) -> None:
    await given_user(house)
    csrf = (await sign_in(house)).json["csrf"]
    body = {"extension": "1007", "name": "Bia"}
    forged: list[dict[str, str]] = [
        {},
        {"X-Ramal-CSRF": "guess"},
        {"X-Ramal-CSRF": csrf, "Origin": "http://evil.example"},
        {"X-Ramal-CSRF": csrf, "Sec-Fetch-Site": "cross-site"},
    ]
    for headers in forged:
        assert (await house.ask("POST", "/operators", json=body, headers=headers)).status == 403, headers
    good = {"X-Ramal-CSRF": csrf, "Origin": house.url, "Sec-Fetch-Site": "same-origin"}
    assert (await house.ask("POST", "/operators", json=body, headers=good)).status == 201


async def test_X7_wrong_and_unknown_are_told_alike_and_braked(house: House) -> None:
    await given_user(house)
    wrong = await sign_in(house, password="wrong")
    unknown = await sign_in(house, name="nobody")
    assert (wrong.status, unknown.status) == (401, 401)
    assert wrong.body == unknown.body
    answers = [(await sign_in(house, password="wrong")) for _ in range(6)]
    assert [answer.status for answer in answers] == [401, 401, 401, 401, 429, 429]
    assert int(answers[-1].headers["Retry-After"]) <= 61
    assert (await sign_in(house)).status == 429
    house.clock.advance(61)
    assert (await sign_in(house)).status == 201


async def test_an_operator_signs_in_with_extension_and_console_password(house: House) -> None:
    operator = Operator(OperatorId("1005"), "Caio", {}, client=ACME)
    await house.operators.insert(operator, OperatorSecrets("p" * 20, "console password", "4711"))
    answer = await sign_in(house, "1005", "console password")
    assert answer.json["role"] == "operator"
    assert (answer.json["operator"], answer.json["client"]) == ("1005", "acme")
    assert await house.operators.verify_pin(OperatorId("1005"), "4711")
    assert not await house.operators.verify_pin(OperatorId("1005"), "4712")


async def test_X7_the_second_factor_is_asked_for_and_a_code_counts_once(house: House) -> None:
    await given_user(house)
    csrf = {"X-Ramal-CSRF": (await sign_in(house)).json["csrf"]}
    made = (await house.ask("POST", "/session/second-factor", headers=csrf)).json
    assert made["uri"].startswith("otpauth://totp/Ramal:ana?secret=")
    secret = base64.b32decode(made["secret"])

    def code() -> str:
        return totp(secret, int(house.clock.now()) // 30)

    bad = {"secret": made["secret"], "code": "000000"}
    assert (await house.ask("PUT", "/session/second-factor", json=bad, headers=csrf)).status == 409
    good = {"secret": made["secret"], "code": code()}
    assert (await house.ask("PUT", "/session/second-factor", json=good, headers=csrf)).status == 204
    assert (await house.ask("GET", "/session")).status == 401
    assert (await sign_in(house)).status == 401
    assert (await sign_in(house, code=code())).status == 401  # confirmed with this one already
    house.clock.advance(61)
    assert (await sign_in(house, code=code())).status == 201
    assert (await sign_in(house, code=code())).status == 401
    house.clock.advance(61)
    csrf = {"X-Ramal-CSRF": (await sign_in(house, code=code())).json["csrf"]}
    house.clock.advance(30)
    last = {"password": PASSWORD, "code": code()}
    assert (await house.ask("DELETE", "/session/second-factor", json=last, headers=csrf)).status == 204
    assert (await sign_in(house)).status == 201


async def test_dismissing_a_user_ends_the_sessions_at_once(house: House) -> None:
    await given_user(house)
    await given_user(house, "bruno", role="supervisor")
    await sign_in(house, "bruno")
    assert (await house.ask("GET", "/operators")).status == 200
    admin = await house.token("admin")
    off = await house.ask("PATCH", "/users/bruno", admin, json={"enabled": False})
    assert (off.status, off.json["enabled"]) == (200, False)
    assert (await house.ask("GET", "/operators")).status == 401
    assert (await sign_in(house, "bruno")).status == 401


async def test_nobody_takes_the_own_rights_away(house: House) -> None:
    await given_user(house)
    csrf = {"X-Ramal-CSRF": (await sign_in(house)).json["csrf"]}
    assert (await house.ask("DELETE", "/users/ana", headers=csrf)).status == 409
    assert (await house.ask("PATCH", "/users/ana", headers=csrf, json={"enabled": False})).status == 409


async def test_X7_tokens_are_told_once_and_revoked_at_once(house: House) -> None:
    admin = await house.token("admin")
    made = await house.ask("POST", "/tokens", admin, json={"name": "erp", "role": "auditor"})
    assert made.status == 201
    token = made.json["token"]
    assert (await house.ask("GET", "/calls", token)).status == 200
    assert token.encode() not in (await house.ask("GET", "/tokens", admin)).body
    assert (await house.ask("DELETE", f"/tokens/{made.json['id']}", admin)).status == 204
    assert (await house.ask("GET", "/calls", token)).status == 401
    soon = {"name": "x", "role": "auditor", "expires_at": "2023-11-14T22:13:30Z"}
    token = (await house.ask("POST", "/tokens", admin, json=soon)).json["token"]
    assert (await house.ask("GET", "/calls", token)).status == 200
    house.clock.advance(11)
    assert (await house.ask("GET", "/calls", token)).status == 401


async def test_X7_every_write_is_in_the_audit_log_without_secrets(house: House) -> None:
    admin = await house.token("admin")
    body = {"username": "carla", "password": "quite secret words", "role": "auditor"}
    await house.ask("POST", "/users", admin, json=body)
    await house.ask("POST", "/flows/main/publish", admin, json={"source": "a: 1\n" * 100})
    await house.ask("PATCH", "/operators/9999", admin, json={"name": "x"})
    rows = (await house.ask("GET", "/audit", admin)).json["items"]
    assert [(row["action"], row["target"], row["status"]) for row in rows] == [
        ("patch_operators_one", "9999", 404),
        ("post_flows_publish", "main", 200),
        ("post_users", "", 201),
    ]
    assert rows[2]["detail"]["password"] == "***"
    assert rows[1]["detail"]["source"]["characters"] == 500
    assert (await house.ask("GET", "/audit/check", admin)).json == {"whole": True, "first_broken": None}
    async with house.database.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE audit SET who = 'somebody' WHERE seq = 2")
    assert (await house.ask("GET", "/audit/check", admin)).json["first_broken"] == 2


async def test_X7_users_and_tokens_are_paged_without_gap_or_repeat(house: House) -> None:
    admin = await house.token("admin")
    await house.token("auditor", ACME)
    names = [f"user{number:02d}" for number in range(7)]
    for name in names:
        client = ACME if name == "user03" else None
        await house.users.insert(User(name, "auditor", client), "a long password", now=house.clock.now())
        house.clock.advance(1)
        await house.tokens.issue(name, "auditor", now=house.clock.now(), client=client)
    for path, field, newest_first in (("/users", "username", False), ("/tokens", "name", True)):
        seen: list[str] = []
        cursor: str | None = None
        while True:
            params = {"limit": "3"} | ({} if cursor is None else {"cursor": cursor})
            page = (await house.ask("GET", path, admin, params=params)).json
            seen += [item[field] for item in page["items"]]
            cursor = page["next"]
            if cursor is None:
                break
        ours = [name for name in seen if name in names]
        assert ours == (names[::-1] if newest_first else names)
        assert len(seen) == len(set(seen)) or path == "/tokens"
    assert (await house.ask("GET", "/tokens", admin, params={"cursor": "\u202e"})).status == 400
    mine = await house.token("admin", ACME)
    listed = (await house.ask("GET", "/users", mine)).json["items"]
    assert [item["username"] for item in listed] == ["user03"]

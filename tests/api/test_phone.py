"""What a browser is told to become an operator's phone."""

from __future__ import annotations

import configparser
from xml.etree import ElementTree as ET

from ari_app.model.ids import OperatorId
from ari_app.model.operator import Operator
from ari_app.web.api.phone import TURN_S, relay_password
from tests.api.house import ACME, BETA, House


async def test_P3_browser_learns_place_and_ways_through_firewalls(house: House) -> None:
    told = (await house.ask("GET", "/phone", await house.token("operator", operator="1001"))).json
    assert told["place"] == "wss://pbx.example:8089/ws"
    stun, turn = told["ice_servers"]
    assert stun == {"urls": ["stun:stun.example:3478"]}
    until, _, who = turn["username"].partition(":")
    assert (int(until), who) == (int(house.clock.now()) + TURN_S, "1001")
    assert turn["credential"] == relay_password("s3", turn["username"])


def test_P3_relay_password_is_the_one_that_coturn_computes() -> None:
    # HMAC-SHA1 of the name under the secret, base64: `openssl dgst -sha1 -hmac secret -binary | base64`
    assert relay_password("secret", "1700000000:1001") == "NbvjL95ofzRFrZ6+NU/Ha2xQ+0w="


async def test_P6_directory_tells_colleagues_who_is_free_and_no_more(house: House) -> None:
    for extension in ("1001", "1002"):
        operator = Operator(OperatorId(extension), f"Name {extension}", {}, client=ACME)
        await house.desk.create(operator, by="test")
    await house.desk.create(Operator(OperatorId("2001"), "Other", {}, client=BETA), by="test")
    await house.desk.set_state(OperatorId("1002"), "available", reason="", by="test")
    house.given_queue("support")
    token = await house.token("operator", ACME, "1001")
    told = (await house.ask("GET", "/directory", token)).json["items"]
    assert told == [
        {"kind": "queue", "id": "support", "name": "Support", "presence": "free"},
        {"kind": "operator", "id": "1001", "name": "Name 1001", "presence": "away"},
        {"kind": "operator", "id": "1002", "name": "Name 1002", "presence": "free"},
    ]


async def test_P8_a_softphone_is_set_up_by_a_link_that_works_once(house: House) -> None:
    ana = Operator(OperatorId("1001"), 'Ana "<&> Maria', {}, client=ACME)
    made = await house.desk.create(ana, by="test")
    admin = await house.token("admin", ACME)
    url = "/operators/1001/phone-setup"
    first = (await house.ask("POST", url, admin)).json
    told = (await house.ask("POST", url, admin)).json
    assert (told["server"], told["username"], told["transport"]) == ("pbx.example:5061", "1001", "tls")
    assert told["qr_svg"].startswith("<svg")
    assert made.phone_password not in str(told)
    old, path = (one["link"].partition("/api/v1")[2] for one in (first, told))
    assert (await house.ask("GET", old, None)).status == 404, "a new link is the only one"
    fetched = await house.ask("GET", path, None)
    assert fetched.status == 200
    found = ET.fromstring(fetched.body).iter()
    entries = {entry.get("name"): entry.text for entry in found}
    assert entries["passwd"] == made.phone_password
    assert entries["reg_proxy"] == "<sip:pbx.example:5061;transport=tls>"
    assert entries["media_encryption"] == "srtp"
    assert (await house.ask("GET", path, None)).status == 404, "it was used"
    again = (await house.ask("POST", url, admin)).json["link"].partition("/api/v1")[2]
    house.clock.advance(901)
    assert (await house.ask("GET", again, None)).status == 404, "it is too old"


HOSTILE = 'Ana "]\r\npassword=x\r\n[Settings]<&>'


async def fetched(house: House, softphone: str) -> tuple[str, str, dict[str, str]]:
    """The password, and the file and its headers that a link for this softphone gives."""
    hostile = Operator(OperatorId("1001"), HOSTILE, {}, client=ACME)
    made = await house.desk.create(hostile, by="test")
    url = f"/operators/1001/phone-setup?softphone={softphone}"
    told = (await house.ask("POST", url, await house.token("admin", ACME))).json
    answer = await house.ask("GET", told["link"].partition("/api/v1")[2], None)
    assert answer.status == 200
    return made.phone_password, answer.body.decode(), dict(answer.headers)


async def test_P8_groundwire_is_given_account_xml(house: House) -> None:
    password, text, headers = await fetched(house, "acrobits")
    account = {node.tag: node.text for node in ET.fromstring(text)}
    assert (account["username"], account["password"]) == ("1001", password)
    assert (account["host"], account["transport"]) == ("pbx.example:5061", "tls+sip:")
    assert account["sdesOutgoing"] == account["sdesIncoming"] == "required"
    assert headers["Cache-Control"] == "no-store"


async def test_P8_microsip_is_given_an_ini_file_that_no_name_breaks(house: House) -> None:
    password, text, headers = await fetched(house, "microsip")
    ini = configparser.ConfigParser(interpolation=None)
    ini.read_string(text)  # a key told twice would raise
    assert ini.sections() == ["Settings", "Account1"]
    account = ini["Account1"]
    assert (account["username"], account["password"], account["server"]) == (
        "1001",
        password,
        "pbx.example:5061",
    )
    assert (account["transport"], account["SRTP"]) == ("tls", "mandatory")
    assert "microsip.ini" in headers["Content-Disposition"]


async def test_P8_no_softphone_that_nobody_knows(house: House) -> None:
    await house.desk.create(Operator(OperatorId("1001"), "x", {}, client=ACME), by="test")
    url = "/operators/1001/phone-setup?softphone=rotary"
    assert (await house.ask("POST", url, await house.token("admin", ACME))).status == 400


async def test_P8_no_link_for_others_operators_or_for_the_disabled(house: House) -> None:
    await house.desk.create(Operator(OperatorId("1001"), "x", {}, client=ACME, enabled=False), by="test")
    url = "/operators/1001/phone-setup"
    assert (await house.ask("POST", url, await house.token("admin", BETA))).status == 404
    assert (await house.ask("POST", url, await house.token("supervisor", ACME))).status == 403
    assert (await house.ask("POST", url, await house.token("admin", ACME))).status == 409
    assert (await house.ask("GET", "/phone-setup/nothing", None)).status == 404

"""Operators' phones on a real Asterisk: made, registered, changed and cut while it runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from ari_app.asterisk.ami import Ami, AmiOperations, AmiSettings
from ari_app.asterisk.ari import Gone, Ok, Refused, Unavailable
from ari_app.asterisk.ari.events import EndpointStateChange, PeerStatusChange
from ari_app.asterisk.provisioning import Phone, Provisioning
from tests.contract.bench import Listener, until, value
from tests.contract.real_asterisk import RealAsterisk
from tests.contract.sip_phone import SipPhone


class Desk:
    def __init__(self, app: Listener, ami: AmiOperations) -> None:
        self.app = app
        self.ami = ami
        self.phones = Provisioning(app.ops, ami.contact_uris)

    def contacts(self, extension: str, count: int) -> Callable[[], Awaitable[bool]]:
        async def are_so_many() -> bool:
            return len(value(await self.ami.contact_uris(extension))) == count

        return are_so_many


@pytest.fixture
async def desk(real: RealAsterisk) -> AsyncIterator[Desk]:
    ami = Ami(AmiSettings("127.0.0.1", real.ami_port, "ramal", real.ami_secret))
    keeping = asyncio.create_task(ami.run())
    try:
        async with Listener(real, "alpha") as app:

            async def is_connected() -> bool:
                return ami.is_connected

            await until(is_connected, "AMI is connected")
            desk = Desk(app, AmiOperations(ami))
            yield desk
            assert await desk.phones.reconcile({}) == {}
    finally:
        ami.close()
        await keeping


@asynccontextmanager
async def phone(real: RealAsterisk, user: str, password: str) -> AsyncIterator[SipPhone]:
    made = SipPhone(user, password, real.sip_port)
    await made.open()
    try:
        yield made
    finally:
        made.close()


async def test_a_phone_is_made_registers_and_is_cut(real: RealAsterisk, desk: Desk) -> None:
    given = Phone("1901", "secret-1901", name="Ana Souza")
    assert isinstance(await desk.phones.put_phone(given), Ok)
    assert isinstance(await desk.phones.put_phone(given), Ok)
    assert value(await desk.phones.list_phones()) == ["1901"]
    value(await desk.app.connection.subscribe("endpoint:PJSIP/1901"))
    async with phone(real, "1901", "secret-1901") as sip:
        assert await sip.register() == 200
        await desk.app.next(EndpointStateChange, lambda e: e.endpoint.state == "online")
        await until(desk.contacts("1901", 1), "one contact")
        assert isinstance(await desk.phones.delete_phone("1901"), Ok)
        # Whether its contact is told to be "Removed" too is a race inside Asterisk 22 with the endpoint.
        await desk.app.next(PeerStatusChange, lambda e: e.endpoint.state == "offline")
        await until(desk.contacts("1901", 0), "no contact")
        assert value(await desk.phones.list_phones()) == []
        for kind in ("auth", "aor", "endpoint"):
            left = await desk.app.ops.asterisk.get_config("res_pjsip", kind, "1901")
            assert isinstance(left, Gone)
        assert await sip.register() == 401
    assert isinstance(await desk.phones.delete_phone("1901"), Ok)


async def test_a_wrong_password_does_not_register(real: RealAsterisk, desk: Desk) -> None:
    value(await desk.phones.put_phone(Phone("1902", "secret-1902")))
    async with phone(real, "1902", "guessed-1902") as sip:
        assert await sip.register() in (401, 403)


async def test_a_new_password_cuts_who_is_registered(real: RealAsterisk, desk: Desk) -> None:
    value(await desk.phones.put_phone(Phone("1903", "secret-old")))
    async with phone(real, "1903", "secret-old") as old, phone(real, "1903", "secret-new") as new:
        assert await old.register() == 200
        await until(desk.contacts("1903", 1), "one contact")
        value(await desk.phones.put_phone(Phone("1903", "secret-new")))
        await until(desk.contacts("1903", 0), "no contact")
        assert await old.register() in (401, 403)
        assert await new.register() == 200


async def test_the_newest_registration_wins(real: RealAsterisk, desk: Desk) -> None:
    value(await desk.phones.put_phone(Phone("1904", "secret-1904")))
    async with phone(real, "1904", "secret-1904") as one, phone(real, "1904", "secret-1904") as two:
        assert await one.register() == 200
        assert await two.register() == 200
        (uri,) = value(await desk.ami.contact_uris("1904"))
        assert str(two.port) in uri


async def test_the_measured_settings_are_on_the_pbx(desk: Desk) -> None:
    value(await desk.phones.put_phone(Phone("1905", "secret-1905", name="José", language="pt-BR")))
    read = value(await desk.app.ops.asterisk.get_config("res_pjsip", "endpoint", "1905"))
    have = {pair.attribute: pair.value for pair in read}
    wanted = {
        "context": "from-operator", "transport": "udp", "direct_media": "false", "timers": "no",
        "100rel": "no", "send_connected_line": "no", "device_state_busy_at": "1", "webrtc": "no",
        "allow": "(alaw|ulaw)", "rtp_timeout": "30", "callerid": '"José" <1905>', "language": "pt-BR",
    }  # fmt: skip
    assert {name: have[name] for name in wanted} == wanted
    value(await desk.phones.put_phone(Phone("1905", "secret-1905", kind="webrtc")))
    read = value(await desk.app.ops.asterisk.get_config("res_pjsip", "endpoint", "1905"))
    have = {pair.attribute: pair.value for pair in read}
    assert (have["webrtc"], have["transport"], have["media_encryption"]) == ("yes", "wss", "dtls")
    value(await desk.phones.put_phone(Phone("1905", "secret-1905")))
    read = value(await desk.app.ops.asterisk.get_config("res_pjsip", "endpoint", "1905"))
    have = {pair.attribute: pair.value for pair in read}
    assert (have["webrtc"], have["media_encryption"], have["ice_support"]) == ("no", "no", "false")


async def test_reconcile_makes_the_pbx_equal_to_the_database(desk: Desk) -> None:
    for extension in ("1906", "1907"):
        value(await desk.phones.put_phone(Phone(extension, f"secret-{extension}")))
    wanted = {e: Phone(e, f"secret-{e}") for e in ("1907", "1908")}
    assert await desk.phones.reconcile(wanted) == {}
    assert value(await desk.phones.list_phones()) == ["1907", "1908"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (Phone("10/01", "long-enough"), "extension"),
        (Phone("carrier", "long-enough"), "extension"),
        (Phone("1909", "short"), "password"),
        (Phone("1909", "with space and more"), "password"),
        (Phone("1909", "long-enough", name='a" <sip:x>'), "name"),
        (Phone("1909", "long-enough", name="a\r\nb"), "name"),
    ],
)
async def test_a_wrong_field_is_named(desk: Desk, given: Phone, field: str) -> None:
    refused = await desk.phones.put_phone(given)
    assert isinstance(refused, Refused)
    assert refused.message.startswith(field)


async def test_a_pbx_that_is_away_is_told(desk: Desk, real: RealAsterisk) -> None:
    never_run = Listener(real, "nobody")
    phones = Provisioning(never_run.ops, desk.ami.contact_uris)
    assert isinstance(await phones.put_phone(Phone("1909", "long-enough")), Unavailable)
    assert isinstance((await phones.reconcile({}))["*"], Unavailable)

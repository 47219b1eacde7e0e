"""Phones by TLS and SRTP: a whole call with sound, and no call without."""

from __future__ import annotations

import ssl

import pytest

from ari_app.config import ConfigError, read
from demo.plan import ENCRYPTED
from pbx.certificate import make_certificate
from pbx.instance import Ports, Secrets, Site, ramal
from pbx.render import render_folder
from pbx.telco_phones import Behaviour
from tests.support.words import Words

OPERATOR_HZ = 850.0


def test_X9_an_operator_by_tls_and_srtp_is_called_heard_and_recorded(words: Words) -> None:
    words.given_operator(ENCRYPTED, {"support": 2}, Behaviour(say="tone:850"), tls=True)
    call = words.when_caller_dials()
    ident = words.newest_call()
    call.press("2")
    words.when_they_talk(call, OPERATOR_HZ)
    [leg] = [
        channel for channel in words.ari("/channels") if channel["name"].startswith(f"PJSIP/{ENCRYPTED}-")
    ]
    for asked in ("CHANNEL(rtp,secure,audio)", "CHANNEL(pjsip,secure)"):
        assert words.ari(f"/channels/{leg['id']}/variable?variable={asked}")["value"] == "1", asked
    call.hangup()
    assert words.then_ended(ident)["operator"] == ENCRYPTED
    words.then_recording_has(ident, left=440, right=OPERATOR_HZ)
    dialled = words.when_operator_dials(ENCRYPTED, "600")
    dialled.wait_answered()
    words.telco.robot(ENCRYPTED, words.password(ENCRYPTED))  # the same account, now without encryption
    refused = words.when_operator_dials(ENCRYPTED, "600")
    assert refused.wait_ended() not in {0, 16}


def test_X9_the_certificate_is_the_one_that_lies_there(words: Words) -> None:
    assert words.centre.pbx is not None
    certificate = words.centre.pbx.instance.conf_dir / "pbx.crt"
    served = ssl.get_server_certificate(("127.0.0.1", words.centre.plan.ports.sips))
    assert ssl.PEM_cert_to_DER_cert(served) == ssl.PEM_cert_to_DER_cert(certificate.read_text())
    before = certificate.read_bytes()
    make_certificate(certificate.parent, "elsewhere")  # what is there, an admin's own say, stays
    assert certificate.read_bytes() == before


def test_X9_plain_sip_is_there_only_where_it_is_asked_for(tmp_path_factory: pytest.TempPathFactory) -> None:
    for plain in (False, True):
        home = tmp_path_factory.mktemp("site")
        site = Site(home, Ports(), Secrets.generate(0), home / "recordings", plain_sip=plain)
        instance = ramal(site)
        folders = {
            f"{part}_dir": str(home)
            for part in ("conf", "data", "db", "spool", "log", "cache", "module", "run")
        }
        render_folder(instance.templates, home / "conf", {**instance.values, **folders})
        said = (home / "conf" / "pjsip.conf").read_text()
        begin, end = said.find(";--"), said.find("--;")
        clear = said if begin < 0 else said[:begin] + said[end:]
        assert ("protocol = udp\nbind = 127.0.0.1:5060" in clear) is plain
        assert "protocol = tls" in clear


def test_X9_phones_come_encrypted_unless_said_otherwise() -> None:
    base = {"RAMAL_ARI_PASSWORD": "x", "RAMAL_AMI_SECRET": "y"}
    assert read(base).phone_kind == "tls"
    mixed = read(base | {"RAMAL_PHONES": "udp,1007=tls"})
    assert (mixed.phone_kind, mixed.phone_exceptions) == ("udp", {"1007": "tls"})
    for wrong in ("plain", "udp,1007", "udp,x=tls", "udp,1007=clear"):
        with pytest.raises(ConfigError, match="RAMAL_PHONES"):
            read(base | {"RAMAL_PHONES": wrong})

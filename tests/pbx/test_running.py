"""Starting, refusing, killing and restarting a real Asterisk; operators' phones over ARI; the TLS port."""

from __future__ import annotations

import base64
import dataclasses
import os
import socket
import sqlite3
import ssl
from contextlib import closing
from pathlib import Path

import pytest

from pbx import PbxError, ramal, start
from pbx.backend import check_version, parse_version
from pbx.patience import PATIENCE_S
from pbx.render import render, required_modules
from pbx.running import Running
from pbx.telco_phones import Behaviour
from pbx.telephony import Telephony, until


def other(phones: Telephony, tmp_path: Path) -> Running:
    """A second PBX beside the first; its ports are the first one's but for those that listen."""
    ports = phones.site.ports
    shifted = {name: getattr(ports, name) + 60 for name in ("sip", "sips", "trunk", "http", "https", "ami")}
    site = dataclasses.replace(
        phones.site, home=tmp_path / "second", ports=dataclasses.replace(ports, **shifted), name="second"
    )
    return start(phones.backend, ramal(site))


def is_on_disk(phones: Telephony, key: str) -> bool:
    file = phones.site.home / "db" / "astdb.sqlite3"
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as store:
        found = store.execute("select count(*) from astdb where key like ?", (key,)).fetchone()[0]
    return bool(found)


def test_pid_is_asterisk_itself(phones: Telephony) -> None:
    argv = Path(f"/proc/{phones.pbx.pid}/cmdline").read_text().split("\0")
    assert any(word.endswith("asterisk.conf") for word in argv)
    assert "docker" not in argv[0]


def test_two_run_side_by_side_and_a_taken_port_is_named(phones: Telephony, tmp_path: Path) -> None:
    second = other(phones, tmp_path)
    try:
        assert second.pid != phones.pbx.pid
        assert "second" in second.cli("core show settings")
        with pytest.raises(PbxError, match=r"port \d+ \(sip\) on 127.0.0.1"):
            start(phones.backend, ramal(dataclasses.replace(phones.site, home=tmp_path / "third")))
    finally:
        second.stop()
    assert not second.is_alive()


def test_module_that_does_not_run_is_named(phones: Telephony, tmp_path: Path) -> None:
    templates = tmp_path / "templates"
    templates.mkdir()
    instance = ramal(phones.site)
    for file in instance.templates.glob("*.conf"):
        (templates / file.name).write_text(file.read_text().replace("load = func_uri.so\n", ""))
    ports = {name: port + 60 for name, port in instance.ports.items()}
    values = {**instance.values, **{f"{name}_port": str(port) for name, port in ports.items()}}
    broken = dataclasses.replace(
        instance, home=tmp_path / "broken", templates=templates, ports=ports, values=values
    )
    with pytest.raises(PbxError, match=r"app_mixmonitor\.so"):
        start(phones.backend, broken)


def test_P8_phone_added_and_changed_at_run_time_survives_a_killed_pbx(phones: Telephony) -> None:
    phones.given_robot("1005", "first", Behaviour(say="tone:600"))
    until(lambda: is_on_disk(phones, "/registrar/contact/1005%"))  # astdb commits once a second
    phones.pbx.kill()
    assert not phones.pbx.is_alive()
    phones.restart_pbx()
    assert "1005@127.0.0.1" in phones.pbx.cli("pjsip show contacts")
    phones.given_phone("1005", "second")
    call = phones.telco.call("600", caller="1005")
    assert call.wait_ended() == 21  # the robot still knows the first password only
    phones.telco.robot("1005", "second")
    call = phones.telco.call("600", caller="1005")
    call.wait_answered()
    call.hangup()
    for kind in ("endpoint", "aor", "auth"):
        phones.ari("DELETE", f"/asterisk/config/dynamic/res_pjsip/{kind}/1005")
    assert phones.telco.call("600", caller="1005").wait_ended() == 21


def test_P3_browser_phones_reach_sip_over_tls(phones: Telephony) -> None:
    context = ssl.create_default_context(cafile=str(phones.pbx.instance.conf_dir / "pbx.crt"))
    with (
        socket.create_connection(("127.0.0.1", phones.site.ports.https), timeout=PATIENCE_S) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as link,
    ):
        key = base64.b64encode(os.urandom(16)).decode()
        link.sendall(
            f"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Protocol: sip\r\n\r\n".encode()
        )
        answer = link.recv(4096).decode()
    assert answer.startswith("HTTP/1.1 101")
    assert "Sec-WebSocket-Protocol: sip" in answer


def test_X7_ari_and_ami_listen_on_loopback_alone(phones: Telephony) -> None:
    for port in (phones.site.ports.http, phones.site.ports.ami):
        with socket.socket() as probe, pytest.raises(OSError, match="refused"):
            probe.connect(("127.0.0.3", port))


def test_template_error_names_file_and_line() -> None:
    with pytest.raises(PbxError, match=r"x\.conf:2: @nobody@ has no value"):
        render("a = @b@\nc = @nobody@\n", {"b": "${KEPT}"}, "x.conf")
    assert render("a = @b@", {"b": "${KEPT}"}, "x.conf") == "a = ${KEPT}"
    assert required_modules("load = a.so\n;load = b.so\nnoload = c.so\n") == ["a.so"]


def test_version_that_is_too_old_is_refused() -> None:
    assert parse_version("Asterisk 22.10.1+dfsg") == (22, 10)
    check_version("Asterisk 22.10.1")
    check_version("Asterisk 23.0.0")
    for line in ("Asterisk 22.9.0", "Asterisk 16.28.0", ""):
        with pytest.raises(PbxError, match=r"22\.10"):
            check_version(line)

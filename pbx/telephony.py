"""Real telephones for tests and measurements: PBX and simulated telephone network on free ports here.

    with telephony(tmp_path) as phones:
        call = phones.telco.call("5000", caller="caller1")
        call.wait_answered()
        assert phones.pbx.channels()

Nothing is faked: two Asterisks exchange SIP and sound over the loopback. The application under test connects
to `phones.site.ports` with `phones.site.keys`. `then_nothing_is_left()` fails when anything leaked.
"""

from __future__ import annotations

import base64
import json
import os
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pbx import Backend, PbxError, Ports, Running, Secrets, Site, choose, ramal, start
from pbx.patience import PATIENCE_S
from pbx.telco import PbxAddress, Telco, TelcoPorts
from pbx.telco_phones import Behaviour, Robot

STATE = Path(__file__).resolve().parents[1] / ".ramal"
BLOCK, BLOCKS = 1000, int(os.environ.get("RAMAL_TEST_PORT_BLOCKS", "10"))
PBX_PORTS, TELCO_PORTS = 500, 400


def free_block() -> int:
    """First port of a block of BLOCK that nobody uses; `RAMAL_TEST_PORTS` says where to look from."""
    first = int(os.environ.get("RAMAL_TEST_PORTS", "22000"))
    for number in range(BLOCKS):
        base = first + (os.getpid() + number) % BLOCKS * BLOCK
        if all(_is_free(base + offset) for offset in (10, 12, 13, 15, 510, 511, 514, 515)):
            return base
    raise PbxError(f"no free block of {BLOCK} ports from {first} on")


def _is_free(port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            if kind == socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True


def until(condition: Callable[[], Any], timeout_s: float = PATIENCE_S, what: str = "the condition") -> Any:
    """Wait until a condition is true and give its value; fail with `what` where it never is."""
    deadline = time.monotonic() + timeout_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come true within {timeout_s} s")
        time.sleep(0.03)


@dataclass(slots=True)
class Telephony:
    """A PBX and a telephone network that are up."""

    backend: Backend
    site: Site
    pbx: Running
    telco: Telco

    @property
    def ari_url(self) -> str:
        return f"http://127.0.0.1:{self.site.ports.http}/ari"

    def ari(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """One ARI request as the application would make it, for set-up and checks; None where it is 404."""
        login = f"{self.site.keys.ari_user}:{self.site.keys.ari_password}".encode()
        headers = {
            "Authorization": "Basic " + base64.b64encode(login).decode(),
            "Content-Type": "application/json",
        }
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.ari_url}{path}", data, headers, method=method)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310 - ours
                said = answer.read()
                return json.loads(said) if said else {}
        except urllib.error.HTTPError as error:
            with error:
                if error.code == 404:
                    return None
                raise AssertionError(f"{method} {path}: {error.code} {error.read()!r}") from None

    def given_phone(self, extension: str, password: str) -> None:
        """Add an operator's phone at run time, as docs/pbx.md describes it."""
        for kind, values in operator_phone(extension, password).items():
            fields = [{"attribute": name, "value": value} for name, value in values.items()]
            path = f"/asterisk/config/dynamic/res_pjsip/{kind}/{extension}"
            self.ari("PUT", path, {"fields": fields})

    def given_robot(
        self,
        extension: str,
        password: str = "robot",  # noqa: S107 - of a robot
        behaviour: Behaviour | None = None,
    ) -> Robot:
        """A registered robot phone; its account at the PBX is made, or given this password."""
        self.given_phone(extension, password)
        return self.telco.robot(extension, password, behaviour)

    def then_nothing_is_left(self, timeout_s: float = PATIENCE_S) -> None:
        """No channel and no bridge may be left in the PBX."""
        until(lambda: not self.pbx.channels(), timeout_s, f"an empty PBX (left: {self.pbx.channels()})")
        until(lambda: self.ari("GET", "/bridges") == [], timeout_s, "a PBX without bridges")

    def recording(self, call: str) -> Path:
        return self.site.recordings / f"{call}.raw"

    def restart_pbx(self) -> None:
        """Start the PBX anew in the same folders, e.g. after `pbx.kill()`."""
        self.pbx.stop()
        self.pbx = start(self.backend, ramal(self.site))

    def close(self) -> None:
        self.telco.stop()
        self.pbx.stop()


def operator_phone(extension: str, password: str) -> dict[str, dict[str, str]]:
    """The three objects of an operator's phone, in the order in which they must be made (docs/pbx.md)."""
    return {
        "auth": {"auth_type": "digest", "username": extension, "password": password},
        "aor": {"max_contacts": "1", "remove_existing": "yes", "qualify_frequency": "0"},
        "endpoint": {
            "transport": "udp",
            "context": "from-operator",
            "auth": extension,
            "aors": extension,
            "callerid": f'"{extension}" <{extension}>',
            "disallow": "all",
            "allow": "alaw,ulaw",
            "direct_media": "no",
            "timers": "no",
            "100rel": "no",
            "send_connected_line": "no",
            "dtmf_mode": "auto_info",
            "device_state_busy_at": "1",
            "rtp_symmetric": "yes",
            "force_rport": "yes",
            "rewrite_contact": "yes",
            "rtp_timeout": "10",
            "rtp_timeout_hold": "300",
        },
    }


@contextmanager
def telephony(
    home: Path,
    *,
    sounds: Path | None = None,
    overrides: Mapping[str, str] | None = None,
    app: str = "ramal",
    base: int | None = None,
) -> Iterator[Telephony]:
    """Start PBX and network below `home`, end both afterwards; `base`: of their ports, else free ones."""
    backend = choose(STATE)
    backend.prepare()
    base = free_block() if base is None else base
    telco_ports = TelcoPorts.block(base + PBX_PORTS, 300)
    pbx_ports = Ports.block(base, 300)
    ports = Ports(**{**_as_dict(pbx_ports), "carrier": telco_ports.carrier})
    site = Site(
        home / "pbx",
        ports,
        Secrets.generate(),
        home / "recordings",
        sounds,
        app=app,
        overrides=overrides or {},
        plain_sip=True,
    )
    pbx = start(backend, ramal(site))
    try:
        telco = Telco.start(
            backend,
            home / "telco",
            telco_ports,
            PbxAddress(ports.sip, ports.trunk, sips_port=ports.sips),
            site.keys.callers,
        )
    except BaseException:
        pbx.kill()
        raise
    phones = Telephony(backend, site, pbx, telco)
    try:
        yield phones
    finally:
        phones.close()


def _as_dict(ports: Ports) -> dict[str, int]:
    return {name: getattr(ports, name) for name in Ports.__slots__}

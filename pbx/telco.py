"""A telephone network for tests and the demo: callers, a carrier, robot phones, with real sound on the line.

It is a second Asterisk (templates in `docker/telco/`). The interface blocks and has deadlines; from asyncio
call it through `asyncio.to_thread`.

    telco = Telco.start(backend, home, TelcoPorts.block(21500), pbx, callers={"caller1": "…"})
    robot = telco.robot("1005", "password", Behaviour(say=tone(600)))
    call = telco.call("5000", caller="caller1", say=tone(440))
    call.wait_answered(); call.press("2"); call.hears(600); call.hangup()
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal, Self

from pbx.ami import Ami, Event
from pbx.backend import Backend, PbxError
from pbx.instance import REPOSITORY, Instance
from pbx.running import Running, start
from pbx.telco_calls import Call
from pbx.telco_phones import Behaviour, Registrar, Robot

TEMPLATES = REPOSITORY / "docker" / "telco"
LONGEST_S = 3600

Digits = Literal["rfc4733", "info"]


@dataclass(frozen=True, slots=True)
class TelcoPorts:
    """Ports of the simulator. On `void` nobody must listen: phones that died are registered there."""

    phones: int = 5090
    carrier: int = 5080
    dead: int = 5091
    void: int = 5092
    http: int = 8090
    ami: int = 5039
    rtp_first: int = 12000
    rtp_last: int = 12999

    @classmethod
    def block(cls, base: int, rtp_count: int = 300) -> Self:
        """Ports `base` … `base + 99 + rtp_count`."""
        own = [field.name for field in fields(cls) if not field.name.startswith("rtp")]
        numbered = {name: base + 10 + index for index, name in enumerate(own)}
        return cls(**numbered, rtp_first=base + 100, rtp_last=base + 99 + rtp_count)


@dataclass(frozen=True, slots=True)
class PbxAddress:
    """Where Ramal's PBX takes SIP: phones and trunk on their own ports."""

    sip_port: int
    trunk_port: int
    host: str = "127.0.0.1"


class Telco:
    """The running simulator."""

    def __init__(self, running: Running, ami: Ami, registrar: Registrar, heard: Path) -> None:
        self.running = running
        self.ami = ami
        self._registrar = registrar
        self._heard = heard
        self._calls: list[Call] = []
        self._robots: dict[str, Robot] = {}

    @classmethod
    def start(
        cls, backend: Backend, home: Path, ports: TelcoPorts, pbx: PbxAddress, callers: Mapping[str, str]
    ) -> Self:
        """Boot the simulator; `callers` are the accounts of its outside phones (user → password)."""
        secret = secrets.token_urlsafe(18)
        heard = home.absolute() / "heard"
        heard.mkdir(mode=0o700, parents=True, exist_ok=True)
        running = start(backend, describe(home.absolute(), ports, pbx, callers, secret))
        try:
            ami = Ami("127.0.0.1", ports.ami, "telco", secret)
        except BaseException:
            running.kill()
            raise
        registrar = Registrar(f"http://127.0.0.1:{ports.http}/ari", secret, pbx.host, pbx.sip_port)
        return cls(running, ami, registrar, heard)

    def stop(self) -> None:
        """End every call and the simulator."""
        self.ami.close()
        self.running.stop()

    def kill(self) -> None:
        """Cut the power of the whole network at once: every phone and call vanishes without a word."""
        self.running.kill()
        self.ami.close()

    # ---- people who call ----

    def call(
        self,
        number: str,
        *,
        caller: str | None = "caller1",
        caller_id: str = "+5511987654321",
        digits: Digits = "rfc4733",
        say: str = "tone:440",
    ) -> Call:
        """Place a call and return at once.

        `caller` is the account that authenticates, or the extension of a robot whose phone calls; with None
        the call comes through the trunk and shows `caller_id`. `say` is what the caller says from the answer
        on: `tone:440`, `file:/path/without/suffix`, `silence`.
        """
        endpoint = (caller or "trunk") + ("-info" if digits == "info" else "")
        ident = f"call-{uuid.uuid4()}"
        file = self._heard / f"{ident}.sln"
        since = self.ami.mark()
        self.ami.ask(
            "Originate",
            Channel=f"PJSIP/{number}@{endpoint}",
            Context="telco-caller",
            Exten="talk",
            Priority="1",
            Timeout="120000",
            CallerID=caller_id if caller is None else caller,
            Async="true",
            ChannelId=ident,
            variables={"TELCO_FILE": str(file), "SAY": say},
        )
        call = Call(self.ami, ident, number, file, since)
        self._calls.append(call)
        return call

    # ---- people and machines who are called ----

    def robot(self, extension: str, password: str, behaviour: Behaviour | None = None) -> Robot:
        """Register a robot operator's phone at the PBX; waits until it is registered."""
        robot = Robot(self.ami, self.running, self._registrar, extension, password)
        robot.behave(behaviour or Behaviour())
        robot.register()
        self._robots[extension] = robot
        return robot

    def outside(self, number: str, behaviour: Behaviour) -> None:
        """Say how an outside number behaves, instead of by its range (docker/telco/extensions.conf)."""
        behaviour.store(self.ami, number)

    def calls_to(self, number: str, since: int = 0) -> list[Event]:
        """Offers that an extension or number got: `From`, `Channel`, `File` of what it heard."""
        return self.ami.find(lambda event: _offered(event, number), since)

    def wait_call_to(self, number: str, timeout_s: float = 10.0, since: int = 0) -> Event:
        """The first offer to an extension or number, past ones from `since` on included."""
        event = self.ami.wait(lambda event: _offered(event, number), timeout_s, since)
        if event is None:
            raise PbxError(f"nobody called {number} within {timeout_s} s")
        return event

    def hang_up_all(self) -> None:
        """End all calls and sign all robots off, between tests."""
        for robot in list(self._robots.values()):
            robot.unregister()
        self._robots.clear()
        for call in self._calls:
            call.hangup()
        self._calls.clear()
        self.running.cli("channel request hangup all")


def _offered(event: Event, number: str) -> bool:
    return event.get("UserEvent") == "TelcoOffered" and event.get("Number") == number


def describe(
    home: Path, ports: TelcoPorts, pbx: PbxAddress, callers: Mapping[str, str], secret: str
) -> Instance:
    """Describe the simulator's Asterisk."""
    near = pbx.host.startswith("127.")
    values = {
        "name": "telco",
        "secret": secret,
        "heard_dir": str(home / "heard"),
        "longest_s": str(LONGEST_S),
        "control_bind": "127.0.0.1",
        "phones_bind": "127.0.0.1" if near else "0.0.0.0",  # noqa: S104 - in a container, whose network is inner
        "carrier_bind": "127.0.0.2" if near else "0.0.0.0",  # noqa: S104 - the same
        "pbx_host": pbx.host,
        "pbx_sip_port": str(pbx.sip_port),
        "pbx_trunk_port": str(pbx.trunk_port),
        **{f"{item.name}_port": str(getattr(ports, item.name)) for item in fields(ports)},
        "rtp_first": str(ports.rtp_first),
        "rtp_last": str(ports.rtp_last),
        "callers": "\n".join(_caller(user, password) for user, password in sorted(callers.items())),
    }
    listening = {"phones": ports.phones, "dead": ports.dead, "http": ports.http, "ami": ports.ami}
    return Instance("telco", home, TEMPLATES, values, listening)


def _caller(user: str, password: str) -> str:
    sections = [f"[{user}]\ntype = auth\nauth_type = digest\nusername = {user}\npassword = {password}\n"]
    for suffix, mode in (("", "rfc4733"), ("-info", "info")):
        sections.append(
            f"[{user}{suffix}](caller)\noutbound_auth = {user}\nfrom_user = {user}\ndtmf_mode = {mode}\n"
        )
    return "\n".join(sections)

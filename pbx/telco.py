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
from pathlib import Path
from typing import Literal, Self

from pbx.ami import Ami, Event
from pbx.backend import Backend, PbxError
from pbx.patience import PATIENCE_S
from pbx.running import Running, start
from pbx.sip_line import SipLine
from pbx.telco_calls import Call
from pbx.telco_instance import PbxAddress, TelcoPorts, describe
from pbx.telco_phones import Behaviour, Registrar, Robot

__all__ = ["PbxAddress", "Telco", "TelcoPorts"]

Digits = Literal["rfc4733", "info"]


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
        registrar = Registrar(f"http://127.0.0.1:{ports.http}/ari", secret, pbx)
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

    def robot(
        self,
        extension: str,
        password: str,
        behaviour: Behaviour | None = None,
        *,
        tls: bool = False,
        mortal: bool = False,
    ) -> Robot:
        """Register a robot operator's phone at the PBX; waits until it is registered. `tls`: and SRTP.

        `mortal`: it can `die()` (plain SIP only).
        """
        line = SipLine(self._registrar.target) if mortal else None
        robot = Robot(self.ami, self.running, self._registrar, extension, password, tls=tls, line=line)
        robot.behave(behaviour or Behaviour())
        robot.register()
        self._robots[extension] = robot
        return robot

    def operator_call(self, extension: str, number: str, *, say: str = "silence") -> Call:
        """Let a registered robot's phone dial a code, a number or a colleague."""
        return self.call(number, caller=extension, say=say)

    def stranger(self, extension: str, password: str) -> Robot:
        """A phone that tries to register with a password that may be wrong."""
        robot = Robot(self.ami, self.running, self._registrar, extension, password)
        self._robots[extension] = robot
        robot.try_to_register()
        return robot

    def outside(self, number: str, behaviour: Behaviour) -> None:
        """Say how an outside number behaves, instead of by its range (docker/telco/extensions.conf)."""
        behaviour.store(self.ami, number)

    def calls_to(self, number: str, since: int = 0) -> list[Event]:
        """Offers that an extension or number got: `From`, `Channel`, `File` of what it heard."""
        return self.ami.find(lambda event: _offered(event, number), since)

    def wait_call_to(self, number: str, timeout_s: float = PATIENCE_S, since: int = 0) -> Event:
        """The first offer to an extension or number, past ones from `since` on included."""
        event = self.ami.wait(lambda event: _offered(event, number), timeout_s, since)
        if event is None:
            raise PbxError(f"nobody called {number} within {timeout_s} s")
        return event

    def pick_up(self, number: str, since: int = 0, *, do: Literal["answer", "busy"] = "answer") -> None:
        """Who was told to `ring` does this now: where what happens meanwhile takes its own time."""
        offered = self.wait_call_to(number, since=since)
        self.ami.ask("Redirect", Channel=offered["Channel"], Context="telco-do", Exten=do, Priority="1")

    def hang_up_all(self) -> None:
        """End all calls and sign all robots off, between tests."""
        for robot in list(self._robots.values()):
            robot.unregister()
            robot.close()
        self._robots.clear()
        for call in self._calls:
            call.hangup()
        self._calls.clear()
        self.running.cli("channel request hangup all")


def _offered(event: Event, number: str) -> bool:
    return event.get("UserEvent") == "TelcoOffered" and event.get("Number") == number

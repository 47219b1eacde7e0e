"""One Asterisk on which both sides run: Ramal with its operators, and the rival's dialplan with as many.

The rival has a trunk and phones of its own, equal to Ramal's in every setting, so that the application is
not told of the rival's calls and Asterisk does not spend time on telling it.
"""

from __future__ import annotations

import dataclasses
import os
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ari_app.asterisk.provisioning import Phone
from benchmarks.calls.ari import Ari
from benchmarks.calls.crew import extensions, hire
from benchmarks.calls.measure import cpu_s, prefer
from demo.centre import Centre, CentreError
from demo.plan import Plan, make
from pbx import start
from pbx.instance import DIALPLAN, Instance, Ports, Site, ramal

HERE = Path(__file__).parent
CALLER_HOST, RIVAL_HOST, PHONES_HOST = "127.0.0.2", "127.0.0.3", "127.0.0.4"
FIRST_OPERATOR, FIRST_RIVAL = 10001, 20001
RTP_PORTS = 4000
QUIET_CPU_S, QUIET_READINGS = 0.06, 3
"""An Asterisk that uses less than this per second, three times in a row, has nothing left to do."""
OVERLAID = ("extensions.conf", "pjsip.conf", "queues.conf")


def overlay(folder: Path) -> Path:
    """Ramal's templates with the rival's lines behind them."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(DIALPLAN, folder)
    for name in OVERLAID:
        with (folder / name).open("a", encoding="utf-8") as file:
            file.write((HERE / "rival" / name).read_text(encoding="utf-8"))
    return folder


def rival_values(members: list[str], phones_port: int) -> dict[str, str]:
    """What the rival's templates need: phones like Ramal's, in the configuration file."""
    sections = []
    for extension in members:
        phone = Phone(extension, "unused-password", "udp")
        fields = {name: value for name, value in phone.endpoint().items() if name != "auth"}
        lines = [
            f"[{extension}]",
            "type = endpoint",
            *(f"{name} = {value}" for name, value in fields.items()),
        ]
        contact = f"contact = sip:{extension}@{PHONES_HOST}:{phones_port}"
        sections += [*lines, f"[{extension}]", "type = aor", contact, "max_contacts = 1"]
    return {
        "rival_trunk_host": RIVAL_HOST,
        "rival_phones": "\n".join(sections),
        "rival_members": "\n".join(f"member => PJSIP/{extension}" for extension in members),
    }


class Stage(Centre):
    """PBX and application with `count` operators on each side; `phones_port` is where their phones answer."""

    def __init__(self, plan: Plan, count: int, phones_port: int) -> None:
        super().__init__(plan)
        self.count = count
        self.phones_port = phones_port
        self.members = extensions(FIRST_RIVAL, count)
        self.crew = extensions(FIRST_OPERATOR, count)

    def instance(self) -> Instance:
        plan = self.plan
        site = Site(
            home=plan.state / "asterisk",
            ports=plan.ports,
            keys=plan.keys,
            recordings=plan.recordings,
            sounds=plan.sounds,
            bind=plan.bind,
            carrier_host=CALLER_HOST,
            overrides=rival_values(self.members, self.phones_port),
            plain_sip=True,
        )
        return dataclasses.replace(ramal(site), templates=overlay(plan.state / "templates"))

    def start_pbx(self) -> None:
        self.pbx = start(self.backend, self.instance(), timeout_s=90)

    def seat(self) -> None:
        """Give every operator of Ramal a phone at the common address, as if it had registered there.

        Qualifying is off on both sides: it costs the same for both and is no part of a call.
        """
        ari = Ari(f"http://127.0.0.1:{self.plan.ports.http}", self.plan.keys)
        for extension in self.crew:
            contact = f"sip:{extension}@{PHONES_HOST}:{self.phones_port}"
            ari.change_aor(extension, {"contact": contact, "qualify_frequency": "0"})

    def await_available(self, timeout_s: float = 60.0) -> None:
        """Wait until every operator of both sides may be called. Raises `CentreError`."""
        deadline = time.monotonic() + timeout_s
        while True:
            free = sum(item["state"] == "available" for item in self.api.get("/operators")["items"])
            assert self.pbx is not None
            members = self.pbx.cli("queue show rival", 20).count("(Not in use)")
            if free == self.count and members == self.count:
                return
            if time.monotonic() > deadline:
                raise CentreError(f"{free} operators and {members} queue members of {self.count} are free")
            time.sleep(0.2)

    def await_quiet(self, timeout_s: float = 900.0) -> None:
        """Wait until Asterisk has digested the phones: each changed address makes it read all endpoints again
        (res_pjsip's options, Asterisk 22.10), which goes on for a while after the last change.
        """
        assert self.pbx is not None
        deadline = time.monotonic() + timeout_s
        quiet = 0
        while quiet < QUIET_READINGS:
            before = cpu_s(self.pbx.pid)
            time.sleep(1.0)
            quiet = quiet + 1 if cpu_s(self.pbx.pid) - before < QUIET_CPU_S else 0
            if time.monotonic() > deadline:
                raise CentreError(f"Asterisk is still busy {timeout_s:g} s after its phones were set up")

    @property
    def pids(self) -> tuple[int, int]:
        """Asterisk's process and the application's."""
        assert self.pbx is not None
        assert self.application is not None
        return self.pbx.pid, self.application.pid

    def start_all(self) -> None:
        self.prepare()
        print(f"Starting the PBX with {self.count} rival phones ...", flush=True)
        self.start_pbx()
        hire(self.plan.state, self.crew, time.time())
        print(f"Starting the application with {self.count} operators ...", flush=True)
        self.start_application()
        self.await_ready(120)
        self.seat()
        self.await_available()
        print("Waiting until the PBX has taken all phones in ...", flush=True)
        self.await_quiet()
        for pid in (*self.pids, os.getpid()):
            prefer(pid)


def plan_for(state: Path) -> Plan:
    """A fresh state folder with ports of its own (`RAMAL_PORT_BASE`, 24000 unless said)."""
    shutil.rmtree(state, ignore_errors=True)
    base = os.environ.get("RAMAL_PORT_BASE", "24000")
    os.environ["RAMAL_CALLFLOWS"] = str(HERE / "flows")
    plan = make({"RAMAL_STATE": str(state), "RAMAL_PORT_BASE": base})
    return dataclasses.replace(plan, ports=Ports.block(int(base), RTP_PORTS))


def free_port(host: str) -> int:
    """A UDP port that is free at `host`, with its next four (media)."""
    for port in range(6000, 9000, 10):
        try:
            for offset in range(5):
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                    probe.bind((host, port + offset))
        except OSError:
            continue
        return port
    raise CentreError(f"no free UDP ports at {host}")


@contextmanager
def staged(state: Path, count: int) -> Iterator[Stage]:
    """Everything up, and down again."""
    stage = Stage(plan_for(state), count, free_port(PHONES_HOST))
    try:
        stage.start_all()
        yield stage
    finally:
        stage.stop()

"""Where everything of a demo is: folders, ports, passwords. Several demos run side by side on other plans."""

from __future__ import annotations

import dataclasses
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pbx.instance import Ports, Secrets
from pbx.telco import TelcoPorts

ENCRYPTED = "1007"
"""The operator whose phone comes by TLS and SRTP; all others of the demo by plain SIP on loopback."""
REPOSITORY = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Plan:
    """`state` holds everything that is written; `console` is the port of console and API."""

    state: Path
    bind: str
    console: int
    ports: Ports
    telco: TelcoPorts
    keys: Secrets
    token: str
    admin_password: str
    own_flows: bool = False
    """Whether the flow files are copies in the state folder: tests edit theirs."""

    @property
    def recordings(self) -> Path:
        return self.state / "recordings"

    @property
    def flows(self) -> Path:
        """The admins' flow files; a folder of its own below the state folder where there is one."""
        own = self.state / "callflows"
        named = os.environ.get("RAMAL_CALLFLOWS")
        return Path(named) if named else own if self.own_flows else REPOSITORY / "callflows"

    @property
    def sounds(self) -> Path:
        """The prompts as the PBX plays them: the same for every plan of this checkout."""
        return REPOSITORY / ".ramal" / "sounds"

    @property
    def prompts(self) -> Path:
        """The admins' own prompts."""
        return self.state / "prompts"

    @property
    def console_url(self) -> str:
        return f"http://{self.bind}:{self.console}"

    @property
    def api(self) -> str:
        return f"{self.console_url}/api/v1"

    def environment(self) -> dict[str, str]:
        """The application's settings as `RAMAL_…` variables."""
        return {
            "RAMAL_STATE": str(self.state),
            "RAMAL_RECORDINGS": str(self.recordings),
            "RAMAL_CALLFLOWS": str(self.flows),
            "RAMAL_DATABASE": os.environ.get("RAMAL_DATABASE", str(self.state / "ramal.db")),
            "RAMAL_BIND": self.bind,
            "RAMAL_HTTP_PORT": str(self.console),
            "RAMAL_ARI_URL": f"http://127.0.0.1:{self.ports.http}",
            "RAMAL_ARI_USER": self.keys.ari_user,
            "RAMAL_ARI_PASSWORD": self.keys.ari_password,
            "RAMAL_AMI_PORT": str(self.ports.ami),
            "RAMAL_AMI_USER": self.keys.ami_user,
            "RAMAL_AMI_SECRET": self.keys.ami_secret,
            "RAMAL_AGI_PORT": str(self.ports.agi),
            "RAMAL_PROMPTS": str(self.prompts),
            "RAMAL_TEST_PHONES": ",".join(self.keys.callers),
            "RAMAL_ADMIN_TOKEN": self.token,
            "RAMAL_ADMIN_PASSWORD": self.admin_password,
            "RAMAL_PHONES": os.environ.get("RAMAL_PHONES", f"udp,{ENCRYPTED}=tls"),
            "RAMAL_NEVER_BAN": "127.0.0.1,127.0.0.2",
            "RAMAL_LOG": os.environ.get("RAMAL_LOG", "json"),
        }


def make(environment: Mapping[str, str]) -> Plan:
    """The plan of `RAMAL_STATE` and `RAMAL_PORT_BASE`; passwords are made once and kept there."""
    state = Path(environment.get("RAMAL_STATE") or REPOSITORY / ".ramal").absolute()
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    state.chmod(0o700)
    base = environment.get("RAMAL_PORT_BASE")
    if base is None:
        console, ports, telco = 8080, Ports(), TelcoPorts()
    else:
        console, ports = int(base), Ports.block(int(base))
        telco = TelcoPorts.block(int(base) + 500)
    console = int(environment.get("RAMAL_HTTP_PORT") or console)
    ports = dataclasses.replace(ports, sip=int(environment.get("RAMAL_SIP_PORT") or ports.sip))
    kept = _kept(state / "demo-secrets.json", environment.get("RAMAL_ADMIN_TOKEN"))
    keys = Secrets(kept["ari_password"], kept["ami_secret"], kept["callers"])
    return Plan(
        state=state,
        bind=environment.get("RAMAL_BIND") or "127.0.0.1",
        console=console,
        ports=ports,
        telco=dataclasses.replace(telco, carrier=ports.carrier),
        keys=keys,
        token=kept["token"],
        admin_password=kept["admin_password"],
    )


def _kept(path: Path, token: str | None) -> dict[str, Any]:
    if path.exists():
        kept = json.loads(path.read_text(encoding="utf-8"))
    else:
        generated = Secrets.generate()
        kept = {
            "ari_password": generated.ari_password,
            "ami_secret": generated.ami_secret,
            "callers": dict(generated.callers),
            "token": secrets.token_urlsafe(32),
            "admin_password": secrets.token_urlsafe(15),
        }
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(kept, file)
    return {**kept, "token": token} if token else kept

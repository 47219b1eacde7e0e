"""Describe the simulator's Asterisk: its ports, its accounts, where Ramal's PBX is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Self

from pbx.instance import REPOSITORY, Instance

TEMPLATES = REPOSITORY / "docker" / "telco"
LONGEST_S = 3600


@dataclass(frozen=True, slots=True)
class TelcoPorts:
    """Ports of the simulator."""

    phones: int = 5090
    carrier: int = 5080
    http: int = 8090
    ami: int = 5039
    phones_tls: int = 5093
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
    sips_port: int = 5061


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
        "pbx_sips_port": str(pbx.sips_port),
        "pbx_trunk_port": str(pbx.trunk_port),
        **{f"{item.name}_port": str(getattr(ports, item.name)) for item in fields(ports)},
        "rtp_first": str(ports.rtp_first),
        "rtp_last": str(ports.rtp_last),
        "callers": "\n".join(_caller(user, password) for user, password in sorted(callers.items())),
    }
    listening = {"phones": ports.phones, "http": ports.http, "ami": ports.ami}
    return Instance("telco", home, TEMPLATES, values, listening)


def _caller(user: str, password: str) -> str:
    sections = [f"[{user}]\ntype = auth\nauth_type = digest\nusername = {user}\npassword = {password}\n"]
    for suffix, mode in (("", "rfc4733"), ("-info", "info")):
        sections.append(
            f"[{user}{suffix}](caller)\noutbound_auth = {user}\nfrom_user = {user}\ndtmf_mode = {mode}\n"
        )
    return "\n".join(sections)

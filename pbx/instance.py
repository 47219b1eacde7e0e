"""Describe one Asterisk: its ports, secrets, folders and the values its templates need."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
DIALPLAN = REPOSITORY / "dialplan"
MUSIC = DIALPLAN / "moh"

CODES: Mapping[str, str] = {
    "sign_in": "*11",
    "sign_out": "*12",
    "pause": "*13",
    "ready": "*14",
    "clock_in": "*15",
    "clock_out": "*16",
    "abuse_pause": "*17",
    "hot_desk": "*10",
    "wrap_up": "*18",
    "queue": "*19",
    "watch_listen": "*20",
    "watch_whisper": "*21",
    "watch_barge": "*22",
    "watch_take_over": "*23",
    "record_start": "*31",
    "record_pause": "*32",
    "record_resume": "*33",
    "park": "*41",
    "fetch": "*42",
    "take_back": "*43",
}
"""What operators dial (P1)."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Every port of one PBX; `agi` (FastAGI server) and `carrier` (the trunk's far end) are others'."""

    sip: int = 5060
    sips: int = 5061
    trunk: int = 5070
    http: int = 8088
    https: int = 8089
    ami: int = 5038
    agi: int = 4573
    carrier: int = 5080
    rtp_first: int = 10000
    rtp_last: int = 10999

    @classmethod
    def block(cls, base: int, rtp_count: int = 400) -> Ports:
        """Ports `base` … `base + 99 + rtp_count`, for tests and for demos side by side."""
        own = [field.name for field in fields(cls) if not field.name.startswith("rtp")]
        numbered = {name: base + 10 + index for index, name in enumerate(own)}
        return cls(**numbered, rtp_first=base + 100, rtp_last=base + 99 + rtp_count)

    def listening(self) -> dict[str, int]:
        """The ports that this PBX opens itself."""
        own = ("sip", "sips", "trunk", "http", "https", "ami")
        return {name: getattr(self, name) for name in own}


@dataclass(frozen=True, slots=True)
class Secrets:
    """Passwords of one PBX, generated; `callers` are the outside phones' (user → password)."""

    ari_password: str
    ami_secret: str
    callers: Mapping[str, str]
    ari_user: str = "ramal"
    ami_user: str = "ramal"

    @classmethod
    def generate(cls, callers: int = 4) -> Secrets:
        return cls(
            ari_password=secrets.token_urlsafe(24),
            ami_secret=secrets.token_urlsafe(24),
            callers={f"caller{number}": secrets.token_urlsafe(12) for number in range(1, callers + 1)},
        )


@dataclass(frozen=True, slots=True)
class Instance:
    """One Asterisk to start: templates, the values for them, and the folders it may write to.

    `home` holds everything of its own; `ports` (name → number) must be free when it starts; `shared` are
    folders elsewhere that it writes to; `sounds` (name → folder) are heard as `sound:<name>/…`.
    """

    name: str
    home: Path
    templates: Path
    values: Mapping[str, str]
    ports: Mapping[str, int]
    bind: str = "127.0.0.1"
    shared: tuple[Path, ...] = ()
    sounds: Mapping[str, Path] = field(default_factory=dict)
    certificate_host: str = "localhost"

    @property
    def conf_dir(self) -> Path:
        return self.home / "conf"

    @property
    def log(self) -> Path:
        """What Asterisk itself says; its standard output is in `console` beside it."""
        return self.home / "log" / "messages"


@dataclass(frozen=True, slots=True)
class Site:
    """What one installation says about its PBX.

    `recordings` gets `<call id>.raw` and `voicemail/<call id>.wav`; `sounds` (a folder of
    `<language>/<prompt>.wav`) is heard as `sound:ramal/<language>/<prompt>`; `carrier_host` is the trunk's
    far end, an address that no phone has; `overrides` replaces single template values (see `dialplan/`).
    """

    home: Path
    ports: Ports
    keys: Secrets
    recordings: Path
    sounds: Path | None = None
    prompts: Path | None = None
    """The admins' own prompts, heard as `sound:own/<client>/<language>/<name>`."""
    bind: str = "127.0.0.1"
    carrier_host: str = "127.0.0.2"
    app: str = "ramal"
    name: str = "ramal"
    overrides: Mapping[str, str] = field(default_factory=dict)
    plain_sip: bool = False
    """Whether phones may come by UDP and TCP in clear; else by TLS (and browsers by WSS) alone."""


def ramal(site: Site) -> Instance:
    """Describe Ramal's own PBX."""
    home, recordings = site.home.absolute(), site.recordings.absolute()
    ports, keys = site.ports, site.keys
    for folder in (recordings, recordings / "voicemail"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    values = {
        **_address_values(site.bind, site.carrier_host),
        "plain_begin": "" if site.plain_sip else ";--",
        "plain_end": "" if site.plain_sip else "--;",
        **{f"code_{verb}": code for verb, code in CODES.items()},
        **{f"{item.name}_port": str(getattr(ports, item.name)) for item in fields(ports)},
        "rtp_first": str(ports.rtp_first),
        "rtp_last": str(ports.rtp_last),
        "name": site.name,
        "app": site.app,
        "guard_s": "20",
        "talk_s": "7200",
        "fallback_wait_s": "120",
        "recordings_dir": str(recordings),
        "language": "pt-BR",
        "sounds": "ramal/pt-BR",
        "prompt_fallback": "queue/all-busy",
        "prompt_voicemail": "voicemail/intro",
        "prompt_sorry": "problem/call-later",
        "prompt_goodbye": "goodbye/short",
        "inside_numbers": "5XXX",
        "operators": "1XXX",
        "ari_user": keys.ari_user,
        "ari_password": keys.ari_password,
        "ami_user": keys.ami_user,
        "ami_secret": keys.ami_secret,
        "callers": "\n".join(_caller(user, password) for user, password in sorted(keys.callers.items())),
    }
    named = {"ramal": site.sounds, "own": site.prompts}
    links = {name: folder.absolute() for name, folder in named.items() if folder is not None}
    shared = (recordings, *links.values())
    values.update(site.overrides)
    return Instance(site.name, home, DIALPLAN, values, ports.listening(), site.bind, shared, links)


def _address_values(bind: str, carrier_host: str) -> dict[str, str]:
    loopback = bind.startswith("127.")
    carrier_near = carrier_host.startswith("127.")
    return {
        "bind": bind,
        "trunk_bind": "127.0.0.1" if carrier_near else bind,
        "control_bind": "127.0.0.1",
        "ari_permit": "127.0.0.1/255.255.255.255",
        "agi_host": "127.0.0.1",
        "carrier_host": carrier_host,
        "transport_external": "",
        # Browsers on this machine offer their LAN address; nothing but loopback is open to them.
        "ice_host_candidates": "" if not loopback else "; loopback only",
    }


def _caller(user: str, password: str) -> str:
    """Sections of one outside phone. Its number is fixed: what a phone says of itself is not believed."""
    number = f"+551190000000{user.removeprefix('caller')}"
    return (
        f'[{user}](outside-phone)\nauth = {user}\naors = {user}\ncallerid = "{user}" <{number}>\n'
        f"[{user}](outside-auth)\nusername = {user}\npassword = {password}\n"
        f"[{user}](outside-aor)\n"
    )

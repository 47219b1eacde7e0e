"""Settings of the application, read once from `RAMAL_…` variables; secrets come from files where named so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias, cast, get_args

Kind: TypeAlias = Literal["udp", "tcp", "tls", "webrtc"]


class ConfigError(Exception):
    """A setting is missing or wrong; the text names the variable and what it wants."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that differs between installations. Ports are TCP; durations are in seconds."""

    state: Path
    """Folder for database, flows, key file; mode 0700."""
    recordings: Path
    callflows: Path
    sounds_dir: Path
    """The sounds' sources (`<language>/prompts.yaml`): what exists."""
    sounds: str
    """Where Asterisk finds them: `sound:<sounds>/<language>/<prompt>`."""
    database: str
    bind: str
    http_port: int
    ari_url: str
    ari_user: str
    ari_password: str = field(repr=False)
    ami_host: str = "127.0.0.1"
    ami_port: int = 5038
    ami_user: str = "ramal"
    ami_secret: str = field(default="", repr=False)
    agi_host: str = "127.0.0.1"
    agi_port: int = 4573
    app: str = "ramal"
    trunks: tuple[str, ...] = ("carrier",)
    prompts: Path = Path("prompts")
    """Folder of the admins' own prompts, which the PBX hears as `sound:own/…`."""
    voice: str = ""
    """A program that speaks: text in, sound out; see docs/prompts.md."""
    test_phones: tuple[str, ...] = ()
    """Accounts of outside phones from which `ramal flow test --live` may call."""
    rest_sockets: int = 4
    log_format: str = "json"
    console_dir: Path | None = None
    admin_token: str = field(default="", repr=False)
    """An API token that the set-up chose; the first admin's password likewise."""
    admin_password: str = field(default="", repr=False)
    phone_kind: Kind = "tls"
    """How operators' phones come; plain SIP only where it is asked for."""
    phone_exceptions: Mapping[str, Kind] = field(default_factory=dict)
    """Operators whose phones come otherwise, by extension."""
    phone_place: str = ""
    """Host, or host and port, at which softphones register; empty: the host that the console has."""
    phone_sources: tuple[str, ...] = ()
    """Origins of browser phones' WebSockets, for the console's content policy."""
    ice_servers: tuple[str, ...] = ()
    """`stun:…` and `turn:…` addresses for browser phones behind firewalls."""
    turn_secret: str = field(default="", repr=False)
    """Shared with the relay, which checks the passwords made of it (coturn's `static-auth-secret`)."""
    never_ban: tuple[str, ...] = ("127.0.0.1", "::1")
    """Addresses whose failed SIP requests ban nobody: the carrier's, say."""
    trace_routing: bool = True
    transcriber: str = ""
    """A program that writes down what recordings say; see docs/recordings.md. Empty: none are transcribed."""
    recording_store: str = ""
    """Where finished recordings go: empty, the recordings folder; a path; `s3://bucket/prefix`."""
    recording_key: Path = Path(".ramal/recordings.key")
    """The key file; whoever loses it loses the recordings."""
    recording_least_free_mb: int = 200
    """With less space than this no recording is begun."""
    s3: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Options of an S3 store: `endpoint`, `region`, `access_key_id`, `secret_access_key`."""


def read(environment: Mapping[str, str]) -> Settings:
    """Raises `ConfigError`."""
    env = _Environment(environment)
    root = Path(__file__).resolve().parent.parent
    state = Path(env.text("STATE", ".ramal")).absolute()
    console = env.text("CONSOLE", str(root / "console" / "dist"))
    phone_kind, exceptions = _phones(env.text("PHONES", "tls"))
    return Settings(
        state=state,
        recordings=Path(env.text("RECORDINGS", str(state / "recordings"))).absolute(),
        callflows=Path(env.text("CALLFLOWS", str(root / "callflows"))).absolute(),
        sounds_dir=Path(env.text("SOUNDS_DIR", str(root / "sounds"))).absolute(),
        sounds=env.text("SOUNDS", "ramal"),
        database=env.text("DATABASE", str(state / "ramal.db")),
        bind=env.text("BIND", "127.0.0.1"),
        http_port=env.port("HTTP_PORT", 8080),
        ari_url=env.text("ARI_URL", "http://127.0.0.1:8088"),
        ari_user=env.text("ARI_USER", "ramal"),
        ari_password=env.secret("ARI_PASSWORD"),
        ami_host=env.text("AMI_HOST", "127.0.0.1"),
        ami_port=env.port("AMI_PORT", 5038),
        ami_user=env.text("AMI_USER", "ramal"),
        ami_secret=env.secret("AMI_SECRET"),
        agi_host=env.text("AGI_HOST", "127.0.0.1"),
        agi_port=env.port("AGI_PORT", 4573),
        app=env.text("APP", "ramal"),
        trunks=tuple(name for name in env.text("TRUNKS", "carrier").split(",") if name),
        prompts=Path(env.text("PROMPTS", str(state / "prompts"))).absolute(),
        voice=env.text("VOICE", ""),
        test_phones=tuple(name for name in env.text("TEST_PHONES", "").split(",") if name),
        rest_sockets=env.count("REST_SOCKETS", 4),
        log_format=env.one_of("LOG", ("json", "console")),
        console_dir=Path(console) if Path(console).is_dir() else None,
        admin_token=env.secret("ADMIN_TOKEN", required=False),
        admin_password=env.secret("ADMIN_PASSWORD", required=False),
        phone_kind=phone_kind,
        phone_exceptions=exceptions,
        phone_place=env.text("PHONE_PLACE", ""),
        phone_sources=tuple(source for source in env.text("PHONE_SOURCES", "").split(",") if source),
        ice_servers=tuple(server for server in env.text("ICE_SERVERS", "").split(",") if server),
        turn_secret=env.secret("TURN_SECRET", required=False),
        transcriber=env.text("TRANSCRIBER", ""),
        recording_store=env.text("RECORDING_STORE", ""),
        recording_key=Path(env.text("RECORDING_KEY", str(state / "recordings.key"))).absolute(),
        recording_least_free_mb=env.count("RECORDING_LEAST_FREE_MB", 200),
        s3={
            "endpoint": env.text("S3_ENDPOINT", ""),
            "region": env.text("S3_REGION", "us-east-1"),
            "access_key_id": env.secret("S3_ACCESS_KEY_ID", required=False),
            "secret_access_key": env.secret("S3_SECRET_ACCESS_KEY", required=False),
        },
        never_ban=tuple(text for text in env.text("NEVER_BAN", "127.0.0.1,::1").split(",") if text),
        trace_routing=env.one_of("TRACE_ROUTING", ("on", "off")) == "on",
    )


def _phones(text: str) -> tuple[Kind, Mapping[str, Kind]]:
    """`tls`, or `udp,1007=tls`: how phones come, and who comes otherwise."""
    default, *others = text.split(",")
    pairs = [other.partition("=") for other in others]
    for kind in (default, *(kind for _, _, kind in pairs)):
        if kind not in get_args(Kind):
            raise ConfigError(f"RAMAL_PHONES={text!r}: must be tls, udp, tcp or webrtc, then 1007=tls, …")
    for extension, _, _ in pairs:
        if not (extension.isascii() and extension.isdigit()):
            raise ConfigError(f"RAMAL_PHONES={text!r}: {extension!r} is no extension")
    return cast("Kind", default), {extension: cast("Kind", kind) for extension, _, kind in pairs}


class _Environment:
    def __init__(self, environment: Mapping[str, str]) -> None:
        self._values = environment

    def text(self, name: str, default: str) -> str:
        return self._values.get(f"RAMAL_{name}", "") or default

    def secret(self, name: str, *, required: bool = True) -> str:
        """The value, or the content of the file that `RAMAL_<name>_FILE` names."""
        path = self._values.get(f"RAMAL_{name}_FILE", "")
        if path:
            try:
                return Path(path).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise ConfigError(f"RAMAL_{name}_FILE: {error}") from error
        value = self._values.get(f"RAMAL_{name}", "")
        if required and not value:
            raise ConfigError(f"RAMAL_{name} (or RAMAL_{name}_FILE) is not set")
        return value

    def count(self, name: str, default: int) -> int:
        raw = self.text(name, str(default))
        if not raw.isascii() or not raw.isdigit() or int(raw) < 1:
            raise ConfigError(f"RAMAL_{name}={raw!r} is not a whole number above 0")
        return int(raw)

    def port(self, name: str, default: int) -> int:
        number = self.count(name, default)
        if number > 65535:
            raise ConfigError(f"RAMAL_{name}={number} is no port: 1 to 65535")
        return number

    def one_of(self, name: str, choices: tuple[str, ...]) -> str:
        value = self.text(name, choices[0])
        if value not in choices:
            raise ConfigError(f"RAMAL_{name}={value!r}: must be one of {', '.join(choices)}")
        return value

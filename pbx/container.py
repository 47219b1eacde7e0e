"""Run the PBX or the simulator as the one process of a container; secrets come from files.

    python3 -m pbx.container ramal | telco      render the configuration and become Asterisk
    python3 -m pbx.container check              succeed when Asterisk is up and all its modules run

Nothing is written but below `RAMAL_HOME` (a volume: the phones' registrations outlive the container), so the
root file system may be read-only.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from pbx.backend import PbxError, check_version
from pbx.instance import Instance, Ports, Secrets, Site, ramal
from pbx.layout import lay_out
from pbx.native import Native
from pbx.running import absent_modules
from pbx.telco_instance import PbxAddress, TelcoPorts, describe


def setting(environment: Mapping[str, str], name: str, default: str | None = None) -> str:
    """A setting, or the content of the file that `<name>_FILE` names. Raises PbxError where it is missing."""
    path = environment.get(f"{name}_FILE", "")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise PbxError(f"{name}_FILE: {error}") from None
    value = environment.get(name) or default
    if value is None:
        raise PbxError(f"{name} (or {name}_FILE) is not set")
    return value


def pbx_instance(environment: Mapping[str, str]) -> Instance:
    """Ramal's PBX: phones and trunk on all addresses, ARI and AMI for the inner network alone."""
    external = environment.get("RAMAL_EXTERNAL_ADDRESS", "")
    inner = setting(environment, "RAMAL_INNER_NETWORK")
    overrides = {
        "control_bind": "0.0.0.0",  # noqa: S104 - the inner network; its port is not published
        "ari_permit": inner,
        "trunk_bind": "0.0.0.0",  # noqa: S104 - a container's own address is not known beforehand
        "agi_host": setting(environment, "RAMAL_AGI_HOST", "app"),
        "language": setting(environment, "RAMAL_LANGUAGE", "pt-BR"),
        "sounds": f"ramal/{setting(environment, 'RAMAL_LANGUAGE', 'pt-BR')}",
        "transport_external": _external(external, inner) if external else "",
    }
    first, last = setting(environment, "RAMAL_RTP", "10000-10199").split("-")
    callers = environment.get("RAMAL_CALLERS_FILE") or environment.get("RAMAL_CALLERS")
    keys = Secrets(
        ari_password=setting(environment, "RAMAL_ARI_PASSWORD"),
        ami_secret=setting(environment, "RAMAL_AMI_SECRET"),
        callers=_pairs(setting(environment, "RAMAL_CALLERS")) if callers else {},
    )
    site = Site(
        home=Path(setting(environment, "RAMAL_HOME", "/var/lib/ramal/pbx")),
        ports=Ports(rtp_first=int(first), rtp_last=int(last)),
        keys=keys,
        recordings=Path(setting(environment, "RAMAL_RECORDINGS", "/var/lib/ramal/recordings")),
        sounds=Path(setting(environment, "RAMAL_SOUNDS_DIR", "/var/lib/ramal/sounds")),
        prompts=Path(setting(environment, "RAMAL_PROMPTS", "/var/lib/ramal/prompts")),
        bind="0.0.0.0",  # noqa: S104 - what is reachable is said by the published ports
        carrier_host=setting(environment, "RAMAL_CARRIER_HOST", "127.0.0.2"),
        plain_sip=setting(environment, "RAMAL_PHONES", "tls").startswith(("udp", "tcp"))
        or bool(keys.callers),
        overrides=overrides,
    )
    return ramal(site)


def telco_instance(environment: Mapping[str, str]) -> Instance:
    """The telephone-network simulator beside a PBX in a container."""
    home = Path(setting(environment, "RAMAL_HOME", "/var/lib/ramal/telco"))
    (home / "heard").mkdir(mode=0o700, parents=True, exist_ok=True)
    address = PbxAddress(5060, 5070, setting(environment, "RAMAL_PBX_HOST", "pbx"))
    callers = _pairs(setting(environment, "RAMAL_CALLERS", ""))
    return describe(home, TelcoPorts(), address, callers, setting(environment, "TELCO_SECRET"))


def _external(address: str, inner: str) -> str:
    """What phones outside are told instead of the container's own address (NAT)."""
    return (
        f"external_media_address = {address}\nexternal_signaling_address = {address}\nlocal_net = {inner}\n"
    )


def _pairs(text: str) -> dict[str, str]:
    """`caller1:password` words as a mapping."""
    return dict(word.split(":", 1) for word in text.split())


def become_asterisk(instance: Instance) -> None:
    """Render the configuration and replace this process by Asterisk, which is then the container's first."""
    backend = Native()
    check_version(backend.version())
    run_dir = lay_out(instance, backend)
    command = backend.command(instance.conf_dir, (instance.home,))
    print(f"{backend.version()}: {instance.name}, configuration in {instance.conf_dir}, socket in {run_dir}")
    sys.stdout.flush()
    os.execv(command.argv[0], command.argv)  # noqa: S606 - no shell is meant


def check(home: Path) -> None:
    """Raise PbxError where Asterisk does not answer or a module of its configuration does not run."""
    missing = absent_modules(home / "conf" / "modules.conf", home / "run" / "asterisk.ctl")
    if missing:
        raise PbxError(f"these modules of Asterisk do not run: {', '.join(missing)}")


def main(arguments: list[str], environment: Mapping[str, str]) -> int:
    """Carry out one command line; gives the exit status."""
    homes = {"ramal": "/var/lib/ramal/pbx", "telco": "/var/lib/ramal/telco"}
    try:
        match arguments:
            case ["ramal"]:
                become_asterisk(pbx_instance(environment))
            case ["telco"]:
                become_asterisk(telco_instance(environment))
            case ["check", ("ramal" | "telco") as name]:
                check(Path(setting(environment, "RAMAL_HOME", homes[name])))
            case _:
                print(__doc__)
                return 2
    except (PbxError, OSError) as error:
        print(f"pbx: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))

"""Lay out what an instance needs on disk and on the network before Asterisk starts."""

from __future__ import annotations

import socket
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from pbx.alaw import expand
from pbx.backend import Backend, PbxError
from pbx.beep import write_beep
from pbx.certificate import make_certificate
from pbx.console import Console
from pbx.instance import MUSIC, Instance
from pbx.render import render_folder

LONGEST_SOCKET_PATH = 100
"""A Unix socket's path may have 107 bytes (unix(7)); the rest is for the file's name."""


def lay_out(instance: Instance, backend: Backend) -> Path:
    """Make the instance's folders, certificate, sounds and configuration; gives the folder of its socket."""
    home = instance.home
    for folder in (
        "conf",
        "log",
        "db",
        "cache",
        "spool/recording",
        "data/sounds",
        "data/moh",
        "data/agi-bin",
    ):
        (home / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    run_dir = home / "run"
    if len(str(run_dir)) + len("/asterisk.ctl") > LONGEST_SOCKET_PATH:
        run_dir = Path(tempfile.mkdtemp(prefix="ramal-"))
    run_dir.mkdir(mode=0o700, exist_ok=True)
    (run_dir / "asterisk.ctl").unlink(missing_ok=True)
    if instance.log.exists():
        instance.log.replace(instance.log.with_name("messages.before"))
    _link(home / "data/documentation", Path(backend.documentation_dir))
    for name, target in instance.sounds.items():
        _link(home / "data/sounds" / name, target)
    write_beep(home / "data/sounds/beep.sln")
    for music in sorted(MUSIC.glob("*.alaw")):
        (home / "data/moh" / f"{music.stem}.sln").write_bytes(expand(music.read_bytes()))
    make_certificate(home / "conf", instance.certificate_host)
    folders = {f"{part}_dir": str(home / part) for part in ("conf", "data", "db", "spool", "log", "cache")}
    places: Mapping[str, str] = {"module_dir": backend.module_dir, "run_dir": str(run_dir), **folders}
    render_folder(instance.templates, instance.conf_dir, {**instance.values, **places})
    return run_dir


def _link(link: Path, target: Path) -> None:
    if link.is_symlink():
        link.unlink()
    link.symlink_to(target)


def end_leftover(instance: Instance) -> None:
    """An Asterisk of the same home, left by a launcher that was killed, is ended first."""
    leftover = Console(instance.home / "run" / "asterisk.ctl")
    try:
        leftover.ask("core stop now", 2)
    except PbxError:
        return
    deadline = time.monotonic() + 5
    while leftover.answers() and time.monotonic() < deadline:
        time.sleep(0.05)


def check_ports(instance: Instance) -> None:
    """Refuse a taken port by name: Asterisk itself would go on without it."""
    for name, port in instance.ports.items():
        for kind, noun in ((socket.SOCK_STREAM, "TCP"), (socket.SOCK_DGRAM, "UDP")):
            with socket.socket(socket.AF_INET, kind) as probe:
                probe.setsockopt(
                    socket.SOL_SOCKET, socket.SO_REUSEADDR, 1 if kind == socket.SOCK_STREAM else 0
                )
                try:
                    probe.bind((instance.bind, port))
                except OSError as error:
                    reason = f"{noun} port {port} ({name}) on {instance.bind}: {error.strerror}"
                    raise PbxError(f"{instance.name} cannot listen on {reason}") from None

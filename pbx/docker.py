"""Run Asterisk in a container of a local engine, under the caller's uid, on the host's network."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import uuid
from collections.abc import Sequence
from pathlib import Path

from pbx.backend import Command, Mode, PbxError, Progress, check_version, output

REPOSITORY = Path(__file__).resolve().parent.parent
IMAGE = os.environ.get("RAMAL_PBX_IMAGE", "ramal-pbx:22.10")
BASE = "debian:forky-slim"


def _has_image(name: str) -> bool:
    return output(["docker", "image", "inspect", "--format", "{{.Id}}", name]) is not None


class Docker:
    """An engine on this machine. The host's network keeps all addresses and ports as configured."""

    mode: Mode = "docker"

    def __init__(self, state_dir: Path) -> None:
        self._log = state_dir.absolute() / "docker-build.log"

    @staticmethod
    def why_not() -> str | None:
        """Say why it cannot be used, or None."""
        if shutil.which("docker") is None:
            return "no docker command (any engine with Docker's command line would do)"
        if sys.platform != "linux":
            return "the engine of another system runs Asterisk behind a virtual machine's network"
        kernel = output(["docker", "info", "--format", "{{.OSType}} {{.KernelVersion}}"], timeout_s=8)
        if not (kernel or "").strip().startswith("linux"):
            return "no engine answers `docker info`"
        if (kernel or "").split()[-1] != platform.release():
            return "the engine runs on another machine, whose processes cannot be seen here"
        reachable = (
            _has_image(IMAGE)
            or _has_image(BASE)
            or output(["docker", "manifest", "inspect", BASE]) is not None
        )
        return None if reachable else f"neither {IMAGE} nor {BASE} is here, and no image registry answers"

    @property
    def module_dir(self) -> str:
        return f"/usr/lib/{platform.machine()}-linux-gnu/asterisk/modules"

    documentation_dir = "/usr/share/asterisk/documentation"

    def prepare(self, progress: Progress = print) -> None:
        if not _has_image(IMAGE):
            progress(f"PBX: building image {IMAGE} from {BASE} (downloads about 120 MB; log in {self._log})")
            self._build()
        check_version(self.version())

    def _build(self) -> None:
        dockerfile = REPOSITORY / "docker/pbx/Dockerfile"
        argv = ["docker", "build", "--network=host", "-t", IMAGE, "-f", str(dockerfile), str(REPOSITORY)]
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("w") as log:
            done = subprocess.run(
                argv, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, check=False
            )
        if done.returncode != 0:
            raise PbxError(
                f"{IMAGE} cannot be built (see {self._log}); RAMAL_PBX=root does without an engine"
            )

    def version(self) -> str:
        return (
            output(["docker", "run", "--rm", "--network=none", "--entrypoint=asterisk", IMAGE, "-V"]) or ""
        ).strip()

    def command(self, conf_dir: Path, writable: Sequence[Path], /) -> Command:
        name = f"ramal-{uuid.uuid4().hex[:12]}"
        mounts = [f"--volume={folder}:{folder}" for folder in dict.fromkeys(writable)]
        limits = ["--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--tmpfs=/tmp"]
        argv = ["docker", "run", "--rm", f"--name={name}", "--network=host", *limits, *mounts]
        argv += [f"--user={os.geteuid()}:{os.getegid()}", "--entrypoint=asterisk", IMAGE]
        return Command((*argv, "-C", str(conf_dir / "asterisk.conf"), "-f"), container=name)

"""Start and stop the parts of a call centre, for the demo and the tests."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

from demo.api import Api
from demo.plan import REPOSITORY, Plan
from pbx import Running, choose, start
from pbx.backend import Backend
from pbx.instance import Site, ramal
from pbx.patience import PATIENCE_S
from pbx.telco import PbxAddress, Telco
from sounds.tools.expand import expand

Progress = Callable[[str], None]

SENTENCES = {"prompt_fallback": "queue/all-busy", "prompt_voicemail": "voicemail/intro"}


class CentreError(Exception):
    """The call centre does not come up; the text says which part, why, and what to do."""


class Centre:
    """PBX, telephone network and application as processes of this one."""

    def __init__(self, plan: Plan, backend: Backend | None = None) -> None:
        self.plan = plan
        self.backend = backend or choose(REPOSITORY / ".ramal")
        self.api = Api(plan.api, plan.token)
        self.pbx: Running | None = None
        self.telco: Telco | None = None
        self.application: subprocess.Popen[bytes] | None = None
        self.extra: dict[str, str] = {}
        """Settings of the application instead of the plan's, from its next start on."""

    # -- parts -----------------------------------------------------------------------------------------------

    def prepare(self, progress: Progress = print) -> None:
        """What takes long the first time: Asterisk and the prompts."""
        self.backend.prepare(progress)
        progress("Prompts: expanding them for the PBX ...")
        expand(self.plan.sounds)

    def start_pbx(self) -> None:
        plan = self.plan
        plan.prompts.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.pbx = start(
            self.backend,
            ramal(
                Site(
                    home=plan.state / "asterisk",
                    ports=plan.ports,
                    keys=plan.keys,
                    recordings=plan.recordings,
                    sounds=plan.sounds,
                    prompts=plan.prompts,
                    bind=plan.bind,
                    plain_sip=True,
                )
            ),
        )

    def start_telco(self) -> None:
        plan = self.plan
        address = PbxAddress(plan.ports.sip, plan.ports.trunk, sips_port=plan.ports.sips)
        self.telco = Telco.start(self.backend, plan.state / "telco", plan.telco, address, plan.keys.callers)

    def start_application(self) -> None:
        """Start it; `await_ready` says when it serves. Its log is `application.log` in the state folder."""
        environment = {**os.environ, **self.plan.environment(), **self.extra}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # compiling all anew doubles a start's CPU time
        with (self.plan.state / "application.log").open("ab") as log:
            self.application = subprocess.Popen(
                [sys.executable, "-m", "ari_app", "serve"],
                cwd=REPOSITORY,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def await_ready(self, timeout_s: float = 2 * PATIENCE_S) -> None:
        """Wait until callers can be served. Raises `CentreError` with the last words of the log."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if self.application is not None and self.application.poll() is not None:
                raise CentreError(f"the application ended at its start:\n{self.last_words()}")
            missing = self.api.not_ready()
            if missing is None:
                return
            time.sleep(0.05)
        said = f"{missing}\n{self.last_words()}"
        raise CentreError(f"the application is not ready after {timeout_s:g} s: {said}")

    def last_words(self, lines: int = 12) -> str:
        """The end of the application's log."""
        log = self.plan.state / "application.log"
        text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    # -- the end ---------------------------------------------------------------------------------------------

    def kill_application(self) -> None:
        """As a crash would."""
        if self.application is not None and self.application.poll() is None:
            self.application.kill()
            self.application.wait(PATIENCE_S)

    def stop_application(self, timeout_s: float = PATIENCE_S) -> None:
        """Tell it to end; killed where that takes too long."""
        if self.application is not None and self.application.poll() is None:
            self.application.send_signal(signal.SIGTERM)
            try:
                self.application.wait(timeout_s)
            except subprocess.TimeoutExpired:
                self.kill_application()

    def stop(self) -> None:
        """Everything, in the order that leaves nothing behind."""
        if self.telco is not None:
            self.telco.stop()
        self.stop_application(10.0)
        if self.pbx is not None:
            self.pbx.stop()

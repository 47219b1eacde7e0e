"""Start an Asterisk, see that it is whole, talk to its command line, stop it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from pbx.backend import Backend, Command, PbxError, output
from pbx.console import Console
from pbx.instance import Instance
from pbx.layout import check_ports, end_leftover, lay_out
from pbx.patience import PATIENCE_S
from pbx.render import required_modules


class Running:
    """An Asterisk that runs. `pid` is the Asterisk process itself as this machine sees it, in every mode."""

    def __init__(
        self, instance: Instance, process: subprocess.Popen[bytes], run_dir: Path, command: Command
    ) -> None:
        self.instance = instance
        self.log = instance.log
        self._process = process
        self._run_dir = run_dir
        self._container = command.container
        self._console = Console(run_dir / "asterisk.ctl")
        self.pid = process.pid

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def cli(self, command: str, timeout_s: float = PATIENCE_S) -> str:
        """Answer of one command of Asterisk's own command line. Raises PbxError where nobody answers."""
        return self._console.ask(command, timeout_s)

    def channels(self) -> list[str]:
        """Names of the live channels; empty when nothing leaked."""
        lines = self.cli("core show channels concise").splitlines()
        return [line.split("!", 1)[0] for line in lines if "!" in line]

    def stop(self, timeout_s: float = 8.0) -> None:
        """Hang up everything and end Asterisk; kills it where that takes too long. May be called again."""
        if self.is_alive():
            try:
                self.cli("core stop now", timeout_s=2)
            except PbxError:
                self._signal(signal.SIGTERM)
            try:
                self._process.wait(timeout_s)
            except subprocess.TimeoutExpired:
                self.kill()
        self._clean()

    def kill(self) -> None:
        """End Asterisk at once, as a power cut would."""
        if self.is_alive():
            self._signal(signal.SIGKILL)
            self._process.wait(PATIENCE_S)
        self._clean()

    def _signal(self, number: signal.Signals) -> None:
        if self._container:
            output(["docker", "kill", f"--signal={number.value}", self._container])
        else:
            self._process.send_signal(number)

    def _clean(self) -> None:
        if self._run_dir.parent != self.instance.home:
            shutil.rmtree(self._run_dir, ignore_errors=True)

    # ---- starting ----

    def await_boot(self, deadline: float) -> None:
        """Wait until Asterisk says that it is fully booted; `deadline` is on the monotonic clock."""
        while True:
            if not self.is_alive():
                raise PbxError(
                    f"Asterisk ended while starting (status {self._process.returncode}):{self._tail()}"
                )
            try:
                if self._container:
                    self._find_pid()
                self.cli("core waitfullybooted", timeout_s=max(1.0, deadline - time.monotonic()))
            except PbxError:
                if time.monotonic() > deadline:
                    raise PbxError(f"Asterisk did not start in time:{self._tail()}") from None
                time.sleep(0.03)
            else:
                return

    def _find_pid(self) -> None:
        """The process that the engine started is Asterisk itself: no shell and no init stand between."""
        line = output(["docker", "inspect", "--format", "{{.State.Pid}}", self._container or ""])
        if not line or int(line) <= 0:
            raise PbxError("the container does not run yet")
        self.pid = int(line)

    def check_modules(self) -> None:
        """Refuse a PBX of which a module of modules.conf does not say Running."""
        missing = absent_modules(self.instance.conf_dir / "modules.conf", self._run_dir / "asterisk.ctl")
        if missing:
            raise PbxError(f"these modules of Asterisk do not run: {', '.join(missing)}:{self._tail()}")

    def _tail(self) -> str:
        lines: list[str] = []
        for path in (self.log.with_name("console"), self.log):
            if path.exists():
                lines += path.read_text(errors="replace").splitlines()[-8:]
        return "\n  " + "\n  ".join(lines) if lines else " it said nothing"


def absent_modules(modules_conf: Path, control: Path) -> list[str]:
    """Modules that a modules.conf names and that do not run in the Asterisk of a control socket."""
    shown = [line.split() for line in Console(control).ask("module show", PATIENCE_S).splitlines()]
    # A module's line ends in its status and support level: `… Running  core` or `… Not Running  core`.
    running = {words[0] for words in shown if words[-2:-1] == ["Running"] and words[-3:-2] != ["Not"]}
    return [name for name in required_modules(modules_conf.read_text()) if name not in running]


def start(backend: Backend, instance: Instance, timeout_s: float = 2 * PATIENCE_S) -> Running:
    """Boot an instance and give it back when all its modules run; on failure nothing is left behind.

    Raises PbxError that names the taken port, the template's line, or the module that does not run.
    """
    end_leftover(instance)
    check_ports(instance)
    run_dir = lay_out(instance, backend)
    extra = () if run_dir.parent == instance.home else (run_dir,)
    command = backend.command(instance.conf_dir, (instance.home, *instance.shared, *extra))
    with (instance.home / "log" / "console").open("wb") as console:
        process = subprocess.Popen(
            command.argv,
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=subprocess.STDOUT,
            cwd=instance.home,
            env={**os.environ, "LANG": "C.UTF-8"},
            start_new_session=True,
        )
    running = Running(instance, process, run_dir, command)
    try:
        running.await_boot(time.monotonic() + timeout_s)
        running.check_modules()
    except BaseException:
        running.kill()
        raise
    return running

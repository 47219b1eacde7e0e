"""Play callers and operators with SIPp: find it, fill its scenarios, run it, read its logs.

Digits are RFC 4733 events that SIPp plays from a packet capture, for which it needs a raw socket. (By SIP
INFO a digit without sound around it waits in Asterisk for the next sound packet, which a real phone sends.)
"""

from __future__ import annotations

import math
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.calls.voice import RELEASED_AFTER_MS, key_packets, voice_packets, write_capture

SCENARIOS = Path(__file__).parent / "scenarios"
PACKAGE = "sip-tester"
_PLACE = re.compile(r"@([a-z_]+)@")
_LINE = re.compile(
    r"(?P<what>dialled|answered|pressed|ended|offered|talking) (?P<call>\d+) .*?(?P<at>\d{9,}\.\d+)"
)


class SippError(Exception):
    """SIPp cannot be had or failed; the text says what to do."""


def find_sipp() -> str:
    """The path of `sipp`; installs Debian's package where that is allowed. Raises `SippError`."""
    found = shutil.which("sipp")
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"Installing {PACKAGE} (SIPp, under 1 MB): it plays the benchmark's callers and operators ...")
        quiet = ["apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
        for arguments in (["update"], ["install", "-y", "--no-install-recommends", PACKAGE]):
            done = subprocess.run([*quiet, *arguments], capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise SippError(f"apt-get {arguments[0]} failed: {done.stderr.strip()[-400:]}")
        found = shutil.which("sipp")
    if found is None:
        raise SippError(f"SIPp is missing; it plays callers and operators: apt-get install {PACKAGE}")
    if not may_send_raw(found):
        raise SippError(
            "SIPp sends keys and voices through a raw socket, which needs root, or once: "
            f"setcap cap_net_raw+ep {found}"
        )
    return found


def may_send_raw(program: str) -> bool:
    """Whether a program started by us may open raw sockets: we are root, or the file has the capability."""
    if os.geteuid() == 0:
        return True
    try:
        return bool(os.getxattr(program, "security.capability"))
    except OSError:
        return False


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of a SIPp log: what happened to which call, `at` in epoch seconds."""

    what: str
    call: str
    at: float


def read_moments(lines: Iterable[str]) -> list[Moment]:
    """The moments in a log; other lines are passed over."""
    found = (_LINE.search(line) for line in lines)
    return [Moment(line["what"], line["call"], float(line["at"])) for line in found if line]


@dataclass(frozen=True, slots=True)
class Conduct:
    """What a caller does: presses 1 after `listen_ms` (or nothing), hangs up `talk_ms` later."""

    listen_ms: int = 300
    talk_ms: int = 1200
    press: bool = True
    voice: bytes | None = None
    """Raw A-law that the caller speaks as real RTP from the answer on; None: nothing but the key is sent,
    which no phone does, and which made `Queue()` cost three times as much (Asterisk 22.10.1)."""

    @property
    def released_ms(self) -> int:
        """From the log's `pressed` to the end of the key: a voice's capture starts with the talk."""
        return RELEASED_AFTER_MS + (self.listen_ms if self.voice is not None else 0)


def caller_scenario(conduct: Conduct, prefix: str, folder: Path) -> str:
    """The caller's scenario; `prefix` begins every caller's number and tells rounds apart."""
    capture = folder / "caller.pcap"
    total_ms = conduct.listen_ms + conduct.talk_ms
    play = f'  <nop><action><exec play_pcap_audio="{capture}"/></action></nop>'
    pressed = f'  <nop><action><log message="pressed {prefix}[call_number] [timestamp]"/></action></nop>'
    listen = f'  <pause milliseconds="{conduct.listen_ms}"/>'
    if conduct.voice is not None:
        write_capture(capture, voice_packets(conduct.voice, total_ms, 1, conduct.listen_ms))
        acts = [pressed, play, listen]
    elif conduct.press:
        write_capture(capture, key_packets(1))
        acts = [listen, pressed, play]
    else:
        acts = [listen]
    values = {"round": prefix, "talk_ms": str(conduct.talk_ms), "acts": "\n".join(acts)}
    return _fill((SCENARIOS / "caller.xml").read_text(encoding="utf-8"), values)


def _fill(text: str, values: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda place: values[place[1]], text)


class Sipp:
    """One SIPp process and its log; `folder` gets scenario, log and errors."""

    def __init__(self, folder: Path, name: str, scenario: str, arguments: list[str]) -> None:
        self._log = folder / f"{name}.log"
        self._errors = folder / f"{name}.errors"
        path = folder / f"{name}.xml"
        path.write_text(scenario, encoding="utf-8")
        for old in (self._log, self._errors):
            old.unlink(missing_ok=True)
        argv = [find_sipp(), *arguments, "-sf", str(path), "-nostdin", "-aa"]
        argv += ["-trace_logs", "-log_file", str(self._log), "-trace_err", "-error_file", str(self._errors)]
        argv += ["-max_log_size", "200000000"]
        with (folder / f"{name}.screen").open("wb") as screen:
            self._process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=screen,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env={**os.environ, "TERM": "xterm"},
            )

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def wait(self, timeout_s: float) -> bool:
        """Whether it came to its end in time; it is ended if not."""
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.stop()
            return False
        return True

    def stop(self) -> None:
        """Ask it to end, then make it. Killed at once it would lose the end of its log."""
        if self.is_alive():
            self._process.send_signal(signal.SIGUSR1)
            try:
                self._process.wait(15)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(5)

    def moments(self) -> list[Moment]:
        """What its log says."""
        if not self._log.exists():
            return []
        return read_moments(self._log.read_text(encoding="utf-8", errors="replace").splitlines())

    def complaint(self) -> str:
        """The beginning of its errors, for a person."""
        return self._errors.read_text(errors="replace")[:2000] if self._errors.exists() else ""


def operators(folder: Path, host: str, port: int, *, media: bool) -> Sipp:
    """All operators' phones: one process that answers whatever is called at `host:port`."""
    arguments = ["-i", host, "-p", str(port), "-mi", host, "-mp", str(port + 2)]
    arguments += ["-deadcall_wait", "0", *(["-rtp_echo"] if media else [])]
    phones = Sipp(folder, "operators", (SCENARIOS / "operator.xml").read_text(), arguments)
    time.sleep(0.3)
    if not phones.is_alive():
        raise SippError(f"SIPp cannot play operators at {host}:{port}: {phones.complaint()}")
    return phones


@dataclass(frozen=True, slots=True)
class Crowd:
    """Callers of one round: `calls` of them, `rate` a second, from `host:port` to `number` at `pbx`."""

    host: str
    port: int
    pbx: str
    number: str
    calls: int
    rate: float


def callers(folder: Path, crowd: Crowd, conduct: Conduct, prefix: str) -> Sipp:
    """Start the callers; they end by themselves."""
    # SIPp starts calls once per period of whole milliseconds: a short one, so that they come evenly.
    together = max(1, math.ceil(crowd.rate * 0.02))
    arguments = [crowd.pbx, "-s", crowd.number, "-i", crowd.host, "-p", str(crowd.port), "-mi", crowd.host]
    arguments += ["-m", str(crowd.calls), "-l", "2000", "-r", str(together)]
    arguments += [
        "-rp",
        str(round(1000 * together / crowd.rate)),
        "-recv_timeout",
        "15000",
        "-deadcall_wait",
        "0",
    ]
    return Sipp(folder, "callers", caller_scenario(conduct, prefix, folder), arguments)

"""CPU time and memory of processes that run elsewhere, from /proc."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
PRECEDENCE = -10


def cpu_s(pid: int, proc: Path = Path("/proc")) -> float:
    """CPU seconds that a process and its threads have used, user and system (proc(5), fields 14 and 15)."""
    text = (proc / str(pid) / "stat").read_text()
    fields = text.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


def children(pid: int, proc: Path = Path("/proc")) -> list[int]:
    """Processes that one has started and that still live."""
    found = []
    for stat in proc.glob("[0-9]*/stat"):
        with suppress(OSError):  # it ended while we looked
            if int(stat.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(stat.parent.name))
    return found


def rss_bytes(pid: int, proc: Path = Path("/proc")) -> int:
    """Resident memory."""
    for line in (proc / str(pid) / "status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise OSError(f"process {pid} tells no VmRSS")


@dataclass(frozen=True, slots=True)
class CpuReading:
    """Both processes' CPU seconds at one moment."""

    pbx_s: float
    app_s: float

    @classmethod
    def of(cls, pids: tuple[int, int]) -> CpuReading:
        """`pids` are Asterisk's and the application's."""
        return cls(cpu_s(pids[0]), cpu_s(pids[1]))

    def since(self, before: CpuReading) -> CpuReading:
        return CpuReading(self.pbx_s - before.pbx_s, self.app_s - before.app_s)


def prefer(pid: int, proc: Path = Path("/proc")) -> bool:
    """Let a process go before whatever else runs on this machine; False where that is not allowed.

    Nice values count within a session only (autogroups, sched(7)), so the session's is set as well.
    """
    try:
        os.setpriority(os.PRIO_PROCESS, pid, PRECEDENCE)
        (proc / str(pid) / "autogroup").write_text(str(PRECEDENCE))
    except OSError:
        return False
    return True

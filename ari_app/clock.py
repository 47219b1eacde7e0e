"""The real clock; tests have one that jumps.

The time for records is the wall clock as it stood once, carried on by the kernel's clock since boot: when
somebody sets the wall clock by hours, no interval grows or turns negative and no calling window opens. The
anchor is kept in a file, so that a restart of the application does not take the jump over unseen; a restart
of the machine begins anew with its wall clock.
"""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import msgspec
import structlog

log = structlog.get_logger()

FORGIVEN_S = 2.0
"""By so much the wall clock may differ: leap seconds, the first correction by NTP."""
SLEW_S = 0.05
"""How much of a forgiven difference is made up per second: time never stands or runs backwards."""
FOLLOW_S = 1.0
BOOT = Path("/proc/sys/kernel/random/boot_id")


class Anchor(msgspec.Struct, frozen=True):
    """What the file says: the time at the beginning of this boot of the machine."""

    boot: str
    zero: float


class SystemClock:
    """`ports.Clock` on the machine's clocks."""

    def __init__(self, file: Path | None = None) -> None:
        """`file` keeps the anchor; None: it dies with the process."""
        self._file = file
        self._boot = BOOT.read_text(encoding="ascii").strip() if BOOT.exists() else ""
        self._jumped = False
        found = self._remembered()
        self._zero = self._kept = _off() if found is None else found
        if found is None:
            self._remember()

    def now(self) -> float:
        """The time for records; it never jumps."""
        return self._zero + time.clock_gettime(time.CLOCK_BOOTTIME)

    def monotonic(self) -> float:
        return time.monotonic()

    def wall(self) -> float:
        """What the machine's wall clock shows, right or wrong."""
        return time.time()

    def differs_s(self) -> float:
        """By how much the wall clock is ahead of ours."""
        return self.wall() - self.now()

    @property
    def trusted(self) -> bool:
        """Whether wall clock and ours agree: without that nobody is dialled by the hour."""
        return abs(self.differs_s()) <= FORGIVEN_S

    def follow(self) -> None:
        """Make small differences up, tell of large ones. To be called every `FOLLOW_S`."""
        by_s = self.differs_s()
        jumped = abs(by_s) > FORGIVEN_S
        if jumped != self._jumped:
            self._jumped = jumped
            log.warning("clock.jumped" if jumped else "clock.agrees_again", by_s=round(by_s, 3))
        if not jumped and abs(by_s) > SLEW_S:
            self._zero += max(-SLEW_S, min(SLEW_S, by_s))
            if abs(self._zero - self._kept) > FORGIVEN_S / 4:
                self._remember()

    def confirm(self) -> None:
        """A person says that the wall clock is right: it is ours from now on."""
        log.warning("clock.confirmed", by_s=round(self.differs_s(), 3))
        self._zero, self._jumped = _off(), False
        self._remember()

    def _remembered(self) -> float | None:
        if self._file is None or not self._boot:
            return None
        with contextlib.suppress(OSError, msgspec.MsgspecError):
            anchor = msgspec.json.decode(self._file.read_bytes(), type=Anchor)
            if anchor.boot == self._boot:
                return anchor.zero
        return None

    def _remember(self) -> None:
        self._kept = self._zero
        if self._file is None:
            return
        with contextlib.suppress(OSError):  # a full disk costs the memory of a jump, not the calls
            part = self._file.with_suffix(".part")
            part.write_bytes(msgspec.json.encode(Anchor(self._boot, self._zero)))
            part.replace(self._file)


def _off() -> float:
    return time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)

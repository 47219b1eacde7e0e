"""How long to wait before the next try to connect: at once first, then slower, never in step."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Backoff:
    """Doubles from `first_s` to `cap_s`, with each wait drawn from its upper half (equal jitter).

    Asterisk is back about 3 s after a crash, so the cap is low; the jitter keeps several sockets and
    several workers from knocking at the same instant.
    """

    first_s: float = 0.1
    cap_s: float = 2.0

    def delay(self, failures: int, random: Random) -> float:
        """Seconds to wait after `failures` tries in a row have failed (1 = the first failure)."""
        whole = min(self.cap_s, self.first_s * 2.0 ** min(max(failures - 1, 0), 30))
        return whole * random.uniform(0.5, 1.0)

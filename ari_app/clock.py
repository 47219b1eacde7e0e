"""The real clock; tests have one that jumps."""

import time


class SystemClock:
    """`ports.Clock` on the machine's clocks."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()

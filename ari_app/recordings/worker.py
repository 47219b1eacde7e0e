"""The process that works on audio beside the calls: one order at a time, at the lowest priority.

Orders come as JSON lines on the standard input, results go as JSON lines to the standard output. It dies with
its input. A coder that crashes takes this process with it, not the calls.
"""

from __future__ import annotations

import os
import sys
from typing import Literal

import msgspec

from ari_app.recordings.make import Made, Order, make

LOWEST = 19


class Result(msgspec.Struct, frozen=True, omit_defaults=True):
    """How an order went. `disk`: worth another try; `audio`: the material is at fault."""

    made: Made | None = None
    error: str = ""
    kind: Literal["", "disk", "audio"] = ""


def work(line: bytes) -> Result:
    """Do one order; every error is a result."""
    try:
        return Result(make(msgspec.json.decode(line, type=Order)))
    except OSError as error:
        return Result(error=f"{type(error).__name__}: {error}", kind="disk")
    except Exception as error:  # noqa: BLE001 - whatever a coder raises: the order failed, the next may not
        return Result(error=f"{type(error).__name__}: {error}", kind="audio")


def main() -> None:
    """Work until the input ends."""
    os.nice(LOWEST)
    for line in sys.stdin.buffer:
        sys.stdout.buffer.write(msgspec.json.encode(work(line)) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()

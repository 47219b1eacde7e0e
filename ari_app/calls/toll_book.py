"""What outside calls cost in the last 24 hours, in a file: a restart gives nobody new money (X8).

One JSON line when a call's money is held and one when it is spent; a call that was never told to be over,
since we died under it, counts with all that it held.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import structlog

from ari_app.calls.toll_accounts import WINDOW_S, Entry

log = structlog.get_logger()

COMPACT_AFTER = 10_000
"""Lines more than twice as many as were kept last, after which those of before the window are left out."""


class TollBook:
    """Keeps the entries of a `TollGate`. A full disk costs the memory of what was spent, not the call."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lines = 0
        self._compact_at = COMPACT_AFTER

    def note(self, entry: Entry) -> None:
        """Write one line."""
        try:
            if self._lines >= self._compact_at:
                self.recent(entry.at)
            with self._file.open("ab") as file:
                file.write(msgspec.json.encode(entry) + b"\n")
            self._lines += 1
        except OSError as error:
            log.warning("toll.not_noted", error=str(error))

    def recent(self, now: float) -> list[Entry]:
        """The last word on each call of the window, oldest first; what is older, or broken, is left out."""
        last: dict[str, Entry] = {}
        for line in self._file.read_bytes().splitlines() if self._file.exists() else ():
            try:
                entry = msgspec.json.decode(line, type=Entry)
            except msgspec.MsgspecError:
                continue  # the line under which we died
            last[entry.call] = entry
        kept = sorted((e for e in last.values() if now - WINDOW_S < e.at <= now), key=lambda entry: entry.at)
        part = self._file.with_suffix(".part")
        part.write_bytes(b"".join(msgspec.json.encode(entry) + b"\n" for entry in kept))
        part.replace(self._file)
        self._lines = len(kept)
        self._compact_at = 2 * len(kept) + COMPACT_AFTER
        return kept

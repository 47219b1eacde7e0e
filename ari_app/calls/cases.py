"""Protocol numbers: unique by their making, digits only, so that they can be spoken and keyed."""

from __future__ import annotations

from datetime import UTC, datetime

import structlog

from ari_app.model.call import CallRecord
from ari_app.model.ids import Protocol
from ari_app.model.routing import QueueRequest
from ari_app.ports import Clock

log = structlog.get_logger()


class CaseBook:
    """Numbers `YYYYMMDD` + six digits that only grow: the tenth of a second of the day, or the next free one.

    `last` is the largest number given before the restart, so that a clock set back repeats none.
    """

    def __init__(self, clock: Clock, last: Protocol | None = None) -> None:
        self._clock = clock
        self._last = int(last) if last and last.isdigit() else 0

    def issue(self, record: CallRecord, kind: str) -> Protocol:
        """A number that no other case has."""
        now = datetime.fromtimestamp(self._clock.now(), UTC)
        tenths = (now.hour * 3600 + now.minute * 60 + now.second) * 10 + now.microsecond // 100_000
        number = int(f"{now:%Y%m%d}") * 1_000_000 + tenths
        self._last = max(number, self._last + 1)
        log.info("case.opened", call_id=record.id, kind=kind, protocol=str(self._last))
        return Protocol(str(self._last))

    def callback(self, record: CallRecord, request: QueueRequest | None, number: str) -> bool:
        """Whether the promise can be kept: not yet, so the flow goes on as when callbacks are closed."""
        del request, number
        log.info("callback.not_offered", call_id=record.id)
        return False

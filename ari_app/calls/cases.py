"""Cases: protocol numbers, unique by their making and speakable, each with what is owed to the caller."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from ari_app.model.call import CallRecord
from ari_app.model.ids import DEFAULT_CLIENT, CallId, ClientId, Protocol, QueueId
from ari_app.model.work import Case, CaseKind
from ari_app.ports import Clock

log = structlog.get_logger()

SAC_DAYS = 7
"""Consecutive days in which a demand is to be answered: Brazil, decree 11.034/2022, article 13."""
ZONE = ZoneInfo("America/Sao_Paulo")


class CaseBook:
    """Numbers `YYYYMMDD` + six digits that only grow: the tenth of a second of the day, or the next free one.

    `put` takes a case for the store: it does not wait, and loses nothing while the store is away.
    """

    def __init__(self, clock: Clock, put: Callable[[Case], None]) -> None:
        self._clock = clock
        self._put = put
        self._last = 0

    def go_on_after(self, last: Protocol | None) -> None:
        """The largest number given before the restart: a clock set back repeats none."""
        self._last = max(self._last, int(last) if last and last.isdigit() else 0)

    def issue(self, record: CallRecord, kind: CaseKind) -> Protocol:
        """Open a case for a caller under a number that no other has."""
        case = self.open(kind, caller=record.caller, client=record.client, call=record.id, queue=record.queue)
        return case.protocol

    def open(
        self,
        kind: CaseKind,
        *,
        caller: str,
        client: ClientId = DEFAULT_CLIENT,
        call: CallId | None = None,
        queue: QueueId | None = None,
        note: str = "",
        form: dict[str, object] | None = None,
    ) -> Case:
        """Open a case; it is on its way to the store when this returns."""
        now = self._clock.now()
        case = Case(
            protocol=self._number(now),
            kind=kind,
            caller=caller,
            opened_at=now,
            deadline_at=deadline(now),
            client=client,
            call=call,
            queue=queue,
            changed_at=now,
            form=form or {},
            note=note,
        )
        self._put(case)
        log.info("case.opened", call_id=call, kind=kind, protocol=case.protocol)
        return case

    def _number(self, now: float) -> Protocol:
        at = datetime.fromtimestamp(now, UTC)
        tenths = (at.hour * 3600 + at.minute * 60 + at.second) * 10 + at.microsecond // 100_000
        number = int(f"{at:%Y%m%d}") * 1_000_000 + tenths
        self._last = max(number, self._last + 1)
        return Protocol(str(self._last))


def deadline(opened_at: float, days: int = SAC_DAYS) -> float:
    """The end of the last day: consecutive days, the day of the opening not counted."""
    day = datetime.fromtimestamp(opened_at, ZONE) + timedelta(days=days)
    return day.replace(hour=23, minute=59, second=59, microsecond=0).timestamp()

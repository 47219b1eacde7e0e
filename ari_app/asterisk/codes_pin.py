"""Codes that ask for extension and PIN: sign in at any phone, close a queue at once (P1, C20)."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Protocol

import structlog

from ari_app.asterisk.spoken import Dialogue, Spoken
from ari_app.asterisk.telephony_channels import RECORDED, announcement_sound
from ari_app.model.account import AuditEntry
from ari_app.model.ids import CallId, OperatorId
from ari_app.model.queue import Queue
from ari_app.model.watching import Mode
from ari_app.ports import Audit, IllegalTransition, NotFound, OperatorDesk, PinCheck, QueueOffice, Refusal

log = structlog.get_logger()

PATIENCE_S = 8.0
ANNOUNCEMENT = "emergency/announcement"
LONGEST_S = 60.0
SILENCE_S = 4.0
SHORTEST_S = 0.5
WRONG = ("codes/wrong-pin",)
MODES: tuple[Mode, ...] = ("listen", "whisper", "barge", "take_over")


class Watches(Protocol):
    """Who listens to whom (`calls.supervision`)."""

    async def begin(
        self,
        watcher: OperatorId,
        mode: Mode,
        *,
        by: str,
        call: CallId | None = None,
        target: OperatorId | None = None,
    ) -> object:
        """Ring the watcher's phone, for a call or all of an operator. Raises `Refusal`, `TimeoutError`."""
        ...


class PinCodes:
    """Each dialogue acts at once and then says what it did."""

    def __init__(
        self,
        desk: OperatorDesk,
        office: QueueOffice,
        pins: PinCheck,
        watches: Watches,
        audit: Audit,
        now: Callable[[], float],
    ) -> None:
        self._desk = desk
        self._watches = watches
        self._office = office
        self._pins = pins
        self._audit = audit
        self._now = now

    def dialogues(self) -> dict[str, Dialogue]:
        """By the code's verb."""
        watching = {f"watch_{mode}": functools.partial(self._watch, mode) for mode in MODES}
        return {"hot_desk": self._hot_desk, "queue": self._queue, **watching}

    async def _who(self, phone: OperatorId, spoken: Spoken) -> OperatorId | tuple[str, ...]:
        """Who keys the right PIN; else what to say. Unknown extensions and wrong PINs sound alike."""
        operator = OperatorId(await spoken.ask("codes/enter-extension", PATIENCE_S, 8))
        pin = await spoken.ask("codes/enter-pin", PATIENCE_S, 12)
        try:
            verdict = await self._pins.check(operator, pin, phone=phone)
        except Exception as error:  # noqa: BLE001 - the store is away: nobody is let in
            log.warning("pin.not_checked", operator=operator, error=str(error)[:200])
            return ("codes/try-again-later",)
        if verdict == "right" and self._desk.view(operator) is not None:
            return operator
        return ("codes/locked",) if verdict == "locked" else WRONG

    async def _hot_desk(self, phone: OperatorId, spoken: Spoken) -> tuple[str, ...]:
        who = await self._who(phone, spoken)
        if isinstance(who, tuple):
            return who
        try:
            await self._desk.sit(who, phone, by=f"phone {phone}")
        except (IllegalTransition, NotFound) as refusal:
            log.info("code.refused", operator=who, verb="hot_desk", reason=str(refusal))
            return ("codes/not-allowed-now",)
        return ("codes/signed-in",)

    async def _queue(self, phone: OperatorId, spoken: Spoken) -> tuple[str, ...]:
        who = await self._who(phone, spoken)
        if isinstance(who, tuple):
            return who
        view = self._desk.view(who)
        if view is None or not view.operator.leads:
            await self._write_down(who, phone, "refused", "", 403)
            return ("codes/not-allowed-now",)
        queue = self._office.by_code(await spoken.ask("admin/enter-queue", PATIENCE_S, 6))
        if queue is None or queue.client != view.operator.client:
            return ("codes/unknown-code",)
        action = await spoken.ask("admin/choose-action", PATIENCE_S, 1)
        return await self._do(queue, action, who, phone, spoken)

    async def _watch(self, mode: Mode, phone: OperatorId, spoken: Spoken) -> tuple[str, ...]:
        """Whoever leads names an operator; then this phone rings, and hears that operator's talk."""
        who = await self._who(phone, spoken)
        if isinstance(who, tuple):
            return who
        leader, here = self._desk.view(who), self._desk.at_phone(phone) or self._desk.view(phone)
        if leader is None or here is None or not leader.operator.leads:
            await self._write_down(who, phone, "refused", "", 403)
            return ("codes/not-allowed-now",)
        target = self._desk.view(OperatorId(await spoken.ask("codes/enter-extension", PATIENCE_S, 8)))
        mine = leader.operator.client
        if target is None or mine != target.operator.client or mine != here.operator.client:
            return ("transfer/number-unknown",)
        by, phone_of = f"{who} by phone", here.operator.id
        try:
            if mode == "take_over":  # the talk that goes on now, never the operator's next one
                if target.call is None:
                    return ("codes/not-allowed-now",)
                await self._watches.begin(phone_of, mode, by=by, call=target.call)
            else:
                await self._watches.begin(phone_of, mode, by=by, target=target.operator.id)
        except (Refusal, TimeoutError) as refusal:
            log.info("code.refused", operator=who, verb=f"watch_{mode}", reason=str(refusal))
            return ("codes/not-allowed-now",)
        await self._write_down(who, phone, f"watch-{mode}", target.operator.id, 200)
        return ()  # the phone rings

    async def _do(
        self, queue: Queue, action: str, who: OperatorId, phone: OperatorId, spoken: Spoken
    ) -> tuple[str, ...]:
        by = f"{who} by phone"
        match action:
            case "1":
                self._office.set_state(queue.id, closed=True, by=by)
                said = "admin/queue-closed"
            case "2":
                self._office.set_state(queue.id, closed=False, by=by)
                said = "admin/queue-opened"
            case "3":
                self._office.set_state(queue.id, announcement=ANNOUNCEMENT, by=by)
                said = "admin/announcement-on"
            case "4":
                self._office.set_state(queue.id, announcement="", by=by)
                said = "admin/announcement-off"
            case "5":
                kept_s = await spoken.session.record_file(
                    announcement_sound(queue.id), longest_s=LONGEST_S, silence_s=SILENCE_S
                )
                if kept_s < SHORTEST_S:
                    return ("admin/cancelled",)
                self._office.set_state(queue.id, announcement=f"{RECORDED}/{queue.id}", by=by)
                said = "admin/announcement-on"
            case _:
                return ("admin/cancelled",)
        await self._write_down(who, phone, said.partition("/")[2], queue.id, 200)
        return (said,)

    async def _write_down(
        self, who: OperatorId, phone: OperatorId, act: str, target: str, status: int
    ) -> None:
        view = self._desk.view(who)
        client = view.operator.client if view is not None else None
        entry = AuditEntry(
            self._now(), who, "operator", f"phone {phone}", f"phone_{act}", target, status, {}, client
        )
        try:
            await self._audit.append(entry)
        except Exception as error:  # noqa: BLE001 - what was done holds, and its fact is in the journal
            log.error("audit.not_written", action=entry.action, error=str(error)[:300])  # noqa: TRY400

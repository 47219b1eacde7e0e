"""The operators as people act on them: `ports.OperatorDesk` over the dispatcher, the store and the phones."""

from __future__ import annotations

import asyncio
import secrets
from typing import Literal

import structlog

from ari_app.dispatch.dispatcher import Dispatcher
from ari_app.dispatch.memory import Memory, remembered
from ari_app.dispatch.presence import Change, Presence
from ari_app.dispatch.timeclock import TimeClock
from ari_app.model.ids import ClientId, OperatorId, PunchId
from ari_app.model.operator import Operator, OperatorState
from ari_app.model.punch import Punch
from ari_app.ports import (
    AlreadyExists,
    Clock,
    IllegalTransition,
    Journal,
    NotFound,
    OperatorBook,
    OperatorSecrets,
    OperatorView,
    Outcome,
    PhoneRefused,
    Phones,
    PunchBook,
    Telephony,
)

log = structlog.get_logger()


def new_secrets() -> OperatorSecrets:
    """Generated, never chosen: passwords of 24 URL-safe characters, a PIN of six digits."""
    return OperatorSecrets(
        phone_password=secrets.token_urlsafe(18),
        console_password=secrets.token_urlsafe(18),
        pin=f"{secrets.randbelow(10**6):06d}",
    )


class Desk:
    """Every act on operators passes here, whoever asks: HTTP, a dialled code, the demo."""

    def __init__(
        self,
        *,
        dispatcher: Dispatcher,
        book: OperatorBook,
        punches: PunchBook,
        phones: Phones,
        telephony: Telephony,
        journal: Journal,
        clock: Clock,
    ) -> None:
        self._dispatcher = dispatcher
        self._book = book
        self._phones = phones
        self._telephony = telephony
        self._journal = journal
        self._clock = clock
        self._keys: dict[OperatorId, str] = {}
        """The phones' passwords as last read or made."""
        self.memory = Memory(dispatcher, book)
        dispatcher.lasting = self._happened
        self.timeclock = TimeClock(dispatcher, punches, journal, clock, self.memory)

    # -- at start and on every connect -----------------------------------------------------------------------

    async def load(self) -> list[OperatorId]:
        """Take up the operators of the store, in the states they had; calls are matched later."""
        states = await self.memory.load()
        operators = await self._book.all()
        for operator in operators:
            presence = remembered(operator, states.get(operator.id), self._clock.now())
            self._dispatcher.add_operator(presence)
            self._telephony.seat(operator.id, presence.phone)
        return [operator.id for operator in operators]

    async def provision(self) -> None:
        """Give the PBX every phone account that the store knows; what it lost is there again.

        A store that is away when the PBX comes back keeps no phone from ringing: what was read last is given.
        """
        try:
            self._keys = await self._book.phone_passwords()
        except Exception as error:
            if not self._keys:
                raise
            log.error("phones.store_away", error=str(error)[:500])  # noqa: TRY400 - not a bug
        passwords = self._keys
        done = await asyncio.gather(*(self._phones.put_phone(who, key) for who, key in passwords.items()))
        refused = [who for who, ok in zip(passwords, done, strict=True) if not ok]
        if refused:
            log.error("phones.refused", operators=refused)

    # -- looking ---------------------------------------------------------------------------------------------

    def views(self, client: ClientId | None = None) -> list[OperatorView]:
        return [
            self._view(presence)
            for presence in self._dispatcher.operators.values()
            if client is None or presence.operator.client == client
        ]

    def view(self, operator: OperatorId) -> OperatorView | None:
        presence = self._dispatcher.operators.get(operator)
        return self._view(presence) if presence is not None else None

    def _view(self, presence: Presence) -> OperatorView:
        return _view(presence, self._dispatcher.pause_limits.until(presence))

    # -- managing --------------------------------------------------------------------------------------------

    async def create(self, operator: Operator, *, by: str) -> OperatorSecrets:
        """See `ports.OperatorDesk`. Nothing is left behind when the PBX refuses the phone."""
        if operator.id in self._dispatcher.operators:
            raise AlreadyExists(f"operator {operator.id} exists already")
        made = new_secrets()
        await self._book.insert(operator, made)
        if not await self._phones.put_phone(operator.id, made.phone_password):
            await self._book.delete(operator.id)
            raise PhoneRefused(f"the PBX did not take a phone for operator {operator.id}")
        self._keys[operator.id] = made.phone_password
        self._dispatcher.add_operator(Presence(operator, since=self._clock.now()))
        if await self._telephony.watch([operator.id]) is not Outcome.DONE:
            log.warning("operator.not_watched_yet", operator=operator.id)
        log.info("operator.created", operator=operator.id, by=by)
        return made

    async def change(self, operator: Operator, *, by: str) -> None:
        self._dispatcher.presence(operator.id)
        await self._book.replace(operator)
        was_enabled = self._dispatcher.presence(operator.id).operator.enabled
        if not operator.enabled:
            await self._cut(operator.id)
        self._dispatcher.change_operator(operator)
        if operator.enabled and not was_enabled:
            await self._give_phone(operator.id, (await self._book.phone_passwords())[operator.id])
        log.info("operator.changed", operator=operator.id, by=by)

    async def remove(self, operator: OperatorId, *, by: str) -> None:
        self._dispatcher.presence(operator)
        await self._book.delete(operator)
        await self._cut(operator)
        self._dispatcher.remove_operator(operator)
        self.memory.forget(operator)
        log.info("operator.removed", operator=operator, by=by)

    async def rotate(self, operator: OperatorId, *, by: str) -> OperatorSecrets:
        self._dispatcher.presence(operator)
        made = new_secrets()
        await self._book.replace_secrets(operator, made)
        if self._dispatcher.presence(operator).operator.enabled:
            await self._give_phone(operator, made.phone_password)
        log.info("operator.rotated", operator=operator, by=by)
        return made

    async def _give_phone(self, operator: OperatorId, password: str) -> None:
        self._keys[operator] = password
        if not await self._phones.put_phone(operator, password):
            log.error("phones.refused", operators=[operator])

    async def _cut(self, operator: OperatorId) -> None:
        self._dispatcher.act(operator, lambda presence, now: presence.sign_out(now, "supervisor"))
        self._keys.pop(operator, None)
        if not await self._phones.delete_phone(operator):
            log.error("phones.not_deleted", operator=operator)

    # -- states ----------------------------------------------------------------------------------------------

    async def set_state(
        self,
        operator: OperatorId,
        state: Literal["available", "paused", "signed_out"],
        *,
        reason: str,
        by: str,
    ) -> OperatorView:
        match state:
            case "available":
                now_in = self._dispatcher.presence(operator)
                if now_in.state is OperatorState.SIGNED_OUT:
                    self._may_sit(now_in, now_in.operator.id)
                    await self._look_for_phone(operator)
                presence = self._dispatcher.act(operator, lambda p, now: _available(p, now, by))
            case "paused":
                why = reason or "unspecified"
                presence = self._dispatcher.act(operator, lambda p, now: p.pause(now, why, by))
            case "signed_out":
                presence = self._dispatcher.act(operator, lambda p, now: p.sign_out(now, by))
        await self.memory.write_now()
        return self._view(presence)

    async def sit(self, operator: OperatorId, phone: OperatorId, *, by: str) -> OperatorView:
        """See `ports.OperatorDesk`."""
        presence, host = self._dispatcher.presence(operator), self._dispatcher.operators.get(phone)
        if host is None or host.operator.client != presence.operator.client:
            raise NotFound(f"there is no phone {phone}")
        self._may_sit(presence, phone)
        if presence.call is not None or presence.own_calls:
            raise IllegalTransition(f"operator {operator} is on a call")
        seat = None if phone == operator else phone
        self._telephony.seat(operator, seat)
        reachable = await self._telephony.reachable(operator)

        def sit_down(here: Presence, now: float) -> list[Change]:
            changes = here.sign_in(now, by)
            here.phone = seat
            return changes if reachable is None else [*changes, *here.reach(reachable, now)]

        try:
            presence = self._dispatcher.act(operator, sit_down)
        except IllegalTransition:
            self._telephony.seat(operator, presence.phone)
            raise
        log.info("operator.sat_down", operator=operator, phone=phone, by=by)
        await self.memory.write_now()
        return self._view(presence)

    def at_phone(self, phone: OperatorId) -> OperatorView | None:
        operator = self._telephony.operator_at(phone)
        return None if operator is None else self.view(operator)

    def _may_sit(self, presence: Presence, phone: OperatorId) -> None:
        """Nobody signs in who is disabled, or at a phone where somebody else is signed in."""
        mine = presence.operator.id
        if not presence.operator.enabled:
            raise IllegalTransition(f"operator {mine} is disabled")
        there = self._dispatcher.operators.get(self._telephony.operator_at(phone) or mine)
        if (
            there is not None
            and there.operator.id != mine
            and (there.signed_in or there.operator.id != phone)
        ):
            raise IllegalTransition(f"operator {there.operator.id} is signed in at phone {phone}")

    async def _look_for_phone(self, operator: OperatorId) -> None:
        """Whether the phone where he sits is there; a PBX that does not say leaves it as it was."""
        reachable = await self._telephony.reachable(operator)
        if reachable is not None:
            self._dispatcher.act(operator, lambda p, now: p.reach(reachable, now))

    def _happened(self, presence: Presence) -> None:
        """Something about this operator: whoever signed out leaves the phone of another free."""
        if presence.phone is not None and not presence.signed_in:
            presence.phone = None
            self._telephony.seat(presence.operator.id, None)
        self.memory.note(presence)

    async def wrap_up(self, operator: OperatorId, more_s: float, *, by: str) -> OperatorView:
        presence = self._dispatcher.act(operator, lambda p, now: p.extend_wrap_up(now, more_s))
        log.info("operator.wrap_up_extended", operator=operator, more_s=more_s, by=by)
        await self.memory.write_now()
        return self._view(presence)

    async def clock(self, operator: OperatorId, direction: Literal["in", "out"], *, by: str) -> Punch:
        return await self.timeclock.punch(operator, direction, by=by)

    async def correct(
        self,
        operator: OperatorId,
        direction: Literal["in", "out"] | None,
        at: float,
        *,
        corrects: PunchId | None,
        note: str,
        by: str,
    ) -> Punch:
        return await self.timeclock.correct(operator, direction, at, corrects=corrects, note=note, by=by)


def _available(presence: Presence, now: float, by: str) -> list[Change]:
    if presence.state is OperatorState.SIGNED_OUT:
        return presence.sign_in(now, by)
    return presence.ready(now, by)


def _view(presence: Presence, pause_until: float | None) -> OperatorView:
    return OperatorView(
        operator=presence.operator,
        state=presence.state,
        reason=presence.reason,
        since=presence.since,
        call=presence.call,
        reachable=presence.reachable,
        clocked_in=presence.clocked_in,
        wrap_up_until=presence.wrap_up_until,
        pending=presence.after,
        owes=presence.owes,
        phone=presence.phone or presence.operator.id,
        pause_until=pause_until,
    )

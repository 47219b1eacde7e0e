"""Compare what we believe with what lives on the PBX: at start, and whenever the PBX comes back into sight.

Stored calls whose channel lives are taken up again; those whose channel is gone get their one final state;
channels in our hands that nobody knows go to the dialplan's fallback, so that no caller sits in silence.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Container, Sequence
from dataclasses import replace

import structlog

from ari_app.calls import resume, snapshot
from ari_app.calls.exchange import Exchange
from ari_app.calls.messages import Found
from ari_app.calls.session import Session
from ari_app.dispatch.presence import Change, Presence
from ari_app.model.call import Phase
from ari_app.model.ids import CallId, ChannelId, OperatorId
from ari_app.model.operator import OperatorState
from ari_app.ports import LivePbx, StoredCall, Telephony

log = structlog.get_logger()

ROOMS = ("talk", "side", "ears")
"""How our bridges' names begin, before `~` and whose they are."""
FALLBACK = "ramal-fallback"
"""The dialplan's context that serves callers without us."""
NO_CALLERS = ("ramal-out", "ramal-leg")
"""Contexts of channels that we dialled: nobody of these waits for us."""
LOOK_AGAIN_S = 20.0
"""How often phones that are missing are asked for."""


class Reconciler:
    """Runs on every connect, the first one with the calls that the store remembers."""

    def __init__(self, exchange: Exchange, telephony: Telephony, stored: Sequence[StoredCall]) -> None:
        self._exchange = exchange
        self._telephony = telephony
        self._stored = list(stored)
        self._watching = False
        exchange.expect([call.record for call in stored])

    async def run(self) -> bool:
        """Bring both sides together; False when the PBX did not answer (try on the next connect)."""
        own_calls, asked_at = self._own_calls(), self._exchange.services.clock.monotonic()
        known = set(self._exchange.sessions)
        gone: set[ChannelId] = set()
        self._exchange.gone = gone
        live = await self._telephony.live()
        if live is None:
            return False
        self._hang_up_unseen(own_calls, live)
        known |= self._take_up(live)
        for call in known:  # not those that came while we asked: the answer may be older than they
            session = self._exchange.sessions.get(call)
            if session is not None and session.record.phase is not Phase.ENDED:
                found = find(live, session.record.channel, call, session.record.started_at)
                self._exchange.found(call, replace(found, asked_at=asked_at))
        await self._operators()  # only now: who talks is taken, who waits is in line
        self._busy_elsewhere(live, gone)
        self._exchange.gone = None
        await self._strays(live)
        if not self._watching:
            self._watching = True
            self._exchange.beside(self._look_again())
        return True

    def _take_up(self, live: LivePbx) -> set[CallId]:
        """Ringing and talking calls first: their operators are taken before anybody is given one."""
        stored, self._stored = self._stored, []
        found = [(c, find(live, c.record.channel, c.record.id, c.record.started_at)) for c in stored]
        for call, where in sorted(found, key=lambda each: each[1].in_stasis):
            state = snapshot.decode(call.state) if call.state is not None else snapshot.Snapshot(None)
            self._exchange.resume(call.record, _restoring(state, where))
        return {call.record.id for call in stored}

    async def _operators(self) -> None:
        """Which phones are there, asked at once for all."""
        await self._ask(list(self._exchange.services.dispatcher.operators))

    def _busy_elsewhere(self, live: LivePbx, gone: Container[ChannelId]) -> None:
        """Phones in calls of their own, or rung by the dialplan while we were away: busy until that ends."""
        operators = self._exchange.services.dispatcher.operators
        for channel in live.channels:
            who = operators.get(channel.operator) if channel.operator else None
            free_of_us = who is not None and (who.offer is None or who.call != channel.call)
            if who is not None and free_of_us and channel.channel not in gone:
                self._exchange.busy_elsewhere(who.operator.id, channel.channel)

    async def _look_again(self) -> None:
        """A phone that failed once and was there all the while sends no news: it is asked for.

        So is a call of an operator's own: its end may have come before we knew of it.
        """
        operators = self._exchange.services.dispatcher.operators
        while True:
            await asyncio.sleep(LOOK_AGAIN_S)
            missing = [o for o, who in operators.items() if who.state is OperatorState.UNREACHABLE]
            await self._ask(missing)
            for operator, channel in self._own_calls():
                if await self._telephony.exists(channel) is False:
                    self._exchange.phone_down(operator, channel)

    async def _ask(self, known: Sequence[OperatorId]) -> None:
        dispatcher = self._exchange.services.dispatcher
        reachable = await asyncio.gather(*(self._telephony.reachable(operator) for operator in known))
        for operator, reached in zip(known, reachable, strict=True):
            if reached is not None and operator in dispatcher.operators:
                dispatcher.act(operator, _reach(reached=reached))

    def _own_calls(self) -> list[tuple[OperatorId, ChannelId]]:
        """What operators' phones were last seen doing besides our offers."""
        operators = self._exchange.services.dispatcher.operators.values()
        return [(who.operator.id, channel) for who in operators for channel in who.own_calls]

    def _hang_up_unseen(self, own_calls: Sequence[tuple[OperatorId, ChannelId]], live: LivePbx) -> None:
        """Own calls that ended while the PBX was out of sight keep nobody busy."""
        alive = {channel.channel for channel in live.channels}
        for operator, channel in own_calls:
            if channel not in alive:
                self._exchange.phone_down(operator, channel)

    async def _strays(self, live: LivePbx) -> None:
        """Channels in our application that no session owns."""
        sessions = self._exchange.sessions
        owned = {session.record.channel for session in sessions.values()}
        for channel in live.channels:
            if not channel.in_stasis or channel.channel in owned or channel.call in sessions:
                continue  # the legs of a call are looked after by its session
            if self._exchange.services.supervision.owns(channel.channel):
                continue
            log.warning("call.stray_channel", channel=channel.channel)
            ours = channel.channel.startswith("watch-") or channel.context.startswith(NO_CALLERS)
            if channel.operator is not None or ours:  # no caller
                await self._telephony.hang_up(channel.channel, 16)
            else:
                await self._telephony.to_fallback(channel.channel)
        for bridge in live.bridges:
            if not self._in_use(bridge):
                log.warning("call.stray_bridge", bridge=bridge)
                await self._telephony.close_bridge(bridge)

    def _in_use(self, bridge: str) -> bool:
        """Whether a talk or somebody who listens has this bridge; those of others are theirs."""
        kind, _, owner = bridge.partition("~")
        session = self._exchange.sessions.get(CallId(owner))
        if kind == "side":  # one that was opened as we died is in nobody's mind
            return session is not None and session.room is not None and session.room.side_open
        talks = session is not None and bool(session.room or session.waiting_asks)
        return talks or kind not in ROOMS or self._exchange.services.supervision.knows(CallId(owner))


def find(live: LivePbx, channel: ChannelId, call: CallId, started_at: float) -> Found:
    """Where a call is on the PBX now, told by its caller's channel and the operator's leg."""
    mine = next((c for c in live.channels if c.channel == channel), None)
    if mine is None:
        return Found(alive=False, lost=live.started_at > started_at)
    leg = next((c for c in live.channels if c.call == call and c.operator and c.channel != channel), None)
    operator = OperatorId(leg.operator) if leg is not None and leg.operator else None
    channel_of_leg = leg.channel if leg is not None else None
    legs = frozenset(c.channel for c in live.channels if c.call == call and c.channel != channel)
    up, in_fallback = leg is not None and leg.up, not mine.in_stasis and mine.context == FALLBACK
    return Found(True, mine.in_stasis, operator, up, channel_of_leg, legs=legs, in_fallback=in_fallback)


def _restoring(state: snapshot.Snapshot, found: Found) -> Callable[[Session], Awaitable[None]]:
    async def begin(session: Session) -> None:
        await resume.restore(session, state, found)

    return begin


def _reach(*, reached: bool) -> Callable[[Presence, float], list[Change]]:
    return lambda presence, now: presence.reach(reached, now)

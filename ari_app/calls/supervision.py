"""Listening in: whose phone hears which talk. The one writer of all watches; talks stay their sessions' own.

Listening and whispering snoop on the operator's leg, wherever its media is: what is whispered goes out to
that leg alone, so that neither the caller nor the recorder on his channel can hear it. To barge in or to take
over, the phone itself joins the talk in its room.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
import structlog

from ari_app.calls.messages import Admit
from ari_app.model.call import Phase
from ari_app.model.facts import WatchBegan, WatchEnded
from ari_app.model.ids import CallId, ChannelId, OperatorId
from ari_app.model.telephony import ChannelEnded
from ari_app.model.watching import Mode, Watch, WatchView
from ari_app.ports import Clock, IllegalTransition, Journal, NotFound, Outcome, Refusal, Stamped, Telephony

if TYPE_CHECKING:
    from ari_app.calls.session import Session
    from ari_app.dispatch.dispatcher import Dispatcher

log = structlog.get_logger()

RING_S = 20.0
IN_TALK = frozenset({"barge", "take_over"})
BEAT_S, GUARD_S = 30.0, 120


@dataclass(slots=True)
class _Errand:
    """Something to do, and who waits for its answer."""

    do: Callable[[], Any]
    reply: asyncio.Future[Any] | None = None


class Supervision:
    """Runs as one task; everything that happens to a watch passes through its queue."""

    def __init__(
        self,
        *,
        telephony: Telephony,
        dispatcher: Dispatcher,
        sessions: Mapping[CallId, Session],
        journal: Journal,
        clock: Clock,
    ) -> None:
        self._telephony = telephony
        self._dispatcher = dispatcher
        self._sessions = sessions
        self._journal = journal
        self._clock = clock
        self._watches: dict[CallId, Watch] = {}
        self._errands: asyncio.Queue[_Errand] = asyncio.Queue()

    async def run(self) -> None:
        """Work off what happens, until cancelled. A fault of one errand ends no other."""
        loop = asyncio.get_running_loop()
        beat_at = loop.time() + BEAT_S
        while True:
            try:
                async with asyncio.timeout_at(beat_at):  # however much happens meanwhile
                    errand = await self._errands.get()
            except TimeoutError:
                await self._renew()
                beat_at = loop.time() + BEAT_S
                continue
            try:
                result = await errand.do()
            except Exception as fault:
                if not isinstance(fault, Refusal):
                    log.exception("watch.fault")
                if errand.reply is not None and not errand.reply.done():
                    errand.reply.set_exception(fault)  # whoever asked is not left waiting
            else:
                if errand.reply is not None and not errand.reply.done():
                    errand.reply.set_result(result)

    # -- what people ask for ---------------------------------------------------------------------------------

    async def begin(
        self,
        watcher: OperatorId,
        mode: Mode,
        *,
        by: str,
        call: CallId | None = None,
        target: OperatorId | None = None,
        own_leg: ChannelId | None = None,
    ) -> WatchView:
        """Ring the watcher's phone (or take `own_leg`, on which he dialled). Raises `Refusal`."""
        begun: WatchView = await self._asked(lambda: self._begin(watcher, mode, by, call, target, own_leg))
        return begun

    async def change(self, ident: CallId, mode: Mode, *, by: str) -> WatchView:
        """Another mode, at once. Raises `Refusal`."""
        changed: WatchView = await self._asked(lambda: self._change(ident, mode, by))
        return changed

    async def end(self, ident: CallId) -> None:
        """Hang the watcher's phone up. Raises `NotFound`."""
        await self._asked(lambda: self._end(ident))

    def watches(self) -> list[WatchView]:
        return [_view(watch) for watch in self._watches.values()]

    async def _asked(self, do: Callable[[], Any]) -> Any:
        reply: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._errands.put_nowait(_Errand(do, reply))
        async with asyncio.timeout(8.0):
            return await reply

    # -- what happens ----------------------------------------------------------------------------------------

    def knows(self, ident: CallId | None) -> bool:
        """Whether this is the id of a watch, and not of a call."""
        return ident in self._watches

    def owns(self, channel: ChannelId) -> bool:
        """Whether a channel is a watcher's phone or ear."""
        return any(channel in {watch.leg, watch.ear} for watch in self._watches.values())

    def joined(self, ident: CallId, channel: ChannelId) -> None:
        """The watcher picked up."""
        self._later(lambda: self._joined(ident, channel))

    def ear_ready(self, ident: CallId, ear: ChannelId) -> None:
        """A snooping channel is in our hands."""
        self._later(lambda: self._ear_ready(ident, ear))

    def channel_ended(self, channel: ChannelId) -> None:
        """Perhaps a watcher hung up."""
        for watch in self._watches.values():
            if watch.leg == channel:
                self._later(lambda watch=watch: self._forget(watch))  # type: ignore[misc]

    def talking(self, call: CallId) -> None:
        """An operator has a caller (again): who watches that operator or call hears it."""
        if self._watches:
            self._later(lambda: self._talking(call))

    def talk_over(self, call: CallId) -> None:
        """The operator left: whoever watched hears nothing more, or, having come for it alone, goes."""
        if self._watches:
            self._later(lambda: self._talk_over(call))

    def given_back(self, channel: ChannelId) -> None:
        """The room of a talk is over, in which this phone was."""
        self._later(lambda: self._given_back(channel))

    def _later(self, do: Callable[[], Any]) -> None:
        self._errands.put_nowait(_Errand(do))

    # -- the errands -----------------------------------------------------------------------------------------

    async def _begin(
        self,
        watcher: OperatorId,
        mode: Mode,
        by: str,
        call: CallId | None,
        target: OperatorId | None,
        own_leg: ChannelId | None,
    ) -> WatchView:
        presence = self._dispatcher.presence(watcher)
        client = presence.operator.client
        if call is not None:
            self._session(call, client)
        elif target is None or self._dispatcher.presence(target).operator.client != client:
            raise NotFound(f"there is no operator {target}")
        if watcher == target:
            raise IllegalTransition("nobody listens to himself")
        if any(watch.watcher == watcher for watch in self._watches.values()):
            raise IllegalTransition(f"phone {watcher} listens already")
        if own_leg is None and (presence.call is not None or presence.own_calls):
            raise IllegalTransition(f"phone {watcher} is in a call")
        ident = CallId(f"watch-{uuid.uuid4()}")
        leg = own_leg or ChannelId(f"{ident}.phone")
        watch = Watch(ident, watcher, client, mode, by, leg, call, target)
        self._watches[ident] = watch
        if own_leg is None:
            outcome = await self._telephony.ring(
                leg, watcher, call=ident, client=client, shows=watcher, ring_s=RING_S, outside=False
            )
            if outcome is not Outcome.DONE:
                del self._watches[ident]
                raise IllegalTransition(f"phone {watcher} cannot be reached")
        return _view(watch)

    async def _change(self, ident: CallId, mode: Mode, by: str) -> WatchView:
        watch = self._known(ident)
        if watch.mode != mode:
            watch.mode, watch.by = mode, by
            await self._detach(watch)
            await self._attach(watch)
        return _view(watch)

    async def _end(self, ident: CallId) -> None:
        watch = self._known(ident)
        await self._telephony_hang_up(watch.leg)
        await self._forget(watch)

    async def _joined(self, ident: CallId, channel: ChannelId) -> None:
        watch = self._watches.get(ident)
        if watch is None:
            await self._telephony_hang_up(channel)
            return
        watch.leg, watch.answered = channel, True
        telephony = self._telephony
        await telephony.open_bridge(watch.bridge)
        await telephony.join(watch.bridge, (channel,))
        await telephony.renew(channel, GUARD_S)
        await self._attach(watch)

    async def _ear_ready(self, ident: CallId, ear: ChannelId) -> None:
        watch = self._watches.get(ident)
        if watch is None or watch.ear != ear:
            await self._telephony_hang_up(ear)
            return
        await self._telephony.join(watch.bridge, (ear,))

    async def _talking(self, call: CallId) -> None:
        session = self._sessions.get(call)
        for watch in list(self._watches.values()):
            mine = watch.call == call or (session is not None and watch.target == session.operator())
            if mine and watch.answered and watch.on is None:
                await self._attach(watch)

    async def _talk_over(self, call: CallId) -> None:
        session = self._sessions.get(call)
        over = session is None or session.ended
        for watch in list(self._watches.values()):
            if watch.call == call and over:
                await self._end(watch.id)
            elif watch.on == call and (watch.ear is not None or over):
                await self._detach(watch)  # who barged in is in the talk himself, and hears of its end there

    async def _given_back(self, channel: ChannelId) -> None:
        for watch in list(self._watches.values()):
            if watch.leg != channel:
                continue
            if watch.on is not None:
                self._note(watch, WatchEnded(watch.watcher, watch.mode))
            watch.on = None
            if watch.call is not None or watch.mode == "take_over":
                await self._end(watch.id)
            else:
                await self._telephony.join(watch.bridge, (channel,))

    async def _attach(self, watch: Watch) -> None:
        """Let the watcher hear the talk that he came for, if there is one now."""
        session = self._talk_of(watch)
        if session is None or session.leg is None:
            if watch.call is not None:
                await self._end(watch.id)
            return
        watch.on = session.record.id
        self._note(watch, WatchBegan(watch.watcher, watch.mode, session.operator(), watch.by))
        if watch.mode in IN_TALK:
            session.mailbox.put(Admit(watch.leg, watch.watcher, watch.mode == "take_over", watch.by))
            if watch.mode == "take_over":
                self._watches.pop(watch.id, None)
                await self._telephony.close_bridge(watch.bridge)
            return
        watch.ears += 1
        watch.ear = ChannelId(f"{watch.id}.ear{watch.ears}")
        outcome = await self._telephony.snoop(session.leg, watch.ear, whisper=watch.mode == "whisper")
        if outcome is not Outcome.DONE:
            log.warning("watch.deaf", watch=watch.id, outcome=outcome.value)
            watch.ear = watch.on = None

    async def _detach(self, watch: Watch) -> None:
        if watch.on is not None:
            self._note(watch, WatchEnded(watch.watcher, watch.mode))
        if watch.ear is not None:
            await self._telephony_hang_up(watch.ear)
        elif watch.on is not None:
            await self._telephony.join(watch.bridge, (watch.leg,))
            session = self._sessions.get(watch.on)
            if session is not None:
                session.mailbox.put(
                    Admit(watch.leg, watch.watcher, take_over=False, by=watch.by, leaves=True)
                )
        watch.ear = watch.on = None

    async def _forget(self, watch: Watch) -> None:
        if self._watches.pop(watch.id, None) is None:
            return
        if watch.on is not None:
            self._note(watch, WatchEnded(watch.watcher, watch.mode))
        session = self._sessions.get(watch.on) if watch.on is not None else None
        if watch.ear is not None:
            await self._telephony_hang_up(watch.ear)
        elif session is not None:
            session.mailbox.put(ChannelEnded(watch.leg, 16))
        if watch.answered:
            await self._telephony.close_bridge(watch.bridge)

    async def _renew(self) -> None:
        for watch in list(self._watches.values()):
            if watch.answered:
                await self._telephony.renew(watch.leg, GUARD_S)

    # -- inside ----------------------------------------------------------------------------------------------

    def _talk_of(self, watch: Watch) -> Session | None:
        for session in self._sessions.values():
            mine = session.record.id == watch.call if watch.call else session.operator() == watch.target
            if mine and session.record.phase is Phase.TALKING and not session.ended:
                return session
        return None

    def _session(self, call: CallId, client: str) -> Session:
        session = self._sessions.get(call)
        if session is None or session.ended or session.record.client != client:
            raise NotFound(f"call {call} is not live")
        if session.record.phase is not Phase.TALKING or session.operator() is None:
            raise IllegalTransition("no operator is in this talk")
        return session

    def _known(self, ident: CallId) -> Watch:
        watch = self._watches.get(ident)
        if watch is None:
            raise NotFound(f"watch {ident} does not exist")
        return watch

    async def _telephony_hang_up(self, channel: ChannelId) -> None:
        await self._telephony.hang_up(channel, 16)

    def _note(self, watch: Watch, fact: WatchBegan | WatchEnded) -> None:
        self._journal.put_facts([Stamped(self._clock.now(), fact, watch.on, watch.client)])


def _view(watch: Watch) -> WatchView:
    fields = {name: getattr(watch, name) for name in WatchView.__struct_fields__}
    return msgspec.convert(fields, WatchView)

"""Where callers are whose trunk we are not subscribed to, so that their end is noticed all the same.

A subscription to the trunk's endpoint would tell of each caller's end, and of all else that a call does:
Asterisk writes out and throws away over a hundred messages per call for it (measured, 22.10). So only trunks
that we dial out by are subscribed. A caller who came in is seen while in Stasis; in the dialplan, with an
operator, the operator's leg is seen. When the last thing seen of a caller ends (the stay in Stasis, or a
leg), he either shows up again within a moment or is gone, and then the PBX is asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from ari_app.model.ids import CallId, ChannelId

SOON_S = 0.02
"""A caller who comes back after a leg's end, or whose channel is being torn down, needs about this long."""
FIRST_LEG_S = 2.0
"""A caller sent on to the dialplan for whom no leg rings after this long has probably hung up on the way."""
LONGEST_S = 5.0
TALKING_S = 30.0
"""Asked this often about a caller whose leg lives: only for the case that the leg's end was never told."""
NORMAL_CLEARING = 16


@dataclass(slots=True)
class _Caller:
    call: CallId | None
    here: bool
    """In Stasis."""
    pause_s: float = SOON_S
    timer: asyncio.TimerHandle | None = None


class Whereabouts:
    """One per PBX. `exists` asks it (None: no answer), `ended` hears of callers who are gone."""

    def __init__(
        self,
        exists: Callable[[ChannelId], Awaitable[bool | None]],
        ended: Callable[[ChannelId, int], None],
    ) -> None:
        self._exists = exists
        self._ended = ended
        self._callers: dict[ChannelId, _Caller] = {}
        self._channels: dict[CallId, ChannelId] = {}
        self._asking: set[asyncio.Task[None]] = set()

    def here(self, channel: ChannelId, call: CallId | None) -> None:
        """The caller came into Stasis."""
        self._put(channel, _Caller(call, here=True))

    def away(self, channel: ChannelId, call: CallId | None, *, alone: bool) -> None:
        """The caller is in the dialplan, as found after a restart; `alone`: no leg of the call lives."""
        self._put(channel, _Caller(call, here=False))
        self._look(channel, FIRST_LEG_S if alone else TALKING_S)

    def knows(self, channel: ChannelId) -> bool:
        """Whether events told of this caller since the PBX came into sight."""
        return channel in self._callers

    def sent_on(self, channel: ChannelId) -> None:
        """We are about to send the caller to the dialplan."""
        caller = self._callers.get(channel)
        if caller is not None:
            caller.here = False
            self._look(channel, FIRST_LEG_S)

    def left(self, channel: ChannelId) -> None:
        """The caller left Stasis: sent on by us, hung up, or taken by somebody else."""
        caller = self._callers.get(channel)
        if caller is not None and caller.here:
            caller.here = False
            self._look(channel, SOON_S)

    def leg_lives(self, call: CallId | None) -> None:
        """A leg of the call rings or talks: as long as it does, so does the caller."""
        caller = self._of(call)
        if caller is not None and not caller.here and call is not None:
            self._look(self._channels[call], TALKING_S)

    def leg_ended(self, call: CallId | None) -> None:
        """A leg of the call is gone: the caller comes back, or is gone as well."""
        caller = self._of(call)
        if caller is not None and not caller.here and call is not None:
            self._look(self._channels[call], SOON_S)

    def clear(self) -> None:
        """The PBX is out of sight: nobody's whereabouts are known."""
        for caller in self._callers.values():
            _stop(caller)
        self._callers.clear()
        self._channels.clear()

    # -- inside ----------------------------------------------------------------------------------------------

    def _of(self, call: CallId | None) -> _Caller | None:
        channel = self._channels.get(call) if call is not None else None
        return self._callers.get(channel) if channel is not None else None

    def _put(self, channel: ChannelId, caller: _Caller) -> None:
        self._forget(channel)
        self._callers[channel] = caller
        if caller.call is not None:
            self._channels[caller.call] = channel

    def _forget(self, channel: ChannelId) -> None:
        caller = self._callers.pop(channel, None)
        if caller is None:
            return
        _stop(caller)
        if caller.call is not None and self._channels.get(caller.call) == channel:
            del self._channels[caller.call]

    def _look(self, channel: ChannelId, after_s: float) -> None:
        caller = self._callers[channel]
        _stop(caller)
        caller.pause_s = after_s
        caller.timer = asyncio.get_running_loop().call_later(after_s, self._ask, channel, caller)

    def _ask(self, channel: ChannelId, caller: _Caller) -> None:
        task = asyncio.get_running_loop().create_task(self._find_out(channel, caller))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    async def _find_out(self, channel: ChannelId, caller: _Caller) -> None:
        timer = caller.timer
        exists = await self._exists(channel)
        if self._callers.get(channel) is not caller or caller.here or caller.timer is not timer:
            return  # he came back, or something happened that will be looked at by itself
        if exists is False:
            self._forget(channel)
            self._ended(channel, NORMAL_CLEARING)
        else:
            again = caller.pause_s if caller.pause_s == TALKING_S else min(LONGEST_S, caller.pause_s * 3)
            self._look(channel, again)


def _stop(caller: _Caller) -> None:
    if caller.timer is not None:
        caller.timer.cancel()
        caller.timer = None

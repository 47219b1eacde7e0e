"""Outbound work for operators whom no inbound caller needs now (R14): what a dialer asks of the dispatcher.

How a dialer uses it:

1. `staffing(request)` says how many operators who fit the campaign are idle, since when the others talk or
   wrap up, and how many inbound callers in line will take some of these first: the input of pacing.
2. Before it dials in progressive or preview mode, or when somebody answered in predictive mode, it calls
   `reserve(call, request)`. The answer comes as `Assigned` to `Placer.deliver` (to the session, once the call
   has one): at once, or when an operator is free for whom no inbound caller waits; `TurnedAway("closed")`
   when the queue is closed. A call that waits so keeps its place by `entered_at`.
3. The session rings the operator by the `Assigned` it was given (`greeting.greet` takes it). Who has no use
   for it any more calls `release`.

The request's `queue` is the campaign's; operators serve it by skills, client and queues like any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import msgspec.structs

from ari_app.dispatch.dispatcher import Dispatcher
from ari_app.dispatch.eligibility import fits_now
from ari_app.dispatch.messages import Assigned
from ari_app.dispatch.presence import Presence
from ari_app.model.ids import CallId, OperatorId
from ari_app.model.operator import OperatorState
from ari_app.model.routing import QueueRequest
from ari_app.ports import Clock

_S = OperatorState
_DOING: dict[OperatorState, Literal["ringing", "talk", "wrap"]] = {
    _S.RESERVED: "ringing",
    _S.RINGING: "ringing",
    _S.TALKING: "talk",
    _S.ON_HOLD: "talk",
    _S.WRAP_UP: "wrap",
}


@dataclass(frozen=True, slots=True)
class Busy:
    """An operator who fits and will be free again; `since` is when this state began, epoch seconds."""

    operator: OperatorId
    doing: Literal["ringing", "talk", "wrap"]
    since: float


@dataclass(frozen=True, slots=True)
class Staffing:
    """Who could take outbound calls of one demand, now and soon."""

    idle: int
    """Available now: no inbound caller who fits them waits."""
    busy: tuple[Busy, ...]
    signed_in: int
    """Idle, busy, paused and unreachable ones; 0: dialling has to stop."""
    inbound_waiting: int
    """Inbound callers in line who take some of the busy ones first."""
    inbound_for_idle: int
    """Those in line who fit an idle one, who has just missed them and is tried again soon."""


class Blending:
    """See the module. Synchronous, in the loop of the dispatcher."""

    def __init__(self, dispatcher: Dispatcher, clock: Clock) -> None:
        self._dispatcher = dispatcher
        self._clock = clock
        self._fitting: dict[QueueRequest, tuple[Presence, ...]] = {}
        self._roster = -1

    def staffing(self, request: QueueRequest) -> Staffing:
        """The operators who fit this demand; costs the number of those who do."""
        fitting = self.fitting(request)
        return Staffing(
            idle=sum(one.state is _S.AVAILABLE for one in fitting),
            busy=tuple(
                Busy(one.operator.id, _DOING[one.state], one.since) for one in fitting if one.state in _DOING
            ),
            signed_in=sum(one.signed_in for one in fitting),
            inbound_waiting=self._dispatcher.inbound_waiting(request),
            inbound_for_idle=self._dispatcher.inbound_waiting(request, idle=True),
        )

    def presence(self, operator: OperatorId) -> Presence | None:
        """One operator, read only."""
        return self._dispatcher.operators.get(operator)

    def reserve(self, call: CallId, request: QueueRequest, entered_at: float | None = None) -> None:
        """Ask for an operator for this outbound call; the answer may be delivered before this returns."""
        wanted = msgspec.structs.replace(request, outbound=True)
        since = self._clock.now() if entered_at is None else entered_at
        self._dispatcher.enqueue(call, wanted, since, patient=True)

    def release(self, call: CallId, assigned: Assigned | None = None) -> None:
        """The call needs nobody any more: an operator reserved for it is available again, blameless."""
        if assigned is not None:
            self._dispatcher.failed(assigned.offer, "caller_gone")
        else:
            self._dispatcher.leave(call)

    def fitting(self, request: QueueRequest) -> tuple[Presence, ...]:
        """The operators who fit this demand, whatever they do now. Read only."""
        if self._roster != self._dispatcher.roster:
            self._roster = self._dispatcher.roster
            self._fitting.clear()
        demand = QueueRequest(request.queue, request.needs, client=request.client)
        found = self._fitting.get(demand)
        if found is None:
            everybody = self._dispatcher.operators.values()
            found = tuple(one for one in everybody if one.operator.enabled and fits_now(one.operator, demand))
            self._fitting[demand] = found
        return found

"""The routing index: the one state machine that decides which operator takes which call.

Every event changes one side by one: a caller, or an operator. So nobody idle can be matched with anybody who
waits except through what just changed, and one decision is one choice (`choose`) over grouped columns
(`market`). Single-threaded; the same events give the same decisions.
"""

from typing import assert_never

import numpy as np

from ari_app.model.ids import CallId, OperatorId
from ari_app.model.routing import QueueRequest
from ari_app.routing import events as ev
from ari_app.routing.agenda import Agenda
from ari_app.routing.callers import Caller
from ari_app.routing.choose import best_caller, best_operator
from ari_app.routing.decisions import Assign, Decision
from ari_app.routing.demand import Stage, stages, standing
from ari_app.routing.estimate import Estimate, Estimator
from ari_app.routing.explain import Explainer, Explanation
from ari_app.routing.links import Links
from ari_app.routing.load import Loads
from ari_app.routing.market import Market
from ari_app.routing.operators import Staff
from ari_app.routing.policy import Order, Policy
from ari_app.routing.roster import Roster
from ari_app.routing.rules import FILTERS, MATCHES

_LOADS_EVERY_S = 5.0
_SHORT_S = 5.0
"""Who hangs up sooner did not give up waiting."""
_SPARE_ROWS = 512
_KNOWN_REQUESTS = 4096


class RoutingIndex:
    """Waiting calls and idle operators; `apply` is the only thing that changes them."""

    def __init__(self, policy: Policy | None = None, *, trace: bool = False) -> None:
        self.policy = policy or Policy()
        self.trace = trace
        self._loads = Loads(self.policy.load_memory_s)
        self._market = Market(self.policy, FILTERS, MATCHES)
        self._roster = Roster()
        self._callers: dict[CallId, Caller] = {}
        self._agenda = Agenda(self._callers)
        self._estimator = Estimator()
        self._explainer = Explainer(self._market, self._roster.staff)
        self._known: dict[QueueRequest, tuple[Stage, ...]] = {}
        self._held = Links()
        self._excluded = Links()
        self._serial = 0
        self._loads_at = float("-inf")
        self._out: list[Decision] = []

    def apply(self, event: ev.Event, now: float) -> tuple[Decision, ...]:
        """Take in what happened at `now` (seconds, any epoch) and decide.

        Whatever became due by time alone up to `now` is decided first, so that a late tick is harmless.
        Events about calls or operators who are gone already are ignored: hang-ups race with everything.
        A call that enters twice raises `ValueError`: that is a bug of the caller of this function.
        """
        self._out = []
        self._pass_time(now)
        match event:
            case ev.CallerWaiting():
                self._enter(event, now)
            case ev.OperatorAvailable():
                self._available(event, now)
            case ev.CallerLeft(call):
                self._forget(call, now)
            case ev.OfferAnswered(call):
                self._forget(call, now)
            case ev.ContactEnded(operator, handled_s):
                self._learn(operator, handled_s, now)
            case ev.OperatorGone(operator, signed_out):
                self._gone(operator, now, signed_out=signed_out)
            case ev.OfferFailed():
                self._offer_failed(event, now)
            case ev.OperatorChanged():
                self._changed(event, now)
            case ev.RequestChanged(call, request):
                self._request_changed(call, request, now)
            case ev.PolicyChanged(policy):
                self._rebuild(policy)
            case ev.Tick():
                pass
            case _:
                assert_never(event)
        self._compact()
        return tuple(self._out)

    def next_wake(self) -> float | None:
        """When a `Tick` is due at the latest: a step, a hold or an exclusion ends then. None: never."""
        return self._agenda.next_due()

    def explain(self, call: CallId, now: float) -> Explanation | None:
        """Why this call is still waiting (or to whom it is offered); None for a call that is not here."""
        caller = self._callers.get(call)
        return None if caller is None else self._explainer.explain(caller, now)

    def estimate(self, call: CallId, now: float) -> Estimate | None:
        """Position and expected wait of a waiting call; None for a call that does not wait (C12)."""
        caller = self._callers.get(call)
        if caller is None or caller.offered_to is not None:
            return None
        kind = self._market.kind(caller.stages[caller.step].demand)
        handled_s = self._loads.mean_handled_s(caller.stages[0].demand)
        return self._estimator.estimate(caller, float(self._market.signed_in[kind]), handled_s, now)

    def inbound_waiting(self, request: QueueRequest, *, idle: bool = False) -> int:
        """How many inbound callers in line compete for the operators who fit this demand (R14).

        `idle`: for those of them who are idle now.
        """
        return self._market.inbound_competing(self._market.kind(self._stages(request)[0].demand), idle=idle)

    # --- callers -------------------------------------------------------------------------------------------

    def _enter(self, event: ev.CallerWaiting, now: float) -> None:
        if event.call in self._callers:
            raise ValueError(f"call {event.call} is waiting or offered already")
        self._serial += 1
        steps = self._stages(event.request)
        caller = Caller(event.call, event.request, event.entered_at, self._serial, steps)
        self._callers[event.call] = caller
        self._loads.arrived(caller.stages[0].demand, now)
        self._set_hold(caller)
        self._place(caller, now)

    def _stages(self, request: QueueRequest) -> tuple[Stage, ...]:
        """The stages of a request; most calls bring one of few."""
        found = self._known.get(request)
        if found is None:
            if len(self._known) >= _KNOWN_REQUESTS:
                self._known.clear()
            found = self._known[request] = stages(request)
        return found

    def _set_hold(self, caller: Caller) -> None:
        request = caller.request
        wait_s = request.preferred_wait_s
        if self.policy.order_of(request.queue) is Order.STICKY:
            wait_s = max(wait_s, self.policy.sticky_wait_s)
        caller.hold_until = caller.entered_at + wait_s

    def _request_changed(self, call: CallId, request: QueueRequest, now: float) -> None:
        caller = self._callers.get(call)
        if caller is None:
            return
        waiting = caller.offered_to is None
        if waiting:
            self._unplace(caller)
            self._estimator.left(caller, now)
        caller.request, caller.stages, caller.step = request, self._stages(request), 0
        self._set_hold(caller)
        if waiting:
            self._place(caller, now)

    def _offer_failed(self, event: ev.OfferFailed, now: float) -> None:
        caller = self._callers.get(event.call)
        if caller is None or caller.offered_to != event.operator:
            return
        caller.offered_to = None
        if event.excluded_until > now:
            caller.excluded[event.operator] = event.excluded_until
            self._excluded.add(event.operator, event.call)
        self._place(caller, now)

    def _forget(self, call: CallId, now: float) -> None:
        caller = self._callers.pop(call, None)
        if caller is None:
            return
        self._unplace(caller)
        for operator in caller.excluded:
            self._excluded.remove(operator, call)
        if caller.offered_to is None and now - caller.entered_at > _SHORT_S:
            self._market.fare(caller.request.queue, in_time=False)
        self._estimator.left(caller, now)

    def _unplace(self, caller: Caller) -> None:
        self._market.leave(caller)
        if caller.held is not None:
            self._held.remove(caller.held, caller.call)
            caller.held = None

    def _place(self, caller: Caller, now: float) -> None:
        """Find an operator for a caller who is nowhere, or a place to wait."""
        caller.step = caller.step_at(now)
        for operator in [one for one, until in caller.excluded.items() if until <= now]:
            del caller.excluded[operator]
            self._excluded.remove(operator, caller.call)
        demand = caller.stages[caller.step].demand
        kind = self._market.kind(demand)
        preferred = self._preferred(caller, kind)
        if preferred is not None and preferred.idle_since is not None:
            self._assign(caller, preferred, 0.0, now)
        elif preferred is not None and now < caller.hold_until:
            caller.held = preferred.operator
            self._held.add(preferred.operator, caller.call)
            self._wait(caller, now)
        elif not self._seek(caller, kind, now):
            self._market.join(self._market.line(standing(caller.request, demand)), caller)
            self._wait(caller, now)

    def _wait(self, caller: Caller, now: float) -> None:
        self._agenda.note(caller)
        if not caller.counted:
            self._estimator.joined(caller, now)

    def _preferred(self, caller: Caller, kind: int) -> Staff | None:
        operator = caller.request.preferred
        staff = self._roster.staff.get(operator) if operator is not None else None
        if staff is None or not caller.admits(staff.operator) or not self._market.fits(staff.group, kind):
            return None
        return staff

    def _seek(self, caller: Caller, kind: int, now: float) -> bool:
        excluded = (self._roster.staff.get(one) for one in caller.excluded)
        hidden = [one for one in excluded if one is not None and one.idle_since is not None]
        for staff in hidden:
            self._market.hide(staff)
        self._weigh_loads(now)
        found = best_operator(self._market, kind, now)
        for staff in hidden:
            self._market.show(staff)
        if found is None:
            return False
        self._assign(caller, self._roster.staff[found[0]], found[1], now)
        return True

    def _weigh_loads(self, now: float) -> None:
        if now >= self._loads_at + _LOADS_EVERY_S:
            self._loads_at = now
            loads = [self._loads.erlangs(demand, now) for demand in self._market.kinds]
            self._market.weigh(np.array(loads))
            self._market.speed_per_level = self._loads.speed_per_level()

    def _pass_time(self, now: float) -> None:
        while (caller := self._agenda.pop(now)) is not None:
            self._unplace(caller)
            self._place(caller, now)

    # --- operators -----------------------------------------------------------------------------------------

    def _available(self, event: ev.OperatorAvailable, now: float) -> None:
        known = self._roster.staff.get(event.operator)
        if known is not None and known.idle_since is not None:
            self._market.take_idle(known)
        group = None if known is None else known.group
        staff = self._roster.enrol(self._market, event.operator, event.skills, event.queues, event.client)
        if group is not None and group is not staff.group:
            self._replace_held(event.operator, now)
        self._free(staff, event.idle_since, now)

    def _free(self, staff: Staff, idle_since: float, now: float) -> None:
        """Give an operator who is not idle yet a call, or let him idle."""
        barred = [self._callers[call] for call in self._excluded.of(staff.operator)]
        places = [(caller, caller.line) for caller in barred if caller.line is not None]
        for caller, _ in places:
            self._market.leave(caller)
        found = best_caller(self._market, staff.group, now)
        for caller, line in places:
            self._market.join(line, caller)
        chosen, score = (self._callers[found[0]], found[1]) if found is not None else (None, 0.0)
        held = self._held_for(staff)
        if held is not None and (chosen is None or _rank(chosen) <= _rank(held)):
            chosen, score = held, 0.0
        if chosen is None:
            self._serial += 1
            self._market.put_idle(staff, idle_since, self._serial)
        else:
            self._assign(chosen, staff, score, now)

    def _held_for(self, staff: Staff) -> Caller | None:
        """The first of the callers who wait for this operator alone; they fit, or would not be held."""
        held = (self._callers[call] for call in self._held.of(staff.operator))
        held_first = sorted(held, key=lambda one: (one.entered_at, one.serial))
        return max(held_first, key=_rank, default=None)

    def _gone(self, operator: OperatorId, now: float, *, signed_out: bool) -> None:
        staff = self._roster.staff.get(operator)
        if staff is None:
            return
        if staff.idle_since is not None:
            self._market.take_idle(staff)
        if signed_out:
            self._roster.sign_out(self._market, staff)
            self._replace_held(operator, now)

    def _replace_held(self, operator: OperatorId, now: float) -> None:
        for call in self._held.of(operator):
            caller = self._callers[call]
            self._unplace(caller)
            self._place(caller, now)

    def _changed(self, event: ev.OperatorChanged, now: float) -> None:
        staff = self._roster.staff.get(event.operator)
        if staff is None:
            return
        idle_since = staff.idle_since
        if idle_since is not None:
            self._market.take_idle(staff)
        self._roster.enrol(self._market, event.operator, event.skills, event.queues, event.client)
        self._replace_held(event.operator, now)
        if idle_since is not None:
            self._free(staff, idle_since, now)

    def _learn(self, operator: OperatorId, handled_s: float, now: float) -> None:
        staff = self._roster.staff.get(operator)
        if staff is not None and staff.serving is not None:
            self._loads.ended(staff.serving, staff.serving_level, handled_s, now)
            staff.serving = None

    # --- both ----------------------------------------------------------------------------------------------

    def _assign(self, caller: Caller, staff: Staff, score: float, now: float) -> None:
        why = self._explainer.explain(caller, now, staff, score) if self.trace else None
        self._unplace(caller)
        if staff.idle_since is not None:
            self._market.take_idle(staff)
        caller.offered_to = staff.operator
        caller.due = None
        staff.used += 1
        staff.serving = caller.stages[0].demand
        staff.serving_level = self._market.level(staff.group, caller.stages[caller.step].demand)
        self._market.draws += 1
        self._estimator.started(caller, now)
        waited_s = now - caller.entered_at
        self._market.fare(caller.request.queue, in_time=waited_s <= caller.request.target_s)
        self._out.append(Assign(caller.call, staff.operator, score, caller.step, waited_s, why))

    def _compact(self) -> None:
        """Drop the rows of signatures and demands that are no more, once they outnumber the living."""
        market = self._market
        groups, lines = len(market.groups), len(market.lines)
        if groups > 2 * len(self._roster.staff) + _SPARE_ROWS or lines > 2 * market.waiting + _SPARE_ROWS:
            self._rebuild(self.policy)

    def _rebuild(self, policy: Policy) -> None:
        """Fill a new market under a new policy; eligibility is the same, so nothing is decided."""
        self.policy = policy
        self._market = market = Market(policy, FILTERS, MATCHES)
        self._explainer = Explainer(market, self._roster.staff)
        self._loads_at = float("-inf")
        for demand in self._loads.busy():
            market.kind(demand)
        self._roster.move_to(market)
        for caller in self._callers.values():
            if caller.line is not None:
                market.join(market.line(caller.line.standing), caller)


def _rank(caller: Caller) -> tuple[bool, int]:
    """Whom an operator takes before whom, whatever they waited: inbound first, then the more urgent."""
    return not caller.request.outbound, caller.request.priority

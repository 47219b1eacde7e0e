"""The routing index: the one state machine that decides which operator takes which call.

Every event changes one side by one: a caller, or an operator. So nobody idle can be matched with anybody who
waits except through what just changed, and one decision is one choice (`choose`) over grouped columns
(`market`). Single-threaded; the same events give the same decisions.
"""

import heapq
from collections.abc import Mapping
from typing import assert_never

from ari_app.model.ids import CallId, ClientId, OperatorId, QueueId, SkillId
from ari_app.model.routing import QueueRequest
from ari_app.routing import events as ev
from ari_app.routing.callers import Caller
from ari_app.routing.choose import best_caller, best_operator
from ari_app.routing.decisions import Assign, Decision
from ari_app.routing.demand import stages, standing
from ari_app.routing.explain import Explainer, Explanation
from ari_app.routing.load import Loads
from ari_app.routing.market import Market
from ari_app.routing.operators import Group, Signature, Staff
from ari_app.routing.policy import Order, Policy
from ari_app.routing.rules import FILTERS, MATCHES

_LOADS_EVERY_S = 5.0
_SPARE = 512


class RoutingIndex:
    """Waiting calls and idle operators; `apply` is the only thing that changes them."""

    def __init__(self, policy: Policy | None = None, *, trace: bool = False) -> None:
        self.policy = policy or Policy()
        self.trace = trace
        self.loads = Loads(self.policy.load_memory_s)
        self.market = Market(self.policy, FILTERS, MATCHES)
        self.callers: dict[CallId, Caller] = {}
        self.staff: dict[OperatorId, Staff] = {}
        self._explainer = Explainer(self.market, self.staff)
        self._held: dict[OperatorId, dict[CallId, None]] = {}
        self._excluded: dict[OperatorId, dict[CallId, None]] = {}
        self._due: list[tuple[float, int, CallId]] = []
        self._serial = 0
        self._loads_at = float("-inf")
        self._out: list[Decision] = []

    def apply(self, event: ev.Event, now: float) -> tuple[Decision, ...]:  # noqa: C901 - an arm per event
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
                self._forget(call)
            case ev.OfferAnswered(call):
                self._forget(call)
            case ev.ContactEnded(operator, handled_s):
                self._learn(operator, handled_s, now)
            case ev.OperatorGone(operator, signed_out):
                self._gone(operator, signed_out, now)
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
        while self._due:
            due, _, call = self._due[0]
            caller = self.callers.get(call)
            if caller is not None and caller.due == due:
                return due
            heapq.heappop(self._due)
        return None

    def explain(self, call: CallId, now: float) -> Explanation | None:
        """Why this call is still waiting (or to whom it is offered); None for a call that is not here."""
        caller = self.callers.get(call)
        return None if caller is None else self._explainer.explain(caller, now)

    # --- callers --------------------------------------------------------------------------------------------

    def _enter(self, event: ev.CallerWaiting, now: float) -> None:
        if event.call in self.callers:
            raise ValueError(f"call {event.call} is waiting or offered already")
        self._serial += 1
        caller = Caller(event.call, event.request, event.entered_at, self._serial, stages(event.request))
        self.callers[event.call] = caller
        demand = caller.stages[0].demand
        self.loads.arrived(demand, now)
        self._hold_until(caller)
        self._place(caller, now)

    def _hold_until(self, caller: Caller) -> None:
        request = caller.request
        wait_s = request.preferred_wait_s
        if self.policy.order_of(request.queue) is Order.STICKY:
            wait_s = max(wait_s, self.policy.sticky_wait_s)
        caller.hold_until = caller.entered_at + wait_s

    def _request_changed(self, call: CallId, request: QueueRequest, now: float) -> None:
        caller = self.callers.get(call)
        if caller is None:
            return
        caller.request, caller.stages, caller.step = request, stages(request), 0
        self._hold_until(caller)
        if caller.offered_to is None:
            self._unplace(caller)
            self._place(caller, now)

    def _offer_failed(self, event: ev.OfferFailed, now: float) -> None:
        caller = self.callers.get(event.call)
        if caller is None or caller.offered_to != event.operator:
            return
        caller.offered_to = None
        if event.excluded_until > now:
            caller.excluded[event.operator] = event.excluded_until
            self._excluded.setdefault(event.operator, {})[event.call] = None
        self._place(caller, now)

    def _forget(self, call: CallId) -> None:
        caller = self.callers.pop(call, None)
        if caller is not None:
            self._unplace(caller)
            for operator in caller.excluded:
                self._unexclude(operator, call)

    def _unexclude(self, operator: OperatorId, call: CallId) -> None:
        calls = self._excluded[operator]
        del calls[call]
        if not calls:
            del self._excluded[operator]

    def _unplace(self, caller: Caller) -> None:
        self.market.leave(caller)
        if caller.held:
            caller.held = False
            preferred = caller.request.preferred
            assert preferred is not None
            held = self._held[preferred]
            del held[caller.call]
            if not held:
                del self._held[preferred]

    def _place(self, caller: Caller, now: float) -> None:
        """Find an operator for a caller who is nowhere, or a place to wait."""
        caller.step = caller.step_at(now)
        stage = caller.stages[caller.step]
        kind = self.market.kind(stage.demand)
        preferred = self._preferred(caller, kind)
        if preferred is not None and preferred.idle_since is not None:
            self._assign(caller, preferred, 0.0, now)
            return
        if preferred is not None and now < caller.hold_until:
            caller.held = True
            self._held.setdefault(preferred.operator, {})[caller.call] = None
        elif not self._seek(caller, kind, now):
            self.market.join(self.market.line(standing(caller.request, stage.demand)), caller)
        else:
            return
        self._schedule(caller)

    def _preferred(self, caller: Caller, kind: int) -> Staff | None:
        operator = caller.request.preferred
        staff = self.staff.get(operator) if operator is not None else None
        if staff is None or not caller.admits(staff.operator) or not self.market.fits(staff.group, kind):
            return None
        return staff

    def _seek(self, caller: Caller, kind: int, now: float) -> bool:
        hidden = [self.staff[one] for one in caller.excluded if one in self.staff]
        hidden = [one for one in hidden if one.idle_since is not None]
        for staff in hidden:
            self.market.hide(staff)
        self._weigh_loads(now)
        found = best_operator(self.market, kind, now)
        for staff in hidden:
            self.market.show(staff)
        if found is None:
            return False
        self._assign(caller, self.staff[found[0]], found[1], now)
        return True

    def _weigh_loads(self, now: float) -> None:
        market = self.market
        if now >= self._loads_at + _LOADS_EVERY_S:
            self._loads_at = now
            for kind, demand in enumerate(market.kinds):
                market.load[kind] = self.loads.erlangs(demand, now)

    # --- operators ------------------------------------------------------------------------------------------

    def _enrol(
        self,
        operator: OperatorId,
        skills: Mapping[SkillId, int],
        queues: frozenset[QueueId] | None,
        client: ClientId,
    ) -> Staff:
        group = self._group(skills, queues, client)
        staff = self.staff.get(operator)
        if staff is None:
            staff = self.staff[operator] = Staff(operator, group)
            self.market.sign_in(group, 1)
        elif staff.group is not group:
            self.market.sign_in(staff.group, -1)
            self.market.sign_in(group, 1)
            staff.group = group
        return staff

    def _group(
        self, skills: Mapping[SkillId, int], queues: frozenset[QueueId] | None, client: ClientId
    ) -> Group:
        owned = tuple(sorted((skill, level) for skill, level in skills.items() if level > 0))
        return self.market.group(Signature(client, owned, queues))

    def _available(self, event: ev.OperatorAvailable, now: float) -> None:
        known = self.staff.get(event.operator)
        if known is not None and known.idle_since is not None:
            self.market.take_idle(known)
        staff = self._enrol(event.operator, event.skills, event.queues, event.client)
        self._free(staff, event.idle_since, now)

    def _free(self, staff: Staff, idle_since: float, now: float) -> None:
        """Give an operator who is not idle yet a call, or let him idle."""
        hidden = [self.callers[call] for call in self._excluded.get(staff.operator, ())]
        places = [(caller, caller.line) for caller in hidden if caller.line is not None]
        for caller, _ in places:
            self.market.leave(caller)
        found = best_caller(self.market, staff.group, now)
        for caller, line in places:
            self.market.join(line, caller)
        chosen, score = (self.callers[found[0]], found[1]) if found is not None else (None, 0.0)
        held = self._held_for(staff)
        if held is not None and (chosen is None or chosen.request.priority <= held.request.priority):
            chosen, score = held, 0.0
        if chosen is None:
            self._serial += 1
            self.market.put_idle(staff, idle_since, self._serial)
        else:
            self._assign(chosen, staff, score, now)

    def _held_for(self, staff: Staff) -> Caller | None:
        held = [self.callers[call] for call in self._held.get(staff.operator, ())]
        fitting = [
            one
            for one in held
            if self.market.fits(staff.group, self.market.kind(one.stages[one.step].demand))
        ]
        return min(fitting, key=lambda one: (-one.request.priority, one.entered_at, one.serial), default=None)

    def _gone(self, operator: OperatorId, signed_out: bool, now: float) -> None:  # noqa: FBT001
        staff = self.staff.get(operator)
        if staff is None:
            return
        if staff.idle_since is not None:
            self.market.take_idle(staff)
        if signed_out:
            self.market.sign_in(staff.group, -1)
            del self.staff[operator]
            self._release_held(operator, now)

    def _release_held(self, operator: OperatorId, now: float) -> None:
        for call in tuple(self._held.get(operator, ())):
            caller = self.callers[call]
            self._unplace(caller)
            self._place(caller, now)

    def _changed(self, event: ev.OperatorChanged, now: float) -> None:
        staff = self.staff.get(event.operator)
        if staff is None:
            return
        idle_since = staff.idle_since
        if idle_since is not None:
            self.market.take_idle(staff)
        self._enrol(event.operator, event.skills, event.queues, event.client)
        self._release_held(event.operator, now)
        if idle_since is not None:
            self._free(staff, idle_since, now)

    def _learn(self, operator: OperatorId, handled_s: float, now: float) -> None:
        staff = self.staff.get(operator)
        if staff is not None and staff.serving is not None:
            self.loads.ended(staff.serving, handled_s, now)
            staff.serving = None

    # --- both -----------------------------------------------------------------------------------------------

    def _assign(self, caller: Caller, staff: Staff, score: float, now: float) -> None:
        why = self._explainer.explain(caller, now, staff, score) if self.trace else None
        self._unplace(caller)
        if staff.idle_since is not None:
            self.market.take_idle(staff)
        caller.offered_to = staff.operator
        caller.due = None
        staff.used += 1
        staff.serving = caller.stages[0].demand
        self._out.append(
            Assign(caller.call, staff.operator, score, caller.step, now - caller.entered_at, why)
        )

    def _schedule(self, caller: Caller) -> None:
        caller.due = caller.next_due()
        if caller.due is not None:
            heapq.heappush(self._due, (caller.due, caller.serial, caller.call))

    def _pass_time(self, now: float) -> None:
        while (due := self.next_wake()) is not None and due <= now:
            caller = self.callers[heapq.heappop(self._due)[2]]
            caller.due = None
            for operator, until in tuple(caller.excluded.items()):
                if until <= now:
                    del caller.excluded[operator]
                    self._unexclude(operator, caller.call)
            self._unplace(caller)
            self._place(caller, now)

    def _compact(self) -> None:
        """Drop the rows of signatures and demands that are no more, once they outnumber the living."""
        market = self.market
        if (
            len(market.groups) > 2 * len(self.staff) + _SPARE
            or len(market.lines) > 2 * market.waiting + _SPARE
        ):
            self._rebuild(self.policy)

    def _rebuild(self, policy: Policy) -> None:
        """Fill a new market under a new policy; eligibility is the same, so nothing is decided."""
        old = self.market
        self.policy = policy
        self.market = market = Market(policy, FILTERS, MATCHES)
        self._explainer = Explainer(market, self.staff)
        self._loads_at = float("-inf")
        for demand in self.loads.busy():
            market.kind(demand)
        for staff in self.staff.values():
            staff.group = market.group(staff.group.signature)
            market.sign_in(staff.group, 1)
            if staff.idle_since is not None:
                market.put_idle(staff, staff.idle_since, staff.serial)
        for caller in self.callers.values():
            if caller.line is not None:
                market.join(market.line(caller.line.standing), caller)
        assert market.waiting == old.waiting

"""The routing core as outside simulators drive it: a thin class over `ari_app.routing`, nothing else."""

from collections.abc import Sequence
from typing import Any

from ari_app.model.ids import CallId, OperatorId, QueueId, SkillId
from ari_app.model.routing import QueueRequest, SkillNeed
from ari_app.routing import events as ev
from ari_app.routing.index import RoutingIndex
from ari_app.routing.policy import Policy


def _request(topic: int, prio: int) -> QueueRequest:
    return QueueRequest(QueueId(str(topic)), (SkillNeed(SkillId(str(topic))),), priority=prio)


class Routing:
    """Each class is a queue that needs one skill; the index hears what happened when a decision is asked.

    What the simulator does not announce (operators idle from the start, say) is taken from the two lists.
    """

    needs_tick = False

    def __init__(self, policy: Policy | None = None) -> None:
        self._policy = policy

    def reset(self, world: Any) -> None:
        self._index = RoutingIndex(self._policy)
        self._requests = [[_request(cls, prio) for prio in (0, 1)] for cls in range(len(world.agents[0].lvl))]
        self._skills = {
            agent.id: {SkillId(str(cls)): int(level) for cls, level in enumerate(agent.lvl) if level > 0}
            for agent in world.agents
        }
        self._ended: list[ev.Event] = []
        self._pending: list[ev.Event] = []
        self._waiting: dict[CallId, Any] = {}
        self._idle: dict[OperatorId, Any] = {}

    def on_arrival(self, caller: Any) -> None:
        call = CallId(str(caller.id))
        if call not in self._waiting:
            self._waiting[call] = caller
            request = self._requests[caller.cls][1 if caller.prio else 0]
            self._pending.append(ev.CallerWaiting(call, request, caller.t))

    def on_gone(self, caller: Any) -> None:
        call = CallId(str(caller.id))
        self._waiting.pop(call, None)
        self._pending.append(ev.CallerLeft(call))

    def on_idle(self, agent: Any) -> None:
        operator = OperatorId(str(agent.id))
        self._idle[operator] = agent
        self._pending.append(self._available(operator))

    def on_busy(self, agent: Any) -> None:
        operator = OperatorId(str(agent.id))
        self._idle.pop(operator, None)
        self._pending.append(ev.OperatorGone(operator))

    def on_done(self, cls: int, agent: Any, seconds: float) -> None:  # noqa: ARG002 - the index knows the class
        self._ended.append(ev.ContactEnded(OperatorId(str(agent.id)), seconds))

    def _available(self, operator: OperatorId) -> ev.OperatorAvailable:
        agent = self._idle[operator]
        return ev.OperatorAvailable(operator, self._skills[agent.id], agent.idle_since)

    def decide(self, now: float, waiting: Sequence[Any], idle: Sequence[Any]) -> list[tuple[Any, Any]]:
        if len(waiting) != len(self._waiting) or len(idle) != len(self._idle):
            self._catch_up(waiting, idle)
        events, self._ended, self._pending = self._ended + self._pending, [], []
        pairs: list[tuple[Any, Any]] = []
        while events:
            chosen = [one for event in events for one in self._index.apply(event, now)]
            events = []
            for one in chosen:
                if one.call in self._waiting and one.operator in self._idle:
                    pairs.append((self._waiting[one.call].id, self._idle[one.operator].id))
                elif one.operator in self._idle:  # the caller has gone within the same batch of news
                    events.append(self._available(one.operator))
                elif one.call in self._waiting:
                    events.append(ev.OfferFailed(one.call, one.operator, "cancelled", now))
        return pairs

    def _catch_up(self, waiting: Sequence[Any], idle: Sequence[Any]) -> None:
        for caller in waiting:
            self.on_arrival(caller)
        calls = {CallId(str(caller.id)) for caller in waiting}
        for call in [one for one in self._waiting if one not in calls]:
            self.on_gone(self._waiting[call])
        for agent in idle:
            if OperatorId(str(agent.id)) not in self._idle:
                self.on_idle(agent)
        operators = {OperatorId(str(agent.id)) for agent in idle}
        for operator in [one for one in self._idle if one not in operators]:
            self.on_busy(self._idle[operator])

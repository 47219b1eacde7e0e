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
    """Each class is a queue that needs one skill; the index is told what happened when a decision is asked."""

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
        self._calls: dict[CallId, Any] = {}
        self._operators = {OperatorId(str(agent.id)): agent.id for agent in world.agents}
        self._pending: list[ev.Event] = []

    def on_arrival(self, caller: Any) -> None:
        call = CallId(str(caller.id))
        self._calls[call] = caller.id
        prio = 1 if caller.prio else 0
        self._pending.append(ev.CallerWaiting(call, self._requests[caller.cls][prio], caller.t))

    def on_gone(self, caller: Any) -> None:
        call = CallId(str(caller.id))
        self._calls.pop(call, None)
        self._pending.append(ev.CallerLeft(call))

    def on_idle(self, agent: Any) -> None:
        skills = self._skills[agent.id]
        self._pending.append(ev.OperatorAvailable(OperatorId(str(agent.id)), skills, agent.idle_since))

    def on_busy(self, agent: Any) -> None:
        self._pending.append(ev.OperatorGone(OperatorId(str(agent.id))))

    def on_done(self, cls: int, agent: Any, seconds: float) -> None:  # noqa: ARG002
        self._pending.append(ev.ContactEnded(OperatorId(str(agent.id)), seconds))

    def decide(self, now: float, waiting: Sequence[Any], idle: Sequence[Any]) -> list[tuple[Any, Any]]:  # noqa: ARG002
        pending, self._pending = self._pending, []
        pairs: list[tuple[Any, Any]] = []
        for event in pending:
            for one in self._index.apply(event, now):
                pairs.append((self._calls[one.call], self._operators[one.operator]))  # noqa: PERF401
        return pairs

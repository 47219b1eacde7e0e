"""What a call demands at each stage of its waiting: the left side of every match."""

from dataclasses import dataclass

import msgspec

from ari_app.model.ids import ClientId, QueueId, SkillId
from ari_app.model.routing import QueueRequest


class Demand(msgspec.Struct, frozen=True, cache_hash=True):
    """Hard requirements shared by many calls: who may serve them. Hashable: calls are grouped by it."""

    client: ClientId
    queue: QueueId
    """The queue the call entered: its order applies."""
    queues: frozenset[QueueId]
    """Operators of any of these queues may serve."""
    needs: tuple[tuple[SkillId, int], ...]
    """Skill and least level, sorted by skill."""


class Standing(msgspec.Struct, frozen=True, cache_hash=True):
    """How a demand competes for a freed operator: with `Demand` it names one line of waiting calls."""

    demand: Demand
    priority: int
    target_s: float
    outbound: bool


@dataclass(frozen=True, slots=True)
class Stage:
    """What a call demands from `after_s` of waiting on."""

    after_s: float
    demand: Demand


def stages(request: QueueRequest) -> tuple[Stage, ...]:
    """The request's demand step by step, the first at 0 s; steps build on each other in time (R2)."""
    needs = {need.skill: need.min_level for need in request.needs if need.min_level > 0}
    queues = frozenset((request.queue,))
    found = [Stage(0.0, Demand(request.client, request.queue, queues, tuple(sorted(needs.items()))))]
    for step in sorted(request.steps, key=lambda one: one.after_s):
        for need in step.needs:
            if need.min_level > 0:
                needs[need.skill] = need.min_level
            else:
                needs.pop(need.skill, None)
        queues |= frozenset(step.queues)
        found.append(
            Stage(step.after_s, Demand(request.client, request.queue, queues, tuple(sorted(needs.items()))))
        )
    return tuple(found)


def standing(request: QueueRequest, demand: Demand) -> Standing:
    """The line in which a call with this request waits at this demand."""
    return Standing(demand, request.priority, max(request.target_s, 1.0), request.outbound)

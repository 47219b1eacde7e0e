"""What a call demands at each stage of its waiting: the left side of every match."""

from dataclasses import dataclass

import msgspec

from ari_app.model.ids import ClientId, QueueId, SkillId
from ari_app.model.routing import QueueRequest, SkillNeed


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
    """The request's demand step by step, the first at 0 s; steps build on each other in time (R2).

    Of two needs for one skill the later holds; level 0 is no need.
    """
    levels: dict[SkillId, int] = {}
    queues = frozenset((request.queue,))
    found: list[Stage] = []

    def note(after_s: float, needs: tuple[SkillNeed, ...]) -> None:
        levels.update({need.skill: need.min_level for need in needs})
        held = tuple(sorted((skill, level) for skill, level in levels.items() if level > 0))
        found.append(Stage(after_s, Demand(request.client, request.queue, queues, held)))

    note(0.0, request.needs)
    for step in sorted(request.steps, key=lambda one: one.after_s):
        queues |= frozenset(step.queues)
        note(step.after_s, step.needs)
    return tuple(found)


def standing(request: QueueRequest, demand: Demand) -> Standing:
    """The line in which a call with this request waits at this demand."""
    return Standing(demand, request.priority, max(request.target_s, 1.0), request.outbound)

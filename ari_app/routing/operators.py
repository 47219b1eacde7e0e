"""Operators as the index sees them: grouped by signature, because equal operators need be weighed once."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from ari_app.model.ids import ClientId, OperatorId, QueueId, SkillId
from ari_app.routing.demand import Demand
from ari_app.routing.ranked import Ranked


class Signature(msgspec.Struct, frozen=True, cache_hash=True):
    """All that decides whom an operator may serve: the right side of every match."""

    client: ClientId
    skills: tuple[tuple[SkillId, int], ...]
    """Skill and level, sorted by skill; level 0 and below is no skill."""
    queues: frozenset[QueueId] | None

    def level(self, skill: SkillId) -> int:
        """The level of a skill, 0 without it."""
        for known, level in self.skills:
            if known == skill:
                return level
        return 0


@dataclass(slots=True)
class Group:
    """The operators of one signature; `row` is their place in the market's columns."""

    signature: Signature
    row: int
    by_idle: Ranked[OperatorId] = field(default_factory=Ranked)
    by_use: Ranked[OperatorId] = field(default_factory=Ranked)


@dataclass(slots=True)
class Staff:
    """One signed-in operator."""

    operator: OperatorId
    group: Group
    skills: Mapping[SkillId, int]
    """As given, to see at once that nothing changed."""
    idle_since: float | None = None
    """None while busy, paused or offered a call."""
    serial: int = 0
    """Order of becoming idle, which breaks ties."""
    used: int = 0
    """Calls assigned since signing in."""
    serving: Demand | None = None
    """What the call last assigned demanded."""
    serving_level: float = 0.0
    """How well he matched it."""

"""What a waiting call asks for: skills with levels, and how the demand relaxes while it waits."""

import msgspec

from ari_app.model.ids import DEFAULT_CLIENT, ClientId, OperatorId, QueueId, SkillId


class SkillNeed(msgspec.Struct, frozen=True):
    """A skill that the operator must have, at `min_level` or better (levels 1 to 5)."""

    skill: SkillId
    min_level: int = 1


class RelaxStep(msgspec.Struct, frozen=True):
    """What changes once the caller has waited `after_s` seconds, counted from entering the queue.

    `needs` replaces the level of each skill it names (level 0 drops the skill); `queues` are added.
    """

    after_s: float
    needs: tuple[SkillNeed, ...] = ()
    queues: tuple[QueueId, ...] = ()


class QueueRequest(msgspec.Struct, frozen=True):
    """A call's demand on the router.

    Requirements are hard: nobody below `needs` is rung before a step says so. `priority` is 0 for a
    normal call, higher is more urgent. `preferred` is tried alone for `preferred_wait_s` when that operator
    is signed in, then everybody. `target_s` is the queue's service-level threshold, by which waiting ages.
    """

    queue: QueueId
    needs: tuple[SkillNeed, ...] = ()
    steps: tuple[RelaxStep, ...] = ()
    priority: int = 0
    preferred: OperatorId | None = None
    preferred_wait_s: float = 0.0
    target_s: float = 20.0
    outbound: bool = False
    client: ClientId = DEFAULT_CLIENT

"""What a caller asks of a queue: the queue's skills, the node's, and those collected on the way."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec.structs

from ari_app.flow.site import QueueConfig
from ari_app.flow.turn import FlowError, Turn
from ari_app.model.ids import ClientId, OperatorId, QueueId, SkillId
from ari_app.model.routing import QueueRequest, RelaxStep, SkillNeed


def request_for(
    turn: Turn,
    queue: str,
    needs: Mapping[str, int],
    *,
    priority: int | None = None,
    preferred: str = "",
    preferred_wait_s: float = 0.0,
) -> QueueRequest:
    """The demand on the router for this caller. Raises `FlowError` for a queue that does not exist."""
    config = turn.site.queues.get(queue)
    if config is None:
        raise FlowError(f"no queue `{queue}`")
    wanted: dict[str, int] = dict(config.skills)
    for more in (turn.get("needs"), needs):
        for skill, level in more.items():
            wanted[skill] = max(level, wanted.get(skill, 0))
    return QueueRequest(
        queue=QueueId(queue),
        needs=_needs(dict(sorted(wanted.items()))),
        steps=_steps(config),
        priority=config.priority if priority is None else priority,
        preferred=OperatorId(preferred) if preferred else None,
        preferred_wait_s=preferred_wait_s if preferred else 0.0,
        target_s=config.target_s,
        outbound=turn.state.direction == "outbound",
        client=turn.state.client,
    )


def request_of(config: QueueConfig, queue: QueueId, client: ClientId) -> QueueRequest:
    """What the queue itself asks of an operator, for a caller of whom no flow said more."""
    needs = _needs(dict(sorted(config.skills.items())))
    return QueueRequest(
        queue, needs, _steps(config), priority=config.priority, target_s=config.target_s, client=client
    )


def renewed(request: QueueRequest, old: QueueConfig, new: QueueConfig) -> QueueRequest:
    """A waiting caller's demand under a new configuration: what the flow asked beyond it is kept."""
    beyond = {
        need.skill: need.min_level for need in request.needs if need.min_level > old.skills.get(need.skill, 0)
    }
    wanted: dict[str, int] = dict(new.skills)
    for skill, level in beyond.items():
        wanted[skill] = max(level, wanted.get(skill, 0))
    return msgspec.structs.replace(
        request,
        needs=_needs(dict(sorted(wanted.items()))),
        steps=_steps(new),
        priority=new.priority if request.priority == old.priority else request.priority,
        target_s=new.target_s,
    )


def _steps(config: QueueConfig) -> tuple[RelaxStep, ...]:
    return tuple(
        RelaxStep(step.after_s, _needs(step.needs), tuple(QueueId(name) for name in step.queues))
        for step in config.relax
    )


def _needs(levels: Mapping[str, int]) -> tuple[SkillNeed, ...]:
    return tuple(SkillNeed(SkillId(skill), level) for skill, level in levels.items())

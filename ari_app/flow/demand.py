"""What a caller asks of a queue: the queue's skills, the node's, and those collected on the way."""

from __future__ import annotations

from collections.abc import Mapping

from ari_app.flow.turn import FlowError, Turn
from ari_app.model.ids import OperatorId, QueueId, SkillId
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
        steps=tuple(
            RelaxStep(step.after_s, _needs(step.needs), tuple(QueueId(name) for name in step.queues))
            for step in config.relax
        ),
        priority=config.priority if priority is None else priority,
        preferred=OperatorId(preferred) if preferred else None,
        preferred_wait_s=preferred_wait_s if preferred else 0.0,
        target_s=config.target_s,
        outbound=turn.state.direction == "outbound",
        client=turn.state.client,
    )


def _needs(levels: Mapping[str, int]) -> tuple[SkillNeed, ...]:
    return tuple(SkillNeed(SkillId(skill), level) for skill, level in levels.items())

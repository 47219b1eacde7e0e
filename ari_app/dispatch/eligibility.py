"""Whether an operator may ever serve a call: the router's hard requirements, asked about one pair."""

from __future__ import annotations

from ari_app.model.operator import Operator
from ari_app.model.routing import QueueRequest
from ari_app.routing.demand import Demand, stages


def fits(operator: Operator, demand: Demand) -> bool:
    """Client, queue and every skill at its level; an operator bound to no queue serves all."""
    return (
        operator.client == demand.client
        and (operator.queues is None or not demand.queues.isdisjoint(operator.queues))
        and all(operator.skills.get(skill, 0) >= level for skill, level in demand.needs)
    )


def fits_now(operator: Operator, request: QueueRequest) -> bool:
    """Before any relaxation."""
    return fits(operator, stages(request)[0].demand)


def could_ever_fit(operator: Operator, request: QueueRequest) -> bool:
    """At once or after some relaxation step."""
    return any(fits(operator, stage.demand) for stage in stages(request))

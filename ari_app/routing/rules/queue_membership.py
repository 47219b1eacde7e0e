"""An operator bound to queues takes calls of these queues alone; one bound to none serves all."""

from ari_app.routing.demand import Demand
from ari_app.routing.operators import Signature

NAME = "queue_membership"


def excludes(signature: Signature, demand: Demand) -> str | None:
    """Why no operator of this signature may serve the demand, or None."""
    if signature.queues is None or not signature.queues.isdisjoint(demand.queues):
        return None
    return "not in queue " + " or ".join(sorted(demand.queues))

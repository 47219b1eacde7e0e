"""Better skilled operators serve faster: levels above the need count for a match."""

from ari_app.routing.demand import Demand
from ari_app.routing.operators import Signature

NAME = "level"


def score(signature: Signature, demand: Demand) -> float:
    """Mean level of the needed skills; 0 where nothing is needed."""
    if not demand.needs:
        return 0.0
    return sum(signature.level(skill) for skill, _ in demand.needs) / len(demand.needs)

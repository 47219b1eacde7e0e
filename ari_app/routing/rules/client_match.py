"""Operators serve the calls of their own client company alone (T1)."""

from ari_app.routing.demand import Demand
from ari_app.routing.operators import Signature

NAME = "client"


def excludes(signature: Signature, demand: Demand) -> str | None:
    """Why no operator of this signature may serve the demand, or None."""
    return None if signature.client == demand.client else "of another client"

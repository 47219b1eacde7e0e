"""What a rule about one pair, an operator's signature and a demand, looks like: a module in `rules/`."""

from typing import Protocol

from ari_app.routing.demand import Demand
from ari_app.routing.operators import Signature


class Filter(Protocol):
    """A hard requirement."""

    NAME: str

    def excludes(self, signature: Signature, demand: Demand) -> str | None:
        """Why no operator of this signature may serve the demand, or None."""
        ...


class Match(Protocol):
    """How well a pair fits, whatever else is going on; computed once per pair."""

    NAME: str

    def score(self, signature: Signature, demand: Demand) -> float:
        """More is better; finite."""
        ...

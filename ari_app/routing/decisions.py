"""What the routing index decides."""

from dataclasses import dataclass

from ari_app.model.ids import CallId, OperatorId
from ari_app.routing.explain import Explanation


@dataclass(frozen=True, slots=True)
class Assign:
    """Offer this call to this operator: both are taken out until told otherwise.

    `score` is the weight that won, comparable only within one decision. `step` counts the relaxation steps
    that had taken effect; `waited_s` is the time since the call entered the queue.
    """

    call: CallId
    operator: OperatorId
    score: float
    step: int
    waited_s: float
    why: Explanation | None = None
    """The choice as it stood, when tracing is on."""


Decision = Assign

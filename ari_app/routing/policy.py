"""What a supervisor may set: the order of each queue and the weights of the priced order."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from ari_app.model.ids import QueueId


class Order(enum.StrEnum):
    """Which of the idle operators who fit takes a new caller (R3)."""

    PRICED = "priced"
    LONGEST_IDLE = "longest_idle"
    BEST_SKILL = "best_skill"
    LEAST_USED = "least_used"
    STICKY = "sticky"
    RANDOM = "random"


@dataclass(frozen=True, slots=True)
class Policy:
    """The settings of the index; the defaults are what `benchmarks/routing` found best."""

    order: Order = Order.PRICED
    orders: Mapping[QueueId, Order] = field(default_factory=dict)
    """Orders of single queues; all others use `order`."""
    seed: int = 0
    """Of the random order: the same events and seed give the same decisions."""

    scarcity_weight: float = 2.0
    """Weight of the price of taking an operator whom other demands may need."""
    scarcity_ratio: float = 0.7
    """How fast that price falls with each further idle operator who could serve the other demand."""
    level_weight: float = 0.3
    """Bonus per level when a caller chooses among operators."""
    idle_weight: float = 0.0003
    """Bonus per second idle; raise it to spread the work more evenly, at some cost in service level."""

    priority_weight: float = 2.0
    """What one step of priority is worth, in units of waiting / target."""
    ageing_weight: float = 0.2
    """Waiting / target counts fully up to 1, and at this weight beyond: so nobody starves (R4)."""
    speed_weight: float = 25.0
    """In a crowd: bonus for serving sooner whom the freed operator serves faster, per learned log second."""
    crowd_from: int = 2
    """Up to so many calls competing for a freed operator the oldest comes first, whatever the levels (R6)."""
    crowd_full: int = 4
    """From so many on `speed_weight` counts fully."""
    fairness_weight: float = 3.0
    """In overload: bonus for a queue by the share of its recent calls that missed the target."""
    overload_from: int = 8
    """With more competing calls than so many `fairness_weight` begins to count."""
    overload_full: int = 12
    """From so many on it counts fully."""

    sticky_wait_s: float = 15.0
    """In a queue with the sticky order a returning caller waits this long for the preferred operator."""
    load_memory_s: float = 900.0
    """How far back the learned loads look (time constant)."""

    def order_of(self, queue: QueueId) -> Order:
        """The order of this queue."""
        return self.orders.get(queue, self.order)

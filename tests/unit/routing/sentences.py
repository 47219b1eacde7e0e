"""Events as sentences, and a table-top of one routing index."""

from ari_app.model.ids import DEFAULT_CLIENT, CallId, ClientId, OperatorId, QueueId, SkillId
from ari_app.model.routing import QueueRequest, RelaxStep, SkillNeed
from ari_app.routing import events as ev
from ari_app.routing.decisions import Assign
from ari_app.routing.index import RoutingIndex
from ari_app.routing.policy import Policy


def needs(**levels: int) -> tuple[SkillNeed, ...]:
    return tuple(SkillNeed(SkillId(skill), level) for skill, level in levels.items())


def step(after_s: float, *queues: str, **levels: int) -> RelaxStep:
    return RelaxStep(after_s, needs(**levels), tuple(QueueId(one) for one in queues))


def skills(**levels: int) -> dict[SkillId, int]:
    return {SkillId(skill): level for skill, level in levels.items()}


class Desk:
    """An index with a clock in hand; every method returns (call, operator) of what was decided."""

    def __init__(self, policy: Policy | None = None, *, trace: bool = False) -> None:
        self.index = RoutingIndex(policy, trace=trace)
        self.now = 0.0
        self.last: tuple[Assign, ...] = ()

    def tell(self, event: ev.Event) -> list[tuple[str, str]]:
        self.last = self.index.apply(event, self.now)
        return [(one.call, one.operator) for one in self.last]

    def at(self, now: float) -> "Desk":
        self.now = now
        return self

    def caller(
        self,
        call: str,
        queue: str = "help",
        *steps: RelaxStep,
        entered_at: float | None = None,
        priority: int = 0,
        preferred: str | None = None,
        preferred_wait_s: float = 0.0,
        outbound: bool = False,
        client: ClientId = DEFAULT_CLIENT,
        target_s: float = 20.0,
        **levels: int,
    ) -> list[tuple[str, str]]:
        request = QueueRequest(
            QueueId(queue),
            needs(**levels),
            steps,
            priority,
            None if preferred is None else OperatorId(preferred),
            preferred_wait_s,
            target_s,
            outbound,
            client,
        )
        entered = self.now if entered_at is None else entered_at
        return self.tell(ev.CallerWaiting(CallId(call), request, entered))

    def operator(
        self,
        operator: str,
        *queues: str,
        idle_since: float | None = None,
        client: ClientId = DEFAULT_CLIENT,
        **levels: int,
    ) -> list[tuple[str, str]]:
        bound = frozenset(QueueId(one) for one in queues) or None
        since = self.now if idle_since is None else idle_since
        return self.tell(ev.OperatorAvailable(OperatorId(operator), skills(**levels), since, bound, client))

    def operator_with(self, operator: str, **levels: int) -> list[tuple[str, str]]:
        return self.tell(ev.OperatorAvailable(OperatorId(operator), skills(**levels), self.now))

    def gone(self, operator: str, *, signed_out: bool = False) -> list[tuple[str, str]]:
        return self.tell(ev.OperatorGone(OperatorId(operator), signed_out))

    def left(self, call: str) -> list[tuple[str, str]]:
        return self.tell(ev.CallerLeft(CallId(call)))

    def failed(self, call: str, operator: str, excluded_s: float = 30.0) -> list[tuple[str, str]]:
        until = self.now + excluded_s
        return self.tell(ev.OfferFailed(CallId(call), OperatorId(operator), "missed", until))

    def tick(self) -> list[tuple[str, str]]:
        return self.tell(ev.Tick())

"""What must hold after any sequence of events: a random day at the desk, checked against a plain model."""

from dataclasses import dataclass, field

import hypothesis.strategies as st
from hypothesis import Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ari_app.model.ids import DEFAULT_CLIENT, CallId, ClientId, OperatorId, QueueId, SkillId
from ari_app.model.routing import QueueRequest, RelaxStep, SkillNeed
from ari_app.routing import events as ev
from ari_app.routing.decisions import Assign
from ari_app.routing.index import RoutingIndex
from ari_app.routing.policy import Order, Policy

SKILLS = [SkillId(one) for one in ("support", "sales")]
QUEUES = [QueueId(one) for one in ("help", "shop", "late")]
OPERATORS = [OperatorId(f"o{n}") for n in range(6)]
CLIENTS = [DEFAULT_CLIENT, ClientId("acme")]

levels = st.integers(0, 3)
owned = st.fixed_dictionaries({}, optional=dict.fromkeys(SKILLS, levels))
bound = st.none() | st.frozensets(st.sampled_from(QUEUES), max_size=2)
needed = st.lists(st.builds(SkillNeed, st.sampled_from(SKILLS), st.integers(0, 3)), max_size=2).map(tuple)
steps = st.lists(
    st.builds(
        RelaxStep,
        st.sampled_from([0.0, 5.0, 10.0, 30.0]),
        needed,
        st.lists(st.sampled_from(QUEUES), max_size=1).map(tuple),
    ),
    max_size=2,
).map(tuple)
requests = st.builds(
    QueueRequest,
    queue=st.sampled_from(QUEUES),
    needs=needed,
    steps=steps,
    priority=st.integers(0, 2),
    preferred=st.none() | st.sampled_from(OPERATORS),
    preferred_wait_s=st.sampled_from([0.0, 10.0]),
    outbound=st.booleans(),
    client=st.sampled_from(CLIENTS),
)


@dataclass
class Call:
    """A call as the plain model sees it."""

    request: QueueRequest
    entered_at: float
    offered_to: OperatorId | None = None
    excluded: dict[OperatorId, float] = field(default_factory=dict)


@dataclass
class Person:
    """An operator as the plain model sees him."""

    skills: dict[SkillId, int]
    queues: frozenset[QueueId] | None
    client: ClientId
    idle: bool


def fits(person: Person, call: Call, now: float) -> bool:
    """Whether the hard requirements in force at `now` allow this pair, by the definition of a request."""
    request = call.request
    need = {one.skill: one.min_level for one in request.needs}
    queues = {request.queue}
    for step in sorted(request.steps, key=lambda one: one.after_s):
        if now >= call.entered_at + step.after_s:
            need.update({one.skill: one.min_level for one in step.needs})
            queues.update(step.queues)
    return (
        person.client == request.client
        and (person.queues is None or bool(person.queues & queues))
        and all(person.skills.get(skill, 0) >= level for skill, level in need.items())
    )


class Desk(RuleBasedStateMachine):
    """Random operators, callers, refusals and clock."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.calls: dict[CallId, Call] = {}
        self.people: dict[OperatorId, Person] = {}
        self.count = 0

    @initialize(order=st.sampled_from(Order), trace=st.booleans())
    def open(self, order: Order, trace: bool) -> None:
        policy = Policy(order=order, seed=3)
        self.index = RoutingIndex(policy, trace=trace)
        self.twin = RoutingIndex(policy, trace=trace)

    def tell(self, event: ev.Event) -> None:
        decisions = self.index.apply(event, self.now)
        assert decisions == self.twin.apply(event, self.now), "the same events give the same decisions"
        for one in decisions:
            self.carry_out(one)

    def carry_out(self, one: Assign) -> None:
        call, person = self.calls[one.call], self.people[one.operator]
        assert call.offered_to is None, "a call is offered to one operator"
        assert person.idle, "never two calls at one operator"
        assert fits(person, call, self.now), "never below the needs in force"
        assert call.excluded.get(one.operator, -1.0) <= self.now, "not to an operator who just refused it"
        assert one.waited_s == self.now - call.entered_at, "the place in line is kept"
        call.offered_to = one.operator
        person.idle = False

    @rule(request=requests, ago=st.sampled_from([0.0, 0.0, 3.0, 20.0]))
    def caller_waits(self, request: QueueRequest, ago: float) -> None:
        self.count += 1
        call = CallId(f"c{self.count}")
        self.calls[call] = Call(request, self.now - ago)
        self.tell(ev.CallerWaiting(call, request, self.now - ago))

    @rule(operator=st.sampled_from(OPERATORS), skills=owned, queues=bound, client=st.sampled_from(CLIENTS))
    def operator_comes(
        self,
        operator: OperatorId,
        skills: dict[SkillId, int],
        queues: frozenset[QueueId] | None,
        client: ClientId,
    ) -> None:
        if any(one.offered_to == operator for one in self.calls.values()):
            return
        self.people[operator] = Person(skills, queues, client, idle=True)
        self.tell(ev.OperatorAvailable(operator, skills, self.now, queues, client))

    @rule(operator=st.sampled_from(OPERATORS), skills=owned, queues=bound)
    def operator_learns(
        self, operator: OperatorId, skills: dict[SkillId, int], queues: frozenset[QueueId] | None
    ) -> None:
        if operator in self.people:
            person = self.people[operator]
            person.skills, person.queues = skills, queues
        client = self.people[operator].client if operator in self.people else DEFAULT_CLIENT
        self.tell(ev.OperatorChanged(operator, skills, queues, client))

    @rule(operator=st.sampled_from(OPERATORS), signed_out=st.booleans())
    def operator_goes(self, operator: OperatorId, signed_out: bool) -> None:
        if operator in self.people:
            self.people[operator].idle = False
            if signed_out:
                del self.people[operator]
        for call in self.calls.values():
            if call.offered_to == operator and signed_out:
                return
        self.tell(ev.OperatorGone(operator, signed_out))

    @rule(nth=st.integers(0, 30))
    def caller_hangs_up(self, nth: int) -> None:
        if self.calls:
            call = list(self.calls)[nth % len(self.calls)]
            del self.calls[call]
            self.tell(ev.CallerLeft(call))

    @rule(nth=st.integers(0, 30), request=requests)
    def request_changes(self, nth: int, request: QueueRequest) -> None:
        if self.calls:
            call = list(self.calls)[nth % len(self.calls)]
            self.calls[call].request = request
            self.tell(ev.RequestChanged(call, request))

    @rule(nth=st.integers(0, 30), excluded_s=st.sampled_from([0.0, 7.0, 40.0]))
    def offer_fails(self, nth: int, excluded_s: float) -> None:
        offered = [call for call, one in self.calls.items() if one.offered_to is not None]
        if offered:
            call = offered[nth % len(offered)]
            one = self.calls[call]
            operator = one.offered_to
            assert operator is not None
            one.offered_to = None
            one.excluded[operator] = self.now + excluded_s
            self.tell(ev.OfferFailed(call, operator, "missed", self.now + excluded_s))

    @rule(nth=st.integers(0, 30), handled_s=st.sampled_from([0.0, 60.0, 400.0]))
    def contact_ends(self, nth: int, handled_s: float) -> None:
        offered = [call for call, one in self.calls.items() if one.offered_to is not None]
        if offered:
            call = offered[nth % len(offered)]
            operator = self.calls.pop(call).offered_to
            assert operator is not None
            self.tell(ev.OfferAnswered(call, operator))
            self.tell(ev.ContactEnded(operator, handled_s))
            if operator in self.people:
                person = self.people[operator]
                person.idle = True
                available = ev.OperatorAvailable(
                    operator, person.skills, self.now, person.queues, person.client
                )
                self.tell(available)

    @rule(spent=st.sampled_from([0.5, 5.0, 12.0, 60.0]))
    def time_passes(self, spent: float) -> None:
        wake = self.index.next_wake()
        assert wake is None or wake > self.now
        self.now += spent
        self.tell(ev.Tick())

    @rule(order=st.sampled_from(Order))
    def policy_changes(self, order: Order) -> None:
        self.tell(ev.PolicyChanged(Policy(order=order, seed=3)))

    @invariant()
    def no_caller_is_lost(self) -> None:
        for call, one in self.calls.items():
            why = self.index.explain(call, self.now)
            assert why is not None
            assert (why.waiting_because == "offered") == (one.offered_to is not None)
            estimate = self.index.estimate(call, self.now)
            assert (estimate is None) == (one.offered_to is not None)

    @invariant()
    def nobody_idles_while_a_caller_who_fits_waits(self) -> None:
        for call, one in self.calls.items():
            if one.offered_to is not None:
                continue
            why = self.index.explain(call, self.now)
            held = why is not None and why.waiting_because == "held_for_preferred"
            for operator, person in self.people.items():
                if (
                    person.idle
                    and fits(person, one, self.now)
                    and one.excluded.get(operator, -1.0) <= self.now
                ):
                    assert held, f"{call} waits although {operator} is idle and fits"
                    assert operator != one.request.preferred


TestDesk = Desk.TestCase
TestDesk.settings = settings(
    max_examples=60,
    stateful_step_count=40,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # shrinking a day takes minutes; it is printed as it is
)

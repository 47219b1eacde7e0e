"""Bring waiting calls and free operators together: the one writer of both.

Every method is synchronous and returns before anything else can run, so that no lock is needed and no two
calls meet at one operator. The pure routing index decides; the dispatcher reserves, remembers offers and
tells the calls (`deliver`). Time comes in as `now`; `due` says when `tick` wants to be called next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import msgspec
import structlog

from ari_app.dispatch.deadlines import Deadlines
from ari_app.dispatch.eligibility import could_ever_fit
from ari_app.dispatch.lines import Lines
from ari_app.dispatch.messages import Announced, Assigned, DispatchMessage, Reclassified, TurnedAway
from ari_app.dispatch.pause_limits import PauseLimits
from ari_app.dispatch.presence import Change, Presence
from ari_app.model.facts import OfferOutcome, OperatorStateChanged, RoutingDecided
from ari_app.model.ids import CallId, ClientId, OfferId, OperatorId, PromptId, QueueId
from ari_app.model.operator import Operator, OperatorState, Pending
from ari_app.model.queue import Queue
from ari_app.model.routing import QueueRequest
from ari_app.ports import Clock, IllegalTransition, Journal, NotFound, Stamped
from ari_app.routing import events as on
from ari_app.routing.decisions import Assign
from ari_app.routing.estimate import Estimate
from ari_app.routing.index import RoutingIndex
from ari_app.routing.policy import Policy

log = structlog.get_logger()

PHONE_FAULTS = frozenset({"unreachable", "phone_error"})


@dataclass(frozen=True, slots=True)
class Waiting:
    """A call in line: `entered_at` is its place and never changes while it waits."""

    call: CallId
    request: QueueRequest
    entered_at: float
    queue: Queue
    patient: bool = False
    """Nobody hears this call wait (a callback): it is neither refused as full or empty, nor ever too late."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A reserved operator and the call meant for him."""

    id: OfferId
    waiting: Waiting
    operator: OperatorId
    adopted: bool = False
    """Found on the PBX after a restart, or asked for by name: the index never heard of it."""
    direct: bool = False
    """Asked for by name (transfer, consultation): it never was in line, and failing does not put it there."""


class Dispatcher:
    """Owns operators, queues and offers."""

    def __init__(
        self,
        *,
        index: RoutingIndex,
        queues: Mapping[QueueId, Queue],
        clock: Clock,
        journal: Journal,
        deliver: Callable[[CallId, DispatchMessage], None],
        changed: Callable[[Presence, Change], None] = lambda _presence, _change: None,
        pauses: Mapping[str, float] | None = None,
    ) -> None:
        """`pauses`: reason of a pause → how many seconds it is meant to last."""
        self._index = index
        self.queues = dict(queues)
        self._clock = clock
        self._journal = journal
        self._deliver = deliver
        self._changed = changed
        self.operators: dict[OperatorId, Presence] = {}
        self.roster = 0
        """Grows when operators, or their skills and queues, change."""
        self.waiting: dict[CallId, Waiting] = {}
        """Read it freely; only `_join` and `_part` write it."""
        self._lines = Lines()
        self._leaves = Deadlines[CallId]()
        self._wrap_ups = Deadlines[OperatorId]()
        self.pause_limits = PauseLimits(pauses or {})
        self.offers: dict[OfferId, Offer] = {}
        self.closed: set[QueueId] = set()
        self.announcements: dict[QueueId, str] = {}
        """Emergency announcements in force: queue → prompt."""
        self._offer_count = 0
        self._in_index: set[OperatorId] = set()
        self._enrolled: set[OperatorId] = set()
        """Whom the index counts as signed in, available or not."""
        self._frozen = False
        self.wake: Callable[[], None] = lambda: None
        self.lasting: Callable[[Presence], None] = lambda _presence: None
        """Called with whoever something happened to: a restart may have to know."""
        self.decided: Callable[[float], None] = lambda _seconds: None
        """Told how long the index took for what became an offer."""

        self.thinned: Callable[[], None] = lambda: None
        """Called when somebody signed out, was removed or changed: perhaps nobody is left for some caller."""

    # -- calls -----------------------------------------------------------------------------------------------

    def enqueue(
        self, call: CallId, request: QueueRequest, entered_at: float, *, patient: bool = False
    ) -> None:
        """Put a call in line (or back in line: `entered_at` keeps the place). The answer is delivered."""
        queue = self.queues.get(request.queue) or Queue(request.queue, name=request.queue)
        refusal = self._refusal(queue, request, patient=patient)
        if refusal is not None:
            self._deliver(call, refusal)
            return
        self._join(Waiting(call, request, entered_at, queue, patient))
        self._apply(on.CallerWaiting(call, request, entered_at))
        if queue.id in self.announcements and call in self.waiting:
            self._deliver(call, Announced(PromptId(self.announcements[queue.id])))

    def leave(self, call: CallId) -> None:
        """The call no longer waits: it hung up, or the flow took it elsewhere. Unknown calls are no error."""
        if call in self.waiting:
            self._part(call)
            self._apply(on.CallerLeft(call))

    def turn_away(self, call: CallId, reason: Literal["empty", "closed", "timeout"]) -> None:
        """Let a waiting call go without an operator."""
        waiting = self.waiting.get(call)
        if waiting is not None:
            self.leave(call)
            self._deliver(call, self._away(waiting.queue.id, reason))

    def announce(self, queue: QueueId) -> None:
        """Let everybody who waits hear the queue's emergency announcement now."""
        prompt = self.announcements.get(queue)
        for waiting in [w for w in self.waiting.values() if w.queue.id == queue and prompt is not None]:
            self._deliver(waiting.call, Announced(PromptId(prompt or "")))

    def reclassify(self, call: CallId, request: QueueRequest, queue: Queue) -> None:
        """The configuration changed: the call, in line or offered, asks for this now; its place is kept."""
        waiting = self.waiting.get(call)
        if waiting is not None:
            self._part(call)
            self._join(replace(waiting, request=request, queue=queue))
        else:
            for offer in [one for one in self.offers.values() if one.waiting.call == call]:
                new = replace(offer.waiting, request=request, queue=queue)
                self.offers[offer.id] = replace(offer, waiting=new)
        self._deliver(call, Reclassified(request))
        self._apply(on.RequestChanged(call, request))

    def set_policy(self, policy: Policy) -> None:
        """New orders and weights; nobody loses a place."""
        self._apply(on.PolicyChanged(policy))

    def set_pauses(self, limits: Mapping[str, float]) -> None:
        """How long pauses are meant to last from now on, those that go on among them."""
        self.pause_limits.configure(limits)
        for presence in self.operators.values():
            self.pause_limits.note(presence)
        self.wake()

    def position(self, call: CallId) -> int:
        """Place in line among those of the same queue; 1 is next, 0 is not waiting."""
        mine = self.waiting.get(call)
        if mine is None:
            return 0
        return 1 + self._lines.ahead(mine.queue.id, mine.request.priority, mine.entered_at)

    def estimate(self, call: CallId) -> float | None:
        """Expected remaining wait in seconds; None while there is no honest number."""
        found = self.outlook(call)
        return None if found is None else found.wait_s

    def outlook(self, call: CallId) -> Estimate | None:
        """The estimate with the error that it has had lately; None for a call that does not wait."""
        return self._index.estimate(call, self._clock.now())

    def inbound_waiting(self, request: QueueRequest, *, idle: bool = False) -> int:
        """How many inbound callers in line may be served by operators who fit this demand (R14)."""
        return self._index.inbound_waiting(request, idle=idle)

    # -- offers ----------------------------------------------------------------------------------------------

    def ringing(self, offer: OfferId) -> None:
        """The operator's phone is being called."""
        self._with_offer(offer, lambda presence, now: presence.ring(now))

    def connected(self, offer: OfferId) -> None:
        """The operator answered. The offer stays until `finished`: it is the talk now."""
        self._with_offer(offer, lambda presence, now: presence.connect(now))
        known = self.offers.get(offer)
        if known is not None and not known.adopted:
            self._apply(on.OfferAnswered(known.waiting.call, known.operator))

    def held(self, offer: OfferId, *, held: bool) -> None:
        self._with_offer(offer, lambda presence, now: presence.hold(held, now))

    def failed(self, offer_id: OfferId, outcome: OfferOutcome, *, missed: bool = False) -> None:
        """The offer came to nothing. Unless the caller is gone he stays in line, at his old place.

        `missed`: the phone rang long enough, and the caller is gone because nobody answered it.
        """
        offer = self.offers.pop(offer_id, None)
        if offer is None:
            return
        now = self._clock.now()
        waiting, presence = offer.waiting, self.operators.get(offer.operator)
        if offer.direct:
            log.debug("dispatch.direct_offer_failed", call_id=waiting.call, outcome=outcome)
        elif outcome == "caller_gone":
            self._apply(on.CallerLeft(waiting.call))
        else:
            self._back_in_line(offer, outcome, now)
        if presence is not None and presence.offer == offer_id:
            blamed: OfferOutcome = "missed" if missed else outcome
            self._commit(presence, self._blame(presence, blamed, waiting.queue, now))

    def finished(self, offer_id: OfferId) -> None:
        """The talk is over: wrap-up, then available."""
        offer = self.offers.pop(offer_id, None)
        presence = self.operators.get(offer.operator) if offer else None
        if offer is None or presence is None or presence.offer != offer_id:
            return
        wrap_up_s = offer.waiting.queue.wrap_up_s
        wrap_up_s = presence.operator.wrap_up_s if wrap_up_s is None else wrap_up_s
        now = self._clock.now()
        self._apply(on.ContactEnded(offer.operator, now - presence.since + wrap_up_s))
        owes = offer.waiting.call if offer.waiting.queue.form_required else None
        self._commit(presence, presence.finish(now, wrap_up_s, owes=owes))

    def form_written(self, call: CallId) -> None:
        """What came of a call is written down: whoever owed it may take the next one."""
        for presence in self.operators.values():
            if call in {presence.owes, presence.call}:
                self._commit(presence, presence.wrote(call, self._clock.now()))

    def adopt(self, offer: Offer, state: OperatorState, reason: str = "resumed") -> None:
        """After a restart: the pair is ringing or talking already."""
        presence = self.operators.get(offer.operator)
        if presence is not None:
            self.offers[offer.id] = offer
            now, call = self._clock.now(), offer.waiting.call
            self._commit(presence, presence.adopt(offer.id, call, state, now, reason))

    def take(self, operator: OperatorId, call: CallId, queue: Queue, client: ClientId) -> Assigned:
        """The operator placed this call himself: it is his, with the wrap-up and the form of this queue.

        A pause goes on after it. Raises `NotFound`, `IllegalTransition` while he has a call of ours.
        """
        presence, now = self.presence(operator), self._clock.now()
        if presence.offer is not None:
            raise IllegalTransition(f"operator {operator} is on call {presence.call}")
        if presence.state is OperatorState.PAUSED:
            presence.after = Pending(OperatorState.PAUSED, presence.reason, "phone")
        waiting = Waiting(call, QueueRequest(queue.id, client=client), now, queue)
        offer = Offer(self.new_offer_id(call), waiting, operator, adopted=True)
        self.adopt(offer, OperatorState.TALKING, "own call")
        return Assigned(offer.id, operator, queue, 0.0, 0)

    def new_offer_id(self, call: CallId) -> OfferId:
        """An id that never was: offers outlive a restart with their calls, so milliseconds count them."""
        self._offer_count = max(self._offer_count + 1, int(self._clock.now() * 1000))
        return OfferId(f"{call}.o{self._offer_count}")

    # -- operators -------------------------------------------------------------------------------------------

    def add_operator(self, presence: Presence) -> None:
        """A new operator, or one remembered from before a restart."""
        self.operators[presence.operator.id] = presence
        self.roster += 1
        self._place(presence)

    def change_operator(self, operator: Operator) -> None:
        """New skills, queues or name; a call in progress is not disturbed."""
        presence = self.presence(operator.id)
        presence.operator = operator
        self.roster += 1
        if operator.enabled and operator.id in self._enrolled:  # who waits for him goes on waiting
            self._apply(
                on.OperatorChanged(operator.id, operator.skills, _queues_of(operator), operator.client)
            )
        else:
            self._withdraw(operator.id, for_good=True)
        self._place(presence)
        self.thinned()

    def remove_operator(self, operator: OperatorId) -> None:
        self._withdraw(operator, for_good=True)
        self._wrap_ups.set(operator, None)
        self.pause_limits.forget(operator)
        self.roster += 1
        del self.operators[operator]
        self.thinned()

    def presence(self, operator: OperatorId) -> Presence:
        """Raises `NotFound`."""
        presence = self.operators.get(operator)
        if presence is None:
            raise NotFound(f"there is no operator {operator}")
        return presence

    def act(self, operator: OperatorId, change: Callable[[Presence, float], list[Change]]) -> Presence:
        """Let something happen to an operator: `change(presence, now)` is a method of `Presence`.

        Raises `NotFound`, `IllegalTransition`.
        """
        presence = self.presence(operator)
        self._commit(presence, change(presence, self._clock.now()))
        return presence

    def freeze(self, *, frozen: bool) -> None:
        """While the PBX is out of sight nobody is given a call: the offer could not be made, nor be heard of.

        Who waits keeps his place; afterwards everybody who is free is offered at once.
        """
        if frozen is self._frozen:
            return
        self._frozen = frozen
        log.info("dispatch.frozen" if frozen else "dispatch.thawed", waiting=len(self.waiting))
        for presence in list(self.operators.values()):
            self._place(presence)

    # -- time ------------------------------------------------------------------------------------------------

    def tick(self) -> None:
        """Let time pass: wrap-ups end, requirements relax, callers who waited too long leave."""
        now = self._clock.now()
        for operator in self._wrap_ups.due(now):
            presence = self.operators[operator]
            self._commit(presence, presence.wrap_up_due(now))
        for presence, fact in self.pause_limits.over(now, self.operators):
            self._journal.put_facts([Stamped(now, fact, None, presence.operator.client)])
            log.info("operator.pause_overran", operator=fact.operator, reason=fact.reason)
        for call in self._leaves.due(now):
            self.turn_away(call, "timeout")
        self._apply(on.Tick())

    def due(self) -> float | None:
        """When `tick` is wanted next, epoch seconds; None: nothing is pending."""
        pending = (
            self._wrap_ups.next(),
            self.pause_limits.next(),
            self._leaves.next(),
            self._index.next_wake(),
        )
        return min((at for at in pending if at is not None), default=None)

    def explain(self, call: CallId) -> dict[str, Any] | None:
        """Why this call still waits (R10); None when it does not."""
        why = self._index.explain(call, self._clock.now()) if call in self.waiting else None
        return None if why is None else msgspec.to_builtins(why)

    # -- inside ----------------------------------------------------------------------------------------------

    def _refusal(self, queue: Queue, request: QueueRequest, *, patient: bool) -> TurnedAway | None:
        if queue.id in self.closed:
            return self._away(queue.id, "closed")
        if patient:
            return None
        if queue.max_waiting is not None and self._lines.length(queue.id) >= queue.max_waiting:
            return TurnedAway("full")
        if queue.when_empty == "leave" and not self.anybody_for(request):
            return TurnedAway("empty")
        return None

    def anybody_for(self, request: QueueRequest) -> bool:
        """Whether somebody is signed in who could serve this at once or after a relaxation step."""
        return any(
            presence.signed_in and could_ever_fit(presence.operator, request)
            for presence in self.operators.values()
        )

    def _away(self, queue: QueueId, reason: Literal["empty", "closed", "timeout"]) -> TurnedAway:
        prompt = self.announcements.get(queue) if reason == "closed" else None
        return TurnedAway(reason, None if prompt is None else PromptId(prompt))

    def _join(self, waiting: Waiting) -> None:
        self.waiting[waiting.call] = waiting
        self._lines.join(waiting.queue.id, waiting.call, waiting.request.priority, waiting.entered_at)
        self._leaves.set(waiting.call, _leaves_at(waiting))

    def _part(self, call: CallId) -> Waiting:
        waiting = self.waiting.pop(call)
        self._lines.part(waiting.queue.id, call, waiting.request.priority, waiting.entered_at)
        self._leaves.set(call, None)
        return waiting

    def _apply(self, event: on.Event) -> None:
        now, began = self._clock.now(), self._clock.monotonic()
        decisions = self._index.apply(event, now)
        if decisions:
            self.decided(self._clock.monotonic() - began)
        for decision in decisions:
            self._reserve(decision, now)
        self.wake()

    def _reserve(self, decision: Assign, now: float) -> None:
        waiting, presence = self._part(decision.call), self.operators[decision.operator]
        self._in_index.discard(decision.operator)
        offer = Offer(self.new_offer_id(decision.call), waiting, decision.operator)
        self.offers[offer.id] = offer
        if decision.why is not None:
            fact = RoutingDecided(msgspec.to_builtins(decision.why))
            self._journal.put_facts([Stamped(now, fact, decision.call, waiting.request.client)])
        self._commit(presence, presence.reserve(offer.id, decision.call, now))
        self._deliver(
            decision.call,
            Assigned(offer.id, decision.operator, waiting.queue, decision.score, decision.step),
        )

    def _back_in_line(self, offer: Offer, outcome: OfferOutcome, now: float) -> None:
        waiting = offer.waiting
        self._join(waiting)
        if offer.adopted:
            self._apply(on.CallerWaiting(waiting.call, waiting.request, waiting.entered_at))
            return
        excluded_until = now if outcome == "cancelled" else now + waiting.queue.retry_s
        self._apply(on.OfferFailed(waiting.call, offer.operator, outcome, excluded_until))

    def _blame(self, presence: Presence, outcome: OfferOutcome, queue: Queue, now: float) -> list[Change]:
        """What a failed offer means for the operator: his fault, his phone's, or nobody's."""
        if outcome in PHONE_FAULTS:
            return presence.fail(now, outcome)
        if outcome in {"missed", "rejected", "busy", "unconfirmed"}:
            return presence.miss(now, outcome, queue.miss_limit)
        return presence.release(now)

    def _with_offer(self, offer_id: OfferId, change: Callable[[Presence, float], list[Change]]) -> None:
        offer = self.offers.get(offer_id)
        presence = self.operators.get(offer.operator) if offer else None
        if presence is not None and presence.offer == offer_id:
            self._commit(presence, change(presence, self._clock.now()))

    def _commit(self, presence: Presence, changes: Iterable[Change]) -> None:
        for change in changes:
            operator = change.operator
            fact = OperatorStateChanged(operator.id, change.old, change.new, change.reason, change.by)
            self._journal.put_facts([Stamped(presence.since, fact, presence.call, operator.client)])
            routine = change.by == "router" and change.new is not OperatorState.PAUSED
            tell = log.debug if routine else log.info  # what each call does stands in the facts
            tell("operator.state_changed", operator=operator.id, old=change.old, new=change.new,
                 reason=change.reason, by=change.by)  # fmt: skip
            self._changed(presence, change)
        self.lasting(presence)
        self._place(presence)
        if not presence.signed_in:
            self.thinned()

    def _place(self, presence: Presence) -> None:
        """Keep the index in step: an operator is in it exactly while available."""
        operator = presence.operator
        self._wrap_ups.set(operator.id, presence.wrap_up_until)
        self.pause_limits.note(presence)
        if presence.state is OperatorState.AVAILABLE and operator.enabled and not self._frozen:
            if operator.id not in self._in_index:
                self._in_index.add(operator.id)
                self._enrolled.add(operator.id)
                queues, idle_since = _queues_of(operator), presence.idle_since
                self._apply(
                    on.OperatorAvailable(operator.id, operator.skills, idle_since, queues, operator.client)
                )
        else:
            self._withdraw(operator.id, for_good=not presence.signed_in)
        self.wake()

    def _withdraw(self, operator: OperatorId, *, for_good: bool) -> None:
        """No calls for this one now; `for_good`: signed out, so that nobody waits for him either."""
        known = self._enrolled if for_good else self._in_index
        if operator in known:
            self._in_index.discard(operator)
            if for_good:
                self._enrolled.discard(operator)
            self._apply(on.OperatorGone(operator, signed_out=for_good))


def _leaves_at(waiting: Waiting) -> float | None:
    limit = waiting.queue.max_wait_s
    return None if limit is None or waiting.patient else waiting.entered_at + limit


def _queues_of(operator: Operator) -> frozenset[QueueId] | None:
    return None if operator.queues is None else frozenset(operator.queues)

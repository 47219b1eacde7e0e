"""One operator's day: the state machine behind the states of P2.

Everything that changes an operator's state lives in this file. What a change means for routing, the fallback
queue and the console is read from the `Change` it returns. It knows no clock and no socket.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ari_app.model.ids import CallId, ChannelId, OfferId, OperatorId
from ari_app.model.operator import LEGAL, Operator, OperatorState, Pending
from ari_app.ports import IllegalTransition

S = OperatorState

ON_A_CALL = frozenset({S.RESERVED, S.RINGING, S.TALKING, S.ON_HOLD})
AWAY = frozenset({S.PAUSED, S.SIGNED_OUT, S.UNREACHABLE})


@dataclass(frozen=True, slots=True)
class Change:
    """An interval that ended (`old`, from `since`) and the state that began."""

    operator: Operator
    old: OperatorState
    old_reason: str
    since: float
    new: OperatorState
    reason: str
    by: str

    @property
    def is_of_a_call(self) -> bool:
        """Only a call came or went: the operator is neither more nor less there than before."""
        states = {self.old, self.new}
        return not ON_A_CALL.isdisjoint(states) and AWAY.isdisjoint(states)


@dataclass(slots=True)
class Presence:
    """An operator's live state. `now` is epoch seconds; methods return the changes they made, in order."""

    operator: Operator
    state: OperatorState = S.SIGNED_OUT
    reason: str = ""
    since: float = 0.0
    reachable: bool = False
    idle_since: float = 0.0
    """When the last call (or sign-in) ended: longest idle first counts from here."""
    offer: OfferId | None = None
    call: CallId | None = None
    own_calls: set[ChannelId] = field(default_factory=set)
    """Channels of the operator's phone that we did not offer."""
    misses: int = 0
    """Offers in a row that were not answered."""
    after: Pending | None = None
    """What was asked for during a call, to become true after it."""
    wrap_up_until: float | None = None
    """When the paper work of the last call is over; it holds while the phone is away or calls somebody."""
    clocked_in: bool = False
    owes: CallId | None = None
    """The call whose form must be written before the next one comes."""
    written: CallId | None = None
    """The call whose form was written while it went on."""
    phone: OperatorId | None = None
    """Where the operator sits, if not at the own phone (hot-desk): the extension of that phone."""

    @property
    def signed_in(self) -> bool:
        return self.state is not S.SIGNED_OUT

    # -- what people ask for ---------------------------------------------------------------------------------

    def sign_in(self, now: float, by: str) -> list[Change]:
        """Available, or `unreachable` until the phone is there. Being signed in already is no error."""
        if self.state in ON_A_CALL or self.state is S.WRAP_UP:
            return []
        return self._free(now, "signed in", by)

    def ready(self, now: float, by: str) -> list[Change]:
        """End a pause or wrap-up. Raises `IllegalTransition` when signed out."""
        if self.state is S.SIGNED_OUT:
            raise IllegalTransition(f"operator {self.operator.id} is signed out: sign in first")
        if self.state in ON_A_CALL:
            self.after = None
            return []
        if self.owes is not None:
            raise IllegalTransition(f"operator {self.operator.id} has to write down call {self.owes} first")
        self.after = self.wrap_up_until = None
        return self._free(now, "ready", by)

    def pause(self, now: float, reason: str, by: str) -> list[Change]:
        """Pause now, or after the call that is going on. A new reason splits the interval."""
        if self.state is S.SIGNED_OUT:
            raise IllegalTransition(f"operator {self.operator.id} is signed out: sign in first")
        if self.state in ON_A_CALL:
            self.after = Pending(S.PAUSED, reason, by)
            return []
        self.after = self.wrap_up_until = None
        if self.state is S.PAUSED and self.reason == reason:
            return []
        return self._to(S.PAUSED, now, reason, by)

    def sign_out(self, now: float, by: str) -> list[Change]:
        """Sign out now, or after the call that is going on."""
        if self.state in ON_A_CALL:
            self.after = Pending(S.SIGNED_OUT, "signed out", by)
            return []
        self.after = self.wrap_up_until = None
        if self.state is S.SIGNED_OUT:
            return []
        return self._to(S.SIGNED_OUT, now, "signed out", by)

    # -- what the dispatcher and the telephone tell ----------------------------------------------------------

    def reserve(self, offer: OfferId, call: CallId, now: float) -> list[Change]:
        """Taken for an offer. Raises `IllegalTransition` unless available: two calls never meet here."""
        changes = self._to(S.RESERVED, now, "offer", "router")
        self.offer, self.call = offer, call
        return changes

    def take(self, offer: OfferId, call: CallId, now: float, *, back: bool) -> list[Change]:
        """Taken for a call by name. `back`: a caller who comes back to him, for which a wrap-up is cut short.

        Raises `IllegalTransition` unless available.
        """
        freed: list[Change] = []
        if back and self.state is S.WRAP_UP and self.reachable and not self.own_calls:
            self.owes = self.wrap_up_until = None
            freed = self._free(now, "caller came back", "router")
        if self.state is not S.AVAILABLE:
            raise IllegalTransition(f"operator {self.operator.id} is {self.state.value}")
        return [*freed, *self.reserve(offer, call, now)]

    def join(self, offer: OfferId, call: CallId, now: float) -> list[Change]:
        """In a talk by an own act (fetched a parked caller, took a call over), from whatever state."""
        if self.state in ON_A_CALL and self.offer is not None:
            raise IllegalTransition(f"operator {self.operator.id} is {self.state.value}")
        if self.state in {S.PAUSED, S.SIGNED_OUT} and self.after is None:
            self.after = Pending(self.state, self.reason, "router")
        return self.adopt(offer, call, S.TALKING, now, "call")

    def ring(self, now: float) -> list[Change]:
        return self._to(S.RINGING, now, "offer", "router") if self.state is S.RESERVED else []

    def connect(self, now: float) -> list[Change]:
        """The operator answered the offer."""
        self.misses = 0
        return self._to(S.TALKING, now, "call", "router") if self.state in {S.RESERVED, S.RINGING} else []

    def hold(self, held: bool, now: float) -> list[Change]:  # noqa: FBT001
        new = S.ON_HOLD if held else S.TALKING
        return self._to(new, now, "call", "phone") if self.state in {S.TALKING, S.ON_HOLD} - {new} else []

    def release(self, now: float) -> list[Change]:
        """An offer came to nothing through no fault of the operator: available as before, idle time kept."""
        self.offer = self.call = None
        return self._after_call(now, "offer withdrawn", restart_idle=False)

    def miss(self, now: float, reason: str, limit: int) -> list[Change]:
        """The phone was not answered; after `limit` misses in a row the operator is paused."""
        self.offer = self.call = None
        self.misses += 1
        if self.misses >= limit and self.after is None:
            self.after = Pending(S.PAUSED, reason, "router")
        return self._after_call(now, reason, restart_idle=True)

    def fail(self, now: float, reason: str) -> list[Change]:
        """The phone could not be reached: no more offers until it is seen again."""
        self.offer = self.call = None
        self.reachable = False
        return self._after_call(now, reason, restart_idle=False)

    def finish(self, now: float, wrap_up_s: float, *, owes: CallId | None = None) -> list[Change]:
        """The talk is over: wrap-up, or what was asked for meanwhile. `owes`: its form is to be written."""
        self.offer = self.call = None
        self.idle_since = now
        self.owes = None if owes == self.written else owes
        if self.after is not None or (wrap_up_s <= 0 and self.owes is None):
            return self._after_call(now, "call ended", restart_idle=True)
        self.wrap_up_until = now + wrap_up_s
        return self._to(S.WRAP_UP, now, "call ended", "router")

    def extend_wrap_up(self, now: float, seconds: float) -> list[Change]:
        """More time for the paper work. Raises `IllegalTransition` outside wrap-up."""
        if self.state is not S.WRAP_UP:
            raise IllegalTransition(f"operator {self.operator.id} is not in wrap-up")
        self.wrap_up_until = max(self.wrap_up_until or now, now) + seconds
        return []

    def wrap_up_due(self, now: float) -> list[Change]:
        """Call it when time has passed: ends the wrap-up whose time is over."""
        if self.wrap_up_until is None or now < self.wrap_up_until:
            return []
        self.wrap_up_until = None
        if self.state is not S.WRAP_UP or self.owes is not None:
            return []
        return self._free(now, "wrap-up over", "router")

    def wrote(self, call: CallId, now: float) -> list[Change]:
        """The form of a call is written: a wrap-up whose time was over before ends."""
        if self.call == call:
            self.written = call
        if self.owes != call:
            return []
        self.owes = None
        over = self.state is S.WRAP_UP and self.wrap_up_until is None
        return self._free(now, "form written", "operator") if over else []

    def reach(self, reachable: bool, now: float) -> list[Change]:  # noqa: FBT001
        """The phone registered, or was lost."""
        self.reachable = reachable
        if reachable and self.state is S.UNREACHABLE:
            return self._after_call(now, "phone registered", by="phone", restart_idle=False)
        if not reachable and self.state in {S.AVAILABLE, S.WRAP_UP}:
            return self._to(S.UNREACHABLE, now, "phone lost", "phone")
        return []

    def took_phone(self, channel: ChannelId, now: float) -> list[Change]:
        """The operator calls somebody, or is called past the router: busy for the router."""
        self.own_calls.add(channel)
        if self.state in {S.AVAILABLE, S.WRAP_UP}:
            return self._to(S.TALKING, now, "own call", "phone")
        return []

    def put_phone_down(self, channel: ChannelId, now: float) -> list[Change]:
        """The last own call ended: as before it."""
        self.own_calls.discard(channel)
        if self.own_calls or self.state is not S.TALKING or self.offer is not None:
            return []
        return self._after_call(now, "own call ended", restart_idle=True)

    def adopt(
        self, offer: OfferId, call: CallId, state: OperatorState, now: float, reason: str = "resumed"
    ) -> list[Change]:
        """On that call already, whatever we remember: after a restart, or by the operator's own doing."""
        self.offer, self.call, self.reachable, self.wrap_up_until = offer, call, True, None
        if self.state is state:
            return []
        change = Change(self.operator, self.state, self.reason, self.since, state, reason, "router")
        self.state, self.reason, self.since = state, reason, now
        return [change]

    # -- inside ----------------------------------------------------------------------------------------------

    def _after_call(self, now: float, reason: str, *, restart_idle: bool, by: str = "router") -> list[Change]:
        if restart_idle:
            self.idle_since = now
        if self.after is not None:
            asked, self.after, self.wrap_up_until = self.after, None, None
            return self._to(asked.state, now, asked.reason, asked.by)
        return self._free(now, reason, by)

    def _free(self, now: float, reason: str, by: str) -> list[Change]:
        """Nothing holds the operator but the phone, the rest of a wrap-up, or a form that is owed."""
        if self.wrap_up_until is not None and now >= self.wrap_up_until:
            self.wrap_up_until = None
        if self.own_calls:
            new = S.TALKING
        elif not self.reachable:
            new = S.UNREACHABLE
        elif self.owes is not None or self.wrap_up_until is not None:
            new = S.WRAP_UP
        else:
            new = S.AVAILABLE
        if self.state is new:
            return []
        if self.state in {S.SIGNED_OUT, S.PAUSED}:
            self.idle_since = now
            self.misses = 0
        return self._to(new, now, reason, by)

    def _to(self, new: OperatorState, now: float, reason: str, by: str) -> list[Change]:
        if new not in LEGAL[self.state]:
            raise IllegalTransition(f"operator {self.operator.id}: {self.state} cannot become {new}")
        change = Change(self.operator, self.state, self.reason, self.since, new, reason, by)
        self.state, self.reason, self.since = new, reason, now
        return [change]

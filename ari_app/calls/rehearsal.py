"""Rehearsals: real calls through a flow, a draft too, in a made-up world (C5).

Line, voice, keys and recordings are real; queues, operators, look-ups, transfers, cases and the clock are
what the one who rehearses says they are, so that no operator is rung, nothing is promised and nothing is left
behind. Only whoever may change flows starts one, and it begins in two ways alone: a phone that we call, or a
call from a test phone that was named beforehand, to a number made up for this one call. No trunk's call ever
gets in.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Collection
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import structlog

from ari_app.calls.placing import Begin
from ari_app.dispatch.messages import DispatchMessage
from ari_app.flow import engine
from ari_app.flow.book import FlowBook
from ari_app.flow.problems import Mark
from ari_app.flow.scenario.script import Step
from ari_app.flow.scenario.world import Stage, World, change
from ari_app.model.call import CallRecord
from ari_app.model.commands import KeepMessage
from ari_app.model.facts import CallStarted, Fact
from ari_app.model.ids import CallId, ChannelId, FlowId
from ari_app.model.signals import AnySignal, CallArrived
from ari_app.model.telephony import CallEntered
from ari_app.ports import Clock, IllegalTransition, NotFound, Outcome, Refusal, Telephony

if TYPE_CHECKING:
    from ari_app.calls.session import Session

log = structlog.get_logger()

DIRECTION = "rehearsal"
MOST = 40
"""Rehearsals at once; more are refused."""
UNUSED_S = 60.0
"""One that nobody calls is forgotten after this long, one that is over likewise."""
RING_S = 30.0
State = Literal["waiting", "ringing", "live", "ended", "unanswered"]
NUMBER = "7357"
"""What the numbers of test calls begin with."""

_VALUES: dict[str, Any] = {
    "lookup_answers": Any,
    "lookup_fails": Literal["timeout", "not_found", "error", "garbage"],
    "transfer_ends": Literal["answered", "busy", "no_answer", "rejected", "unreachable", "failed"],
    "breaks": Literal["recording", "callback", "protocol"],
    "queue_status": dict[Literal["position", "estimate_s"], float | None],
    "speaks": float,
    "operator_connects": str | None,
    "operator_hangs_up": None,
    "queue_refuses": Literal["full", "empty", "closed", "timeout"],
}
"""What may be done to the world of a rehearsal, with the type of each value."""


class Rehearsal:
    """One rehearsed call, from being announced to some time after its end."""

    def __init__(self, book: FlowBook, flow: FlowId, arrived: CallArrived, world: World) -> None:
        self.id = secrets.token_hex(16)
        self.number = NUMBER + "".join(secrets.choice("0123456789") for _ in range(14))
        self.phone = ""
        self.book = book
        self.flow = flow
        self.arrived = arrived
        self.stage = Stage(world)
        self.shift_s = 0.0
        """Added to the clock that the flow reads."""
        self.asks = False
        """Whether look-ups ask the real world."""
        self.keep: Callable[[Session, KeepMessage], Awaitable[None]] | None = None
        """Takes what was recorded; else it is thrown away."""
        self.state: State = "waiting"
        self.since = 0.0
        self.moves = 0
        self.facts: list[tuple[float, Fact]] = []
        self.session: Session | None = None
        self._changed = asyncio.Event()

    async def begin(self, session: Session) -> None:
        """The call is there: the flow begins."""
        self.session, self.state = session, "live"
        session.rehearsal = self
        session.tell(CallStarted(self.arrived.caller, self.arrived.called, DIRECTION))
        await session.rehearse(engine.start(self.book, self.flow, self.arrived, session.flow_now()))

    def note(self, fact: Fact, at: float) -> None:
        """Something of the trace."""
        self.facts.append((at, fact))
        self.wake()

    def wake(self) -> None:
        """Something changed: whoever watches looks again."""
        self._changed.set()

    async def await_change(self, seen: tuple[int, int], timeout_s: float) -> None:
        """Until there are more facts or moves than `seen`, or it is over, or the time is."""
        try:
            async with asyncio.timeout(timeout_s):
                while (len(self.facts), self.moves) == seen and self.state not in {"ended", "unanswered"}:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return

    def over(self, state: State, now: float) -> None:
        """No more will come of it."""
        if self.state not in {"ended", "unanswered"}:
            self.state, self.since = state, now
        self.wake()

    async def act(self, act: str, value: Any) -> None:
        """Change the world, or let something happen. Raises `Refusal` for what is no such act."""
        if act not in _VALUES:
            raise Refusal(f"`{act[:40]}` is nothing that happens to a rehearsal")
        try:
            value = msgspec.convert(value, _VALUES[act])
        except msgspec.ValidationError as error:
            raise Refusal(f"`{act}`: {error}") from error
        if change(self.stage.world, Step(act, value, Mark())):
            return
        session = self.session
        if session is None or session.ended:
            raise IllegalTransition("the call is not there (any more)")
        await self._happen(session, act, value)

    async def _happen(self, session: Session, act: str, value: Any) -> None:
        stage = self.stage
        if act == "operator_hangs_up":
            if not stage.talking:
                raise IllegalTransition("no operator is on the line")
            session.later(stage.leave())
            return
        if stage.queue is None:
            raise IllegalTransition("the caller is in no queue")
        if act == "operator_connects":
            await session.services.telephony.stop_music(session.record.channel)
            session.later(stage.connect(value or "1001"))
        else:
            session.later(stage.refuse(value))

    def view(self, after: int) -> dict[str, Any]:
        """All that is known of it now; facts from number `after` on."""
        session, stage = self.session, self.stage
        state = session.engine if session is not None else None
        return {
            "id": self.id,
            "state": self.state,
            "flow": self.flow,
            "number": self.number,
            "phone": self.phone,
            "call_id": None if session is None else session.record.id,
            "facts": [{"at": at, **msgspec.to_builtins(fact)} for at, fact in self.facts[after:]],
            "next": len(self.facts),
            "moves": self.moves,
            "node": "" if state is None else state.node,
            "playing": state is not None and bool(state.playing),
            "language": "" if state is None else state.language,
            "variables": {} if state is None else msgspec.to_builtins(state.variables),
            "talking": stage.talking,
            "queue": None if stage.queue is None else msgspec.to_builtins(stage.queue),
            "kept": [msgspec.to_builtins(kept) for kept in stage.kept],
            "booked": [msgspec.to_builtins(booked) for booked in stage.booked],
            "transfers": [msgspec.to_builtins(transfer) for transfer in stage.transfers],
            "consent": stage.consent,
        }


class Rehearsals:
    """All rehearsals of the installation; a `Placer`, because their calls belong to it."""

    def __init__(self, telephony: Telephony, clock: Clock, phones: Collection[str]) -> None:
        """`phones` are the accounts from which test calls may come: never a trunk."""
        self._telephony = telephony
        self._clock = clock
        self._phones = frozenset(phones)
        self._all: dict[str, Rehearsal] = {}

    # --- for people -------------------------------------------------------------------------------------

    def get(self, ident: str) -> Rehearsal:
        """Raises `NotFound`."""
        found = self._all.get(ident)
        if found is None:
            raise NotFound(f"rehearsal {ident[:40]} does not exist")
        return found

    def expect(self, rehearsal: Rehearsal, phone: str) -> None:
        """Serve the next call from this test phone to the rehearsal's number. Raises `Refusal`."""
        if phone not in self._phones:
            raise Refusal(f"`{phone[:40]}` is no test phone; they are named in RAMAL_TEST_PHONES")
        rehearsal.phone = phone
        self._add(rehearsal)

    async def ring(self, rehearsal: Rehearsal, number: str, shows: str, *, operator: bool) -> None:
        """Call a phone; who answers is in the flow. Raises `Refusal` when the PBX does not dial."""
        rehearsal.phone, rehearsal.state = number, "ringing"
        self._add(rehearsal)
        call = CallId(rehearsal.id)
        client = rehearsal.arrived.client
        ring = self._telephony.ring_operator if operator else self._telephony.dial
        done = await ring(ChannelId(call), number, call=call, client=client, shows=shows, ring_s=RING_S)
        if done in {Outcome.REFUSED, Outcome.GONE}:
            rehearsal.over("unanswered", self._clock.now())
            raise Refusal(f"{number} cannot be called")
        log.info("rehearsal.ringing", rehearsal=rehearsal.id, flow=rehearsal.flow)

    def end(self, rehearsal: Rehearsal) -> None:
        """Nobody is interested any more: a live call goes on to its own end, one to come is forgotten."""
        if rehearsal.state == "waiting":
            rehearsal.over("unanswered", self._clock.now())
            self._all.pop(rehearsal.id, None)

    def _add(self, rehearsal: Rehearsal) -> None:
        now = self._clock.now()
        for old in list(self._all.values()):
            if old.state != "live" and now - old.since > UNUSED_S:
                del self._all[old.id]
        if len(self._all) >= MOST:
            raise Refusal(f"there are {MOST} rehearsals already; wait until one is over")
        rehearsal.since = now
        self._all[rehearsal.id] = rehearsal

    # --- Placer -----------------------------------------------------------------------------------------

    def deliver(self, call: CallId, message: DispatchMessage) -> bool:
        """The dispatcher knows nothing of rehearsals."""
        del call, message
        return False

    def entered(self, event: CallEntered) -> tuple[CallRecord, Begin] | None:
        """A phone that we rang was answered, or the announced test call came."""
        rehearsal = self._all.get(event.call) or self._called(event)
        if rehearsal is None or rehearsal.state not in {"waiting", "ringing"}:
            return None
        answered = self._clock.now() if event.direction == "outbound" else None
        record = CallRecord(
            id=event.call,
            channel=event.channel,
            caller=rehearsal.arrived.caller,
            called=rehearsal.arrived.called,
            started_at=self._clock.now(),
            direction=DIRECTION,
            client=rehearsal.arrived.client,
            answered_at=answered,
        )
        return record, rehearsal.begin

    def _called(self, event: CallEntered) -> Rehearsal | None:
        """The one that waits for this number from this phone."""
        if event.direction != "inbound" or event.endpoint not in self._phones:
            return None
        found = (r for r in self._all.values() if r.number == event.called and r.phone == event.endpoint)
        return next((each for each in found if each.state == "waiting"), None)

    def channel_answered(self, channel: ChannelId) -> None:
        """Told again when the call enters."""

    def channel_ended(self, channel: ChannelId, cause: int) -> None:
        """A phone that was rung did not answer."""
        rehearsal = self._all.get(channel)
        if rehearsal is not None and rehearsal.state == "ringing":
            log.info("rehearsal.unanswered", rehearsal=rehearsal.id, cause=cause)
            rehearsal.over("unanswered", self._clock.now())

    def call_ended(self, record: CallRecord) -> None:
        """The rehearsed call has its final state."""
        for rehearsal in self._all.values():
            if rehearsal.session is not None and rehearsal.session.record.id == record.id:
                rehearsal.over("ended", self._clock.now())


def later_signal(session: Session, after_s: float, signal: AnySignal) -> None:
    """The world's answer comes after a while."""

    async def wait() -> None:
        await asyncio.sleep(after_s)
        session.later(signal)

    session.beside(wait())

"""A call centre in jumping time: the real sessions, dispatcher, flow and router on a fake telephone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from ari_app.calls.exchange import Exchange
from ari_app.calls.reconcile import Reconciler
from ari_app.calls.services import Answering, Services
from ari_app.calls.slots import Slots
from ari_app.calls.supervision import Supervision
from ari_app.calls.toll import TollGate
from ari_app.calls.toll_accounts import Entry
from ari_app.dispatch.dispatcher import Dispatcher
from ari_app.dispatch.presence import Presence
from ari_app.dispatch.timekeeper import keep_time
from ari_app.flow.book import FlowBook
from ari_app.flow.parse import parse_flow
from ari_app.flow.problems import Problems
from ari_app.flow.site import QueueConfig, Site
from ari_app.model.call import CallRecord
from ari_app.model.commands import KeepMessage, Lookup
from ari_app.model.ids import (
    DEFAULT_CLIENT,
    CallId,
    ClientId,
    FlowId,
    OperatorId,
    Protocol,
    QueueId,
    SkillId,
)
from ari_app.model.operator import Operator, OperatorState
from ari_app.model.queue import Queue
from ari_app.model.recording import RecordingLeg, RecordingPolicy, Tape
from ari_app.model.routing import QueueRequest
from ari_app.model.signals import LookupCompleted
from ari_app.routing.index import RoutingIndex
from tests.fakes.deck import FakeDeck
from tests.fakes.journal import MemoryJournal
from tests.fakes.loop import LoopClock
from tests.fakes.telephone import FakeTelephone

FLOW = """
flow: main
language: pt-BR
start: menu
nodes:
  menu:
    type: menu
    prompt: menu/main-options
    timeout_s: 5
    retries: 1
    keys: {1: sales, 2: support, 3: tale}
    on: {timeout: support, invalid: support}
  sales: {type: enqueue, queue: sales, on: {otherwise: bye}}
  support: {type: enqueue, queue: support, on: {otherwise: bye}}
  bye: {type: hangup}
  tale: {type: play, prompt: menu/repeat, next: tale-2}
  tale-2: {type: play, prompt: menu/repeat, next: tale-3}
  tale-3: {type: play, prompt: menu/repeat, next: tale-4}
  tale-4: {type: play, prompt: menu/repeat, next: tale-5}
  tale-5: {type: play, prompt: menu/repeat, next: support}
"""
QUEUES = {
    QueueId("sales"): Queue(QueueId("sales"), ring_s=15, wrap_up_s=2, max_wait_s=120, retry_s=5),
    QueueId("support"): Queue(QueueId("support"), ring_s=15, wrap_up_s=2, retry_s=5),
}
OPERATORS = ("1001", "1002")


class NoRecorder:
    """Records nothing; counts what would have been made whole."""

    def __init__(self) -> None:
        self.finished: list[str] = []
        self.tapes: list[Tape] = []
        self.held: list[float | None] = []
        self.thrown: list[str] = []
        self.has_room = True
        self.taped: float | None = None

    def room(self) -> bool:
        return self.has_room

    def finish(self, record: CallRecord, legs: tuple[RecordingLeg, ...], tape: Tape, *, lost: bool) -> None:
        del legs, lost
        self.tapes.append(tape)
        self.finished.append(record.id)

    def hold_last(self, call: CallId, seconds: float | None) -> None:
        del call
        self.held.append(seconds)

    def taped_s(self, call: CallId) -> float | None:
        del call
        return self.taped

    def throw_away(self, call: CallId) -> None:
        self.thrown.append(call)


class NoWork:
    """No messages, cases or callbacks: the flow of these stories makes none. `broken_off`: cut by the PBX."""

    def __init__(self) -> None:
        self.broken_off: list[CallId] = []

    def dropped(self, record: CallRecord, request: QueueRequest) -> None:
        assert request.queue == record.queue
        self.broken_off.append(record.id)

    def keep(self, record: CallRecord, file: str, command: KeepMessage) -> None:
        raise AssertionError(f"{record.id}: {file} {command}")

    def issue(self, record: CallRecord, kind: str) -> Protocol:
        raise AssertionError(f"{record.id}: {kind}")

    async def case_of(self, protocol: str) -> None:
        raise AssertionError(protocol)


class NoLookups:
    async def ask(self, command: Lookup) -> LookupCompleted:
        return LookupCompleted(command.lookup, ok=False, error="none here")


async def nobody(_record: CallRecord) -> None:
    """Nobody called before."""


def flow_book() -> FlowBook:
    problems = Problems("main.yaml")
    flow = parse_flow(FLOW, "main.yaml", problems)
    assert flow is not None, problems.found
    site = Site(
        queues={"sales": QueueConfig(name="s"), "support": QueueConfig(name="t")}, default_queue="support"
    )
    return FlowBook.of([flow], site)


class World:
    """What outlives the application (telephone, journal) and one life of it after another."""

    def __init__(self, telephone: FakeTelephone | None = None, operators: Sequence[str] = OPERATORS) -> None:
        self.telephone = telephone or FakeTelephone()
        self.staff = operators
        self.journal = MemoryJournal()
        self.clock = LoopClock()
        self.book = flow_book()
        self.deck = FakeDeck()
        self.recorder = NoRecorder()
        self.policy = RecordingPolicy()
        self.callbacks = NoWork()
        self.not_to_be_called: set[str] = set()
        self.outside_calls = self.book.site.outside_calls
        self.toll_notes: dict[CallId, Entry] = {}
        self.toll: TollGate
        self.dispatcher: Dispatcher
        self.exchange: Exchange
        self.supervision: Supervision
        self._life: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """The application starts: reads the store, reconciles, serves."""
        started = asyncio.Event()
        self._life = asyncio.create_task(self._live(started))
        waiting = asyncio.create_task(started.wait())
        await asyncio.wait({self._life, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if self._life.done():
            self._life.result()  # it died at its start: say why

    async def kill(self) -> None:
        """SIGKILL: nothing is said or written any more."""
        self.telephone.listen(None)
        self.journal.crash()
        if self._life is not None:
            sessions = list(self.exchange.sessions.values())
            for session in sessions:
                session.ended = True  # a killed process writes no last words
            self._life.cancel()
            await asyncio.gather(self._life, return_exceptions=True)
            self._life = None
        self.journal.crash()

    async def _live(self, started: asyncio.Event) -> None:
        self.exchange = exchange = Exchange()
        self.toll = TollGate(lambda: self.outside_calls, self._toll_noted)
        self.toll.remember(sorted(self.toll_notes.values(), key=lambda entry: entry.at))
        self.dispatcher = Dispatcher(
            index=RoutingIndex(),
            queues=QUEUES,
            clock=self.clock,
            journal=self.journal,
            deliver=exchange.deliver,
        )
        for extension in self.staff:
            operator = Operator(OperatorId(extension), extension, {SkillId("any"): 1})
            self.dispatcher.add_operator(
                Presence(operator, state=OperatorState.AVAILABLE, reachable=True, since=self.clock.now())
            )
        reconciler = Reconciler(exchange, self.telephone, self.journal.live())
        async with asyncio.TaskGroup() as tasks:
            exchange.open(self._services(), tasks)
            tasks.create_task(keep_time(self.dispatcher, self.clock))
            await self.before(tasks)
            self.telephone.listen(exchange.on_event)
            await reconciler.run()
            await self.after()
            started.set()

    def _toll_noted(self, entry: Entry) -> None:
        self.toll_notes[entry.call] = entry

    async def before(self, tasks: asyncio.TaskGroup) -> None:
        """What else an application does before it hears the telephone."""

    async def after(self) -> None:
        """What else it does when calls are reconciled."""

    def _services(self) -> Services:
        self.supervision = Supervision(
            telephony=self.telephone,
            dispatcher=self.dispatcher,
            sessions=self.exchange.sessions,
            journal=self.journal,
            clock=self.clock,
        )
        return Services(
            telephony=self.telephone,
            dispatcher=self.dispatcher,
            journal=self.journal,
            clock=self.clock,
            book=lambda: self.book,
            flow_of=lambda called: Answering(FlowId("main"), DEFAULT_CLIENT) if called == "5000" else None,
            recorder=self.recorder,
            deck=self.deck,
            recording_policy=lambda _record: self.policy,
            messages=NoWork(),
            cases=NoWork(),
            case_of=NoWork().case_of,
            callbacks=self.callbacks,  # type: ignore[arg-type]
            placers=(),
            lookups=NoLookups(),
            last_operator=nobody,
            supervision=self.supervision,
            on_dnc=self._on_dnc,
            toll=self.toll,
            slots=Slots(),
            estimate=lambda _call: None,
            lasts=lambda sounds: self.telephone.prompt_s * len(sounds),
        )

    async def _on_dnc(self, client: ClientId, number: str) -> bool:
        del client
        return number in self.not_to_be_called

    async def settle(self, seconds: float, commit: Callable[[], bool] = lambda: True) -> None:
        """Let time pass; the journal commits unless told otherwise."""
        await asyncio.sleep(seconds)
        if commit():
            self.journal.commit()

"""Runs flows: a signal in; the new state, commands and facts out. No clock, no I/O, no surprise.

A *sprint* runs from one wait to the next. An author's mistake never leaves the caller in silence: it becomes
a `FlowFault` and the call goes down the ladder of safe exits (the flow's own, the built-in one, hanging up).
Source of the shape: nyaruka/goflow's `continueUntilWait`.
"""

from __future__ import annotations

import msgspec

from ari_app.flow import safe
from ari_app.flow.book import FlowBook
from ari_app.flow.flow import Flow, conform
from ari_app.flow.node import END, SAFE, Descend, Finish, Leave, Return, Step, Wait
from ari_app.flow.state import Armed, Frame, State, StateUnreadable, decode, encode
from ari_app.flow.turn import GUARD, FlowError, Turn
from ari_app.model.commands import Command, HangUp, StartTimer
from ari_app.model.facts import (
    Fact,
    FlowEnded,
    FlowEntered,
    FlowFault,
    NodeEntered,
    NodeLeft,
    PromptFailed,
    WaitStarted,
)
from ari_app.model.ids import FlowId, FlowVersion, NodeId, PlaybackId
from ari_app.model.signals import (
    AnySignal,
    CallArrived,
    CallerHungUp,
    DigitReceived,
    PlaybackFinished,
    Resumed,
    TimerFired,
)

__all__ = ["Sprint", "State", "StateUnreadable", "advance", "decode", "encode", "rescue", "start"]

MAX_STEPS = 100
MAX_DEPTH = 8
_LAST_RESORT_S = 14_400.0
_KEYS = frozenset("0123456789*#ABCD")


class Sprint(msgspec.Struct, frozen=True):
    """What one signal led to, up to the next wait."""

    state: State
    commands: tuple[Command, ...]
    facts: tuple[Fact, ...]


def start(book: FlowBook, flow_id: FlowId, arrived: CallArrived, now: float) -> Sprint:
    """Begin a call. A flow that does not exist leads to the built-in safe exit, with a fact that says so."""
    flow = book.flow(flow_id)
    turn = Turn(book, _first_state(book, flow_id, flow, arrived, now), now)
    if flow is None:
        return _run(turn, _fall(turn, f"no flow `{flow_id}`"))
    arguments: dict[str, object] = {
        name: value
        for name, value in arrived.variables.items()
        if name in flow.variables and flow.variables[name].type == "text"
    }
    try:
        step = _open(turn, flow, arguments)
    except FlowError as error:
        step = _fall(turn, str(error))
    return _run(turn, step)


def advance(book: FlowBook, state: State, signal: AnySignal, now: float) -> Sprint:
    """Go on after a signal; a finished call takes none."""
    if state.finished:
        return Sprint(state, (), ())
    turn = Turn(book, state, now)
    if not _locate(turn):
        if isinstance(signal, CallerHungUp):
            turn.timers.clear()
            return _sprint(turn, None, finished=True)
        return _run(turn, _fall(turn, f"flow `{turn.frames[-1].flow}` is not in the book in this version"))
    try:
        step = _deliver(turn, signal)
    except FlowError as error:
        step = _fall(turn, str(error))
    return _run(turn, step)


def rescue(book: FlowBook, state: State | None, arrived: CallArrived, error: str, now: float) -> Sprint:
    """Take a caller to the built-in safe exit after a fault of ours (unreadable state, a bug in a node)."""
    if state is None or not state.frames:
        state = _first_state(book, safe.FLOW, None, arrived, now)
    if state.finished:
        return Sprint(state, (), ())
    turn = Turn(book, state, now)
    turn.quiet()
    turn.change(rung=max(1, state.rung))
    return _run(turn, _fall(turn, error))


def _first_state(
    book: FlowBook, flow_id: FlowId, flow: Flow | None, arrived: CallArrived, now: float
) -> State:
    pins = book.pins(flow) if flow is not None else {}
    flows = [flow, *(book.flow(name) for name in pins)]
    return State(
        frames=(),
        called=arrived.called,
        caller=arrived.caller,
        caller_name=arrived.caller_name,
        direction=arrived.direction,
        client=arrived.client,
        language=arrived.language or (flow.language if flow is not None else safe.LANGUAGE),
        started_at=now,
        root=(flow_id, flow.version if flow is not None else FlowVersion("")),
        pins=pins,
        masks=any(each.secretive for each in flows if each is not None),
    )


def _locate(turn: Turn) -> bool:
    """Find the flow and node the call is in; False when the book does not have them."""
    frame = turn.frames[-1]
    flow = safe.flow_of(turn.book) if frame.flow == safe.FLOW else turn.book.flow(frame.flow, frame.version)
    placed = None if flow is None else flow.nodes.get(frame.node)
    if flow is None or placed is None:
        return False
    turn.flow, turn.placed = flow, placed
    return True


# --- signals ----------------------------------------------------------------------------------------------


def _deliver(turn: Turn, signal: AnySignal) -> Step:
    """Keep the books for a signal (keys, playback, timers), then let the node decide."""
    wait = turn.state.wait
    if wait is None:
        raise FlowError("the call waits for nothing")
    node = turn.placed.node
    match signal:
        case CallerHungUp():
            return _caller_gone(turn, wait, signal)
        case Resumed():
            return _resume(turn, wait)
        case DigitReceived(digit) if digit in _KEYS:
            turn.press(digit, secret=wait.stage == "secret" or (turn.state.masks and not node.LISTENS))
        case DigitReceived():
            return wait
        case PlaybackFinished(playback, failed):
            if playback != turn.playing:
                return wait
            turn.played()
            if failed:
                turn.tell(PromptFailed(turn.placed.id))
        case TimerFired(unique):
            return _timer_fired(turn, wait, unique)
        case _:
            pass
    return node.receive(turn, wait, signal)


def _caller_gone(turn: Turn, wait: Wait, signal: CallerHungUp) -> Finish:
    """Nothing can be played any more; the node may still keep what it has (a message, say)."""
    turn.change(queued=False, music=False)
    turn.playing = ""
    turn.timers.clear()
    turn.placed.node.receive(turn, wait, signal)
    turn.timers.clear()
    return Finish(0)


def _timer_fired(turn: Turn, wait: Wait, unique: str) -> Step:
    """A timer that was replaced or cancelled meanwhile is ignored; the guard ends a lost playback."""
    armed = next((timer for timer in turn.timers.values() if timer.unique == unique), None)
    if armed is None:
        return wait
    del turn.timers[armed.name]
    if armed.name != GUARD:
        return turn.placed.node.receive(turn, wait, TimerFired(armed.name))
    return turn.placed.node.receive(turn, wait, _lost_playback(turn))


def _lost_playback(turn: Turn) -> PlaybackFinished:
    finished = PlaybackFinished(PlaybackId(turn.playing), failed=True)
    turn.stop()
    turn.tell(PromptFailed(turn.placed.id))
    return finished


def _resume(turn: Turn, wait: Wait) -> Step:
    """After a restart no timer, playback or music of before runs: start them anew for this wait."""
    turn.playing = ""
    turn.change(music=False)
    for armed in list(turn.timers.values()):
        if armed.name == GUARD:
            del turn.timers[GUARD]
            continue
        left = max(0.1, armed.due - turn.now)
        turn.timers[armed.name] = Armed(armed.name, armed.unique, turn.now + left)
        turn.do(StartTimer(armed.unique, left))
    return turn.placed.node.resume(turn, wait)


# --- steps ------------------------------------------------------------------------------------------------


def _run(turn: Turn, step: Step) -> Sprint:
    """Take steps until the call waits or is over."""
    steps = 0
    while not isinstance(step, Wait):
        if isinstance(step, Finish):
            return _finished(turn, step)
        steps += 1
        try:
            if steps > MAX_STEPS and turn.get("rung") < 3:
                steps -= 20
                step = _fall(turn, f"more than {MAX_STEPS} steps without a wait: a loop?")
            else:
                step = _take(turn, step)
        except FlowError as error:
            step = _fall(turn, str(error))
    return _waiting(turn, step)


def _take(turn: Turn, step: Leave | Descend | Return) -> Step:
    match step:
        case Leave(exit_name):
            return _leave(turn, exit_name)
        case Descend(flow_id, arguments):
            called = turn.book.flow(FlowId(flow_id), turn.state.pins.get(FlowId(flow_id)))
            if called is None:
                raise FlowError(f"no flow `{flow_id}`")
            if len(turn.frames) >= MAX_DEPTH:
                raise FlowError(f"sub-flows nested deeper than {MAX_DEPTH}")
            return _open(turn, called, arguments)
        case Return(exit_name):
            turn.tell(NodeLeft(turn.flow.id, turn.placed.id, exit_name, END))
            return _close(turn, exit_name)


def _leave(turn: Turn, exit_name: str) -> Step:
    placed = turn.placed
    turn.quiet()
    target = placed.exits.get(exit_name)
    if target is None:
        raise FlowError(f"the exit `{exit_name}` leads nowhere")
    turn.tell(NodeLeft(turn.flow.id, placed.id, exit_name, target))
    if target == END:
        return _close(turn, "next")
    if target == SAFE:
        return _safe_step(turn)
    return _enter(turn, NodeId(target))


def _enter(turn: Turn, node_id: NodeId) -> Step:
    frame = turn.frames[-1]
    turn.frames[-1] = Frame(frame.flow, frame.version, node_id, frame.variables)
    turn.placed = turn.flow.nodes[node_id]
    turn.tell(NodeEntered(turn.flow.id, node_id, turn.placed.type))
    return turn.placed.node.enter(turn)


def _open(turn: Turn, flow: Flow, arguments: dict[str, object]) -> Step:
    variables = {name: variable.default for name, variable in flow.variables.items()}
    for name, value in arguments.items():
        held = conform(flow.variables[name].type, value) if name in flow.variables else None
        if held is None and not (name in flow.variables and flow.variables[name].type == "json"):
            raise FlowError(f"the argument `{name}` does not fit flow `{flow.id}`")
        variables[name] = held
    turn.frames.append(Frame(flow.id, flow.version, flow.start, variables))
    turn.flow = flow
    turn.tell(FlowEntered(flow.id, flow.version))
    return _enter(turn, flow.start)


def _close(turn: Turn, exit_name: str) -> Step:
    """A flow is over: back to the flow that called it, or the call's end."""
    turn.tell(FlowEnded(turn.flow.id))
    if len(turn.frames) == 1:
        return Finish(16, told=True)
    finished = turn.frames.pop()
    if not _locate(turn):
        raise FlowError(f"flow `{turn.frames[-1].flow}` is not in the book in this version")
    return turn.placed.node.returned(turn, exit_name, finished.variables)


# --- the ladder of safe exits -----------------------------------------------------------------------------


def _fall(turn: Turn, error: str) -> Step:
    """Note the fault and take the next rung of the ladder."""
    turn.tell(FlowFault(turn.frames[-1].node if turn.frames else NodeId(""), error[:500]))
    return _safe_step(turn)


def _safe_step(turn: Turn) -> Step:
    turn.quiet()
    turn.flush()
    rung: int = turn.get("rung")
    if rung == 0:
        turn.change(rung=1)
        while turn.frames:
            if _locate(turn) and turn.flow.safe_exit is not None:
                return _guarded(turn, turn.flow.safe_exit)
            if len(turn.frames) == 1:
                break
            turn.frames.pop()
    if turn.get("rung") == 1:
        turn.change(rung=2)
        turn.frames = []
        flow = safe.flow_of(turn.book)
        try:
            return _open(turn, flow, {})
        except FlowError as error:
            turn.tell(FlowFault(flow.start, str(error)))
    turn.change(rung=3)
    return Finish(41)


def _guarded(turn: Turn, node_id: NodeId) -> Step:
    try:
        return _enter(turn, node_id)
    except FlowError as error:
        return _fall(turn, str(error))


# --- the sprint's end -------------------------------------------------------------------------------------


def _waiting(turn: Turn, wait: Wait) -> Sprint:
    if not turn.timers:
        turn.timer(GUARD, _LAST_RESORT_S)
    if wait != turn.state.wait or turn.placed.id != turn.state.node:
        timeout = min(timer.due for timer in turn.timers.values()) - turn.now
        turn.tell(WaitStarted(turn.placed.id, wait.stage, round(timeout, 3)))
    return _sprint(turn, wait, finished=False)


def _finished(turn: Turn, step: Finish) -> Sprint:
    turn.quiet()
    if step.cause:
        turn.do(HangUp(step.cause))
    if turn.frames and not step.told:
        turn.tell(NodeLeft(turn.flow.id, turn.placed.id, "hangup" if step.cause else "hung_up", END))
        for frame in reversed(turn.frames):
            turn.tell(FlowEnded(frame.flow))
    return _sprint(turn, None, finished=True)


def _sprint(turn: Turn, wait: Wait | None, *, finished: bool) -> Sprint:
    state = msgspec.structs.replace(
        turn.state,
        frames=tuple(turn.frames),
        wait=wait,
        timers=tuple(turn.timers.values()),
        serial=turn.serial,
        typeahead=turn.typeahead,
        digits=turn.digits,
        playing=turn.playing,
        finished=finished,
        **turn.changes,
    )
    return Sprint(state, tuple(turn.commands), tuple(turn.facts))

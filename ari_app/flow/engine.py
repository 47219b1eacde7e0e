"""Runs flows: a signal in; the new state, commands and facts out. No clock, no I/O, no surprise.

A *sprint* runs from one wait to the next. Source of the shape: nyaruka/goflow's `continueUntilWait`.
"""

from __future__ import annotations

from ari_app.flow import safe
from ari_app.flow.book import FlowBook
from ari_app.flow.flow import Flow
from ari_app.flow.node import Finish, Step, Wait
from ari_app.flow.state import Armed, State, StateUnreadable, decode, encode
from ari_app.flow.steps import Sprint, fall, finished, locate, open_flow, run
from ari_app.flow.turn import GUARD, FlowError, Turn
from ari_app.model.commands import StartTimer
from ari_app.model.facts import PromptFailed
from ari_app.model.ids import FlowId, FlowVersion, PlaybackId
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

_KEYS = frozenset("0123456789*#ABCD")


def start(book: FlowBook, flow_id: FlowId, arrived: CallArrived, now: float) -> Sprint:
    """Begin a call. A flow that does not exist leads to the built-in safe exit, with a fact that says so."""
    flow = book.flow(flow_id)
    turn = Turn(book, _first_state(book, flow_id, flow, arrived, now), now)
    if flow is None:
        return run(turn, fall(turn, f"no flow `{flow_id}`"))
    arguments: dict[str, object] = {
        name: value
        for name, value in arrived.variables.items()
        if name in flow.variables and flow.variables[name].type == "text"
    }
    try:
        step = open_flow(turn, flow, arguments)
    except FlowError as error:
        step = fall(turn, str(error))
    return run(turn, step)


def advance(book: FlowBook, state: State, signal: AnySignal, now: float) -> Sprint:
    """Go on after a signal; a finished call takes none."""
    if state.finished:
        return Sprint(state, (), ())
    turn = Turn(book, state, now)
    if not locate(turn):
        if isinstance(signal, CallerHungUp):
            return finished(turn)
        return run(turn, fall(turn, f"flow `{turn.frames[-1].flow}` is not in the book in this version"))
    try:
        step = _deliver(turn, signal)
    except FlowError as error:
        step = fall(turn, str(error))
    return run(turn, step)


def rescue(book: FlowBook, state: State | None, arrived: CallArrived, error: str, now: float) -> Sprint:
    """Take a caller to the built-in safe exit after a fault of ours (unreadable state, a bug in a node)."""
    if state is None or not state.frames:
        state = _first_state(book, safe.FLOW, None, arrived, now)
    if state.finished:
        return Sprint(state, (), ())
    turn = Turn(book, state, now)
    turn.quiet()
    turn.change(rung=max(1, state.rung))
    return run(turn, fall(turn, error))


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
                if node.ASKS:
                    raise FlowError("a question could not be played: nobody waits in silence for an answer")
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

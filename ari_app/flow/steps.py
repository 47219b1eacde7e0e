"""What happens between two waits: nodes entered and left, flows opened and closed, the ladder of safe exits.

An author's mistake never leaves the caller in silence: it becomes a `FlowFault` and the call goes down the
ladder (the flow's own safe exit, the built-in one, hanging up).
"""

from __future__ import annotations

import msgspec

from ari_app.flow import safe
from ari_app.flow.flow import Flow, conform
from ari_app.flow.node import END, SAFE, Descend, Finish, Leave, Return, Step, Wait
from ari_app.flow.state import Frame, State
from ari_app.flow.turn import GUARD, FlowError, Turn
from ari_app.model.commands import Command, HangUp
from ari_app.model.facts import Fact, FlowEnded, FlowEntered, FlowFault, NodeEntered, NodeLeft, WaitStarted
from ari_app.model.ids import FlowId, NodeId

MAX_STEPS = 100
MAX_DEPTH = 8
_LAST_RESORT_S = 14_400.0


class Sprint(msgspec.Struct, frozen=True):
    """What one signal led to, up to the next wait."""

    state: State
    commands: tuple[Command, ...]
    facts: tuple[Fact, ...]


def locate(turn: Turn) -> bool:
    """Find the flow and node the call is in; False when the book does not have them."""
    frame = turn.frames[-1]
    flow = safe.flow_of(turn.book) if frame.flow == safe.FLOW else turn.book.flow(frame.flow, frame.version)
    placed = None if flow is None else flow.nodes.get(frame.node)
    if flow is None or placed is None:
        return False
    turn.flow, turn.placed = flow, placed
    return True


def run(turn: Turn, step: Step) -> Sprint:
    """Take steps until the call waits or is over."""
    steps = 0
    while not isinstance(step, Wait):
        if isinstance(step, Finish):
            return _finished(turn, step)
        steps += 1
        try:
            if steps > MAX_STEPS and turn.get("rung") < 3:
                steps -= 20
                step = fall(turn, f"more than {MAX_STEPS} steps without a wait: a loop?")
            else:
                step = _take(turn, step)
        except FlowError as error:
            step = fall(turn, str(error))
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
            return open_flow(turn, called, arguments)
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


def open_flow(turn: Turn, flow: Flow, arguments: dict[str, object]) -> Step:
    """Let a flow steer the call. Raises `FlowError` for arguments that do not fit."""
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
    if not locate(turn):
        raise FlowError(f"flow `{turn.frames[-1].flow}` is not in the book in this version")
    return turn.placed.node.returned(turn, exit_name, finished.variables)


# --- the ladder of safe exits -----------------------------------------------------------------------------


def fall(turn: Turn, error: str) -> Step:
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
            if locate(turn) and turn.flow.safe_exit is not None:
                return _guarded(turn, turn.flow.safe_exit)
            if len(turn.frames) == 1:
                break
            turn.frames.pop()
    if turn.get("rung") == 1:
        turn.change(rung=2)
        turn.frames = []
        flow = safe.flow_of(turn.book)
        try:
            return open_flow(turn, flow, {})
        except FlowError as error:
            turn.tell(FlowFault(flow.start, str(error)))
    turn.change(rung=3)
    return Finish(41)


def _guarded(turn: Turn, node_id: NodeId) -> Step:
    try:
        return _enter(turn, node_id)
    except FlowError as error:
        return fall(turn, str(error))


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


def finished(turn: Turn) -> Sprint:
    """The sprint of a caller who hung up on a flow that is lost: nothing is left to be done."""
    turn.timers.clear()
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

"""Run scenarios in virtual time and tell where one went another way than its author meant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from ari_app.flow.book import FlowBook
from ari_app.flow.problems import Mark
from ari_app.flow.scenario.line import Line, LookupAnswer, World
from ari_app.flow.scenario.script import Scenario, Step, start_time
from ari_app.model.facts import Fact, FlowFault, NodeEntered, NodeLeft, PromptPlayed
from ari_app.model.ids import FlowId, Language
from ari_app.model.signals import CallArrived, CallerHungUp, Resumed

PATIENCE_S = 900.0
_FAILURES = {
    "timeout": LookupAnswer(error="timeout"),
    "not_found": LookupAnswer(status=404),
    "error": LookupAnswer(status=500),
    "garbage": LookupAnswer(error="not JSON"),
}


class Failure(msgspec.Struct, frozen=True):
    """A step that did not come true; `way` is the end of the call's trace, for people."""

    file: str
    scenario: str
    mark: Mark
    message: str
    way: tuple[str, ...] = ()


class Result(msgspec.Struct, frozen=True):
    """How a scenario went: the failure, if any, and every fact for coverage."""

    scenario: Scenario
    failure: Failure | None
    facts: tuple[Fact, ...]


class _StepError(Exception):
    """A step did not come true."""


def run(book: FlowBook, flow: FlowId, scenario: Scenario, durations: Mapping[str, float]) -> Result:
    """Play one scenario to its last step."""
    head = scenario.head
    parsed = book.flow(flow)
    now = start_time(head.time, parsed.timezone if parsed is not None else "UTC") or 0.0
    language = None if head.language is None else Language(head.language)
    arrived = CallArrived(called=head.called, caller=head.caller, language=language)
    world = World(durations=dict(durations))
    prepared = _prepare(world, scenario.steps)
    line = Line(book, flow, arrived, now, world)
    player = _Player(line)
    failure: Failure | None = None
    for step in scenario.steps[prepared:]:
        try:
            player.take(step)
        except _StepError as error:
            failure = Failure(scenario.file, scenario.name, step.mark, str(error), _way(line))
            break
    failure = failure or _afterwards(scenario, line)
    return Result(scenario, failure, tuple(fact for _, fact in line.facts))


def _prepare(world: World, steps: tuple[Step, ...]) -> int:
    """Steps at the beginning that only say how the world is are true before the call comes in."""
    for count, step in enumerate(steps):
        if not _change(world, step):
            return count
    return len(steps)


def _change(world: World, step: Step) -> bool:
    """Change how the world behaves; False when the step is of another kind."""
    value = step.value
    match step.act:
        case "lookup_answers":
            world.lookups.append(LookupAnswer(value))
        case "lookup_fails":
            world.lookups.append(_FAILURES.get(value, _FAILURES["error"]))
        case "transfer_ends":
            world.transfer = value
        case "speaks":
            world.speaks_s = value
        case "breaks":
            world.broken.add(value)
        case "queue_status":
            world.position = int(value.get("position", 1))
            world.estimate_s = value.get("estimate_s")
        case _:
            return False
    return True


def _afterwards(scenario: Scenario, line: Line) -> Failure | None:
    heard = {str(sound.prompt) for _, sound in line.heard}
    message = ""
    for prompt in scenario.head.never_hears:
        if prompt in heard:
            message = f"`{prompt}` was heard"
    faults = [fact for _, fact in line.facts if isinstance(fact, FlowFault)]
    if faults and not scenario.head.fault:
        message = f"the flow failed at `{faults[0].node}`: {faults[0].error}"
    if not faults and scenario.head.fault:
        message = "the flow was expected to fail, and did not"
    if not message:
        return None
    return Failure(scenario.file, scenario.name, scenario.mark, message, _way(line))


def _way(line: Line) -> tuple[str, ...]:
    shown: list[str] = []
    for at, fact in line.facts:
        match fact:
            case NodeEntered(_, node, kind):
                shown.append(f"{at - line.state.started_at:7.1f} s  {node} ({kind})")
            case NodeLeft(_, node, exit_name, to):
                shown.append(f"{at - line.state.started_at:7.1f} s  {node} -{exit_name}-> {to}")
            case PromptPlayed(language, prompts):
                shown.append(f"{at - line.state.started_at:7.1f} s    plays {language} {', '.join(prompts)}")
            case FlowFault(node, error):
                shown.append(f"{at - line.state.started_at:7.1f} s  FAULT at {node}: {error}")
            case _:
                pass
    return tuple(shown[-12:])


class _Player:
    """Takes a scenario's steps on a line."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self._heard = 0

    def take(self, step: Step) -> None:
        if _change(self.line.world, step):
            return
        handler: Callable[[Any], None] = getattr(self, f"_{step.act}")
        handler(step.value)

    # --- the caller --------------------------------------------------------------------------------------

    def _alive(self) -> None:
        if self.line.ended:
            raise _StepError("the call has ended already")

    def _presses(self, digits: str) -> None:
        self._alive()
        self.line.press(digits)

    def _waits(self, seconds: float) -> None:
        self._alive()
        self.line.wait(seconds)

    def _says_nothing(self, _value: object) -> None:
        self._alive()
        self.line.until(lambda: not self.line.playing, PATIENCE_S)
        before = len(self.line.commands)
        self.line.until(lambda: len(self.line.commands) > before, PATIENCE_S)

    def _listens(self, _value: object) -> None:
        self.line.until(lambda: not self.line.playing, PATIENCE_S)

    def _hangs_up(self, _value: object) -> None:
        self._alive()
        self.line.signal(CallerHungUp())

    # --- the world ---------------------------------------------------------------------------------------

    def _operator_connects(self, operator: str | None) -> None:
        if not self.line.until(lambda: self.line.queue is not None, PATIENCE_S):
            raise _StepError("no operator can connect: the caller is in no queue")
        self.line.connect(operator or "1001")

    def _operator_hangs_up(self, _value: object) -> None:
        if not self.line.talking:
            raise _StepError("there is no operator on the line")
        self.line.operator_leaves()

    def _queue_refuses(self, reason: str) -> None:
        if reason not in ("full", "empty", "closed", "timeout"):
            raise _StepError(f"a queue does not refuse by `{reason}`")
        if not self.line.until(lambda: self.line.queue is not None, PATIENCE_S):
            raise _StepError("the caller is in no queue")
        self.line.refuse(reason)  # type: ignore[arg-type]

    def _restarts(self, _value: object) -> None:
        self.line.signal(Resumed())

    # --- what must happen --------------------------------------------------------------------------------

    def _hears(self, prompts: tuple[str, ...]) -> None:
        for prompt in prompts:
            if not self.line.until(lambda wanted=prompt: self._find(wanted) >= 0, PATIENCE_S):  # type: ignore[misc]
                since = [str(sound.prompt) for _, sound in self.line.heard[self._heard :]]
                raise _StepError(f"`{prompt}` was not heard, but {', '.join(since) or 'nothing'}")
            self._heard = self._find(prompt) + 1

    def _find(self, prompt: str) -> int:
        for index in range(self._heard, len(self.line.heard)):
            if self.line.heard[index][1].prompt == prompt:
                return index
        return -1

    def _reaches(self, node: str) -> None:
        if not self.line.until(lambda: node in self._nodes(), PATIENCE_S):
            raise _StepError(f"`{node}` was not reached; the call came by {', '.join(self._nodes())}")

    def _nodes(self) -> list[str]:
        return [str(fact.node) for _, fact in self.line.facts if isinstance(fact, NodeEntered)]

    def _visited(self, nodes: tuple[str, ...]) -> None:
        way = iter(self._nodes())
        for node in nodes:
            if node not in way:
                raise _StepError(f"`{node}` was not visited in this order: {', '.join(self._nodes())}")

    def _queued(self, wanted: Mapping[str, Any]) -> None:
        if not self.line.until(lambda: self.line.queue is not None, PATIENCE_S) or self.line.queue is None:
            raise _StepError("the caller is in no queue")
        request = self.line.queue
        found: dict[str, Any] = {
            "queue": request.queue,
            "needs": {str(need.skill): need.min_level for need in request.needs},
            "priority": request.priority,
            "preferred": request.preferred,
        }
        for key, value in wanted.items():
            if found.get(key) != value:
                raise _StepError(f"`{key}` is {found.get(key)}, not {value}")

    def _talks(self, _value: object) -> None:
        if not self.line.talking:
            raise _StepError("the caller is not talking with an operator")

    def _transferred(self, target: str) -> None:
        self.line.until(lambda: any(each.target == target for each in self.line.transfers), PATIENCE_S)
        targets = [transfer.target for transfer in self.line.transfers]
        if target not in targets:
            raise _StepError(f"not transferred to {target}, but {', '.join(targets) or 'nowhere'}")

    def _variable(self, wanted: Mapping[str, Any]) -> None:
        for name, value in wanted.items():
            found = self.line.state.variables.get(name)
            if found != value:
                raise _StepError(f"`{name}` is {found!r}, not {value!r}")

    def _language(self, language: str) -> None:
        if self.line.state.language != language:
            raise _StepError(f"the language is {self.line.state.language}")

    def _message_kept(self, kind: str) -> None:
        self.line.until(lambda: any(kept.kind == kind for kept in self.line.kept), PATIENCE_S)
        kinds = [kept.kind for kept in self.line.kept]
        if kind not in kinds:
            raise _StepError(f"no {kind} was kept, but {', '.join(kinds) or 'nothing'}")

    def _callback_booked(self, number: str) -> None:
        self.line.until(lambda: bool(self.line.booked), PATIENCE_S)
        numbers = [booked.number for booked in self.line.booked]
        if number not in numbers:
            raise _StepError(f"no callback to {number}, but {', '.join(numbers) or 'none'}")

    def _recorded(self, answer: str) -> None:
        if {"yes": True, "no": False}.get(answer) is not self.line.consent:
            raise _StepError(f"consent to recording is {self.line.consent}")

    def _ends(self, _value: object) -> None:
        if not self.line.until(lambda: self.line.ended, PATIENCE_S * 8):
            raise _StepError(f"the call goes on at `{self.line.state.node}`")

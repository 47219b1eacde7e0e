"""Run scenarios in virtual time and tell where one went another way than its author meant."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ari_app.flow.book import FlowBook
from ari_app.flow.problems import Mark
from ari_app.flow.scenario.line import Line
from ari_app.flow.scenario.player import AnyLine, Player, StepError
from ari_app.flow.scenario.script import Scenario, Step, start_time
from ari_app.flow.scenario.world import World, change
from ari_app.model.facts import Fact, FlowFault, NodeEntered, NodeLeft, PromptPlayed
from ari_app.model.ids import FlowId, Language
from ari_app.model.signals import CallArrived


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
    took_s: float = 0.0
    """In virtual time."""
    ended: bool = False


def run(book: FlowBook, flow: FlowId, scenario: Scenario, durations: Mapping[str, float]) -> Result:
    """Play one scenario to its last step."""
    head = scenario.head
    parsed = book.flow(flow)
    now = start_time(head.time, parsed.timezone if parsed is not None else "UTC") or 0.0
    language = None if head.language is None else Language(head.language)
    arrived = CallArrived(called=head.called, caller=head.caller, language=language)
    world = World(durations=dict(durations))
    prepared = prepare(world, scenario.steps)
    line = Line(book, flow, arrived, now, world)
    player = Player(line)
    failure: Failure | None = None
    for step in scenario.steps[prepared:]:
        try:
            player.take(step)
        except StepError as error:
            failure = Failure(scenario.file, scenario.name, step.mark, str(error), way(line))
            break
    failure = failure or afterwards(scenario, line)
    facts = tuple(fact for _, fact in line.facts)
    return Result(scenario, failure, facts, line.now - line.began, line.ended)


def prepare(world: World, steps: tuple[Step, ...]) -> int:
    """Steps at the beginning that only say how the world is are true before the call comes in."""
    for count, step in enumerate(steps):
        if not change(world, step):
            return count
    return len(steps)


def afterwards(scenario: Scenario, line: AnyLine) -> Failure | None:
    """What only the whole call shows: prompts that must never be heard, faults of the flow."""
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
    return Failure(scenario.file, scenario.name, scenario.mark, message, way(line))


def way(line: AnyLine) -> tuple[str, ...]:
    """The end of the call's trace, for people."""
    shown: list[str] = []
    for at, fact in line.facts:
        match fact:
            case NodeEntered(_, node, kind):
                shown.append(f"{at - line.began:7.1f} s  {node} ({kind})")
            case NodeLeft(_, node, exit_name, to):
                shown.append(f"{at - line.began:7.1f} s  {node} -{exit_name}-> {to}")
            case PromptPlayed(language, prompts):
                shown.append(f"{at - line.began:7.1f} s    plays {language} {', '.join(prompts)}")
            case FlowFault(node, error):
                shown.append(f"{at - line.began:7.1f} s  FAULT at {node}: {error}")
            case _:
                pass
    return tuple(shown[-12:])

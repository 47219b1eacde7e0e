"""Scenario files: what a caller does, what the world answers, what must happen; in a caller's words."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any, Literal

import msgspec

from ari_app.flow.condition import zone
from ari_app.flow.kinds import Doc, FlowName, Kind, LanguageCode, Prompts, Text
from ari_app.flow.problems import Mark, Problems, did_you_mean
from ari_app.flow.shape import Reader, Reading, StructReader, plain_value, reader_for
from ari_app.flow.yaml_tree import Leaf, Mapping, Sequence, Tree, read

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WORD_TIME = re.compile(r"(monday|tuesday|wednesday|thursday|friday|saturday|sunday) (\d\d):(\d\d)\Z")
_MONDAY = dt.date(2026, 3, 2)
_Words = tuple[Text, ...]

ACTS: dict[str, tuple[Any, str]] = {
    "presses": (Annotated[str, Kind("keys", "^[0-9*#A-D]+$")], "Keys, one after the other: `presses: 123#`."),
    "waits": (float, "Seconds pass: `waits: 40`."),
    "says_nothing": (None, "Silence until the flow does something by itself."),
    "listens": (None, "Until nothing is played any more."),
    "speaks": (float, "Speaks this many seconds when a message is recorded."),
    "hangs_up": (None, "The caller hangs up."),
    "operator_connects": (None, "An operator takes the call; with an extension: `operator_connects: 1001`."),
    "operator_hangs_up": (None, "The operator hangs up first."),
    "queue_refuses": (
        Literal["full", "empty", "closed", "timeout"],
        "The queue lets the caller go: `full`, `empty`, `closed`, `timeout`.",
    ),
    "queue_status": (dict, "Place and estimate told when asked: `{position: 3, estimate_s: 120}`."),
    "lookup_answers": (dict, "The next look-up's JSON body."),
    "lookup_fails": (
        Literal["timeout", "not_found", "error", "garbage"],
        "The next look-up fails: `timeout`, `not_found`, `error`, `garbage`.",
    ),
    "transfer_ends": (
        Literal["answered", "busy", "no_answer", "rejected", "unreachable", "failed"],
        "Transfers end so: `answered`, `busy`, `no_answer`, `unreachable`.",
    ),
    "breaks": (
        Literal["recording", "callback", "protocol"],
        "From now on this does not work: `recording`, `callback`, `protocol`.",
    ),
    "restarts": (None, "The application restarts under the call."),
    "hears": (Prompts, "Sooner or later hears this prompt (or these, in order)."),
    "reaches": (str, "Sooner or later comes to this node."),
    "visited": (_Words, "Came by these nodes, in this order."),
    "queued": (dict, "Waits in a queue: `{queue: sales, needs: {sales: 1}, priority: 5}`."),
    "talks": (None, "Is talking with an operator."),
    "transferred": (str, "Was transferred to this number or extension."),
    "variable": (dict, "Variables have these values."),
    "language": (str, "Is served in this language."),
    "message_kept": (
        Literal["voicemail", "message", "survey"],
        "Left a message of this kind: `voicemail`, `message`, `survey`.",
    ),
    "callback_booked": (str, "Will be called back on this number."),
    "recorded": (Literal["yes", "no"], "Agreed to being recorded, or not: `yes`, `no`."),
    "ends": (None, "The call comes to its end."),
}
"""What a step may say, with the type of its value and a sentence of documentation."""


class Step(msgspec.Struct, frozen=True):
    """One line of a scenario."""

    act: str
    value: Any
    mark: Mark


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The keys of a scenario beside `steps`."""

    caller: Annotated[Text, Doc("The caller's number.")] = "11987654321"
    called: Annotated[Text, Doc("The number dialled.")] = "5000"
    language: Annotated[LanguageCode | None, Doc("Language known from the number.")] = None
    time: Annotated[Text, Doc("`2026-03-02 10:00` or `sunday 10:00`, in the flow's time zone.")] = (
        "monday 10:00"
    )
    never_hears: Annotated[_Words, Doc("Prompts that must not be heard.")] = ()
    fault: Annotated[bool, Doc("Whether the flow is expected to fail and use its safe exit.")] = False
    live: Annotated[bool, Doc("Whether it can also be run as a real call.")] = True


class Scenario(msgspec.Struct, frozen=True):
    """One call, told in steps."""

    name: str
    head: Head
    steps: tuple[Step, ...]
    mark: Mark
    file: str


class ScenarioFile(msgspec.Struct, frozen=True):
    """The scenarios of one flow."""

    flow: str
    scenarios: tuple[Scenario, ...]


_HEAD = StructReader(Head, extra=frozenset({"steps"}))
_FLOW = reader_for(FlowName)
_READERS: dict[str, Reader] = {
    act: reader_for(kind) for act, (kind, _) in ACTS.items() if kind not in (None, dict)
}


def parse_scenarios(text: str | bytes, file: str, problems: Problems) -> ScenarioFile | None:
    """Read a scenario file; None when it has errors (in `problems`)."""
    tree = read(text, problems)
    if tree is None:
        return None
    scenarios = tree.get("scenarios") if isinstance(tree, Mapping) else None
    flow = tree.get("flow") if isinstance(tree, Mapping) else None
    if flow is None or not isinstance(scenarios, Mapping):
        problems.error("missing-key", "a scenario file needs `flow` and `scenarios`", tree.mark)
        return None
    name = _FLOW.read(flow, "flow", Reading(problems))
    found = [_scenario(item.key, item.value, item.key_mark, file, problems) for item in scenarios.items]
    problems.node = ""
    if problems.has_errors:
        return None
    return ScenarioFile(name, tuple(scenario for scenario in found if scenario is not None))


def start_time(text: str, timezone: str) -> float | None:
    """A scenario's `time` in seconds since the epoch; None when it cannot be read."""
    match = _WORD_TIME.match(text)
    try:
        if match is not None:
            day = _MONDAY + dt.timedelta(days=_WEEKDAYS.index(match.group(1)))
            local = dt.datetime.combine(day, dt.time(int(match.group(2)), int(match.group(3))))
        else:
            local = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return local.replace(tzinfo=local.tzinfo or zone(timezone)).timestamp()


def _scenario(name: str, tree: Tree, mark: Mark, file: str, problems: Problems) -> Scenario | None:
    problems.node = name
    reading = Reading(problems)
    head: Head | None = _HEAD.read(tree, "scenario", reading)
    steps = tree.get("steps") if isinstance(tree, Mapping) else None
    if not isinstance(steps, Sequence) or not steps.items:
        problems.error("missing-key", "a scenario needs `steps`: a list", mark)
        return None
    found = [_step(item, problems) for item in steps.items]
    if head is None or any(step is None for step in found):
        return None
    if start_time(head.time, "UTC") is None:
        problems.error("time", f"`time` cannot be read: {head.time[:40]}", mark, hint="write sunday 10:00")
    return Scenario(name, head, tuple(step for step in found if step is not None), mark, file)


def _step(tree: Tree, problems: Problems) -> Step | None:
    if isinstance(tree, Leaf):
        act, value, mark = tree.text, None, tree.mark
    elif isinstance(tree, Mapping) and len(tree.items) == 1:
        act, value, mark = tree.items[0].key, tree.items[0].value, tree.items[0].key_mark
    else:
        problems.error("step", "a step is one word, or one word with its value", tree.mark)
        return None
    if act not in ACTS:
        problems.error("step", f"unknown step `{act[:40]}`", mark, hint=did_you_mean(act, ACTS))
        return None
    kind = ACTS[act][0]
    if kind is None or value is None:
        if kind is not None:
            problems.error("step", f"`{act}` needs a value", mark, hint=ACTS[act][1])
            return None
        return Step(act, None if value is None else plain_text(value), mark)
    if kind is dict:
        if not isinstance(value, Mapping):
            problems.error("step", f"`{act}` needs a mapping", mark, hint=ACTS[act][1])
            return None
        return Step(act, plain_value(value), mark)
    reading = Reading(problems)
    return Step(act, _READERS[act].read(value, act, reading), mark)


def plain_text(tree: Tree) -> str | None:
    """The words of a scalar."""
    return tree.text if isinstance(tree, Leaf) else None

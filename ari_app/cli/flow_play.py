"""Walk a flow in the terminal: the caller is you, time is yours to pass."""

from __future__ import annotations

import time
from pathlib import Path

from rich.console import Console
from rich.prompt import Prompt

from ari_app.flow import speech
from ari_app.flow.book import FlowBook
from ari_app.flow.flow import Flow
from ari_app.flow.problems import Problems
from ari_app.flow.scenario.line import Line, World
from ari_app.flow.yaml_tree import Leaf, Mapping, read
from ari_app.model.commands import Sound
from ari_app.model.facts import (
    BranchDecided,
    Fact,
    FlowFault,
    LookupAnswered,
    NodeEntered,
    SurveyAnswered,
    VariableSet,
)
from ari_app.model.signals import CallArrived, CallerHungUp

HELP = (
    "keys 0-9 * #: press   Enter: say nothing   +40: wait 40 s   o: an operator answers   "
    "x: operator hangs up   full, empty, closed: the queue refuses   h: hang up"
)


def prompt_texts(sounds: Path) -> dict[tuple[str, str], str]:
    """What each prompt says, by language and name."""
    texts: dict[tuple[str, str], str] = {}
    for file in sounds.glob("*/prompts.yaml"):
        tree = read(file.read_bytes(), Problems(str(file)))
        entries = tree.get("prompts") if isinstance(tree, Mapping) else None
        for item in entries.items if isinstance(entries, Mapping) else ():
            value = item.value.get("text") if isinstance(item.value, Mapping) else item.value
            if isinstance(value, Leaf):
                texts[file.parent.name, item.key] = value.text
    for language, clips in speech.VOCABULARIES.items():
        texts |= {(language, str(name)): clip.text for name, clip in clips.items()}
    return texts


def play_call(book: FlowBook, flow: Flow, caller: str, sounds: Path, durations: dict[str, float]) -> None:
    """One call, interactive; ends with the call or at the end of input."""
    console = Console(highlight=False, soft_wrap=True)
    texts = prompt_texts(sounds)
    arrived = CallArrived(called="5000", caller=caller)
    world = World(durations=durations, speaks_s=5.0)
    line = Line(book, flow.id, arrived, time.time(), world)
    console.print(f"[dim]{HELP}[/dim]")
    shown = _show(console, line, texts, (0, 0))
    while not line.ended:
        try:
            word = Prompt.ask(f"[bold]{_standing(line)}[/bold]", console=console).strip()
        except (EOFError, KeyboardInterrupt):
            word = "h"
        _act(line, word, console)
        shown = _show(console, line, texts, shown)
    console.print(f"[dim]the call ended after {line.now - line.state.started_at:.0f} s[/dim]")


def _standing(line: Line) -> str:
    if line.talking:
        return "talking"
    if line.queue is not None:
        return f"waiting in {line.queue.queue}"
    return str(line.state.node)


def _act(line: Line, word: str, console: Console) -> None:
    match word:
        case "":
            line.until(lambda: not line.playing, 900.0)
            before = len(line.commands)
            line.until(lambda: len(line.commands) > before, 900.0)
        case "h":
            line.signal(CallerHungUp())
        case "o" if line.queue is not None:
            line.connect()
        case "x" if line.talking:
            line.operator_leaves()
        case "full" | "empty" | "closed" if line.queue is not None:
            line.refuse(word)
        case _ if word.startswith("+") and word[1:].isdigit():
            line.wait(float(word[1:]))
        case _ if word and set(word) <= set("0123456789*#"):
            line.press(word)
        case _:
            console.print(f"[dim]{HELP}[/dim]")


def _show(
    console: Console, line: Line, texts: dict[tuple[str, str], str], shown: tuple[int, int]
) -> tuple[int, int]:
    for _, fact in line.facts[shown[0] :]:
        words = _fact(fact)
        if words:
            console.print(f"  [dim]{words}[/dim]")
    for _, sound in line.heard[shown[1] :]:
        console.print(f"  [green]♪[/green] {_spoken(sound, texts)}")
    if line.ended and line.transfers:
        console.print(f"  [dim]transferred to {line.transfers[-1].target}[/dim]")
    return len(line.facts), len(line.heard)


def _spoken(sound: Sound, texts: dict[tuple[str, str], str]) -> str:
    return texts.get((sound.language, sound.prompt), f"[{sound.prompt}]")


def _fact(fact: Fact) -> str:
    match fact:
        case NodeEntered(_, node, kind):
            return f"→ {node} ({kind})"
        case BranchDecided(_, expression, value):
            return f"{expression} is {value}"
        case VariableSet(name, value):
            return f"{name} = {value!r}"
        case LookupAnswered(_, ok, status, error):
            return f"look-up: {status if ok else error or status}"
        case SurveyAnswered(question, answer):
            return f"survey: {question} = {answer}"
        case FlowFault(node, error):
            return f"FAULT at {node}: {error}"
    return ""

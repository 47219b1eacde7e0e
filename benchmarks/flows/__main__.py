"""Measure flow engine, checker and shelf: `python -m benchmarks.flows`; writes RESULTS.md beside."""

from __future__ import annotations

import asyncio
import platform
import re
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from ari_app.calls.catalogue import lengths_in, prompts_in
from ari_app.calls.flow_shelf import FlowShelf
from ari_app.flow import engine
from ari_app.flow.admission import check
from ari_app.flow.book import FlowBook
from ari_app.flow.problems import Problems
from ari_app.flow.scenario.run import run
from ari_app.flow.scenario.script import parse_scenarios
from ari_app.model.facts import NodeEntered
from ari_app.model.ids import FlowId
from ari_app.model.signals import CallArrived, DigitReceived

ROOT = Path(__file__).resolve().parents[2]
FLOWS, SOUNDS = ROOT / "callflows", ROOT / "sounds"
ROUNDS = 5


def main() -> None:
    texts = {f.name: f.read_text("utf-8") for f in FLOWS.glob("*.yaml") if "scenarios" not in f.name}
    prompts = prompts_in(SOUNDS)
    checked = check(texts, prompts)
    assert checked.site is not None
    book = FlowBook.of(checked.flows.values(), checked.site)
    many = {
        f"main-{n}.yaml": texts["main.yaml"].replace("flow: main\n", f"flow: main-{n}\n") for n in range(500)
    }
    many["site.yaml"] = re.sub(r"flow: \w+", "flow: main-0", texts["site.yaml"])
    assert check(many, prompts).ok
    rows = [
        ("a signal through the engine, with its steps, commands and facts", _signals(book), "µs"),
        ("the same, for each node entered", _steps(book), "µs"),
        ("1,000 scenarios of `main` in virtual time", _best(lambda: _scenarios(book)), "s"),
        ("500 flows checked, with prompts and site", _best(lambda: check(many, prompts)), "s"),
        ("publish to the book that the next call is served by", _publish(texts["main.yaml"]), "ms"),
    ]
    lines = [f"| {name} | {value:.3g} {unit} |" for name, value, unit in rows]
    table = "\n".join(["| what | best of five |", "|---|---|", *lines])
    head = f"# What call flows cost\n\nPython {platform.python_version()}, `python -m benchmarks.flows`.\n\n"
    (Path(__file__).parent / "RESULTS.md").write_text(head + table + "\n", "utf-8")
    print(table)


def _best(work: Callable[[], object]) -> float:
    found = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return min(found)


def _call(book: FlowBook) -> engine.Sprint:
    sprint = engine.start(book, FlowId("main"), CallArrived("5000", "11987654321"), 0.0)
    for key in "192":
        sprint = engine.advance(book, sprint.state, DigitReceived(key), 1.0)
    return sprint


def _signals(book: FlowBook) -> float:
    return _best(lambda: [_call(book) for _ in range(500)]) / 500 / 4 * 1e6


def _steps(book: FlowBook) -> float:
    sprint = engine.start(book, FlowId("main"), CallArrived("5000", "11987654321"), 0.0)
    entered = sum(isinstance(fact, NodeEntered) for fact in sprint.facts)
    for key in "192":
        sprint = engine.advance(book, sprint.state, DigitReceived(key), 1.0)
        entered += sum(isinstance(fact, NodeEntered) for fact in sprint.facts)
    return _best(lambda: [_call(book) for _ in range(500)]) / 500 / entered * 1e6


def _scenarios(book: FlowBook) -> None:
    text = (FLOWS / "main.scenarios.yaml").read_text("utf-8")
    parsed = parse_scenarios(text, "main", Problems("main"))
    assert parsed is not None
    lengths = lengths_in(SOUNDS)
    for number in range(1000):
        run(book, FlowId("main"), parsed.scenarios[number % len(parsed.scenarios)], lengths)


def _publish(text: str) -> float:
    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder) / "callflows"
        shutil.copytree(FLOWS, files)
        shelf = FlowShelf(files, Path(folder) / "state", SOUNDS, time.time)
        shelf.load()
        found = []
        for number in range(ROUNDS):
            draft = f"{text}# {number}\n"
            began = time.perf_counter()
            done = asyncio.run(shelf.publish("main", draft, by="bench"))
            found.append(time.perf_counter() - began)
            assert shelf.book.current[FlowId("main")] == done["version"]
        return statistics.median(found) * 1000


if __name__ == "__main__":
    main()

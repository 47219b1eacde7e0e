"""A number of its own for the tests of the operators' day, with a queue for each thing that may happen."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from demo.centre import Centre
from pbx.patience import PATIENCE_S
from pbx.telco_calls import Call
from pbx.telephony import until
from tests.support.words import put_site

NUMBER = "5079"
OUTSIDE = "+551130000000"

FLOW = """
flow: day
language: pt-BR
start: pick
nodes:
  pick:
    type: menu
    prompt: codes/ready
    timeout_s: 60
    retries: 0
    keys:
      {1: relaxing, 2: urgent, 3: full, 4: deserted, 5: short, 6: closing, 7: known, 8: board, 9: paper,
       0: back}
    on: {timeout: bye, invalid: bye}
  relaxing: {type: enqueue, queue: day-relaxing, on: {otherwise: bye}}
  urgent: {type: enqueue, queue: day-relaxing, priority: 9, on: {otherwise: bye}}
  full: {type: enqueue, queue: day-full, on: {otherwise: bye}}
  deserted: {type: enqueue, queue: day-deserted, on: {empty: message, otherwise: bye}}
  message: {type: voicemail, queue: day-deserted, next: end}
  short: {type: enqueue, queue: day-short, on: {timeout: outside, otherwise: bye}}
  outside: {type: transfer, to: number, target: "+551130000000", on: {otherwise: bye}}
  closing: {type: enqueue, queue: day-closing, on: {closed: told, otherwise: bye}}
  told: {type: play, prompt: queue/closed, next: bye}
  known: {type: enqueue, queue: day-known, on: {otherwise: bye}}
  board: {type: enqueue, queue: day-board, on: {otherwise: bye}}
  paper: {type: enqueue, queue: day-paper, on: {otherwise: bye}}
  back: {type: enqueue, queue: day-back, on: {otherwise: bye}}
  bye: {type: hangup}
"""

NOTHING = "flow: day\nlanguage: pt-BR\nstart: bye\nnodes:\n  bye: {type: hangup}\n"
SKILLS = "  day: Day\n  board: Board\n  paper: Paper\n  back: Back\n"
QUEUES = """  day-relaxing:
    name: Day
    skills: {day: 4}
    wrap_up_s: 0
    relax: [{after_s: 3, needs: {day: 2}}]
  day-full: {name: Full, skills: {day: 5}, max_waiting: 1, wrap_up_s: 0, overflow: {full: day-second}}
  day-second: {name: Second, skills: {day: 1}, wrap_up_s: 0}
  day-deserted: {name: Deserted, skills: {deserted: 1}, when_empty: leave}
  day-short: {name: Short, skills: {day: 5}, max_wait_s: 1}
  day-closing: {name: Closing, skills: {day: 5}, code: "71"}
  day-known: {name: Known, skills: {day: 1}, last_operator_s: 90, order: longest_idle, wrap_up_s: 0}
  day-board: {name: Board, skills: {board: 1}, wrap_up_s: 60, misses_until_pause: 1}
  day-paper:
    name: Paper
    skills: {paper: 1}
    wrap_up_s: 0
    calling_back: {hours: "00:00-24:00", tries: 2, spacing_s: 4, accept: true}
  day-back:
    name: Back
    skills: {back: 1}
    wrap_up_s: 0
    calling_back: {hours: "00:00-24:00", tries: 2, spacing_s: 4, first: operator, dropped: true}
"""
OWN = 'operator_calls: {hours: "00:00-24:00", shows: "+551140000000", queue: day-second, ring_s: 10}\n'


@contextmanager
def day_site(centre: Centre) -> Iterator[None]:
    """The site file with the number, its queues and what operators may dial; as it was afterwards."""
    site = centre.plan.flows / "site.yaml"
    flow, before = centre.plan.flows / "day.yaml", site.read_text(encoding="utf-8")
    changed = before.replace("numbers:\n", f'numbers:\n  "{NUMBER}": {{flow: day, name: Day}}\n', 1)
    changed = changed.replace("skills:\n", f"skills:\n{SKILLS}  deserted: Deserted\n", 1)
    changed = changed.replace("\nqueues:\n", f"\n{OWN}\nqueues:\n{QUEUES}", 1)
    flow.write_text(FLOW, encoding="utf-8")
    put_site(centre, changed)
    try:
        _until_flow_has(centre, len(re.findall(r"^  \w+:", FLOW, re.MULTILINE)))
        yield
    finally:
        flow.write_text(NOTHING, encoding="utf-8")  # first it names no queue, then the queues may go
        _until_flow_has(centre, 1)
        put_site(centre, before)
        flow.unlink()
        _until_flow_has(centre, None)


def _until_flow_has(centre: Centre, nodes: int | None) -> None:
    """The number's flow is live with so many nodes; None: it is retired."""

    def has() -> int | None:
        flows = centre.api.get("/flows")["items"]
        return next((flow["nodes"] for flow in flows if flow["id"] == "day" and flow["version"]), None)

    until(lambda: has() == nodes, PATIENCE_S, f"the day's flow with {nodes} nodes")


def hears_a_voice(
    call: Call, since_s: float = 0.0, timeout_s: float = PATIENCE_S, least_s: float = 0.3
) -> float:
    """Wait for sound after this second of what the person has heard; gives how much was heard by then."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        heard = call.recorded_audio().astype(np.float64) if call.file.exists() else np.zeros(0)
        new = heard[int(since_s * 8000) :]
        loud = np.abs(new[: len(new) // 80 * 80].reshape(-1, 80)).max(axis=1) > 0.02 if len(new) >= 80 else []
        if np.count_nonzero(loud) * 0.01 >= least_s:
            return len(heard) / 8000
        time.sleep(0.05)
    raise AssertionError(f"no voice within {timeout_s} s")

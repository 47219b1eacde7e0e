"""The built-in safe exit: any operator, and where there is none, an apology before the line is closed."""

from __future__ import annotations

import functools

from ari_app.flow.book import FlowBook
from ari_app.flow.flow import Flow
from ari_app.flow.node import SAFE
from ari_app.flow.parse import parse_flow
from ari_app.flow.problems import Problems
from ari_app.model.ids import FlowId, Language

FLOW = FlowId(SAFE)
LANGUAGE = Language("pt-BR")

_TEXT = """
flow: safe-exit
language: pt-BR
start: any-operator
nodes:
  any-operator:
    type: enqueue
    queue: {queue}
    prompt: problem/safe-exit
    on: {{otherwise: apology}}
  apology:
    type: play
    prompt: problem/call-later
    barge_in: false
    next: goodbye
  goodbye:
    type: hangup
"""


def flow_of(book: FlowBook) -> Flow:
    """The safe exit for this configuration."""
    return _built(book.site.default_queue)


@functools.lru_cache(maxsize=32)
def _built(queue: str) -> Flow:
    problems = Problems("built-in")
    flow = parse_flow(_TEXT.format(queue=queue), "built-in", problems)
    if flow is None:
        raise ValueError(f"the built-in safe exit is broken: {problems.found}")
    return flow

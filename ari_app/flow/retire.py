"""Which flows may be taken out of service: those that no number and no other live flow leads to."""

from __future__ import annotations

from collections.abc import Iterable

from ari_app.flow.book import FlowBook
from ari_app.model.ids import FlowId


def retirable(book: FlowBook, wanted: Iterable[FlowId]) -> tuple[set[FlowId], dict[FlowId, list[str]]]:
    """Those of `wanted` that may go, and by whom the others are used (`number 5000`, `flow shop`).

    Flows that only call each other may go together.
    """
    going = set(wanted)
    kept: dict[FlowId, list[str]] = {}
    while used := {flow: users for flow in going if (users := users_of(book, flow, going))}:
        kept |= used
        going -= used.keys()
    return going, kept


def users_of(book: FlowBook, flow: FlowId, besides: Iterable[FlowId] = ()) -> list[str]:
    """Who leads callers to a flow, other than the flows `besides`."""
    numbers = [f"number {number}" for number, config in book.site.numbers.items() if config.flow == flow]
    others = book.current.keys() - {flow, *besides}
    callers = [f"flow {name}" for name in sorted(others) if _calls(book, name, flow)]
    return [*numbers, *callers]


def _calls(book: FlowBook, name: FlowId, flow: FlowId) -> bool:
    caller = book.flow(name)
    return caller is not None and flow in caller.subflows

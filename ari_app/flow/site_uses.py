"""Who names a queue, skill, calendar or number: told before it is taken out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from ari_app.flow.book import FlowBook
from ari_app.flow.site import QueueConfig, Site
from ari_app.flow.site_edit import SiteKind

_KIND = {"queues": "queue", "skills": "skill", "calendars": "calendar"}


class Use(msgspec.Struct, frozen=True):
    """One that names it. `firm`: it cannot be taken out while this one does."""

    kind: Literal["flow", "queue", "site", "operator", "campaign"]
    name: str
    firm: bool = True


def uses(book: FlowBook, kind: SiteKind, name: str) -> list[Use]:
    """The live flows, the queues and the parts of the site that name it, each once."""
    found = (*_in_flows(book, kind, name), *_in_site(book.site, kind, name))
    return list(dict.fromkeys(found))


def _in_flows(book: FlowBook, kind: SiteKind, name: str) -> Iterator[Use]:
    wanted = _KIND.get(kind)
    if wanted is None:
        return
    for flow_id in sorted(book.current):
        flow = book.flow(flow_id)
        nodes = flow.nodes.values() if flow is not None else ()
        named = ((each.kind, each.value) for placed in nodes for each in placed.references)
        if (wanted, name) in named:
            yield Use("flow", flow_id)


def _in_site(site: Site, kind: SiteKind, name: str) -> Iterator[Use]:
    for queue_id, queue in site.queues.items():
        if queue_id != name or kind != "queues":
            yield from (Use("queue", queue_id) for wanted in _named_by(queue, kind) if wanted == name)
    if kind == "queues" and site.default_queue == name:
        yield Use("site", "default_queue")
    if kind == "queues" and site.operator_calls.queue == name:
        yield Use("site", "operator_calls")


def _named_by(queue: QueueConfig, kind: SiteKind) -> Iterator[str]:
    match kind:
        case "queues":
            others = msgspec.structs.astuple(queue.overflow)
            yield from (str(other) for other in others if other is not None)
            yield from (other for step in queue.relax for other in step.queues)
        case "skills":
            yield from queue.skills
            yield from (skill for step in queue.relax for skill in step.needs)
        case "calendars" if queue.calendar is not None:
            yield queue.calendar

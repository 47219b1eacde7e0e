"""What the site file says, as the values that dispatcher, callbacks and router are given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from ari_app.calls.callback_rules import Rules
from ari_app.calls.flow_shelf import FlowShelf
from ari_app.calls.operator_calls import OwnRules
from ari_app.calls.toll import TollGate
from ari_app.calls.toll_book import TollBook
from ari_app.flow.demand import renewed
from ari_app.flow.site import QueueConfig, Recording, Site, hours_of
from ari_app.model.ids import QueueId, SkillId
from ari_app.model.queue import Queue
from ari_app.model.recording import PolicyBook, RecordingPolicy
from ari_app.model.routing import QueueRequest
from ari_app.ports import Clock
from ari_app.routing.policy import Order, Policy

STICKY_S = 15.0
"""How long a returning caller waits for the operator of last time where the order is `sticky`."""


def queue_of(name: str, config: QueueConfig) -> Queue:
    """A queue of the site file as the dispatcher knows it."""
    return Queue(
        id=QueueId(name),
        name=config.name,
        ring_s=config.ring_s,
        wrap_up_s=config.wrap_up_s,
        target_s=config.target_s,
        needs={SkillId(skill): level for skill, level in config.skills.items()},
        max_waiting=config.max_waiting or None,
        max_wait_s=config.max_wait_s,
        form_required=config.form_required and config.form is not None,
        when_empty=config.when_empty,
        last_operator_s=config.last_operator_s or (STICKY_S if config.order == "sticky" else 0.0),
        code=config.code,
        miss_limit=config.misses_until_pause or 1_000_000,
        auto_answer=config.auto_answer,
        confirm=config.confirm,
    )


def open_gate(state: Path, shelf: FlowShelf, clock: Clock) -> TollGate:
    """The gate for outside calls, with what the last 24 hours have cost."""
    book = TollBook(state / "toll.jsonl")
    gate = TollGate(lambda: shelf.book.site.outside_calls, book.note)
    gate.remember(book.recent(clock.now()))
    return gate


def queues_of(site: Site) -> Mapping[QueueId, Queue]:
    """All queues of the site file."""
    return {QueueId(name): queue_of(name, config) for name, config in site.queues.items()}


def pauses_of(site: Site) -> Mapping[str, float]:
    """How long pauses are meant to last, by reason."""
    return {reason: pause.longest_s for reason, pause in site.pauses.items()}


def policies_of(site: Site) -> PolicyBook:
    """The rules of recording of the site file."""

    def policy(config: Recording, source: str) -> RecordingPolicy:
        fields = {
            name: getattr(config, name) for name in RecordingPolicy.__struct_fields__ if hasattr(config, name)
        }
        return RecordingPolicy(**fields, mode=config.policy, source=source)

    rules = site.recordings
    return PolicyBook(
        default=policy(rules.default, "default"),
        directions={name: policy(rule, f"direction {name}") for name, rule in rules.directions.items()},
        clients={name: policy(rule, f"client {name}") for name, rule in rules.clients.items()},
        campaigns={name: policy(rule, f"campaign {name}") for name, rule in rules.campaigns.items()},
        queues={
            name: policy(queue.recording, f"queue {name}")
            for name, queue in site.queues.items()
            if queue.recording is not None
        },
    )


def callback_rules(site: Site, queue: QueueId) -> Rules | None:
    """How a queue calls back; None: it does not."""
    config = site.queues.get(queue)
    if config is None or not config.callback:
        return None
    calendar = site.calendars.get(config.calendar or "")
    first, until = hours_of(config.calling_back.hours) or (8 * 60, 21 * 60)
    return Rules(
        tries=config.calling_back.tries,
        spacing_s=config.calling_back.spacing_s,
        ring_s=config.calling_back.ring_s,
        first_minute=first,
        until_minute=until,
        timezone=calendar.timezone if calendar is not None else "America/Sao_Paulo",
        numbers=config.calling_back.numbers,
        first=config.calling_back.first,
        accept=config.calling_back.accept,
        dropped=config.calling_back.dropped,
    )


def own_rules(site: Site) -> OwnRules:
    """What the site says of calls that operators place themselves."""
    own = site.operator_calls
    first, until = hours_of(own.hours) or (8 * 60, 21 * 60)
    name = own.queue
    queue = queue_of(name, site.queues[name]) if name in site.queues else Queue(QueueId("operator-calls"))
    return OwnRules(first, until, own.shows, queue, own.ring_s, frozenset(site.outside_calls.emergency))


def policy_of(site: Site) -> Policy:
    """Orders and weights of the router (docs/routing.md)."""
    fields = msgspec.structs.asdict(site.routing)
    orders = {QueueId(name): Order(queue.order) for name, queue in site.queues.items() if queue.order}
    return Policy(order=Order(fields.pop("order")), orders=orders, **fields)


def renewal(old: Site, new: Site) -> Callable[[QueueRequest], QueueRequest | None]:
    """How a waiting caller's demand changes between two site files; None: his queue is no more."""

    def renew(request: QueueRequest) -> QueueRequest | None:
        before, after = old.queues.get(request.queue), new.queues.get(request.queue)
        if after is None:
            return None
        return request if before is None or before == after else renewed(request, before, after)

    return renew

"""Prometheus metrics in a registry of their own: counters by hooks, live figures when scraped (X11)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from prometheus_client import CollectorRegistry, GCCollector, Histogram, PlatformCollector, ProcessCollector
from prometheus_client import Counter as Count
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from ari_app.model.facts import (
    CallConnected,
    CallEnded,
    CallQueued,
    CallStarted,
    FlowFault,
    OfferEnded,
    RecordingAlarm,
    SessionFault,
    TalkEnded,
)
from ari_app.model.ids import CallId
from ari_app.ports import Floor, OperatorDesk, Stamped

M = TypeVar("M", Count, Histogram)
_FAST = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
_COUNTED = frozenset(
    {
        CallStarted,
        CallQueued,
        CallConnected,
        TalkEnded,
        OfferEnded,
        CallEnded,
        SessionFault,
        FlowFault,
        RecordingAlarm,
    }
)
_WAITS = (1, 5, 10, 20, 30, 60, 120, 300, 600, 1800)


class Metrics:
    """What is counted as it happens. One per process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        to = self.registry
        self._started = Count(
            "ramal_calls_started", "Calls that came in or went out", ["direction"], registry=to
        )
        self._ended = Count("ramal_calls_ended", "Calls by final state", ["final_state"], registry=to)
        self._wait = Histogram(
            "ramal_wait_seconds", "Wait from queueing to an operator", buckets=_WAITS, registry=to
        )
        self._talk = Histogram("ramal_talk_seconds", "Talks with an operator", buckets=_WAITS, registry=to)
        self._offers = Count("ramal_offers", "Offers to operators by outcome", ["outcome"], registry=to)
        self._faults = Count("ramal_faults", "Own mistakes and flow authors', caught", ["kind"], registry=to)
        self._alarms = Count(
            "ramal_recording_alarms", "Recordings that need somebody to look", ["kind"], registry=to
        )
        self._queued: dict[CallId, float] = {}
        self._children: dict[tuple[Any, tuple[str, ...]], Any] = {}
        self._ari = Histogram(
            "ramal_ari_request_seconds", "ARI requests", ["operation", "outcome"], buckets=_FAST, registry=to
        )
        self._http = Histogram(
            "ramal_http_request_seconds", "API requests", ["route", "status"], buckets=_FAST, registry=to
        )
        self._decisions = Histogram("ramal_routing_seconds", "Routing decisions", buckets=_FAST, registry=to)

    def count(self, facts: Sequence[Stamped]) -> None:
        """Count what is told: `SqlJournal.on_facts(metrics.count)`. Waits run from queue to operator."""
        for stamped in facts:
            if type(stamped.fact) not in _COUNTED:
                continue
            match stamped.fact:
                case CallStarted(direction=direction):
                    self._child(self._started, direction).inc()
                case CallQueued() if stamped.call is not None:
                    self._queued.setdefault(stamped.call, stamped.at)
                case CallConnected() if stamped.call in self._queued:
                    self._wait.observe(max(0.0, stamped.at - self._queued.pop(stamped.call)))
                case TalkEnded(talk_s=talk_s):
                    self._talk.observe(talk_s)
                case OfferEnded(outcome=outcome):
                    self._child(self._offers, outcome).inc()
                case CallEnded(final_state=final_state):
                    self._child(self._ended, final_state).inc()
                    if stamped.call is not None:
                        self._queued.pop(stamped.call, None)
                case RecordingAlarm(kind=kind):
                    self._alarms.labels(kind).inc()
                case SessionFault() | FlowFault():
                    self._faults.labels(type(stamped.fact).__name__).inc()
                case _:
                    pass

    def _child(self, metric: M, *labels: str) -> M:
        """`metric.labels`, which costs more than counting does; there are few of them."""
        known: M | None = self._children.get((metric, labels))
        if known is None:
            known = self._children[metric, labels] = metric.labels(*labels)
        return known

    def ari_request(self, operation: str, outcome: str, seconds: float) -> None:
        """`operation` is a method and path template, never with ids in it."""
        self._child(self._ari, operation, outcome).observe(seconds)

    def http_request(self, route: str, status: int, seconds: float) -> None:
        self._http.labels(route, str(status)).observe(seconds)

    def routing_decided(self, seconds: float) -> None:
        self._decisions.observe(seconds)

    def watch(
        self,
        *,
        desk: OperatorDesk,
        floor: Floor,
        live_calls: Callable[[], Mapping[str, int]],
        gauges: Mapping[str, tuple[str, Callable[[], float]]],
    ) -> None:
        """Read these at each scrape. `gauges`: name → (help, value), e.g. `ramal_journal_backlog`."""
        self.registry.register(_Live(desk, floor, live_calls, gauges))

    def text(self) -> bytes:
        """The exposition, as Prometheus reads it."""
        return generate_latest(self.registry)


class _Live(Collector):
    """The live figures, read when asked for."""

    def __init__(
        self,
        desk: OperatorDesk,
        floor: Floor,
        live_calls: Callable[[], Mapping[str, int]],
        gauges: Mapping[str, tuple[str, Callable[[], float]]],
    ) -> None:
        self._desk = desk
        self._floor = floor
        self._live_calls = live_calls
        self._gauges = gauges

    def describe(self) -> list[Metric]:
        return []  # nothing is read before the first scrape

    def collect(self) -> Iterator[Metric]:
        calls = GaugeMetricFamily("ramal_calls", "Live calls by phase", labels=["phase"])
        for phase, count in self._live_calls().items():
            calls.add_metric([phase], count)
        yield calls
        operators = GaugeMetricFamily("ramal_operators", "Operators by state", labels=["state"])
        for state, count in Counter(view.state.value for view in self._desk.views()).items():
            operators.add_metric([state], count)
        yield operators
        waiting = GaugeMetricFamily("ramal_queue_waiting", "Waiting calls", labels=["queue"])
        oldest = GaugeMetricFamily("ramal_queue_oldest_wait_seconds", "Longest wait now", labels=["queue"])
        for queue in self._floor.queues():
            waiting.add_metric([queue.id], queue.waiting)
            oldest.add_metric([queue.id], queue.oldest_wait_s)
        yield waiting
        yield oldest
        for name, (text, value) in self._gauges.items():
            yield GaugeMetricFamily(name, text, value=value())

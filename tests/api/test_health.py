"""Health, readiness and metrics at the server's root."""

from __future__ import annotations

import json
import re
from pathlib import Path

from ruamel.yaml import YAML

from ari_app.model.facts import (
    CallConnected,
    CallEnded,
    CallQueued,
    CallStarted,
    Fact,
    OfferEnded,
    TalkEnded,
)
from ari_app.model.ids import CallId, OfferId, OperatorId, QueueId
from ari_app.ports import Stamped
from tests.api.house import House

DASHBOARD = Path(__file__).parents[2] / "docs" / "grafana" / "ramal.json"
ALERTS = DASHBOARD.with_name("alerts.yaml")


async def test_X11_health_and_readiness_tell_what_is_wrong(house: House) -> None:
    assert (await house.ask("GET", "/health", root=True)).json == {"status": "alive"}
    ready = await house.ask("GET", "/ready", root=True)
    assert (ready.status, ready.json["ready"]) == (200, True)
    house.readiness.wrong["pbx"] = "not connected"
    ready = await house.ask("GET", "/ready", root=True)
    assert ready.status == 503
    assert {"name": "pbx", "ok": False, "detail": "not connected"} in ready.json["checks"]


async def test_X11_metrics_are_served_for_prometheus(house: House) -> None:
    house.given_queue("support")
    told: list[tuple[float, Fact]] = [
        (0.0, CallStarted("+55", "5000", "inbound")),
        (1.0, CallQueued(QueueId("support"), {}, 0)),
        (2.0, OfferEnded(OfferId("o"), OperatorId("1005"), "missed", 1.0)),
        (4.0, CallConnected(OperatorId("1005"))),
        (9.0, TalkEnded(OperatorId("1005"), 5.0, "caller")),
        (9.0, CallEnded("answered", 16)),
    ]
    house.journal.put_facts([Stamped(at, fact, CallId("c1")) for at, fact in told])
    await house.journal.flush()
    house.metrics.ari_request("POST /channels/{id}/answer", "ok", 0.002)
    await house.ask("GET", "/calls", await house.token("admin"))
    text = (await house.ask("GET", "/metrics", root=True)).body.decode()
    for line in [
        'ramal_calls_started_total{direction="inbound"} 1.0',
        'ramal_calls_ended_total{final_state="answered"} 1.0',
        'ramal_offers_total{outcome="missed"} 1.0',
        "ramal_wait_seconds_sum 3.0",
        "ramal_talk_seconds_sum 5.0",
        'ramal_calls{phase="waiting"} 1.0',
        'ramal_queue_waiting{queue="support"} 1.0',
        "ramal_journal_backlog 0.0",
        'ramal_http_request_seconds_count{route="/api/v1/calls",status="200"} 1.0',
        'ramal_ari_request_seconds_count{operation="POST /channels/{id}/answer",outcome="ok"} 1.0',
    ]:
        assert line in text


async def test_X11_the_dashboard_asks_only_for_metrics_that_are_there(house: House) -> None:
    house.given_queue("support")
    dashboard = json.loads(DASHBOARD.read_text())
    asked = {
        name
        for panel in dashboard["panels"]
        for target in panel.get("targets", [])
        for name in re.findall(r"ramal_\w+|process_\w+", target["expr"])
    }
    assert len(asked) >= 10
    text = (await house.ask("GET", "/metrics", root=True)).body.decode()
    kinds = dict(re.findall(r"^# TYPE (\w+) (\w+)$", text, re.MULTILINE))
    known = set(kinds) | {f"{name}_{part}" for name in kinds for part in ("bucket", "sum", "count")}
    assert asked - known == set()
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])


async def test_M5_alerts_ask_for_metrics_that_are_there_and_tell_of_alarms_and_backlog(house: House) -> None:
    rules = YAML(typ="safe").load(ALERTS.read_text())["groups"][0]["rules"]
    asked = {name for rule in rules for name in re.findall(r"ramal_\w+", rule["expr"])}
    assert asked >= {"ramal_recording_alarms_total", "ramal_recording_backlog"}
    text = (await house.ask("GET", "/metrics", root=True)).body.decode()
    assert asked - set(re.findall(r"^# TYPE (\w+) ", text, re.MULTILINE)) == set()
    shown = DASHBOARD.read_text()
    assert all(name in shown for name in asked)
    assert all(rule["annotations"]["summary"] for rule in rules)

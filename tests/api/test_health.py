"""Health, readiness and metrics at the server's root."""

from __future__ import annotations

from tests.api.house import House


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
    house.metrics.call_ended("answered", 3.0)
    house.metrics.ari_request("POST /channels/{id}/answer", "ok", 0.002)
    await house.ask("GET", "/calls", await house.token("admin"))
    text = (await house.ask("GET", "/metrics", root=True)).body.decode()
    for line in [
        'ramal_calls_ended_total{final_state="answered"} 1.0',
        'ramal_calls{phase="waiting"} 1.0',
        'ramal_queue_waiting{queue="support"} 1.0',
        "ramal_journal_backlog 0.0",
        'ramal_http_request_seconds_count{route="/api/v1/calls",status="200"} 1.0',
        'ramal_ari_request_seconds_count{operation="POST /channels/{id}/answer",outcome="ok"} 1.0',
    ]:
        assert line in text

"""Every route under every role, and every route with an access bound to another client."""

from __future__ import annotations

import re
from typing import Any, get_args

import msgspec
import pytest

from ari_app.model.account import Role, User
from ari_app.model.call import FinalState
from ari_app.model.contact_import import ContactImport
from ari_app.model.facts import DigitPressed, OperatorStateChanged
from ari_app.model.ids import CallbackId, CallId, ImportId, OperatorId, Protocol, QueueId, WorkItemId
from ari_app.model.operator import Operator
from ari_app.model.routing import QueueRequest
from ari_app.model.webhook import Webhook
from ari_app.model.work import Callback, Case, WorkItem
from ari_app.ports import Stamped
from ari_app.storage.callbacks import CallbackStore
from ari_app.storage.campaigns import CampaignStore
from ari_app.storage.imports import ImportStore
from ari_app.storage.secrets import SecretBox
from ari_app.storage.webhooks import WebhookStore
from ari_app.storage.work import WorkStore
from ari_app.web.route import Route
from ari_app.web.server import all_routes
from tests.api.house import ACME, BETA, Answer, House
from tests.unit.storage.lists import campaign, contact, given_contacts

SECRET = "only-of-acme"
PROTOCOL = "20231114000001"
BODIES: dict[str, Any] = {
    "post_operators": {"extension": "1099", "name": "x"},
    "patch_operators_one": {"name": "x"},
    "put_operators_state": {"state": "available"},
    "post_calls": {"number": "+5511999990000", "operator": "1002"},
    "put_queues_state": {"closed": True},
    "post_operators_clock": {"direction": "in"},
    "post_operators_wrap-up": {"more_s": 30},
    "post_operators_punches": {"direction": "in", "at": "2023-11-14T22:00:00Z", "note": "forgot"},
    "post_flows_check": {"source": "a: 1"},
    "post_flows_publish": {"source": "a: 1"},
    "post_flows_rollback": {},
    "put_site_queues_one": {"value": {"name": "x"}},
    "put_site_skills_one": {"value": {"name": "x"}},
    "put_site_calendars_one": {"value": {"hours": {}}},
    "put_site_numbers_one": {"value": {"flow": "main"}},
    "put_site_pauses_one": {"value": {"longest_s": 600}},
    "put_prompts_one": {"audio": ""},
    "post_prompts_speak": {"text": "x"},
    "post_prompts_record": {"phone": "1001"},
    "post_flows_rehearsals": {"phone": "caller1"},
    "post_flows_scenarios_run": {},
    "post_rehearsals_acts": {"act": "operator_connects"},
    "post_session": {"username": "nobody", "password": "nothing"},
    "put_session_password": {"password": "x", "new_password": "another long password"},
    "put_session_second-factor": {"secret": "A" * 32, "code": "123456"},
    "delete_session_second-factor": {"password": "x", "code": "123456"},
    "post_users": {"username": "zoe", "password": "a long password", "role": "auditor"},
    "patch_users_one": {"enabled": False},
    "patch_work-items_one": {"state": "taken"},
    "post_cases": {"kind": "support", "from": "5511"},
    "patch_cases_one": {"state": "closed"},
    "post_calls_disposition": {"answers": {"fault": "noise"}},
    "post_notices": {"text": "x"},
    "post_supervision": {"phone": "1002", "call_id": "c1"},
    "patch_supervision_one": {"mode": "whisper"},
    "post_calls_transfer": {"target": {"kind": "operator", "to": "1002"}},
    "post_calls_consult": {"target": {"kind": "operator", "to": "1002"}},
    "post_tokens": {"name": "x", "role": "auditor"},
    "post_campaigns": {"name": "x"},
    "post_operators_preview_accept": {"attempt": "a1"},
    "post_operators_preview_skip": {"attempt": "a1", "reason": "wrong hour"},
    "patch_campaigns_one": {"ratio": 2.0},
    "put_campaigns_contacts_callback": {"at": "2023-11-14T23:00:00Z"},
    "post_campaigns_imports_start": {},
    "post_dnc": {"numbers": ["21 97777-0000"]},
    "post_listening-lists": {"name": "x"},
    "post_webhooks": {"url": "https://example.com/hook", "events": ["call.*"]},
    "patch_webhooks_one": {"enabled": False},
    "patch_listening-lists_one": {"name": "x"},
    "post_recordings_notes": {"at_s": 1.0, "text": "x"},
    "put_recordings_hold": {"reason": "x"},
    "post_persons_export": {"number": "+551199"},
    "post_persons_erase": {"number": "+551199", "reason": "asked"},
}
QUERIES = {
    **{f"delete_site_{kind}_one": "?base=x" for kind in ("queues", "skills", "calendars", "numbers")},
    "get_flows_diff": "?from=v1",
    "get_dnc_check": "?number=11988880000",
}
PARTS = {"contact": "1", "import": "imp1", "number": "+5511988880000"}


async def given_everything(house: House) -> None:
    """One of each kind of thing, all of the client acme, each with the word that must not get out."""
    ended: dict[str, Any] = {
        "connected_at": 1_700_000_000.0,
        "ended_at": 1_700_000_000.0,
        "final_state": FinalState.ANSWERED,
    }
    await house.given_call("c1", digits=SECRET, queue="support", operator="1001", **ended)
    await house.given_recording(SECRET, "c1")
    await given_work(house)
    await given_list(house)
    await house.desk.create(Operator(OperatorId("1001"), SECRET, {}, client=ACME), by="test")
    house.given_queue(SECRET)
    await house.office.publish("main", f"name: {SECRET}", by="test")
    await house.users.insert(User("ana", "supervisor", ACME), SECRET, now=0.0)
    house.journal.put_facts(
        [
            Stamped(1.0, DigitPressed(SECRET), CallId("c1"), ACME),
            Stamped(1.0, OperatorStateChanged(OperatorId("1001"), "a", "b", SECRET, "x"), None, ACME),
        ]
    )
    await house.journal.flush()


async def given_work(house: House) -> None:
    """A message, a case and a promise of the client acme."""
    store, promises = WorkStore(house.database), CallbackStore(house.database)
    item = WorkItem(WorkItemId(SECRET), "voicemail", QueueId("support"), CallId("c1"), SECRET, "5000", 1.0)
    await store.add_item(msgspec.structs.replace(item, client=ACME))
    (house.folder / "message.wav").write_bytes(b"RIFF" + SECRET.encode())
    await store.audio_stored(item.id, "message.wav", 2.0, "ab" * 32)
    house.journal.put_case(Case(Protocol(PROTOCOL), "complaint", SECRET, 1.0, 2.0, client=ACME))
    request = QueueRequest(QueueId("support"), client=ACME)
    promise = Callback(CallbackId("cb1"), CallId("c1"), SECRET, "5000", request, 1.0, 1.0, 1.0, ACME)
    await promises.add_callback(promise)
    webhook = Webhook(SECRET, f"https://example.com/{SECRET}", ("*",), 1.0, ACME)
    await WebhookStore(house.database, SecretBox(b"k" * 32)).add(webhook, "whsec_" + "A" * 43 + "=")


async def given_list(house: House) -> None:
    """A campaign of the client acme with a contact, an import and a blocked number."""
    store = CampaignStore(house.database)
    ready = campaign("camp1", client=ACME, status="paused", queue=QueueId("support"))
    await store.add_campaign(msgspec.structs.replace(ready, name=SECRET))
    await given_contacts(house.database, [contact("+5511988880001", campaign="camp1", name=SECRET)])
    job = ContactImport(id=ImportId("imp1"), campaign=ready.id, client=ACME, file_name=SECRET, by=SECRET,
                        created_at=1.0, state="ready", columns=("Fone",))  # fmt: skip
    await ImportStore(house.database).add_import(job)
    await store.add_dnc(ACME, ["+5511988880000"], source=SECRET, by=SECRET, now=1.0)


def path_of(route: Route) -> str:
    first = route.path.split("/")[1]
    ids = {"calls": "c1", "recordings": SECRET, "operators": "1001", "queues": SECRET, "flows": "main"}
    ids |= {"cases": PROTOCOL, "callbacks": "cb1", "work-items": SECRET, "campaigns": "camp1"}
    ids |= {"webhooks": SECRET}
    known = ids.get(first, {"users": "ana"}.get(first, "none"))
    filled = re.sub(r"\{(\w+)\}", lambda part: PARTS.get(part[1], known), route.path)
    return filled + QUERIES.get(route.action, "")


async def call(house: House, route: Route, token: str | None) -> Answer:
    options: dict[str, Any] = {}
    if route.body is not None:
        options = {"json": {} if route.body_optional else BODIES[route.action]}
    if route.takes:
        options = {"data": b"Fone\n11988880001\n", "headers": {"Content-Type": "text/csv"}}
    return await house.ask(route.method, path_of(route), token, **options)


@pytest.mark.parametrize("role", [*get_args(Role), None])
async def test_X7_every_route_lets_in_exactly_the_roles_it_declares(house: House, role: Role | None) -> None:
    await given_everything(house)
    routes = all_routes(house.resources)
    assert len(routes) > 30
    for route in sorted(routes, key=lambda route: route.method == "DELETE"):
        operator = "1001" if role == "operator" else None
        token = (
            None if role is None else await house.token(role, ACME if role == "client" else None, operator)
        )
        answer = await call(house, route, token)
        assert answer.status < 500, (route.action, answer.body)
        if role is None:
            expected = answer.status == 401 if route.roles else answer.status != 403
            assert expected, (route.action, answer.status)
        elif role in route.roles and not (role == "client" and route.installation):
            assert answer.status not in {401, 403}, (route.action, role, answer.body)
        elif route.roles:
            assert answer.status == 403, (route.action, role, answer.status)


@pytest.mark.parametrize("role", get_args(Role))
async def test_T1_nothing_of_a_client_shows_to_another_on_any_route(house: House, role: Role) -> None:
    await given_everything(house)
    operator = "2001" if role == "operator" else None
    for route in all_routes(house.resources):
        token = await house.token(role, BETA, operator)
        answer = await call(house, route, token)
        assert answer.status < 500, (route.action, answer.body)
        told = answer.body.decode(errors="replace")
        if answer.status < 400:
            assert SECRET not in told, route.action
            assert "1001" not in told, route.action
            assert "{" not in route.path, (route.action, answer.status)
        else:
            assert "acme" not in told.replace(SECRET, ""), route.action  # the path is repeated, no more
    view = house.desk.view(OperatorId("1001"))
    assert view is not None
    assert (view.operator.name, view.state) == (SECRET, "signed_out")
    assert [user.username for user in (await house.users.page(ACME)).items] == ["ana"]
    assert house.office.source("main", None) == f"name: {SECRET}"


async def test_T1_nobody_hands_out_access_to_another_client(house: House) -> None:
    admin = await house.token("admin", BETA)
    for path, body in [
        ("/users", {**BODIES["post_users"], "client": "acme"}),
        ("/tokens", {**BODIES["post_tokens"], "client": "acme"}),
        ("/operators", {**BODIES["post_operators"], "client": "acme"}),
    ]:
        assert (await house.ask("POST", path, admin, json=body)).status == 403
    made = await house.ask("POST", "/tokens", admin, json=BODIES["post_tokens"])
    assert made.json["client"] == "beta"


async def test_an_operator_sees_and_moves_only_itself(house: House) -> None:
    await given_everything(house)
    await house.desk.create(Operator(OperatorId("1002"), "Davi", {}, client=ACME), by="test")
    await house.given_call("c2", operator="1002")
    token = await house.token("operator", ACME, "1002")
    listed = (await house.ask("GET", "/operators", token)).json["items"]
    assert [operator["extension"] for operator in listed] == ["1002"]
    calls = (await house.ask("GET", "/calls?operator=1001", token)).json["items"]
    assert [call["id"] for call in calls] == ["c2"]
    assert (await house.ask("GET", "/calls/c1", token)).status == 404
    assert (await house.ask("GET", "/calls/c1/trace", token)).status == 404
    state = {"state": "available"}
    assert (await house.ask("PUT", "/operators/1001/state", token, json=state)).status == 404
    assert (await house.ask("PUT", "/operators/1002/state", token, json=state)).status == 200


async def test_every_response_carries_the_security_headers(house: House) -> None:
    for path in ("/calls", "/openapi.json", "/nowhere"):
        headers = (await house.ask("GET", path)).headers
        policy = headers["Content-Security-Policy"]
        assert "script-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert "aiohttp" not in headers["Server"].lower()
    bad = await house.ask("GET", "/calls", headers={"Authorization": "Basic YTpi"})
    assert (bad.status, bad.headers["WWW-Authenticate"]) == (401, 'Bearer realm="ramal"')

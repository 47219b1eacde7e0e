"""Campaigns over HTTP: made, checked, changed while they run, listed, counted, exported."""

from __future__ import annotations

import asyncio
import csv
import io
import time
import zipfile
from typing import Any

import pytest

from ari_app.model.campaign import AttemptEnd
from ari_app.model.ids import CampaignId
from ari_app.storage.attempts import AttemptStore
from ari_app.storage.campaigns import CampaignStore
from tests.api.house import ACME, House
from tests.unit.storage.lists import always

GOOD: dict[str, Any] = {"name": "Autumn", "queue": "sales", "caller_ids": ["+551140000000"]}
LIST = "CPF;Nome;Telefone;Nota\n111;Ana;11988880001;=1+1\n222;Bia;x;y\n333;Caio;11988880003;ok\n"


async def created(house: House, admin: str, **fields: Any) -> str:
    answer = await house.ask("POST", "/campaigns", admin, json={**GOOD, **fields})
    assert answer.status == 201, answer.body
    return str(answer.json["id"])


async def imported(house: House, admin: str, ident: str, text: str, query: str = "") -> dict[str, Any]:
    headers = {"Content-Type": "text/csv"}
    path = f"/campaigns/{ident}/contacts?name=list.csv{query}"
    answer = await house.ask("POST", path, admin, data=text.encode(), headers=headers)
    assert answer.status == 202, answer.body
    return await settled(house, admin, ident, answer.json["id"])


async def settled(house: House, admin: str, ident: str, job: str) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        answer = await house.ask("GET", f"/campaigns/{ident}/imports/{job}", admin)
        if answer.json["state"] not in {"preparing", "running"}:
            return dict(answer.json)
        await asyncio.sleep(0.02)
    raise AssertionError(answer.json)


async def test_O2_a_campaign_lives_through_its_statuses(house: House) -> None:
    admin = await house.token("admin", ACME)
    ident = await created(house, admin, mode="predictive")
    path = f"/campaigns/{ident}"
    assert (await house.ask("POST", f"{path}/pause", admin)).status == 409
    started = await house.ask("POST", f"{path}/start", admin)
    assert (started.json["status"], started.json["still_ringing"]) == ("running", [])
    changed = await house.ask("PATCH", path, admin, json={"mode": "power", "ratio": 2.5, "abandon_cap": 0.01})
    assert (changed.json["mode"], changed.json["ratio"], changed.json["version"]) == ("power", 2.5, 3)
    for act, status in (("pause", "paused"), ("resume", "running"), ("stop", "stopped")):
        assert (await house.ask("POST", f"{path}/{act}", admin)).json["status"] == status
    running = await house.ask("GET", "/campaigns?status=running", admin)
    assert running.json["items"] == []
    assert [c["id"] for c in (await house.ask("GET", "/campaigns", admin)).json["items"]] == [ident]


async def test_O12_a_campaign_is_deleted_with_its_list_unless_it_runs_or_has_dialled(house: House) -> None:
    admin = await house.token("admin", ACME)
    ident = await created(house, admin)
    path = f"/campaigns/{ident}"
    job = await imported(house, admin, ident, LIST)
    report = house.folder.parent / "imports" / f"{job['id']}.report.csv"
    assert report.exists()
    await house.ask("POST", f"{path}/start", admin)
    running = await house.ask("DELETE", path, admin)
    assert (running.status, "stop it first" in running.json["detail"]) == (409, True)
    campaign = await CampaignStore(house.database).campaign(CampaignId(ident))
    assert campaign is not None
    await house.ask("POST", f"{path}/stop", admin)
    assert (await house.ask("DELETE", path, admin)).status == 204
    assert not report.exists()
    assert (await house.ask("GET", path, admin)).status == 404
    assert (await house.ask("GET", f"{path}/contacts", admin)).status == 404
    assert (await CampaignStore(house.database).contacts(CampaignId(ident))).items == ()
    dialled = await created(house, admin)
    await imported(house, admin, dialled, LIST)
    await house.ask("POST", f"/campaigns/{dialled}/start", admin)
    campaign = await CampaignStore(house.database).campaign(CampaignId(dialled))
    assert campaign is not None
    await AttemptStore(house.database).claim(campaign, 1, house.clock.now(), always)
    await house.ask("POST", f"/campaigns/{dialled}/stop", admin)
    kept = await house.ask("DELETE", f"/campaigns/{dialled}", admin)
    assert (kept.status, "evidence" in kept.json["detail"]) == (409, True)


async def test_O11_a_campaign_that_lacks_something_is_not_started(house: House) -> None:
    admin = await house.token("admin", ACME)
    ident = await created(house, admin, caller_ids=[], queue=None)
    answer = await house.ask("POST", f"/campaigns/{ident}/start", admin)
    assert answer.status == 409
    assert "caller_ids: empty" in answer.json["detail"]
    assert "queue: progressive needs operators" in answer.json["detail"]


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"ring_s": 10}, "$.ring_s"),
        ({"abandon_cap": 0.05}, "$.abandon_cap"),
        ({"profile": "narnia"}, "$.profile"),
        ({"caller_ids": ["anonymous"]}, "$.caller_ids[0]"),
        ({"hours": {"by_weekday": {"9": [[0, 60]]}}}, "$.hours"),
        ({"holidays": ["2026-02-30"]}, "$.holidays"),
        ({"retries": {"busy": {"after_s": [1], "at_most": 3}}}, "$.retries.busy.after_s"),
        ({"caps": {"per_number_day": -1}}, "$.caps.per_number_day"),
        ({"colour": "red"}, "$"),
    ],
)
async def test_O5_what_cannot_be_meant_is_refused_with_its_field(
    house: House, fields: dict[str, Any], path: str
) -> None:
    admin = await house.token("admin", ACME)
    answer = await house.ask("POST", "/campaigns", admin, json={**GOOD, **fields})
    assert (answer.status, [error["path"] for error in answer.json["errors"]]) == (422, [path])
    ident = await created(house, admin)
    assert (await house.ask("PATCH", f"/campaigns/{ident}", admin, json=fields)).status == 422


async def test_O1_a_list_is_imported_reported_and_exported_safely(house: House) -> None:
    admin = await house.token("admin", ACME)
    ident = await created(house, admin)
    job = await imported(house, admin, ident, LIST)
    assert (job["state"], job["progress"], job["counts"]["accepted"], job["counts"]["rejected"]) == (
        "done",
        1,
        2,
        1,
    )
    report = await house.ask("GET", f"/campaigns/{ident}/imports/{job['id']}/report", admin)
    rows = list(csv.DictReader(io.StringIO(report.body.decode("utf-8-sig"))))
    assert [(row["line"], row["code"], row["value"]) for row in rows] == [("3", "not_a_number", "x")]
    people = (await house.ask("GET", f"/campaigns/{ident}/contacts", admin)).json["items"]
    assert [(person["name"], person["phones"][0]["number"]) for person in people] == [
        ("Ana", "+5511988880001"),
        ("Caio", "+5511988880003"),
    ]
    one = await house.ask("GET", f"/campaigns/{ident}/contacts?number=%2B5511988880003", admin)
    assert [person["person"] for person in one.json["items"]] == ["333"]
    sheet = await house.ask("GET", f"/campaigns/{ident}/export", admin)
    exported = list(csv.DictReader(io.StringIO(sheet.body.decode("utf-8-sig"))))
    assert exported[0]["Nota"] == "'=1+1"
    book = await house.ask("GET", f"/campaigns/{ident}/export?format=xlsx", admin)
    cells = zipfile.ZipFile(io.BytesIO(book.body)).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in cells
    assert "=1+1" in cells


async def test_O1_a_preview_is_mapped_by_people_and_then_imported(house: House) -> None:
    admin = await house.token("admin", ACME)
    ident = await created(house, admin)
    job = await imported(house, admin, ident, "quem;onde;x\nAna;98888-0001;1\n", "&begin=false")
    assert (job["state"], job["columns"]) == ("ready", ["quem", "onde", "x"])
    assert "no column is the phone" in job["problem"]
    options = {"mapping": {"onde": "phone", "quem": "name", "x": "ignore"}, "area_code": "11"}
    path = f"/campaigns/{ident}/imports/{job['id']}"
    assert (await house.ask("POST", f"{path}/start", admin, json=options)).status == 200
    done = await settled(house, admin, ident, job["id"])
    assert (done["state"], done["counts"]["accepted"]) == ("done", 1)
    assert (await house.ask("POST", f"{path}/start", admin, json=options)).status == 409
    assert (await house.ask("DELETE", path, admin)).status == 409
    kept = (await house.ask("GET", f"/campaigns/{ident}/contacts", admin)).json["items"][0]
    assert (kept["name"], kept["phones"][0]["number"], kept["data"]) == ("Ana", "+5511988880001", {})


async def test_O1_what_is_sent_wrongly_is_refused(house: House) -> None:
    admin = await house.token("admin", ACME)
    ident = await created(house, admin)
    path = f"/campaigns/{ident}/contacts"
    for query, headers, status in (
        ("", {"Content-Type": "application/json"}, 415),
        ("?mapping=nonsense", {"Content-Type": "text/csv"}, 400),
        ("?mapping=%7B%22a%22:%22colour%22%7D", {"Content-Type": "text/csv"}, 400),
        ("?region=brazil", {"Content-Type": "text/csv"}, 400),
    ):
        answer = await house.ask("POST", path + query, admin, data=b"x", headers=headers)
        assert (answer.status, answer.json["status"]) == (status, status), answer.body
    assert (await house.ask("GET", f"/campaigns/{ident}/imports", admin)).json["items"] == []
    failed = await imported(house, admin, ident, "\n")
    assert (failed["state"], failed["problem"]) == ("failed", "the file is empty")


async def test_O9_a_call_is_promised_for_a_time_and_an_operator(house: House) -> None:
    admin = await house.token("admin", ACME)
    ident = await created(house, admin)
    await imported(house, admin, ident, LIST)
    person = (await house.ask("GET", f"/campaigns/{ident}/contacts", admin)).json["items"][0]["id"]
    operator = await house.token("operator", ACME, "1005")
    path = f"/campaigns/{ident}/contacts/{person}/callback"
    promise = {"at": "2023-11-15T12:00:00Z", "operator": "1005"}
    kept = await house.ask("PUT", path, operator, json=promise)
    assert (kept.status, kept.json["state"], kept.json["owner"]) == (200, "personal", "1005")
    assert kept.json["next_at"] == "2023-11-15T12:00:00.000Z"
    other = await house.ask("PUT", path, operator, json={**promise, "operator": "1006"})
    assert other.status == 403
    shared = await house.ask("PUT", path, operator, json={"at": "2023-11-15T12:00:00Z"})
    assert (shared.json["state"], shared.json["owner"]) == ("ready", None)


async def test_O15_figures_and_attempts_are_told(house: House) -> None:
    admin = await house.token("admin", ACME)
    ident = await created(house, admin)
    await imported(house, admin, ident, LIST)
    await house.ask("POST", f"/campaigns/{ident}/start", admin)
    book, now = AttemptStore(house.database), house.clock.now()
    running = await CampaignStore(house.database).campaign(CampaignId(ident))
    assert running is not None
    first, second = (await book.claim(running, 2, now, always)).claims
    dropped = AttemptEnd(result="abandoned", ended_at=now + 4, answered_at=now + 1, drop_ms=2050)
    await book.resolve(first.attempt.id, dropped)
    stats = (await house.ask("GET", f"/campaigns/{ident}/stats", admin)).json
    assert (stats["contacts"], stats["results"]) == (
        {"ready": 1, "dialing": 1},
        {"abandoned": 1, "dialing": 1},
    )
    assert (stats["abandon_rate"], stats["attempts_last_hour"], stats["live"]) == (1.0, 1, None)
    assert stats["forecast_finish_at"] > "2023-11-14"
    listed = (await house.ask("GET", f"/campaigns/{ident}/attempts?dropped=true", admin)).json["items"]
    assert [(a["id"], a["drop_ms"]) for a in listed] == [(first.attempt.id, 2050)]
    open_ones = (await house.ask("GET", f"/campaigns/{ident}/attempts?result=dialing", admin)).json["items"]
    assert [a["id"] for a in open_ones] == [second.attempt.id]
    table = await house.ask("GET", f"/campaigns/{ident}/export?what=attempts", admin)
    rows = csv.DictReader(io.StringIO(table.body.decode("utf-8-sig")))
    assert {row["result"] for row in rows} == {"", "abandoned"}


async def test_O6_numbers_are_blocked_for_a_client_or_for_all(house: House) -> None:
    chief, acme = await house.token("admin"), await house.token("admin", ACME)
    operator = await house.token("operator", ACME, "1005")
    numbers = ["11 98888-0001", "+5511988880001", "nonsense", "(21) 97777-0000"]
    added = (await house.ask("POST", "/dnc", operator, json={"numbers": numbers, "source": "caller"})).json
    assert (added["given"], added["added"], added["known"]) == (4, 2, 1)
    assert [(one["value"], one["code"]) for one in added["refused"]] == [("nonsense", "not_a_number")]
    body = {"numbers": ["11 96666-0000"], "everybody": True}
    assert (await house.ask("POST", "/dnc", acme, json=body)).status == 403
    assert (await house.ask("POST", "/dnc", chief, json=body)).json["added"] == 1
    for number, blocked in (("11988880001", True), ("11 96666 0000", True), ("11 95555 0000", False)):
        check = (await house.ask("GET", f"/dnc/check?number={number}", acme)).json
        assert check["blocked"] is blocked
    listed = (await house.ask("GET", "/dnc?limit=2", acme)).json
    rest = (await house.ask("GET", f"/dnc?limit=2&cursor={listed['next']}", acme)).json
    assert len({one["number"] for one in [*listed["items"], *rest["items"]]}) == 3
    assert {one["client"] for one in [*listed["items"], *rest["items"]]} == {None, "acme"}
    assert (await house.ask("DELETE", "/dnc/+5511988880001", acme)).status == 204
    assert (await house.ask("DELETE", "/dnc/+5511988880001", acme)).status == 404
    assert (await house.ask("DELETE", "/dnc/+5511966660000?everybody=true", acme)).status == 403
    assert (await house.ask("GET", "/dnc/check?number=11988880001", acme)).json["blocked"] is False

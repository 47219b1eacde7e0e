"""Queues, skills, calendars and numbers, changed one at a time over HTTP (C2, C4, X7)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from ari_app.model.ids import OperatorId, QueueId, SkillId
from ari_app.model.operator import Operator
from ari_app.storage.campaigns import CampaignStore
from tests.api.house import ACME, House
from tests.unit.storage.lists import campaign


class Admin:
    """Somebody who edits the site."""

    def __init__(self, house: House, token: str) -> None:
        self._house = house
        self._token = token

    async def ask(self, method: str, path: str, status: int = 200, **options: Any) -> Any:
        answer = await self._house.ask(method, path, self._token, **options)
        assert answer.status == status, answer.body
        return answer.json if answer.body else None

    async def put(
        self, path: str, value: dict[str, Any], base: str | None = None, *, status: int = 200
    ) -> Any:
        return await self.ask("PUT", f"/site/{path}", status, json={"value": value, "base": base})

    async def text(self) -> str:
        """The live file: `SiteDesk` publishes it as the flow editor would."""
        site: Any = next(each for each in self._house.resources if type(each).__name__ == "SiteApi")
        text: str = site.office._shelf.source("site", None)
        return text


@pytest.fixture
async def admin(house: House) -> Admin:
    return Admin(house, await house.token("admin"))


async def test_C4_a_queue_is_changed_and_nothing_else_of_the_file(admin: Admin) -> None:
    before = await admin.text()
    queue = await admin.ask("GET", "/site/queues/support")
    assert queue["value"] == {"name": "Support", "skills": {"modem": 1}}
    assert (queue["effective"]["ring_s"], queue["effective"]["wrap_up_s"]) == (20.0, 15.0)
    changed = await admin.put(
        "queues/support", {**queue["value"], "ring_s": 12, "form": None}, queue["version"]
    )
    assert changed["effective"]["ring_s"] == 12.0
    after = await admin.text()
    assert [line for line in after.splitlines() if line not in before.splitlines()] == ["    ring_s: 12"]
    assert [line for line in before.splitlines() if line not in after.splitlines()] == []
    standing = await admin.ask("GET", "/site")
    told = (standing["published_by"], standing["flows"], standing["problems"])
    assert told == ("token:admin", ["main"], [])
    again = await admin.put("queues/support", changed["value"], changed["version"])
    assert again["version"] == changed["version"]
    assert (await admin.ask("GET", "/site"))["version"] == standing["version"], "no version without a change"


async def test_C4_of_two_admins_the_second_is_told_and_other_entries_do_not_meet(admin: Admin) -> None:
    queue, calendar = [
        await admin.ask("GET", path) for path in ("/site/queues/night", "/site/calendars/office")
    ]
    await admin.put("queues/night", {**queue["value"], "name": "Late"}, queue["version"])
    late = await admin.put("queues/night", {**queue["value"], "ring_s": 9}, queue["version"], status=409)
    assert late["detail"] == "queue night was changed meanwhile by token:admin"
    hours = {**calendar["value"]["hours"], "tue": ["09:00-12:00"]}
    await admin.put("calendars/office", {"hours": hours}, calendar["version"])
    assert (await admin.ask("GET", "/site/queues/night"))["value"] == {"name": "Late", "calendar": "office"}
    assert (await admin.put("queues/night", {"name": "x"}, status=409))["detail"].endswith("exists already")
    await admin.ask("DELETE", f"/site/queues/night?base={queue['version']}", 409)


async def test_C4_what_is_new_is_added_and_taken_out_again(admin: Admin) -> None:
    before = await admin.text()
    for path, value in (
        ("skills/french", {"name": "Français: sim"}),
        ("queues/paris", {"name": "Paris", "skills": {"french": 2}, "overflow": {"full": "support"}}),
        ("numbers/+5511*9", {"flow": "main", "name": "<b>"}),
        ("calendars/nights", {"hours": {"sun": ["22:00-06:00"]}, "timezone": "Europe/Paris"}),
    ):
        made = await admin.put(path, value)
        assert made["value"] == value
    french = await admin.ask("GET", "/site/skills/french")
    assert french["uses"] == [{"kind": "queue", "name": "paris", "firm": True}]
    refused = await admin.ask("DELETE", f"/site/skills/french?base={french['version']}", 422)
    assert "unknown skill `french`" in refused["errors"][0]["message"]
    for path in ("queues/paris", "skills/french", "numbers/+5511*9", "calendars/nights"):
        there = await admin.ask("GET", f"/site/{path}")
        await admin.ask("DELETE", f"/site/{path}?base={there['version']}", 204)
        await admin.ask("GET", f"/site/{path}", 404)
    assert await admin.text() == before


async def test_C4_who_uses_it_is_told_and_holds_it(admin: Admin, house: House) -> None:
    operator = Operator(OperatorId("1001"), "Ana", {SkillId("modem"): 2}, queues=(QueueId("night"),))
    await house.desk.create(operator, by="test")
    dialling = campaign("c1", client=ACME, status="running", queue=QueueId("night"))
    await CampaignStore(house.database).add_campaign(msgspec.structs.replace(dialling, name="Recall"))
    by_name = {one["name"]: one for one in (await admin.ask("GET", "/site/queues"))["items"]}
    assert {(use["kind"], use["name"], use["firm"]) for use in by_name["support"]["uses"]} == {
        ("flow", "main", True), ("site", "default_queue", True),
    }  # fmt: skip
    night = by_name["night"]
    assert {(use["kind"], use["name"], use["firm"]) for use in night["uses"]} == {
        ("operator", "1001", False), ("campaign", "Recall", True),
    }  # fmt: skip
    told = await admin.ask("DELETE", f"/site/queues/night?base={night['version']}", 409)
    assert told["detail"] == "queue night is in use: campaign Recall"
    modem = await admin.ask("GET", "/site/skills/modem")
    assert {use["kind"] for use in modem["uses"]} == {"flow", "queue", "operator"}
    office = await admin.ask("GET", "/site/calendars/office")
    refused = await admin.ask("DELETE", f"/site/calendars/office?base={office['version']}", 422)
    (problem,) = refused["errors"]
    assert (problem["file"], problem["code"]) == ("site.yaml", "unknown-calendar")
    support = by_name["support"]
    refused = await admin.ask("DELETE", f"/site/queues/support?base={support['version']}", 422)
    assert {error["file"] for error in refused["errors"]} == {"site.yaml"}, "its own mistakes first"


@pytest.mark.parametrize(
    ("path", "value", "where", "words"),
    [
        ("queues/support", {"name": "S", "ring_s": 0}, "$.value.ring_s", "allowed is"),
        ("queues/support", {"name": "S", "ring_s": "soon"}, "$.value.ring_s", "must be a number"),
        ("queues/support", {"name": "S", "rings": 3}, "$.value.rings", "unknown key"),
        ("queues/support", {"ring_s": 3}, "$.value", "needs `name`"),
        ("queues/support", {"name": "S", "skills": {"x": 1}}, "$.value.skills.x", "unknown skill"),
        ("queues/support", {"name": "S", "skills": {"modem": 9}}, "$.value.skills.modem", "1 to 5"),
        ("queues/support", {"name": "S", "calendar": "x"}, "$.value.calendar", "unknown calendar"),
        ("queues/support", {"name": "S", "form": "x"}, "$.value.form", "unknown form"),
        ("queues/support", {"name": "S", "code": "12a"}, "$.value.code", "1 to 6 digits"),
        ("queues/support", {"name": "S", "relax": [{"after_s": 1}]}, "$.value", "changes nothing"),
        (
            "queues/support",
            {"name": "S", "calling_back": {"hours": "8-9"}},
            "$.value.calling_back.hours",
            "08:",
        ),
        ("queues/support", {"name": {"a": [1]}}, "$.value.name", "must be a text"),
        ("skills/modem", {"name": "M", "more": 1}, "$.value", "must be a text"),
        ("calendars/office", {"hours": {"mon": ["8-18"]}}, "$.value.hours.mon", "no span of hours"),
        ("calendars/office", {"hours": {"moon": []}}, "$.value.hours", "must be one of"),
        ("calendars/office", {"hours": {}, "timezone": "Mars/X"}, "$.value.timezone", "unknown time zone"),
        ("calendars/office", {"hours": {}, "closures": [{"start": "x"}]}, "$.value.closures.0", "write days"),
        ("numbers/5000", {"flow": "nope"}, "$.value.flow", "does not exist"),
        ("numbers/5000", {"flow": "main", "language": "xx-y"}, "$.value.language", "not a valid language"),
    ],
)
async def test_C3_a_mistake_is_told_at_its_field_and_changes_nothing(
    admin: Admin, path: str, value: dict[str, Any], where: str, words: str
) -> None:
    before = await admin.text()
    base = (await admin.ask("GET", f"/site/{path}"))["version"]
    refused = await admin.put(path, value, base, status=422)
    told = {error.get("path"): error["message"] for error in refused["errors"]}
    assert words in told[where], told
    assert all(
        error["file"] in {"site.yaml", "main.yaml"} and error["line"] >= 1 for error in refused["errors"]
    )
    assert await admin.text() == before


@pytest.mark.parametrize("path", ["queues/A B", "queues/-x", "skills/x%0Ay", "numbers/<b>", "calendars/x:y"])
async def test_C3_a_bad_name_is_refused(admin: Admin, path: str) -> None:
    before = await admin.text()
    refused = await admin.put(path, {"name": "x"}, status=422)
    assert refused["errors"][0]["path"] == "$.name"
    assert await admin.text() == before


async def test_C3_values_that_go_too_deep_or_hold_yaml_are_refused_or_kept_as_text(admin: Admin) -> None:
    deep: dict[str, Any] = {"name": "x"}
    for _ in range(40):
        deep = {"name": deep}
    refused = await admin.put("queues/deep", deep, status=422)
    assert refused["errors"]
    hostile = 'x"\nqueues: {}\n# ${jndi} \u2028 \x85 {{ '
    made = await admin.put("skills/odd", {"name": hostile})
    assert made["value"] == {"name": hostile}
    assert set((await admin.ask("GET", "/site/queues"))["items"][0]) >= {"name", "value"}


async def test_X7_every_change_of_the_site_is_in_the_audit_log(admin: Admin, house: House) -> None:
    await admin.put("skills/french", {"name": "French"})
    found = (await house.ask("GET", "/audit", await house.token("auditor"))).json["items"]
    entry = next(one for one in found if one["action"] == "put_site_skills_one")
    assert (entry["who"], entry["target"], entry["status"]) == ("token:admin", "french", 200)
    supervisor = await house.token("supervisor")
    assert (await house.ask("GET", "/site/skills", supervisor)).status == 200
    body = {"value": {"name": "x"}}
    assert (await house.ask("PUT", "/site/skills/x", supervisor, json=body)).status == 403
    bound = await house.token("admin", ACME)
    assert (await house.ask("PUT", "/site/skills/x", bound, json=body)).status == 403

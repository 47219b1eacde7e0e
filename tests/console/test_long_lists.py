"""Ten thousand rows in every list that grows: by pages, only those in sight exist, names do no harm."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import Table, Text, delete, insert, select

from ari_app.model.campaign import Campaign
from ari_app.model.ids import CampaignId, QueueId
from ari_app.model.routing import QueueRequest
from ari_app.storage import schema
from ari_app.storage.audit import _chained
from ari_app.storage.campaign_schema import campaign_attempts, campaigns, contacts, dnc_numbers
from tests.console.conftest import SignedIn
from tests.console.seed import HOSTILE
from tests.console.served import Served

MANY = 10_000
NAME = HOSTILE[:60]
AN_AGE_AGO = time.time() - 40 * 86_400


def _row(table: Table, **given: Any) -> dict[str, Any]:
    """A row with what was given, and a hostile name in every other column that takes text."""
    usual = {"client_id": "default", "state": "new", "role": "auditor", "form": "{}", "audio": "missing"}
    row: dict[str, Any] = {}
    for column in table.columns:
        if column.name in given:
            row[column.name] = given[column.name]
        elif column.name in usual:
            row[column.name] = usual[column.name]
        elif not column.nullable and column.autoincrement is not True:
            row[column.name] = NAME if isinstance(column.type, Text) else 0
    return row


def _tables(campaign: str) -> dict[Table, list[dict[str, Any]]]:
    """Older than all that other tests put there."""
    each = [(place, AN_AGE_AGO - place) for place in range(MANY)]
    request = msgspec.json.encode(QueueRequest(QueueId("support"))).decode()
    return {
        schema.users: [_row(schema.users, username=f"zz{i:05d}") for i, _ in each],
        schema.api_tokens: [
            _row(schema.api_tokens, id=f"many{i}", sha256=f"many{i}", created_at=at) for i, at in each
        ],
        schema.work_items: [
            _row(schema.work_items, id=f"many{i}", kind="message", created_at=at) for i, at in each
        ],
        schema.cases: [
            _row(schema.cases, protocol=f"1999{i:010d}", kind="order", state="open", opened_at=at)
            for i, at in each
        ],
        contacts: [
            _row(contacts, campaign_id=campaign, person=f"{NAME} {i}", state="ready", phones="[]", data="{}")
            for i, _ in each
        ],
        campaign_attempts: [
            _row(campaign_attempts, id=f"many{i}", campaign_id=campaign, contact_id=i, started_at=at)
            for i, at in each
        ],
        campaigns: [
            _row(campaigns, id=f"many{i}", status="draft", created_at=at, body=_campaign(i)) for i, at in each
        ],
        dnc_numbers: [_row(dnc_numbers, number=f"+5599{i:09d}", added_at=at) for i, at in each],
        schema.callbacks: [
            _row(schema.callbacks, id=f"many{i}", request=request, state="done", booked_at=at)
            for i, at in each
        ],
        schema.webhook_deliveries: [
            _row(
                schema.webhook_deliveries, id=f"many{i}", webhook_id="wh_seeded", seq=1000 + i,
                state="delivered", created_at=at,
            )
            for i, at in each
        ],
    }  # fmt: skip


def _campaign(place: int) -> str:
    named = Campaign(id=CampaignId(f"many{place}"), name=f"{NAME} {place}", created_at=AN_AGE_AGO - place)
    return msgspec.json.encode(named).decode()


async def _audited(served: Served) -> None:
    """As many acts, truly chained: the log can tell itself whole."""
    columns = schema.audit.c
    async with served.house.database.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE audit SET seq = seq WHERE seq = -1")
        last = await connection.scalar(select(columns.hash).order_by(columns.seq.desc()).limit(1))
        rows = []
        for place in range(MANY):
            row = {
                "client_id": None, "at": time.time(), "who": NAME, "role": "admin", "address": "127.0.0.1",
                "action": "GET /recordings", "target": f"{NAME} {place}", "status": 200, "detail": "{}",
            }  # fmt: skip
            last = _chained(last or "0" * 64, row)
            rows.append(row | {"hash": last})
        await connection.execute(insert(schema.audit), rows)


async def _put(served: Served, tables: dict[Table, list[dict[str, Any]]]) -> None:
    async with served.house.database.engine.begin() as connection:
        for table, rows in tables.items():
            await connection.execute(insert(table), rows)


async def _forget(served: Served, campaign: str) -> None:
    async with served.house.database.engine.begin() as connection:
        await connection.execute(delete(schema.users).where(schema.users.c.username.like("zz%")))
        await connection.execute(delete(schema.api_tokens).where(schema.api_tokens.c.id.like("many%")))
        await connection.execute(delete(schema.work_items).where(schema.work_items.c.id.like("many%")))
        await connection.execute(delete(schema.cases).where(schema.cases.c.protocol.like("1999%")))
        await connection.execute(delete(contacts).where(contacts.c.campaign_id == campaign))
        await connection.execute(delete(campaign_attempts).where(campaign_attempts.c.campaign_id == campaign))
        await connection.execute(
            delete(campaigns).where((campaigns.c.id == campaign) | campaigns.c.id.like("many%"))
        )
        await connection.execute(delete(dnc_numbers).where(dnc_numbers.c.number.like("+5599%")))
        await connection.execute(delete(schema.callbacks).where(schema.callbacks.c.id.like("many%")))
        deliveries = schema.webhook_deliveries
        await connection.execute(delete(deliveries).where(deliveries.c.id.like("many%")))


@pytest.fixture(scope="module")
def crowded(served: Served) -> Iterator[str]:
    """A campaign of ten thousand, and as many of everything else; its id."""
    house = served.house
    token = served.do(house.token("admin"))
    made = served.do(house.ask("POST", "/campaigns", token, json={"name": NAME, "client": "default"}))
    assert made.status == 201, made.body
    campaign = made.json["id"]
    served.do(_put(served, _tables(campaign)))
    served.do(_audited(served))
    yield str(campaign)
    served.do(_forget(served, campaign))


def _scrolled(within: Page | Locator, mark: str) -> None:
    """Pages follow one another as one scrolls; rows out of sight do not exist."""
    expect(within.get_by_text("100 shown")).to_be_visible()
    scroller = within.locator(f"[role=region]:has(tr[data-{mark}])").last
    for shown in (200, 300, 400):
        scroller.evaluate("element => element.scrollTo(0, element.scrollHeight)")
        expect(within.get_by_text(f"{shown} shown")).to_be_visible()
    assert 0 < within.locator(f"tr[data-{mark}]").count() < 100
    page = within if isinstance(within, Page) else within.page
    assert page.title() != "owned"
    assert page.locator("img[src=x]").count() == 0


@pytest.mark.parametrize(
    ("path", "mark"),
    [
        ("/people", "user"),
        ("/tokens", "token"),
        ("/audit", "act"),
        ("/work", "message"),
        ("/cases", "case"),
        ("/campaigns", "campaign"),
        ("/webhooks/wh_seeded", "delivery"),
    ],
)
def test_S1_ten_thousand_rows_come_by_pages(signed_in: SignedIn, crowded: str, path: str, mark: str) -> None:
    del crowded
    _scrolled(signed_in("admin", path), mark)


@pytest.mark.parametrize(("tab", "mark"), [("Contacts", "contact"), ("Attempts", "attempt")])
def test_O1_ten_thousand_contacts_and_attempts_come_by_pages(
    signed_in: SignedIn, crowded: str, tab: str, mark: str
) -> None:
    page = signed_in("admin", f"/campaigns/{crowded}")
    page.get_by_role("tab", name=tab).click()
    _scrolled(page, mark)


def test_C13_ten_thousand_callbacks_come_by_pages(signed_in: SignedIn, crowded: str) -> None:
    del crowded
    page = signed_in("supervisor", "/work")
    page.get_by_role("tab", name="Callbacks").click()
    _scrolled(page, "callback")


def test_O6_ten_thousand_numbers_not_to_be_called_come_by_pages(signed_in: SignedIn, crowded: str) -> None:
    del crowded
    page = signed_in("admin", "/campaigns")
    page.get_by_role("button", name="Do not call").click()
    _scrolled(page.get_by_role("dialog"), "dnc")


def test_X7_audit_log_of_ten_thousand_acts_is_whole_and_asked_by_its_index(
    signed_in: SignedIn, served: Served, crowded: str
) -> None:
    del crowded
    page = signed_in("auditor", "/audit")
    expect(page.get_by_text("The log is whole")).to_be_visible()

    async def plan() -> str:
        ask = "EXPLAIN QUERY PLAN SELECT * FROM audit WHERE target = 'r1' ORDER BY seq DESC LIMIT 50"
        async with served.house.database.engine.connect() as connection:
            return str((await connection.exec_driver_sql(ask)).all())

    assert "ix_audit_target_seq" in served.do(plan())

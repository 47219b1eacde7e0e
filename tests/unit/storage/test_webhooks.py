"""The outbox of webhooks, on both engines."""

from __future__ import annotations

import msgspec.structs
import pytest

from ari_app.model.facts import RecordingAlarm
from ari_app.model.ids import ClientId
from ari_app.model.webhook import Delivery, Webhook
from ari_app.ports import Stamped
from ari_app.storage.archive import CallArchive
from ari_app.storage.database import Database
from ari_app.storage.journal import SqlJournal
from ari_app.storage.secrets import SecretBox, WrongKeyError
from ari_app.storage.webhooks import WebhookStore

ACME = ClientId("acme")
HOOK = Webhook("wh_1", "https://example.com/hook", ("call.ended", "recording.*"), 1.0, ACME)


def delivery(seq: int, **fields: object) -> Delivery:
    made = Delivery(f"msg_{seq}", "wh_1", seq, "call.ended", "{}", 10.0, 10.0 + seq, ACME)
    return msgspec.structs.replace(made, **fields)


async def test_X10_a_subscription_begins_at_the_newest_fact_and_its_secret_is_sealed(
    database: Database, journal: SqlJournal
) -> None:
    journal.put_facts([Stamped(1.0, RecordingAlarm("x", "y"))] * 3)
    assert await journal.flush()
    store = WebhookStore(database, SecretBox(b"k" * 32))
    await store.add(HOOK, "whsec_QUFB")
    last = await CallArchive(database).last_seq()
    assert await store.all(ACME) == [msgspec.structs.replace(HOOK, cursor=last)]
    assert await store.all(ClientId("beta")) == []
    assert await store.secret("wh_1") == "whsec_QUFB"
    with pytest.raises(WrongKeyError):
        await WebhookStore(database, SecretBox(b"x" * 32)).secret("wh_1")
    await store.put_secret("wh_1", "whsec_QkJC")
    assert await store.secret("wh_1") == "whsec_QkJC"


async def test_X10_deliveries_are_made_once_tried_in_their_time_and_die_with_the_receiver(
    database: Database,
) -> None:
    store = WebhookStore(database, SecretBox(b"k" * 32))
    await store.add(HOOK, "whsec_QUFB")
    await store.put("wh_1", [delivery(1), delivery(2)], 2)
    await store.mark(delivery(1, state="delivered", attempts=1, status=200))
    await store.put("wh_1", [delivery(1), delivery(2), delivery(3)], 3)  # told again by who did not know
    assert [(one.seq, one.state) for one in await store.deliveries("wh_1")] == [
        (3, "pending"), (2, "pending"), (1, "delivered"),
    ]  # fmt: skip
    assert await store.due(11.5) == set()
    assert await store.due(12.0) == {"wh_1"}
    assert [one.seq for one in await store.next_for("wh_1", 13.0, limit=5)] == [2, 3]
    await store.mark(delivery(2, state="dead", attempts=11, status=500, error="status 500"))
    assert await store.counts() == {"delivered": 1, "dead": 1, "pending": 1}
    assert await store.again("wh_1", now=50.0) == 1
    assert [one.attempts for one in await store.next_for("wh_1", 50.0, limit=5)] == [0, 0]
    await store.prune(delivered_before=11.0, dead_before=0.0)
    assert await store.counts() == {"pending": 2}
    cursors = [one.cursor for one in await store.all()]
    await store.put("wh_1", [], 1)
    assert [one.cursor for one in await store.all()] == cursors == [3], "it never goes back"
    await store.drop("wh_1")
    assert await store.counts() == {}
    assert await store.find("wh_1") is None

"""`AttemptBook` on both engines: claimed once, checked in the same transaction, resolved once."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select, text, update

from ari_app.campaigns.ports import GLOBAL
from ari_app.model.campaign import AttemptCaps, AttemptEnd, Contact, RetryRule
from ari_app.model.ids import CampaignId, OperatorId
from ari_app.storage import campaign_schema as tables
from ari_app.storage.attempts import AttemptStore
from ari_app.storage.campaigns import CampaignStore
from ari_app.storage.database import Database, open_database
from pbx.patience import PATIENCE_S
from tests.unit.storage.lists import (
    ACME,
    MANAUS,
    NOW,
    SAO_PAULO,
    always,
    campaign,
    changed,
    contact,
    given_campaign,
    given_contacts,
    only,
)

ONE, TWO, THREE = "+5511988880001", "+5511988880002", "+5511988880003"
DAY = 86_400.0
HURRY_S = 0.1


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The store's last word is waited for: that it is not for ever is what one test is about."""
    monkeypatch.setattr("ari_app.storage.attempts.LAST_WORD_S", PATIENCE_S)


async def contact_with(database: Database, person: str) -> Contact:
    page = await CampaignStore(database).contacts(CampaignId("c1"), person=person)
    return page.items[0]


async def test_O13_a_claim_writes_the_attempt_before_it_gives_it(database: Database) -> None:
    running = await given_campaign(database)
    await given_contacts(database, [contact(ONE), contact(TWO)])
    book = AttemptStore(database)
    claimed = await book.claim(running, 5, NOW, always)
    assert [claim.attempt.phone for claim in claimed.claims] == [ONE, TWO]
    assert [claim.contact.number for claim in claimed.claims] == [ONE, TWO]
    assert {attempt.id for attempt in await book.open_attempts()} == {c.attempt.id for c in claimed.claims}
    first = claimed.claims[0].attempt
    assert (first.number, first.caller_id, first.zones) == (1, "+551140000000", SAO_PAULO)
    again = await book.claim(running, 5, NOW, always)
    assert (again.claims, again.finished) == ((), False)
    assert (await contact_with(database, ONE)).state == "dialing"


async def test_O13_claims_at_once_never_give_one_contact_twice(database: Database) -> None:
    running = await given_campaign(database)
    await given_contacts(database, [contact(f"+55119888{i:05d}") for i in range(60)])
    book = AttemptStore(database)
    given = await asyncio.gather(*(book.claim(running, 9, NOW, always) for _ in range(10)))
    phones = [claim.attempt.phone for claimed in given for claim in claimed.claims]
    assert len(phones) == len(set(phones)) == 60


async def test_O13_an_outcome_is_written_once_and_plans_the_next_try(database: Database) -> None:
    running = await given_campaign(database)
    await given_contacts(database, [contact(ONE)])
    book = AttemptStore(database)
    attempt = (await book.claim(running, 1, NOW, always)).claims[0].attempt
    end = AttemptEnd(result="busy", ended_at=NOW + 8, cause=17)
    assert await book.resolve(attempt.id, end)
    assert not await book.resolve(attempt.id, AttemptEnd(result="connected", ended_at=NOW + 9))
    after = await contact_with(database, ONE)
    assert (after.state, after.reason, after.next_at) == ("ready", "retry_after_busy", NOW + 600)
    kept = (await CampaignStore(database).attempts(running.id)).items[0]
    assert (kept.result, kept.cause, kept.ended_at, kept.next_at) == ("busy", 17, NOW + 8, NOW + 600)
    assert await book.open_attempts() == []
    assert (await book.claim(running, 1, NOW + 599, always)).next_due_at == NOW + 600
    second = (await book.claim(running, 1, NOW + 600, always)).claims[0].attempt
    assert (second.number, second.contact) == (2, attempt.contact)


async def test_O13_the_same_attempt_number_is_refused_by_the_store_itself(database: Database) -> None:
    running = await given_campaign(database)
    await given_contacts(database, [contact(ONE)])
    book = AttemptStore(database)
    await book.claim(running, 1, NOW, always)
    async with database.engine.begin() as connection:  # as after a restore from an old backup
        lost = update(tables.contacts).values(state="ready", attempts=0)
        await connection.execute(lost)
        await connection.execute(update(tables.campaign_attempts).values(result="busy", started_at=1.0))
    with pytest.raises(Exception, match=r"(?i)unique"):
        await book.claim(running, 1, NOW + 1, always)
    async with database.engine.connect() as connection:
        rows = (await connection.execute(select(tables.campaign_attempts.c.id))).all()
    assert len(rows) == 1


async def test_O6_a_number_on_a_dnc_list_is_never_claimed(database: Database) -> None:
    running = await given_campaign(database)
    await given_contacts(database, [contact(ONE), contact(TWO), contact(THREE, "+5511988880009")])
    store, book = CampaignStore(database), AttemptStore(database)
    assert await store.add_dnc(ACME, [ONE, ONE, THREE], source="import", by="ana", now=NOW) == 2
    assert await store.add_dnc(GLOBAL, [TWO], source="regulator", by="ana", now=NOW) == 1
    claimed = await book.claim(running, 9, NOW, always)
    assert [claim.attempt.phone for claim in claimed.claims] == ["+5511988880009"]
    assert claimed.passed_over == {"do_not_call": 3}
    assert (await contact_with(database, ONE)).state == "excluded"
    other = await given_campaign(database, "c9", client="beta")
    await given_contacts(database, [contact(ONE, campaign="c9", client="beta"),
                                    contact(TWO, campaign="c9", client="beta")])  # fmt: skip
    assert [c.attempt.phone for c in (await book.claim(other, 9, NOW, always)).claims] == [ONE]
    assert await store.on_dnc(ACME, [ONE, TWO, "+551199"]) == {ONE, TWO}


async def test_O6_a_number_added_mid_campaign_is_stopped_right_before_dialling(database: Database) -> None:
    running = await given_campaign(database)
    await given_contacts(database, [contact(ONE)])
    store, book = CampaignStore(database), AttemptStore(database)
    attempt = (await book.claim(running, 1, NOW, always)).claims[0].attempt
    assert (await book.still_allowed(attempt, NOW, always)).allowed
    await store.add_dnc(ACME, [ONE], source="caller", by="digit", now=NOW)
    assert (await book.still_allowed(attempt, NOW, always)).rule == "do_not_call"
    end = AttemptEnd(result="withdrawn", ended_at=NOW, reason="do_not_call")
    assert await book.resolve(attempt.id, end)
    assert (await book.claim(running, 1, NOW + 60, always)).passed_over == {"do_not_call": 1}
    assert (await book.claim(running, 1, NOW + 61, always)).finished


async def test_O6_when_taken_off_the_list_the_contact_may_be_called_again(database: Database) -> None:
    running = await given_campaign(database)
    await given_contacts(database, [contact(ONE)])
    store, book = CampaignStore(database), AttemptStore(database)
    await store.add_dnc(ACME, [ONE], source="import", by="ana", now=NOW)
    assert not (await book.claim(running, 1, NOW, always)).claims
    assert await store.remove_dnc(ACME, ONE)
    assert not await store.remove_dnc(ACME, ONE)
    assert len((await book.claim(running, 1, NOW, always)).claims) == 1


async def test_O6_the_last_word_is_no_while_the_store_is_slow_or_away(sqlite: Database) -> None:
    running = await given_campaign(sqlite)
    await given_contacts(sqlite, [contact(ONE)])
    book = AttemptStore(sqlite)
    attempt = (await book.claim(running, 1, NOW, always)).claims[0].attempt
    held = [await sqlite.engine.connect() for _ in range(7)]  # every connection of the pool is taken
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ari_app.storage.attempts.LAST_WORD_S", HURRY_S)
        ruling = await book.still_allowed(attempt, NOW, always)
    assert (ruling.allowed, ruling.rule) == (False, "store_away")
    for connection in held:
        await connection.close()
    assert (await book.still_allowed(attempt, NOW, always)).allowed
    async with sqlite.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE dnc_numbers RENAME TO gone"))
    assert (await book.still_allowed(attempt, NOW, always)).rule == "store_away"


async def test_O6_a_locked_database_gives_no_claim_and_loses_nothing(
    sqlite: Database, tmp_path: object
) -> None:
    running = await given_campaign(sqlite)
    await given_contacts(sqlite, [contact(ONE)])
    book = AttemptStore(sqlite)
    async with sqlite.engine.connect() as other:
        await other.execute(update(tables.contacts).values(reason="held"))
        with pytest.raises(Exception, match="locked"):
            await book.claim(running, 1, NOW, always)
        await other.rollback()
    assert len((await book.claim(running, 1, NOW, always)).claims) == 1


async def test_O6_a_do_not_call_disposition_puts_the_number_on_the_list(database: Database) -> None:
    running = await given_campaign(database)
    await given_contacts(database, [contact(ONE)])
    book = AttemptStore(database)
    attempt = (await book.claim(running, 1, NOW, always)).claims[0].attempt
    await book.resolve(attempt.id, AttemptEnd(result="do_not_call", ended_at=NOW + 5, answered_at=NOW + 2))
    assert await CampaignStore(database).on_dnc(ACME, [ONE]) == {ONE}
    assert (await contact_with(database, ONE)).state == "excluded"


async def test_O7_only_zones_that_are_open_are_claimed(database: Database) -> None:
    running = await given_campaign(database)
    await given_contacts(database, [contact(ONE), contact(TWO, zones=MANAUS), contact(THREE, zones=())])
    book = AttemptStore(database)
    rule = only(*MANAUS, opens_at=NOW + 3600)
    claimed = await book.claim(running, 9, NOW, rule)
    assert [claim.attempt.phone for claim in claimed.claims] == [TWO, THREE]  # no zones: the rule decides
    assert (claimed.passed_over, claimed.next_due_at) == ({"outside_hours": 1}, NOW + 3600)
    late = claimed.claims[0].attempt
    assert (await book.still_allowed(late, NOW, only("Europe/Rome"))).rule == "outside_hours"


async def test_O8_caps_hold_over_all_campaigns_of_the_client(database: Database) -> None:
    caps = AttemptCaps(per_number_day=2)
    first = await given_campaign(database, "c1", caps=caps, retries={"busy": RetryRule((60.0,), 9)})
    second = await given_campaign(database, "c2", caps=caps)
    await given_contacts(database, [contact(ONE), contact(ONE, campaign="c2")])
    book = AttemptStore(database)
    for turn in (0.0, 60.0):
        attempt = (await book.claim(first, 1, NOW + turn, always)).claims[0].attempt
        held = await book.claim(second, 1, NOW + turn, always)
        assert held.passed_over in ({"being_dialled": 1}, {})
        await book.resolve(attempt.id, AttemptEnd(result="busy", ended_at=NOW + turn))
    held = await book.claim(second, 1, NOW + 200, always)
    assert (held.claims, held.passed_over, held.next_due_at) == ((), {"attempt_cap": 1}, NOW + DAY)
    assert (await book.claim(second, 1, NOW + DAY, always)).claims


async def test_O8_a_person_is_capped_over_all_numbers(database: Database) -> None:
    running = await given_campaign(database, caps=AttemptCaps(per_person_day=1))
    other = await given_campaign(database, "c2", caps=AttemptCaps(per_person_day=1))
    await given_contacts(
        database, [contact(ONE, person="cpf-1"), contact(TWO, campaign="c2", person="cpf-1")]
    )
    book = AttemptStore(database)
    attempt = (await book.claim(running, 1, NOW, always)).claims[0].attempt
    await book.resolve(attempt.id, AttemptEnd(result="no_answer", ended_at=NOW + 30))
    assert (await book.claim(other, 1, NOW + 100, always)).passed_over == {"attempt_cap": 1}


async def test_O4_a_dropped_number_rests_72_hours_on_every_campaign(database: Database) -> None:
    running = await given_campaign(database)
    other = await given_campaign(database, "c2")
    await given_contacts(database, [contact(ONE), contact(ONE, campaign="c2")])
    book = AttemptStore(database)
    attempt = (await book.claim(running, 1, NOW, always)).claims[0].attempt
    dropped = AttemptEnd(result="abandoned", ended_at=NOW + 9, answered_at=NOW + 5, drop_ms=2150)
    await book.resolve(attempt.id, dropped)
    until = NOW + 9 + 72 * 3600  # from the drop on
    assert (await contact_with(database, ONE)).next_at == until
    held = await book.claim(other, 1, NOW + 3600, always)
    assert (held.passed_over, held.next_due_at) == ({"blackout_after_drop": 1}, until)
    page = await CampaignStore(database).attempts(running.id, dropped=True)
    assert [(row.phone, row.drop_ms) for row in page.items] == [(ONE, 2150)]
    assert (await book.claim(other, 1, until, always)).claims


async def test_O4_within_the_blackout_a_reserved_operator_may_call(database: Database) -> None:
    running = await given_campaign(database)
    other = await given_campaign(database, "c2")
    await given_contacts(database, [contact(ONE), contact(ONE, campaign="c2")])
    book = AttemptStore(database)
    attempt = (await book.claim(running, 1, NOW, always)).claims[0].attempt
    await book.resolve(attempt.id, AttemptEnd(result="abandoned", ended_at=NOW + 9, answered_at=NOW + 5))
    assert (await book.claim(other, 1, NOW + 3600, always, operator_waiting=True)).claims


async def test_O9_callbacks_wait_for_their_minute_and_their_operator(database: Database) -> None:
    running = await given_campaign(database)
    await given_contacts(database, [contact(ONE), contact(TWO)])
    book = AttemptStore(database)
    mine, shared = (claim.attempt for claim in (await book.claim(running, 2, NOW, always)).claims)
    promised = AttemptEnd(
        result="callback",
        ended_at=NOW + 60,
        answered_at=NOW,
        callback_at=NOW + 600,
        owner=OperatorId("1005"),
    )
    await book.resolve(mine.id, promised)
    await book.resolve(shared.id, AttemptEnd(result="connected", ended_at=NOW + 60, answered_at=NOW))
    assert (await contact_with(database, TWO)).state == "done"
    assert await book.dispose(shared.id, "callback", now=NOW + 90, callback_at=NOW + 900)
    assert await book.personal_callbacks(NOW + 599) == []
    assert await book.personal_callbacks(NOW + 600) == [("c1", "1005", NOW + 600)]
    assert not (await book.claim(running, 5, NOW + 600, always)).claims
    assert not (await book.claim(running, 5, NOW + 600, always, owner=OperatorId("1006"))).claims
    claimed = await book.claim(running, 5, NOW + 600, always, owner=OperatorId("1005"))
    assert [(c.attempt.phone, c.attempt.operator) for c in claimed.claims] == [(ONE, "1005")]
    assert [c.attempt.phone for c in (await book.claim(running, 5, NOW + 900, always)).claims] == [TWO]


async def test_several_phones_are_tried_in_order(database: Database) -> None:
    running = await given_campaign(database, between_phones_s=120.0)
    await given_contacts(database, [contact(ONE, TWO)])
    book = AttemptStore(database)
    first = (await book.claim(running, 1, NOW, always)).claims[0].attempt
    await book.resolve(first.id, AttemptEnd(result="invalid_number", ended_at=NOW + 2, cause=1))
    second = (await book.claim(running, 1, NOW + 2, always)).claims[0].attempt
    await book.resolve(second.id, AttemptEnd(result="no_answer", ended_at=NOW + 40))
    after = await contact_with(database, ONE)
    assert [phone.dead for phone in after.phones] == [True, False]
    assert (first.phone, second.phone, after.number) == (ONE, TWO, TWO)
    assert (after.reason, after.next_at) == ("retry_after_no_answer", NOW + 2 + 4 * 3600)


async def test_priority_then_age_orders_the_claims(database: Database) -> None:
    running = await given_campaign(database)
    urgent = contact(THREE, priority=1, next_at=50.0, segment=7)
    await given_contacts(
        database, [contact(ONE, next_at=9.0), contact(TWO, zones=MANAUS, next_at=5.0), urgent]
    )
    book = AttemptStore(database)
    assert await book.upcoming(running, NOW, always, 2) == [7, 0]
    claimed = await book.claim(running, 3, NOW, always)
    assert [claim.attempt.phone for claim in claimed.claims] == [THREE, TWO, ONE]


async def test_O11_a_pool_emptied_mid_campaign_stops_the_claims_and_says_so(database: Database) -> None:
    running = await given_campaign(database)
    await given_contacts(database, [contact(ONE)])
    empty = await CampaignStore(database).replace_campaign(changed(running, caller_ids=()))
    claimed = await AttemptStore(database).claim(empty, 1, NOW, always)
    assert (claimed.claims, claimed.passed_over) == ((), {"no_caller_id": 1})


async def test_O3_tallies_count_what_the_law_counts(database: Database) -> None:
    running = await given_campaign(database)
    await given_contacts(database, [contact(f"+55119888{i:05d}") for i in range(5)])
    book = AttemptStore(database)
    ends = [
        AttemptEnd(result="connected", ended_at=NOW + 90, answered_at=NOW + 5),
        AttemptEnd(result="abandoned", ended_at=NOW + 9, answered_at=NOW + 5, drop_ms=2100),
        AttemptEnd(result="busy", ended_at=NOW + 4),
        AttemptEnd(
            result="machine", ended_at=NOW + 60, answered_at=NOW + 9, verdict="machine", verdict_s=1.2
        ),
        AttemptEnd(result="withdrawn", ended_at=NOW + 1),
    ]
    claims = (await book.claim(running, 5, NOW, always)).claims
    for claim, end in zip(claims, ends, strict=True):
        await book.answered(claim.attempt.id, NOW + 5)
        assert await book.resolve(claim.attempt.id, end)
    tallies = await book.tallies(running.id, NOW - DAY)
    assert sum(t.placed for t in tallies) == 4
    assert (sum(t.live for t in tallies), sum(t.abandoned for t in tallies)) == (2, 1)
    counts = await book.counts(running.id, NOW)
    assert counts.results == {"connected": 1, "abandoned": 1, "busy": 1, "machine": 1, "withdrawn": 1}
    assert (counts.live, counts.abandoned, counts.live_today) == (2, 1, 2)
    assert counts.contacts == {"done": 1, "ready": 4}


async def test_an_outcome_after_a_restart_is_written_to_what_was_claimed_before(place: str) -> None:
    async with open_database(place) as first:
        running = await given_campaign(first)
        await given_contacts(first, [contact(ONE)])
        attempt = (await AttemptStore(first).claim(running, 1, NOW, always)).claims[0].attempt
        await AttemptStore(first).answered(attempt.id, NOW + 3)
    async with open_database(place) as second:
        book = AttemptStore(second)
        assert [(a.id, a.answered_at) for a in await book.open_attempts(running.id)] == [
            (attempt.id, NOW + 3)
        ]
        assert await book.resolve(attempt.id, AttemptEnd(result="unknown", ended_at=NOW + 50))
        after = await contact_with(second, ONE)
        assert (after.reason, after.next_at) == ("retry_after_unknown", NOW + 24 * 3600)


async def test_a_campaign_changed_by_two_is_changed_by_one(database: Database) -> None:
    store = CampaignStore(database)
    made = await given_campaign(database)
    await store.replace_campaign(changed(made, ratio=2.0))
    with pytest.raises(Exception, match="meanwhile"):
        await store.replace_campaign(changed(made, ratio=3.0))
    with pytest.raises(Exception, match="does not exist"):
        await store.replace_campaign(campaign("c2"))
    kept = await store.campaign(made.id)
    assert kept is not None
    assert (kept.ratio, kept.version) == (2.0, 2)
    assert [c.id for c in await store.with_status("running")] == ["c1"]

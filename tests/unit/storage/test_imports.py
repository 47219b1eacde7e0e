"""Imports into the store: rows counted once, reported, resumed after a crash, updated by the next import."""

from __future__ import annotations

import csv
import io
import random
import uuid
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ari_app.campaigns.lists import importing
from ari_app.campaigns.lists.importing import Files, Importer
from ari_app.campaigns.ports import Taken
from ari_app.model.campaign import AttemptEnd, Contact
from ari_app.model.contact_import import ContactImport, ImportOptions
from ari_app.model.ids import CampaignId, ImportId
from ari_app.storage.attempts import AttemptStore
from ari_app.storage.campaigns import CampaignStore
from ari_app.storage.database import Database, open_database
from ari_app.storage.imports import ImportStore
from tests.fakes.clock import HandClock
from tests.unit.storage.lists import ACME, NOW, always, given_campaign

ONE, TWO = "+5511988880001", "+5511988880002"


class Desk:
    """Imports lists into campaigns of one database."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.store = ImportStore(database)
        self.campaigns = CampaignStore(database)
        self.files = Files(folder)
        self.importer = Importer(self.store, self.files, HandClock(NOW))
        self.made = 0

    async def begin(self, content: str | bytes, campaign: str = "c1", **fields: Any) -> ImportId:
        self.made += 1
        ident = ImportId(f"{campaign}-i{self.made}")
        raw = content.encode() if isinstance(content, str) else content
        self.files.upload(ident).write_bytes(raw)
        begin = fields.pop("begin", True)
        await self.store.add_import(
            ContactImport(
                id=ident,
                campaign=CampaignId(campaign),
                client=ACME,
                file_name="list.csv",
                by="ana",
                created_at=NOW + self.made,
                begin=begin,
                options=ImportOptions(**fields),
                segment=self.made,
            )
        )
        return ident

    async def take(self, content: str | bytes, campaign: str = "c1", **fields: Any) -> ContactImport:
        job = await self.importer.run(await self.begin(content, campaign, **fields))
        assert job is not None
        return job

    def report(self, job: ContactImport) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.files.report(job.id).read_text("utf-8-sig"))))

    async def people(self, campaign: str = "c1") -> dict[str, Contact]:
        page = await self.campaigns.contacts(CampaignId(campaign), limit=500)
        return {contact.person: contact for contact in page.items}


@pytest.fixture
async def desk(database: Database, tmp_path: Path) -> Desk:
    await given_campaign(database)
    (tmp_path / "imports").mkdir()
    return Desk(database, tmp_path / "imports")


LIST = """CPF;Nome;Telefone;UF;Saldo
111;Ana;(11) 98888-0001;SP;10
222;Bia;11 98888-0002;AM;20

111;Ana de novo;11 98888-0009;SP;30
333;Caio;1.19988E+10;SP;40
444;Davi;11 98888-0002;SP;50
555;Eva;11 98888-0005;SP;"60
"""


async def test_O1_every_row_is_taken_or_reported(desk: Desk) -> None:
    job = await desk.take(LIST)
    counts = job.counts
    assert (job.state, job.encoding, job.delimiter) == ("done", "utf-8", ";")
    assert (counts.rows, counts.accepted, counts.rejected, counts.blank) == (7, 2, 4, 1)
    assert [(row["line"], row["outcome"], row["code"]) for row in desk.report(job)] == [
        ("5", "rejected", "duplicate"),
        ("6", "rejected", "rounded"),
        ("7", "rejected", "duplicate_number"),
        ("8", "rejected", "quote_not_closed"),
    ]
    assert job.codes == {"duplicate": 1, "rounded": 1, "duplicate_number": 1, "quote_not_closed": 1}
    people = await desk.people()
    assert (people["111"].name, people["111"].data, people["111"].line) == ("Ana", {"Saldo": "10"}, 2)
    assert people["222"].phones[0].zones == ("America/Sao_Paulo", "America/Manaus")
    assert not desk.files.upload(job.id).exists()
    assert not desk.files.text(job.id).exists()


async def test_O1_importing_again_updates_and_keeps_what_was_done(desk: Desk, database: Database) -> None:
    await desk.take("CPF;Fone\n111;11988880001\n222;11988880002\n")
    book = AttemptStore(database)
    campaign = (await desk.campaigns.campaigns()).items[0]
    claims = (await book.claim(campaign, 2, NOW, always)).claims
    await book.resolve(claims[0].attempt.id, AttemptEnd(result="connected", ended_at=NOW, answered_at=NOW))
    await book.resolve(claims[1].attempt.id, AttemptEnd(result="invalid_number", ended_at=NOW))
    job = await desk.take(
        "CPF;Fone;Fone 2\n111;11988880001;\n222;11988880002;11988880003\n333;11988880004;\n"
    )
    assert (job.counts.accepted, job.counts.updated, job.counts.rejected) == (1, 2, 0)
    people = await desk.people()
    assert (people["111"].state, people["111"].reason) == ("done", "connected")
    again = people["222"]  # had no living number, now has one
    assert (again.state, again.number, again.phones[0].dead) == ("ready", "+5511988880003", True)
    assert [c.attempt.phone for c in (await book.claim(campaign, 9, NOW, always)).claims] == [
        "+5511988880004",
        "+5511988880003",
    ]


async def test_O1_dnc_caps_and_other_lists_are_reported_row_by_row(desk: Desk, database: Database) -> None:
    other = await given_campaign(database, "c2")
    await desk.take("Fone\n11988880002\n11988880003\n", "c2")
    book = AttemptStore(database)
    for turn in range(3):
        claims = (await book.claim(other, 9, NOW + turn * 2000, always)).claims
        for claim in claims:
            end = AttemptEnd(result="busy", ended_at=NOW + turn * 2000)
            await book.resolve(claim.attempt.id, end)
    await desk.campaigns.add_dnc(ACME, [ONE], source="x", by="ana", now=NOW)
    job = await desk.take("Fone;Fone 2\n11988880001;\n11988880002;\n11988880004;11988880001\n")
    assert [(row["line"], row["outcome"], row["code"], row["value"]) for row in desk.report(job)] == [
        ("2", "rejected", "do_not_call", ONE),
        ("3", "warning", "on_other_list", TWO),
        ("3", "warning", "attempt_cap", TWO),
        ("4", "warning", "do_not_call", ONE),
    ]
    strict = await desk.take("Fone\n11988880003\n", across="reject")
    assert (strict.counts.rejected, strict.codes["on_other_list"]) == (1, 1)


async def test_O1_an_import_killed_in_the_middle_goes_on_where_it_was(
    desk: Desk, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "CHUNK", 10)
    rows = [f"{n};119{60_000_000 + n}" if n % 7 else f"{n};x" for n in range(95)]
    ident = await desk.begin("CPF;Fone\n" + "\n".join(rows) + "\n")
    taken = ImportStore.take_drafts
    turns = 0

    async def killed(self: ImportStore, job: ContactImport, drafts: Any, now: float, settle: Any) -> Any:
        nonlocal turns
        turns += 1
        if turns == 4:  # the report is written, the transaction is not committed
            settle([Taken("accepted") for _ in drafts])
            raise KeyboardInterrupt
        return await taken(self, job, drafts, now, settle)

    monkeypatch.setattr(ImportStore, "take_drafts", killed)
    with pytest.raises(KeyboardInterrupt):
        await desk.importer.run(ident)
    monkeypatch.setattr(ImportStore, "take_drafts", taken)
    async with open_database(place) as again:
        second = Desk(again, desk.files.folder)
        assert [job.id for job in await second.store.unfinished_imports()] == [ident]
        job = await second.importer.run(ident)
        assert job is not None
        assert (job.state, job.counts.rows, job.counts.accepted, job.counts.rejected) == ("done", 95, 81, 14)
        assert [int(row["line"]) for row in second.report(job)] == [n + 2 for n in range(0, 95, 7)]
        assert len(await second.people()) == 81


async def test_O1_a_preview_waits_for_a_mapping(desk: Desk) -> None:
    job = await desk.take("quem;onde\nAna;11988880001\nBia;x\n", begin=False)
    assert (job.state, job.mapping, job.columns) == (
        "ready",
        {"quem": "data", "onde": "phone"},
        ("quem", "onde"),
    )
    assert [(row.line, row.phones) for row in job.preview] == [(2, (ONE,)), (3, ())]
    assert job.preview[1].problems[0].startswith("onde: no phone number")
    none = await desk.take("quem;onde\nAna;Bia\n")
    assert (none.state, none.problem) == ("ready", "mapping: no column is the phone, of quem, onde")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("\n\n", "empty"),
        (";".join(f"c{i}" for i in range(500)) + "\n", "500 columns are too many: at most 200"),
    ],
)
async def test_O1_a_file_that_cannot_be_a_list_fails_with_the_reason(
    desk: Desk, content: str, told: str
) -> None:
    job = await desk.take(content)
    assert (job.state, told in job.problem) == ("failed", True)
    assert await desk.people() == {}


async def test_O1_a_list_without_a_header_and_with_odd_mark_is_read(desk: Desk) -> None:
    job = await desk.take("sep=;\n11988880001;Ana\n11988880002;Bia\n")
    assert (job.columns, job.counts.accepted, job.counts.rows) == (("column 1", "column 2"), 2, 2)


async def test_a_cancelled_import_keeps_what_it_took(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "CHUNK", 1)
    ident = await desk.begin("Fone\n11988880001\n11988880002\n")
    taken = ImportStore.take_drafts

    async def cancel_after_one(self: ImportStore, *given: Any) -> Any:
        done = await taken(self, *given)
        assert await self.cancel_import(ident) is (done is not None)
        return done

    monkeypatch.setattr(ImportStore, "take_drafts", cancel_after_one)
    with pytest.raises(AssertionError):
        await desk.importer.run(ident)
    monkeypatch.setattr(ImportStore, "take_drafts", taken)
    job = await desk.importer.run(ident)
    assert job is not None
    assert (job.state, job.counts.accepted) == ("cancelled", 1)
    assert len(await desk.people()) == 1


CELLS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12),  # full of control codes: no list
    st.sampled_from(
        ["11988880001", "11988880002", "(11) 98888-0001", "=1+1", '"', "1.2E+10", "", "x;y", "+1"]
    ),
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=25), seed=st.integers(0, 99))
async def test_O1_rows_in_are_rows_accounted_for(
    rows: list[list[str]], seed: int, sqlite: Database, tmp_path: Path
) -> None:
    rng, name = random.Random(seed), uuid.uuid4().hex
    text = "CPF;Fone;Nome\n" + "\n".join(rng.choice(";;,").join(row) for row in rows)
    await given_campaign(sqlite, name, client=name)
    desk = Desk(sqlite, tmp_path)
    for _ in range(2):  # the second time everybody is known
        job = await desk.take(text, name)
        counts = job.counts
        assert job.state == "done"
        assert counts.rows == counts.accepted + counts.updated + counts.rejected + counts.blank
        rejected = {row["line"] for row in desk.report(job) if row["outcome"] == "rejected"}
        assert len(rejected) == counts.rejected
        people = await desk.people(name)
        numbers = [phone.number for contact in people.values() for phone in contact.phones]
        assert len(numbers) == len(set(numbers))
    assert counts.accepted == 0

"""`python -m benchmarks.lists`: import a million rows, then claim attempts from them; rates and peak memory.

Import and claims run in processes of their own, as in production; memory is their peak RSS.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ari_app.campaigns.lists.importing import Files, Importer
from ari_app.clock import SystemClock
from ari_app.model.campaign import AttemptEnd, Campaign
from ari_app.model.contact_import import ContactImport
from ari_app.model.ids import CampaignId, ClientId, ImportId
from ari_app.pacing.calling_hours import HoursVerdict
from ari_app.storage.attempts import AttemptStore
from ari_app.storage.campaigns import CampaignStore
from ari_app.storage.database import open_database
from ari_app.storage.imports import ImportStore
from benchmarks.lists.sheet import made_text, write

ACME = ClientId("acme")
AREAS = (11, 19, 21, 31, 41, 48, 51, 61, 62, 65, 68, 71, 81, 85, 91, 92, 95)
CAMPAIGN = Campaign(
    id=CampaignId("bench"), name="Bench", client=ACME, status="running", caller_ids=("+551140000000",)
)


def write_list(path: Path, rows: int, seed: int = 7) -> None:
    """A list as people send it: in several ways of writing, 2 % bad numbers, 1 % duplicates."""
    rng = random.Random(seed)
    with path.open("w", encoding="cp1252", newline="") as file:
        out = csv.writer(file, delimiter=";")
        out.writerow(["CPF", "Nome", "Telefone", "Telefone 2", "UF", "Cidade", "Saldo"])
        for row in range(rows):
            area, local = rng.choice(AREAS), f"9{rng.randrange(60_000_000, 99_999_999)}"
            phone = rng.choice((f"({area}) {local[:5]}-{local[5:]}", f"55{area}{local}", f"0{area}{local}"))
            if rng.random() < 0.02:
                phone = rng.choice(("1.19988E+10", "n/a", "123", "=1+1"))
            second = f"{area}3{rng.randrange(1_000_000, 4_999_999)}" if rng.random() < 0.3 else ""
            person = row - 1 if rng.random() < 0.01 and row else row
            balance = f"{rng.random() * 1000:.2f}"
            out.writerow(
                [f"{person:011d}", f"José da Silva {row}", phone, second, "SP", "São Paulo", balance]
            )


async def take(database: Path, folder: Path, upload: Path) -> dict[str, float]:
    async with open_database(database) as opened:
        store, files = ImportStore(opened), Files(folder)
        if await CampaignStore(opened).campaign(CAMPAIGN.id) is None:
            await CampaignStore(opened).add_campaign(CAMPAIGN)
        ident = ImportId(f"imp{time.time_ns()}")
        os.rename(upload, files.upload(ident))  # noqa: PTH104 - the loop has nothing else to do
        await store.add_import(
            ContactImport(
                id=ident, campaign=CAMPAIGN.id, client=ACME, file_name="x", by="bench", created_at=time.time()
            )
        )
        began = time.perf_counter()
        job = await Importer(store, files, SystemClock()).run(ident)
        took = time.perf_counter() - began
    assert job is not None
    counts = job.counts
    assert counts.rows == counts.accepted + counts.updated + counts.rejected + counts.blank
    return {"rows": counts.rows, "accepted": counts.accepted, "rejected": counts.rejected,
            "seconds": took, "rows_per_s": counts.rows / took, "peak_mb": peak_mb()}  # fmt: skip


async def claim(database: Path, attempts: int, batch: int) -> dict[str, float]:
    """Claim and resolve, as a dialer does; only the claims are timed."""

    def always(_: object, __: float) -> HoursVerdict:
        return HoursVerdict(open=True, reason="open")

    spent, slowest, done = 0.0, 0.0, 0
    async with open_database(database) as opened:
        book = AttemptStore(opened)
        while done < attempts:
            now = time.time()
            began = time.perf_counter()
            claimed = await book.claim(CAMPAIGN, batch, now, always)
            took = time.perf_counter() - began
            spent, slowest, done = spent + took, max(slowest, took), done + len(claimed.claims)
            assert claimed.claims
            for one in claimed.claims[:2]:
                await book.resolve(one.attempt.id, AttemptEnd(result="busy", ended_at=now))
    return {"batch": batch, "attempts": done, "attempts_per_s": done / spent, "slowest_ms": slowest * 1e3,
            "peak_mb": peak_mb()}  # fmt: skip


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def child(*words: str) -> dict[str, float]:
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.lists", *words], check=True, capture_output=True, text=True
    )
    found: dict[str, float] = json.loads(run.stdout.splitlines()[-1])
    return found


def measured(folder: Path, rows: int) -> None:
    database, upload = folder / "bench.db", folder / "list.csv"
    write_list(upload, rows)
    print(f"list: {rows:,} rows, {upload.stat().st_size / 1e6:.0f} MB, Windows-1252, semicolons")
    got = child("--take", str(database), str(folder), str(upload))
    print(
        f"import: {got['rows_per_s']:,.0f} rows/s, {got['seconds']:.0f} s, peak {got['peak_mb']:.0f} MB; "
        f"{got['accepted']:,.0f} taken, {got['rejected']:,.0f} rejected"
    )
    for batch in (1, 10, 100):
        got = child("--claim", str(database), str(300 * min(batch, 30)), str(batch))
        print(
            f"claims of {batch}: {got['attempts_per_s']:,.0f} attempts/s, slowest claim "
            f"{got['slowest_ms']:.0f} ms, peak {got['peak_mb']:.0f} MB"
        )


def main() -> None:
    wants = argparse.ArgumentParser(description=__doc__)
    wants.add_argument("--rows", type=int, default=1_000_000)
    wants.add_argument("--take", nargs=3, metavar=("DATABASE", "FOLDER", "LIST"))
    wants.add_argument("--claim", nargs=3, metavar=("DATABASE", "ATTEMPTS", "BATCH"))
    wants.add_argument(
        "--sheet", type=int, metavar="ROWS", help="only: a spreadsheet of so many rows made text"
    )
    wants.add_argument("--text", nargs=2, metavar=("SHEET", "TEXT"))
    given = wants.parse_args()
    if given.take:
        print(json.dumps(asyncio.run(take(*map(Path, given.take)))))
    elif given.claim:
        database, attempts, batch = given.claim
        print(json.dumps(asyncio.run(claim(Path(database), int(attempts), int(batch)))))
    elif given.text:
        print(json.dumps(made_text(*map(Path, given.text))))
    elif given.sheet:
        with tempfile.TemporaryDirectory() as folder:
            book = Path(folder) / "list.xlsx"
            write(book, given.sheet)
            print(f"spreadsheet: {given.sheet:,} rows, {book.stat().st_size / 1e6:.0f} MB", flush=True)
            got = child("--text", str(book), str(Path(folder) / "text"))
            print(
                f"made text: {got['rows'] / got['processor_s']:,.0f} rows per processor second, "
                f"{got['seconds']:.0f} s, peak {got['peak_mb']:.0f} MB"
            )
    else:
        with tempfile.TemporaryDirectory() as folder:
            measured(Path(folder), given.rows)


if __name__ == "__main__":
    main()

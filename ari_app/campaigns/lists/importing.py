"""Runs one import from where it stands to its end: prepare, guess, read, take chunk by chunk, report."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, TextIO

import msgspec
import structlog

from ari_app.campaigns.lists.columns import guess, has_header, names_of
from ari_app.campaigns.lists.mapping import Draft, Refused, RowReader
from ari_app.campaigns.lists.numbers import NumberReader
from ari_app.campaigns.lists.prepare import ListRefused, prepare
from ari_app.campaigns.lists.records import COLUMNS_MOST, Record, records
from ari_app.campaigns.lists.report import HEADER, csv_line, report_lines
from ari_app.campaigns.ports import ImportBook, StoreAway, Taken
from ari_app.model.contact_import import ContactImport, ImportCounts, Preview, Remark
from ari_app.model.ids import ImportId
from ari_app.ports import Clock

log = structlog.get_logger()
CHUNK = 1000
PREVIEW = 20
SAMPLES = 200
PATIENCE_S = 60.0
"""How long a store that is locked or away is waited for; after that the import fails, to be gone on with."""


OVER = frozenset({"done", "failed", "cancelled"})
"""States in which the list itself is needed no more."""


class Files:
    """Where an import's files are: as sent, as plain text, and what is told about its rows."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def upload(self, ident: ImportId) -> Path:
        return self.folder / f"{ident}.upload"

    def text(self, ident: ImportId) -> Path:
        return self.folder / f"{ident}.csv"

    def report(self, ident: ImportId) -> Path:
        return self.folder / f"{ident}.report.csv"

    def kept(self) -> list[ImportId]:
        """The imports whose lists are here."""
        return [ImportId(path.stem) for path in self.folder.glob("*.upload")]

    def forget(self, ident: ImportId) -> None:
        """Delete the list itself; the report stays."""
        self.text(ident).unlink(missing_ok=True)
        self.upload(ident).unlink(missing_ok=True)  # last: by it `kept` finds what was not forgotten whole


class Importer:
    """Runs imports one at a time; made to run in a process of its own, so that no caller waits for it."""

    def __init__(self, book: ImportBook, files: Files, clock: Clock) -> None:
        self._book = book
        self._files = files
        self._clock = clock

    async def run(self, ident: ImportId) -> ContactImport | None:
        """Go on with it until it waits for people or is over; gives it as it then is."""
        job = await self._book.contact_import(ident)
        if job is None:
            return None
        try:
            if job.state == "preparing":
                job = await self._keep(self._understood(job))
            if job.state == "running":
                job = await self._taken(job)
        except ListRefused as refused:
            job = await self._keep(msgspec.structs.replace(job, state="failed", problem=str(refused)))
        if job.state in OVER:
            self._files.forget(ident)
        return job

    async def _keep(self, job: ContactImport) -> ContactImport:
        job = msgspec.structs.replace(job, changed_at=self._clock.now())
        await self._book.put_import(job)
        return job

    # --- understanding the file -------------------------------------------------------------------------

    def _understood(self, job: ContactImport) -> ContactImport:
        """The import with its columns, mapping and preview. Raises `ListRefused`."""
        text = self._files.text(job.id)
        done = prepare(self._files.upload(job.id), text)
        try:
            reader = NumberReader(job.options.region, job.options.area_code)
        except ValueError as error:
            raise ListRefused(str(error)) from error
        with text.open("rb") as file:
            start = list(itertools.islice(records(file, done.delimiter), SAMPLES + 2))
        skipped = bool(start) and done.delimiter.join(start[0].cells).strip().lower().startswith("sep=")
        rows = start[1:] if skipped else start
        first = next((record for record in rows if any(cell.strip() for cell in record.cells)), None)
        if first is None:
            raise ListRefused("the file has no rows")
        if len(first.cells) > COLUMNS_MOST:
            told = f"{len(first.cells)} columns are too many: at most {COLUMNS_MOST} are read"
            raise ListRefused(f"{told}; leave out what a call does not need")
        named = has_header(first.cells, reader) if job.options.header is None else job.options.header
        columns = names_of(first.cells if named else [""] * max(len(r.cells) for r in rows[:50]))
        rows = [record for record in rows if record.line > first.line or not named]
        guessed = guess(columns, [record.cells for record in rows], reader)
        job = msgspec.structs.replace(
            job,
            encoding=done.encoding,
            delimiter=done.delimiter,
            columns=columns,
            mapping={**guessed, **(job.options.mapping or {})},
            notes=done.notes,
            bytes_total=done.size,
            offset=first.end if named else _before(start, first),
            line=first.line if named else first.line - 1,
        )
        return self.previewed(job, rows)

    def previewed(self, job: ContactImport, rows: Sequence[Record]) -> ContactImport:
        """The import with its first rows as they would be taken, and whether it may go on by itself."""
        try:
            reader = RowReader(job.columns, job.mapping, job.delimiter, job.options)
        except ValueError as error:
            plain = tuple(Preview(row.line, _short(row.cells)) for row in rows[:PREVIEW])
            return msgspec.structs.replace(job, state="ready", problem=str(error), preview=plain)
        shown = tuple(_preview(row, reader.read(row)) for row in rows[:PREVIEW])
        state = "running" if job.begin else "ready"
        return msgspec.structs.replace(job, state=state, problem="", preview=shown)

    # --- taking its rows --------------------------------------------------------------------------------

    async def _taken(self, job: ContactImport) -> ContactImport:
        try:
            reader = RowReader(job.columns, job.mapping, job.delimiter, job.options)
        except ValueError as error:
            raise ListRefused(str(error)) from error
        report = self._files.report(job.id)
        if not report.exists() or not job.report_bytes:
            report.write_text(csv_line(HEADER), encoding="utf-8-sig", newline="")
            job = msgspec.structs.replace(job, report_bytes=report.stat().st_size)
        os.truncate(report, job.report_bytes)
        with (
            self._files.text(job.id).open("rb") as file,
            report.open("a", encoding="utf-8", newline="") as told,
        ):
            for chunk in _chunks(file, job):
                settled = await self._chunk(job, reader, chunk, told)
                if settled is None:
                    return await self._keep(msgspec.structs.replace(job, state="cancelled"))
                job = settled
        log.info("import.done", id=job.id, rows=job.counts.rows, rejected=job.counts.rejected)
        return await self._keep(msgspec.structs.replace(job, state="done"))

    async def _chunk(
        self, job: ContactImport, reader: RowReader, chunk: Sequence[Record], told: TextIO
    ) -> ContactImport | None:
        results = [reader.read(record) for record in chunk]
        drafts = [result for result in results if isinstance(result, Draft)]

        def settle(taken: Sequence[Taken]) -> ContactImport:
            told.seek(job.report_bytes)
            told.truncate()
            return _settled(job, chunk, results, taken, told)

        deadline = self._clock.monotonic() + PATIENCE_S
        for turn in itertools.count():
            try:
                return await self._book.take_drafts(job, drafts, self._clock.now(), settle)
            except StoreAway:
                if self._clock.monotonic() > deadline:
                    raise
            await asyncio.sleep(min(0.1 * 2**turn, 2.0))
        raise AssertionError("unreachable")


def _before(start: Sequence[Record], first: Record) -> int:
    return next((record.end for record in start if record.line == first.line - 1), 0)


def _short(cells: Sequence[str]) -> tuple[str, ...]:
    return tuple(cell[:120] for cell in cells[:COLUMNS_MOST])


def _preview(row: Record, result: Draft | Refused) -> Preview:
    problems = tuple(f"{remark.column}: {remark.message}".lstrip(": ") for remark in result.remarks)
    if isinstance(result, Refused):
        return Preview(row.line, _short(row.cells), problems=problems)
    phones = tuple(phone.number for phone in result.phones)
    return Preview(
        row.line, _short(row.cells), result.person, result.name, phones, result.phones[0].zones, problems
    )


def _chunks(file: BinaryIO, job: ContactImport) -> Iterator[list[Record]]:
    rows = records(file, job.delimiter, job.offset, job.line)
    while chunk := list(itertools.islice(rows, CHUNK)):
        yield chunk


def _settled(
    job: ContactImport,
    chunk: Sequence[Record],
    results: Sequence[Draft | Refused],
    taken: Sequence[Taken],
    told: TextIO,
) -> ContactImport:
    """The import after this chunk, its remarks written to the report."""
    outcomes, remarks = iter(taken), list[Remark]()
    counted: Counter[str] = Counter()
    for result in results:
        mine = list(result.remarks)
        if isinstance(result, Refused):
            outcome = "rejected" if mine else "blank"
        else:
            fate = next(outcomes)
            outcome = fate.outcome
            mine += fate.remarks
        counted[outcome] += 1
        counted["warned"] += bool(mine) and outcome in {"accepted", "updated"}
        remarks += mine
    told.write(report_lines(remarks))
    told.flush()
    before = job.counts
    counts = ImportCounts(
        rows=before.rows + len(chunk),
        accepted=before.accepted + counted["accepted"],
        updated=before.updated + counted["updated"],
        rejected=before.rejected + counted["rejected"],
        blank=before.blank + counted["blank"],
        warned=before.warned + counted["warned"],
    )
    codes = Counter(job.codes)
    codes.update(remark.code for remark in remarks)
    return msgspec.structs.replace(
        job,
        counts=counts,
        codes=dict(codes),
        offset=chunk[-1].end,
        line=chunk[-1].line,
        report_bytes=told.tell(),
    )

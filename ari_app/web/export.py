"""Sends long tables as CSV or XLSX, page by page, so that no spreadsheet runs what a customer wrote."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

from ari_app.campaigns.lists.report import csv_line, safe_cell
from ari_app.web.problems import HttpRefusal
from ari_app.web.route import Ask

if TYPE_CHECKING:
    import xlsxwriter

CSV, XLSX = "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS_OF_A_SHEET = 1_048_576
PIECE = 256 * 1024
Rows = AsyncIterator[Sequence[Sequence[object]]]
"""Pages of rows, the first of them with the column names."""


def _headers(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}


async def send_csv(ask: Ask, name: str, rows: Rows) -> web.StreamResponse:
    """A CSV as spreadsheets open it, sent while it is read."""
    response = web.StreamResponse(headers=_headers(f"{name}.csv"))
    response.content_type, response.charset = CSV, "utf-8"
    pages = aiter(rows)
    first = await anext(pages, ())  # whatever fails, fails before anything is sent
    await ask.record(200)
    await response.prepare(ask.request)
    await response.write(b"\xef\xbb\xbf" + "".join(map(csv_line, first)).encode())
    async for page in pages:
        await response.write("".join(map(csv_line, page)).encode("utf-8", "replace"))
    await response.write_eof()
    return response


async def send_xlsx(ask: Ask, name: str, rows: Rows) -> web.StreamResponse:
    """A spreadsheet: every cell is text or a number, never a formula or a link."""
    import xlsxwriter  # noqa: PLC0415 - few need it, every start would pay for it

    with tempfile.TemporaryDirectory(prefix="ramal-export-") as folder:
        path = Path(folder) / "export.xlsx"
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
                   "strings_to_numbers": False, "tmpdir": folder}  # fmt: skip
        book = xlsxwriter.Workbook(str(path), options)
        sheet, line = book.add_worksheet(name[:31]), 0
        async for page in rows:
            if line + len(page) > ROWS_OF_A_SHEET:
                raise HttpRefusal(422, "More rows than a spreadsheet holds: ask for CSV.")
            await asyncio.to_thread(_write, sheet, line, page)
            line += len(page)
        await asyncio.to_thread(book.close)
        return await _send_file(ask, path, _headers(f"{name}.xlsx"), XLSX)


def _write(sheet: xlsxwriter.worksheet.Worksheet, line: int, page: Sequence[Sequence[object]]) -> None:
    for number, row in enumerate(page, line):
        for column, value in enumerate(row):
            if isinstance(value, int | float) and not isinstance(value, bool):
                sheet.write_number(number, column, value)
            elif value is not None:
                sheet.write_string(number, column, safe_cell(value)[:32_000])


async def send_report(ask: Ask, path: Path, name: str) -> web.StreamResponse:
    """A CSV that is there already."""
    return await _send_file(ask, path, _headers(f"{name}.csv"), CSV)


async def _send_file(ask: Ask, path: Path, headers: dict[str, str], kind: str) -> web.StreamResponse:
    response = web.StreamResponse(headers=headers)
    response.content_type = kind
    file = await asyncio.to_thread(path.open, "rb")
    try:
        await ask.record(200)
        await response.prepare(ask.request)
        while piece := await asyncio.to_thread(file.read, PIECE):
            await response.write(piece)
        await response.write_eof()
    finally:
        file.close()
    return response

"""Turns a file as it was sent into plain text: UTF-8, one kind of line end, no NUL; whatever it was."""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ari_app.campaigns.lists.records import COLUMNS_MOST, DELIMITERS, split

PIECE = 1 << 20
SAMPLE = 64 * 1024
UNPACKED_MOST = 4 * 1024**3
STRINGS_MOST = 512 * 1024**2
"""A spreadsheet's strings are laid on disk while it is read."""


class ListRefused(Exception):  # noqa: N818 - told to a person
    """The file as a whole cannot be read as a list; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """The text file's properties: how it was encoded, its delimiter, and what people should know."""

    encoding: str
    delimiter: str
    size: int
    notes: tuple[str, ...] = ()


def prepare(source: Path, target: Path) -> Prepared:
    """Write `source` (CSV, text or XLSX) to `target` as UTF-8 CSV, in bounded memory.

    Raises `ListRefused`.
    """
    with source.open("rb") as file:
        start = file.read(SAMPLE)
    if not start.strip(b"\x00\r\n\t ;,\xef\xbb\xbf\xff\xfe"):
        raise ListRefused("the file is empty")
    if start.startswith(b"PK\x03\x04"):
        return _from_spreadsheet(source, target)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise ListRefused("an old Excel file (.xls): save it as .xlsx or CSV")
    encoding = _encoding(source, start)
    control = sum(1 for byte in start if byte < 32 and byte not in b"\r\n\t\x0c\x1a\x1b")
    if not encoding.startswith("utf-16") and control > max(16, len(start) // 50):
        raise ListRefused("not a text file, nor a spreadsheet: send CSV or XLSX")
    replaced = _transcode(source, target, encoding)
    with target.open("rb") as file:
        sample = file.read(SAMPLE).decode("utf-8", "ignore")
    notes = (f"{replaced} characters could not be read as {encoding} and were replaced",) if replaced else ()
    return Prepared(encoding, delimiter_of(sample), target.stat().st_size, notes)


def _encoding(source: Path, start: bytes) -> str:
    """UTF-16 by its mark or its NULs, else UTF-8 if it is, else Windows' western one."""
    if start.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if max(even, odd) > len(start) // 5:
        return "utf-16-be" if even > odd else "utf-16-le"
    broken = foreign = 0
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    with source.open("rb") as file:
        while piece := file.read(PIECE):
            if piece.isascii():
                continue
            text = decoder.decode(piece)
            broken += text.count("\ufffd")
            foreign += len(text) - sum(map(str.isascii, text))
    return "utf-8" if broken * 10 <= foreign - broken or not broken else "cp1252"


def _transcode(source: Path, target: Path, encoding: str) -> int:
    """How many characters had to be replaced."""
    replaced = 0
    with (
        source.open(encoding=encoding, errors="replace", newline=None) as old,
        target.open("w", encoding="utf-8", errors="replace", newline="\n") as new,
    ):
        while piece := old.read(PIECE):
            replaced += 0 if piece.isascii() else piece.count("\ufffd")
            new.write(piece.replace("\x00", "") if "\x00" in piece else piece)
    return replaced


def delimiter_of(sample: str) -> str:
    """The delimiter that cuts the first line, and most lines into as many cells as that."""
    lines = [line for line in sample.split("\n")[:200] if line.strip()]
    if lines and lines[0].strip().lower().startswith("sep=") and len(lines[0].strip()) == 5:
        return lines[0].strip()[4]
    best, found = (0.0, 0), ","
    for delimiter in DELIMITERS:
        widths = [len(split(line, delimiter)) for line in lines]
        if not widths or widths[0] < 2:
            continue
        score = (widths.count(widths[0]) / len(widths), widths[0])
        if score > best:
            best, found = score, delimiter
    return found


# --- spreadsheets ---------------------------------------------------------------------------------------


def _from_spreadsheet(source: Path, target: Path) -> Prepared:
    try:
        _check_size(source)
        return _converted(source, target)
    except ListRefused:
        raise
    except Exception as error:
        detail = str(error) or type(error).__name__
        raise ListRefused(f"the spreadsheet cannot be read ({detail[:200]}): save it as CSV") from error


def _check_size(source: Path) -> None:
    with zipfile.ZipFile(source) as archive:
        parts = {part.filename: part.file_size for part in archive.infolist()}
    if sum(parts.values()) > UNPACKED_MOST or parts.get("xl/sharedStrings.xml", 0) > STRINGS_MOST:
        raise ListRefused("the spreadsheet is too large to be unpacked: save it as CSV")


def _converted(source: Path, target: Path) -> Prepared:
    with warnings.catch_warnings(), source.open("rb") as opened:
        warnings.simplefilter("ignore")  # styles and extensions that a list has no use for
        from ari_app.campaigns.lists.strings import spreadsheet  # noqa: PLC0415 - openpyxl: 140 ms of CPU

        with spreadsheet(opened) as book:
            sheets = book.worksheets
            if not sheets:
                raise ListRefused("the spreadsheet has no sheet with cells")
            with target.open("w", encoding="utf-8", errors="replace", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                for row in _rows(sheets[0]):
                    writer.writerow(row)
            others = ", ".join(sheet.title for sheet in sheets[1:])
    notes = (f"only the sheet {sheets[0].title!r} was read, not: {others}",) if others else ()
    return Prepared("xlsx", ",", target.stat().st_size, notes)


def _rows(sheet: Any) -> Iterator[list[str]]:
    """Cells as text, as wide as the first row at least; empty rows at the end are not told."""
    sheet.reset_dimensions()
    empty = 0
    for row in sheet.iter_rows(max_col=COLUMNS_MOST + 1, values_only=True):
        cells = [_text(value) for value in row]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            empty += 1
            continue
        yield from ([""] for _ in range(empty))
        empty = 0
        yield cells


def _text(value: Any) -> str:
    """One cell: numbers without the point that spreadsheets give them, dates as ISO 8601."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.replace("\r\n", " ").replace("\n", " ").replace("\r", " ").replace("\x00", "")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e17:
        return str(int(value))
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    return str(value)

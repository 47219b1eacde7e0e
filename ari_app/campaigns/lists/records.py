"""Reads delimited text record by record from any offset; what cannot be read is told, never skipped."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

DELIMITERS = ",;\t|"
COLUMNS_MOST = 200
LINE_MOST = 64 * 1024
LINES_MOST = 50
"""Lines of one record, when a quoted cell holds line ends; more is a quote that was never closed."""


@dataclass(frozen=True, slots=True)
class Record:
    """One row. `end`: offset of the byte behind it; `problem`: a code, where the cells are not to be used."""

    line: int
    cells: list[str]
    end: int
    problem: str = ""


class _Unclosed(Exception):  # noqa: N818 - more text is wanted
    pass


def split(text: str, delimiter: str) -> list[str]:
    """The cells of a complete record; quotes as in RFC 4180, taken as they stand where they make no sense."""
    if '"' not in text:
        return text.split(delimiter)
    try:
        return _quoted(text, delimiter)
    except _Unclosed:
        return text.split(delimiter)


def _quoted(text: str, delimiter: str) -> list[str]:
    """Raises `_Unclosed`."""
    try:
        rows = list(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error as error:
        if "unexpected end" in str(error):
            raise _Unclosed from error
        rows = list(csv.reader([text], delimiter=delimiter))
    return rows[0] if len(rows) == 1 else text.split(delimiter)


def records(file: BinaryIO, delimiter: str, offset: int = 0, line: int = 0) -> Iterator[Record]:
    """Records of UTF-8 text from `offset` on; `line` is the number of the row before it."""
    file.seek(offset)
    end = offset
    while raw := file.readline(LINE_MOST):
        line += 1
        end += len(raw)
        if len(raw) >= LINE_MOST and not raw.endswith(b"\n"):
            end += _skip_line(file)
            yield Record(line, [], end, "line_too_long")
            continue
        text = raw.decode("utf-8", "replace").removesuffix("\n")
        if '"' not in text:
            yield Record(line, text.split(delimiter), end)
            continue
        try:
            yield Record(line, _quoted(text, delimiter), end)
        except _Unclosed:
            more = _continued(file, text, delimiter)
            if more is None:
                file.seek(end)
                yield Record(line, split(text, delimiter), end, "quote_not_closed")
            else:
                cells, length = more
                end += length
                yield Record(line, cells, end)


def _continued(file: BinaryIO, text: str, delimiter: str) -> tuple[list[str], int] | None:
    """The cells of a record that goes on in the next lines, and those lines' bytes; None: it never ends."""
    length = 0
    for _ in range(LINES_MOST):
        raw = file.readline(LINE_MOST)
        length += len(raw)
        text += "\n" + raw.decode("utf-8", "replace").removesuffix("\n")
        if not raw or len(text) > LINE_MOST:
            return None
        if b'"' in raw:
            try:
                return _quoted_lines(text, delimiter), length
            except _Unclosed:
                continue
    return None


def _quoted_lines(text: str, delimiter: str) -> list[str]:
    """Raises `_Unclosed`, also where a quote closes in a way that makes no sense."""
    try:
        rows = list(csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise _Unclosed from error
    if len(rows) != 1:
        raise _Unclosed
    return rows[0]


def _skip_line(file: BinaryIO) -> int:
    skipped = 0
    while raw := file.readline(LINE_MOST):
        skipped += len(raw)
        if raw.endswith(b"\n"):
            break
    return skipped

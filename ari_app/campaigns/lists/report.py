"""What people are told about each row, as a CSV that a spreadsheet opens without running anything."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from ari_app.model.contact_import import Remark

HEADER = ("line", "outcome", "code", "column", "value", "message")
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(value: object) -> str:
    """Text that no spreadsheet takes for a formula (OWASP, CSV injection).

    A phone number with its `+` stays as it is: digits alone are no formula that does anything.
    """
    text = "" if value is None else str(value)
    bare = text.lstrip()
    if bare.startswith(_DANGEROUS) and not (bare[0] == "+" and bare[1:].isdigit()):
        return "'" + text
    return text


def csv_line(cells: Sequence[object]) -> str:
    """One line of a downloadable CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow([safe_cell(cell) for cell in cells])
    return text.getvalue()


def report_lines(remarks: Iterable[Remark]) -> str:
    """The report's lines for these remarks."""
    return "".join(
        csv_line((r.line, "rejected" if r.rejected else "warning", r.code, r.column, r.value, r.message))
        for r in remarks
    )

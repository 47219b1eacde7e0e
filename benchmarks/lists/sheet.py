"""A spreadsheet of any size, written row by row, and what making it text takes."""

from __future__ import annotations

import random
import resource
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

from ari_app.campaigns.lists.prepare import prepare

PARTS = {
    "[Content_Types].xml": """<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/xl/workbook.xml"
ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml"
ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>
<Override PartName="/xl/sharedStrings.xml"
ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>""",
    "_rels/.rels": """<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="r1" Target="xl/workbook.xml"
Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/></Relationships>""",
    "xl/workbook.xml": """<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"
xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">
<sheets><sheet name="Lista" sheetId="1" r:id="r1"/></sheets></workbook>""",
    "xl/_rels/workbook.xml.rels": """<Relationships
xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="r1" Target="worksheets/sheet1.xml"
Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"/>
<Relationship Id="r2" Target="sharedStrings.xml"
Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"/></Relationships>""",
}
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def _cells(rows: int) -> Iterator[str]:
    yield f"<worksheet {MAIN}><sheetData>"
    rng = random.Random(7)
    yield "".join(
        ['<row r="1">', *(f'<c r="{c}1" t="s"><v>{i}</v></c>' for i, c in enumerate("ABC")), "</row>"]
    )
    for row in range(2, rows + 2):
        first, number = 3 + 2 * (row - 2), 11_900_000_000 + rng.randrange(60_000_000, 99_999_999)
        yield (
            f'<row r="{row}"><c r="A{row}" t="s"><v>{first}</v></c><c r="B{row}" t="s"><v>{first + 1}</v></c>'
            f'<c r="C{row}"><v>{number}</v></c></row>'
        )
    yield "</sheetData></worksheet>"


def _strings(rows: int) -> Iterator[str]:
    yield f"<sst {MAIN}>" + "".join(f"<si><t>{name}</t></si>" for name in ("CPF", "Nome", "Telefone"))
    for row in range(rows):
        yield f"<si><t>{row:011d}</t></si><si><t>José da Silva {row}</t></si>"
    yield "</sst>"


def write(path: Path, rows: int) -> None:
    """Two different strings and a number in each row, strings shared as spreadsheet programs write them."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        for name, text in PARTS.items():
            book.writestr(name, text)
        for name, lines in (("worksheets/sheet1", _cells(rows)), ("sharedStrings", _strings(rows))):
            with book.open(f"xl/{name}.xml", "w") as part:
                for line in lines:
                    part.write(line.encode())


def made_text(path: Path, target: Path) -> dict[str, float]:
    """Make it text, as the importing process does first; processor seconds and peak memory."""
    wall, used = time.perf_counter(), time.process_time()
    prepare(path, target)
    with target.open("rb") as file:
        rows = sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"rows": rows, "processor_s": time.process_time() - used, "seconds": time.perf_counter() - wall,
            "peak_mb": peak}  # fmt: skip

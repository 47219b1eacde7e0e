"""Contact lists as people send them: every way of writing, and every way of getting it wrong."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
import tracemalloc
from pathlib import Path
from typing import Any

import openpyxl
import phonenumbers
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ari_app.campaigns.lists.columns import guess, names_of
from ari_app.campaigns.lists.mapping import Draft, Refused, RowReader
from ari_app.campaigns.lists.numbers import BadNumber, NumberReader
from ari_app.campaigns.lists.prepare import ListRefused, delimiter_of, prepare
from ari_app.campaigns.lists.records import Record, records
from ari_app.campaigns.lists.regions import zone_of_postal_code, zone_of_state
from ari_app.campaigns.lists.report import csv_line, safe_cell
from ari_app.campaigns.lists.strings import StringsOnDisk
from ari_app.model.contact_import import ImportOptions

MOBILE = "+5511988880000"
GOOD = [
    "11988880000",
    "(11) 98888-0000",
    "+55 11 98888-0000",
    "0055 11 98888-0000",
    "5511988880000",
    "011988880000",
    "0 15 11 98888-0000",
    "98888-0000",
    "11988880000.0",
    "1.1988880000E+10",
    "1,1988880000e10",
    "5,511988880000E+12",
    "98888.0000",
    '="11988880000"',
    "'11988880000",
    "📞 11 98888-0000 😀",
    "\uff11\uff11 98888-0000",  # digits as wide as Chinese characters
    "11 98888-0000 ramal 12",
    "\u200e11 98888-0000",
]
BAD = {
    "1.19988E+10": "rounded",
    "5,51199E+12": "rounded",
    "=1+1": "formula",
    '=HYPERLINK("http://x","11988880000")': "formula",
    "": "empty",
    "n/a": "not_a_number",
    "123": "invalid_number",
    "1198888000": "invalid_number",
    "00000000000": "invalid_number",
    "0900 123456": "premium_number",
    "1133334444.5": "not_a_number",
    "+999 123 456 789": "not_a_number",
    "9" * 200: "not_a_number",
}


@pytest.mark.parametrize("cell", GOOD)
def test_O1_every_way_of_writing_a_number_gives_the_same_number(cell: str) -> None:
    assert NumberReader("BR", "11").read(cell) == (MOBILE, ("America/Sao_Paulo",))


@pytest.mark.parametrize(("cell", "code"), BAD.items())
def test_O1_a_bad_number_is_refused_with_its_reason(cell: str, code: str) -> None:
    with pytest.raises(BadNumber) as refused:
        NumberReader("BR", "11").read(cell)
    assert (refused.value.code, bool(str(refused.value))) == (code, True)


def test_O1_no_area_code_is_invented() -> None:
    with pytest.raises(BadNumber):
        NumberReader("BR").read("98888-0000")
    assert NumberReader("BR").read("33334444", "21")[0] == "+552133334444"
    assert NumberReader("US").read("(212) 555-1234") == ("+12125551234", ("America/New_York",))
    with pytest.raises(ValueError, match="region"):
        NumberReader("XX")


def test_the_quick_way_reads_what_the_library_reads() -> None:
    reader, rng = NumberReader("BR"), random.Random(5)
    for _ in range(3000):
        digits = "".join(rng.choice("0123456789") for _ in range(rng.choice((8, 9, 10, 11, 12, 13))))
        text = rng.choice(("", "0", "+55", "55", "0055")) + digits
        try:
            mine = reader.read(text)
        except BadNumber as bad:
            if bad.code == "premium_number":
                continue
            mine = None
        try:
            parsed = phonenumbers.parse(text.replace("0055", "+55", 1) if text[:4] == "0055" else text, "BR")
        except phonenumbers.NumberParseException:
            assert mine is None, text
            continue
        if not phonenumbers.is_valid_number(parsed):
            assert mine is None, text
            continue
        zones = phonenumbers.timezone.time_zones_for_number(parsed)
        e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
        assert mine == (e164, tuple(zones)), text


# --- files ----------------------------------------------------------------------------------------------


def prepared(folder: Path, content: bytes) -> tuple[Any, list[Record]]:
    (folder / "in").write_bytes(content)
    done = prepare(folder / "in", folder / "out")
    with (folder / "out").open("rb") as file:
        return done, list(records(file, done.delimiter))


TEXT = "Nome;Telefone\nJosé;11988880000\nÁgua & Cia;(21) 97777-0000\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_O1_wrong_encodings_are_read_right(tmp_path: Path, encoding: str, newline: str) -> None:
    done, rows = prepared(tmp_path, TEXT.replace("\n", newline).encode(encoding))
    assert [row.cells for row in rows] == [
        ["Nome", "Telefone"],
        ["José", "11988880000"],
        ["Água & Cia", "(21) 97777-0000"],
    ]
    assert done.delimiter == ";"


def test_O1_one_broken_byte_does_not_spoil_all_names(tmp_path: Path) -> None:
    done, rows = prepared(tmp_path, ("a;b\n" + "José;1\n" * 30).encode() + b"\xff;2\n")
    assert rows[1].cells[0] == "José"
    assert done.encoding == "utf-8"
    assert "1 characters could not be read" in done.notes[0]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_O1_the_delimiter_is_found(delimiter: str) -> None:
    assert delimiter_of("a,b\n1,2" if delimiter == "," else f"a{delimiter}b\nx, y{delimiter}2") == delimiter
    assert delimiter_of("sep=|\na|b") == "|"
    assert delimiter_of("11988880000\n21977770000") == ","


def test_O1_mixed_delimiters_are_read_row_by_row() -> None:
    reader = row_reader(("Nome", "Telefone"))
    for cells in (["Ana", "11988880000"], ["Ana,11988880000"], ['"Ana"|11988880000'], ["Ana\t11988880000"]):
        draft = reader.read(Record(2, cells, 0))
        assert isinstance(draft, Draft)
        assert (draft.name, draft.phones[0].number) == ("Ana", MOBILE)
    wide = reader.read(Record(3, ["Ana", "11988880000", "x", "y"], 0))
    assert isinstance(wide, Refused)
    assert (wide.remarks[0].code, wide.remarks[0].message) == ("columns", "4 cells where the header has 2")


def test_O1_quotes_line_ends_and_long_lines(tmp_path: Path) -> None:
    text = (
        'a,b\n"x, ""y""",1\n"two\nlines",2\n5" pipe,3\n"never closed,4\nfine,5\n'
        + "z" * 70_000
        + ",6\nlast,7\n"
    )
    _, rows = prepared(tmp_path, text.encode())
    assert [(row.line, row.problem or row.cells[0]) for row in rows] == [
        (1, "a"),
        (2, 'x, "y"'),
        (3, "two\nlines"),
        (4, '5" pipe'),
        (5, "quote_not_closed"),
        (6, "fine"),
        (7, "line_too_long"),
        (8, "last"),
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"),
        (b"\r\n\r\n", "empty"),
        (b"\x89PNG\r\n" + bytes(range(256)) * 9, "not a text file"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 600, "old Excel"),
        (b"PK\x03\x04" + b"x" * 600, "cannot be read"),
    ],
)
def test_O1_what_is_no_list_is_refused_with_the_reason(tmp_path: Path, content: bytes, told: str) -> None:
    with pytest.raises(ListRefused, match=told):
        prepared(tmp_path, content)


def test_O1_a_spreadsheet_is_read_as_it_looks(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "in"))
    sheet = book.add_worksheet("Lista")
    sheet.write_row(0, 0, ["Nome", "Telefone", "Quando"])
    sheet.write_row(1, 0, ["Ana", 11988880000])
    day = book.add_format({"num_format": 14})
    sheet.write_datetime(1, 2, dt.datetime(2026, 11, 23), day)  # noqa: DTZ001 - sheets have no zones
    sheet.write_row(3, 0, ["linha\numa", "21977770000"])
    sheet.write_formula(4, 1, "=11*2", None, 22)
    book.add_worksheet("Outra").write(0, 0, "x")
    book.close()
    done = prepare(tmp_path / "in", tmp_path / "out")
    with (tmp_path / "out").open("rb") as file:
        rows = [row.cells for row in records(file, done.delimiter)]
    assert rows == [
        ["Nome", "Telefone", "Quando"],
        ["Ana", "11988880000", "2026-11-23"],
        [""],
        ["linha uma", "21977770000"],
        ["", "22"],
    ]
    assert done.notes == ("only the sheet 'Lista' was read, not: Outra",)


def test_O1_a_spreadsheets_strings_take_no_memory(tmp_path: Path) -> None:
    many, length = 20_000, 500
    path = tmp_path / "sharedStrings.xml"
    with path.open("w") as file:
        file.write('<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">')
        for n in range(many):
            file.write(f"<si><t>{n} é {'x' * length}</t></si><si><r><t>rich </t></r><r><t>{n}</t></r></si>")
        file.write("</sst>")
    tracemalloc.start()
    with path.open("rb") as source:
        strings = StringsOnDisk()
        strings.read(source)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (len(strings), strings[0][:4], strings[2 * many - 1]) == (2 * many, "0 é ", f"rich {many - 1}")
    assert strings[2 * many - 2].startswith(f"{many - 1} é ")
    assert peak < many * length / 5
    with pytest.raises(IndexError):
        strings[2 * many]
    strings.close()


def test_O1_a_spreadsheet_that_is_a_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = openpyxl.Workbook()
    book.save(tmp_path / "in")
    monkeypatch.setattr("ari_app.campaigns.lists.prepare.UNPACKED_MOST", 100)
    with pytest.raises(ListRefused, match="too large"):
        prepare(tmp_path / "in", tmp_path / "out")


# --- rows -----------------------------------------------------------------------------------------------


def row_reader(columns: tuple[str, ...], samples: Any = (), **options: Any) -> RowReader:
    wanted = ImportOptions(**options)
    mapping = wanted.mapping or guess(columns, samples, NumberReader(wanted.region))
    return RowReader(columns, mapping, ";", wanted)


def test_O1_columns_are_guessed_in_three_languages_or_by_their_contents() -> None:
    reader = NumberReader("BR")
    columns = ("CPF", "Nome completo", "Celular", "Telefone 2", "UF", "CEP", "E-mail", "Número", "DDD")
    assert guess(columns, [], reader) == {
        "CPF": "person",
        "Nome completo": "name",
        "Celular": "phone",
        "Telefone 2": "phone",
        "UF": "region",
        "CEP": "postal_code",
        "E-mail": "data",
        "Número": "data",
        "DDD": "area_code",
    }
    assert guess(("id", "name", "mobile"), [], reader)["mobile"] == "phone"
    assert guess(("nombre", "teléfono"), [], reader)["teléfono"] == "phone"
    assert guess(("a", "b"), [["x", "11988880000"], ["y", "21 3333-4444"]], reader)["b"] == "phone"
    assert names_of(["a", "", "a", " b \n c "]) == ("a", "column 2", "a (2)", "b c")


def test_O1_several_phones_of_a_person_keep_their_order() -> None:
    reader = row_reader(("Fone 1", "Fone 2", "CPF"))
    draft = reader.read(Record(2, ["11 98888-0000 / 11 3333-4444", "11 98888 0000; x", "123.456.789-00"], 0))
    assert isinstance(draft, Draft)
    assert [phone.number for phone in draft.phones] == [MOBILE, "+551133334444"]
    assert (draft.person, [remark.code for remark in draft.remarks]) == ("12345678900", ["not_a_number"])


def test_O7_the_zone_comes_from_number_and_address() -> None:
    reader = row_reader(("Telefone", "UF", "CEP", "fuso"))

    def zones(*cells: str) -> tuple[str, ...]:
        draft = reader.read(Record(2, [*cells, *[""] * (4 - len(cells))], 0))
        assert isinstance(draft, Draft)
        return draft.phones[0].zones

    assert zones("11988880000") == ("America/Sao_Paulo",)
    assert zones("92988880000", "am") == ("America/Manaus",)
    assert zones("11988880000", "AC") == ("America/Sao_Paulo", "America/Rio_Branco")
    assert zones("11988880000", "", "69005-010") == ("America/Sao_Paulo", "America/Manaus")
    assert zones("11988880000", "", "", "Europe/Lisbon") == ("America/Sao_Paulo", "Europe/Lisbon")
    assert zone_of_state("BR-MT") == "America/Manaus"
    assert zone_of_postal_code("1310100") == "America/Sao_Paulo"
    assert zone_of_postal_code("53990-000") == "America/Noronha"
    assert zone_of_postal_code("99") is None


def test_O1_a_number_without_a_zone_needs_one_for_the_list() -> None:
    satellite = "+881612345678"
    refused = row_reader(("phone",)).read(Record(2, [satellite], 0))
    assert isinstance(refused, Refused)
    assert refused.remarks[0].code == "no_time_zone"
    taken = row_reader(("phone",), zone="America/Belem").read(Record(2, [satellite], 0))
    assert isinstance(taken, Draft)
    assert taken.phones[0].zones == ("America/Belem",)


@pytest.mark.parametrize(
    ("columns", "options", "told"),
    [
        (("a", "b"), {}, "no column is the phone, of a, b"),
        (("a",), {"mapping": {"z": "phone"}}, "there is no column 'z'"),
        (("a", "b"), {"mapping": {"a": "phone", "b": "phone", "c": "x"}}, "no column 'c'"),
        (
            ("a", "b", "c"),
            {"mapping": {"a": "phone", "b": "name", "c": "name"}},
            "more than one column is name",
        ),
        (("phone",), {"zone": "Mars/Base"}, "zone: 'Mars/Base'"),
        (tuple(f"phone {i}" for i in range(500)), {}, "500 are too many, at most 200"),
    ],
)
def test_O1_options_that_cannot_be_meant_are_named(
    columns: tuple[str, ...], options: dict[str, Any], told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        row_reader(columns, **options)


@pytest.mark.parametrize("text", ["=1+1", "+A1", "-2+3", "@SUM(A1)", "\t=1", "  =cmd|' /C calc'!A0"])
def test_O1_what_is_told_is_safe_in_a_spreadsheet(text: str) -> None:
    assert safe_cell(text).startswith("'")
    row = next(csv.reader(io.StringIO(csv_line([text, 3, None, "+5511988880000", "José, ok"]))))
    assert row == ["'" + text, "3", "", "+5511988880000", "José, ok"]


LINES = st.lists(
    st.one_of(
        st.text(max_size=60),
        st.sampled_from(["Ana;11988880000", '"', '"a\nb";1', ";;;;", "=1+1;2", "\ufeff", "sep=;", "x" * 300]),
    ),
    max_size=12,
)


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(LINES, st.sampled_from(["utf-8", "utf-16", "cp1252"]), st.sampled_from(["\n", "\r\n", "\r"]))
def test_O1_whatever_a_file_holds_every_row_gets_an_answer(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], encoding: str, newline: str
) -> None:
    folder = tmp_path_factory.mktemp("list")
    (folder / "in").write_bytes(newline.join(lines).encode(encoding, "replace"))
    try:
        done = prepare(folder / "in", folder / "out")
    except ListRefused:
        return
    with (folder / "out").open("rb") as file:
        rows = list(records(file, done.delimiter))
        assert [row.line for row in rows] == list(range(1, len(rows) + 1))
        assert (rows[-1].end if rows else 0) == done.size
        for row in rows[1:]:  # from any row on, the same is read
            rest = list(records(file, done.delimiter, rows[row.line - 2].end, row.line - 1))
            assert rest[0] == row
            break
    columns = names_of(rows[0].cells[:100] if rows else ["a"])
    reader = RowReader(columns, {columns[-1]: "phone"}, done.delimiter, ImportOptions())
    for row in rows:
        answer = reader.read(row)
        blank = not row.problem and not any(cell.strip() for cell in row.cells)
        assert isinstance(answer, Draft) or bool(answer.remarks) is not blank

"""Makes contacts of records, and says what is wrong with a row that gives none."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ari_app.campaigns.lists.numbers import BadNumber, NumberReader
from ari_app.campaigns.lists.records import COLUMNS_MOST, DELIMITERS, Record, split
from ari_app.campaigns.lists.regions import zone_of_postal_code, zone_of_state
from ari_app.model.campaign import Phone
from ari_app.model.contact_import import ImportOptions, Remark, Role

PHONES_MOST = 10
CELL_MOST = 2000
SHOWN = 120


@dataclass(frozen=True, slots=True)
class Draft:
    """A contact as its row says; `remarks` are warnings about it."""

    line: int
    person: str
    name: str
    phones: tuple[Phone, ...]
    data: dict[str, str]
    priority: int = 5
    segment: int | None = None
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that gives no contact, and why; a blank one has no remarks."""

    line: int
    remarks: tuple[Remark, ...] = ()


@dataclass(slots=True)
class RowReader:
    """Reads the rows of one list.

    Raises:
        ValueError: an option or mapping that cannot be meant; the text names it.

    """

    columns: Sequence[str]
    mapping: Mapping[str, Role]
    delimiter: str
    options: ImportOptions
    _places: dict[Role, list[int]] = field(init=False)
    _reader: NumberReader = field(init=False)

    def __post_init__(self) -> None:
        """Find the columns."""
        self._reader = NumberReader(self.options.region, self.options.area_code)
        if len(self.columns) > COLUMNS_MOST:
            raise ValueError(f"columns: {len(self.columns)} are too many, at most {COLUMNS_MOST} are read")
        for name in self.mapping:
            if name not in self.columns:
                raise ValueError(f"mapping: there is no column {name!r}; there are {', '.join(self.columns)}")
        self._places = {}
        for place, column in enumerate(self.columns):
            self._places.setdefault(self.mapping.get(column, "data"), []).append(place)
        if "phone" not in self._places:
            raise ValueError(f"mapping: no column is the phone, of {', '.join(self.columns)}")
        for role in ("person", "name", "area_code", "region", "postal_code", "zone", "priority", "segment"):
            if len(self._places.get(role, ())) > 1:
                raise ValueError(f"mapping: more than one column is {role}")
        if self.options.zone is not None and not is_zone(self.options.zone):
            raise ValueError(f"zone: {self.options.zone!r} is no time zone of the IANA data")

    def read(self, record: Record) -> Draft | Refused:
        """The contact of a row, or what is wrong with it."""
        if record.problem:
            return self._refused(record.line, record.problem, "", "", _RECORD_PROBLEMS[record.problem])
        cells = record.cells
        if not any(cell.strip() for cell in cells):
            return Refused(record.line)
        wide = self._fitted(cells)
        if wide is None:
            told = f"{len(cells)} cells where the header has {len(self.columns)}"
            return self._refused(record.line, "columns", "", self.delimiter.join(cells), told)
        return self._draft(record.line, [cell.strip() for cell in wide])

    def _fitted(self, cells: list[str]) -> list[str] | None:
        """As many cells as there are columns; tries the other delimiters on rows that do not fit."""
        width = len(self.columns)
        if len(cells) == width:
            return cells
        while len(cells) > width and not cells[-1].strip():
            cells = cells[:-1]
        if len(cells) == width:
            return cells
        text = self.delimiter.join(cells)
        for other in DELIMITERS:
            if other != self.delimiter and other in text:
                tried = split(text, other)
                if len(tried) == width:
                    return tried
        return None if len(cells) > width else cells + [""] * (width - len(cells))

    def _draft(self, line: int, cells: list[str]) -> Draft | Refused:
        remarks: list[Remark] = []
        extra = self._extra_zones(line, cells, remarks)
        phones = self._phones(line, cells, extra, remarks)
        if not phones:
            return Refused(line, tuple(_as_rejected(remarks)) or self._no_phone(line))
        if any(not phone.zones for phone in phones):
            column = self.columns[self._places["phone"][0]]
            told = "its time zone is not known, so it could never be called: give one for the list"
            remarks.append(Remark(line, "no_time_zone", column, phones[0].number, told))
            phones = [phone for phone in phones if phone.zones]
            if not phones:
                return Refused(line, tuple(_as_rejected(remarks)))
        data = {
            self.columns[place]: cells[place][:CELL_MOST]
            for place in self._places.get("data", ())
            if cells[place]
        }
        for place in self._places.get("data", ()):
            if len(cells[place]) > CELL_MOST:
                told = f"cut after {CELL_MOST} characters"
                remarks.append(Remark(line, "cell_cut", self.columns[place], cells[place][:SHOWN], told))
        return Draft(
            line,
            person_key(self._cell("person", cells)) or phones[0].number,
            self._cell("name", cells)[:200],
            tuple(phones),
            data,
            self._number("priority", line, cells, 5, 1, 9, remarks) or 5,
            self._number("segment", line, cells, None, 0, 31, remarks),
            tuple(remarks),
        )

    def _phones(
        self, line: int, cells: list[str], extra: tuple[str, ...], remarks: list[Remark]
    ) -> list[Phone]:
        phones: list[Phone] = []
        area = re.sub(r"[^0-9]", "", self._cell("area_code", cells)).removeprefix("0") or None
        for place in self._places["phone"]:
            column = self.columns[place]
            for text in self._reader.several(cells[place]) if cells[place] else ():
                try:
                    number, zones = self._reader.read(text, area)
                except BadNumber as bad:
                    remarks.append(Remark(line, bad.code, column, text[:SHOWN], str(bad)))
                    continue
                if any(phone.number == number for phone in phones):
                    continue
                if len(phones) == PHONES_MOST:
                    told = f"at most {PHONES_MOST} numbers of a contact are kept"
                    remarks.append(Remark(line, "too_many_phones", column, text[:SHOWN], told))
                    break
                both = (*zones, *(zone for zone in extra if zone not in zones))
                if not both and self.options.zone is not None:
                    both = (self.options.zone,)
                phones.append(Phone(number, both, column))
        return phones

    def _extra_zones(self, line: int, cells: list[str], remarks: list[Remark]) -> tuple[str, ...]:
        """What the address says about the time of day; both it and the number must then allow a call."""
        found: list[str] = []
        if self.options.region == "BR":
            known = (zone_of_state(self._cell("region", cells)),
                     zone_of_postal_code(self._cell("postal_code", cells)))  # fmt: skip
            found += [zone for zone in known if zone is not None]
        text = self._cell("zone", cells)
        if text and is_zone(text):
            found.append(text)
        elif text:
            column = self.columns[self._places["zone"][0]]
            remarks.append(
                Remark(line, "unknown_zone", column, text[:SHOWN], "no time zone of the IANA data")
            )
        return tuple(dict.fromkeys(found))

    def _number(
        self,
        role: Role,
        line: int,
        cells: list[str],
        default: int | None,
        low: int,
        high: int,
        remarks: list[Remark],
    ) -> int | None:
        text = self._cell(role, cells)
        if not text:
            return default
        if text.isascii() and text.isdigit() and len(text) < 4 and low <= int(text) <= high:
            return int(text)
        column = self.columns[self._places[role][0]]
        remarks.append(
            Remark(line, f"bad_{role}", column, text[:SHOWN], f"not a number from {low} to {high}")
        )
        return default

    def _cell(self, role: Role, cells: list[str]) -> str:
        places = self._places.get(role)
        return cells[places[0]] if places else ""

    def _no_phone(self, line: int) -> tuple[Remark, ...]:
        column = self.columns[self._places["phone"][0]]
        return (Remark(line, "no_number", column, "", "the row holds no phone number", rejected=True),)

    def _refused(self, line: int, code: str, column: str, value: str, message: str) -> Refused:
        return Refused(line, (Remark(line, code, column, value[:SHOWN], message, rejected=True),))


_RECORD_PROBLEMS = {
    "line_too_long": "the line is longer than 65,536 bytes",
    "quote_not_closed": "a quoted cell is never closed",
}


def _as_rejected(remarks: Sequence[Remark]) -> list[Remark]:
    return [Remark(r.line, r.code, r.column, r.value, r.message, rejected=True) for r in remarks]


def person_key(text: str) -> str:
    """A person's key as lists write it: punctuation of documents does not make another person."""
    bare = re.sub(r"[.\-/\s]", "", text)
    return (bare if bare.isdigit() else text.strip().lower())[:120]


def is_zone(name: str) -> bool:
    """Whether this is a zone of the IANA data."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return "/" in name or name == "UTC"

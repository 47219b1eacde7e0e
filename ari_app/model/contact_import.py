"""An import of a contact list: what was sent, how it is to be read, how far it has come."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from ari_app.model.ids import CampaignId, ClientId, ImportId

ImportState: TypeAlias = Literal["preparing", "ready", "running", "done", "failed", "cancelled"]
Role: TypeAlias = Literal[
    "phone",
    "person",
    "name",
    "area_code",
    "region",
    "postal_code",
    "zone",
    "priority",
    "segment",
    "data",
    "ignore",
]
"""What a column holds; several may be `phone`, tried in their order."""


class ImportOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a list is to be read."""

    mapping: dict[str, Role] | None = None
    """By column name; None: guessed from names and contents. A column not named is `data`."""
    region: str = "BR"
    """Where numbers without a country code are from."""
    area_code: str | None = None
    """Of numbers without one, e.g. `11`."""
    zone: str | None = None
    """The time zone of numbers that tell none; without it such rows are rejected."""
    header: bool | None = None
    """Whether the first row holds names; None: guessed."""
    across: Literal["warn", "reject"] = "warn"
    """Numbers that are on another list of the client."""


class Remark(msgspec.Struct, frozen=True):
    """Something about a row that people should know; `rejected`: the row was not taken because of it."""

    line: int
    code: str
    column: str
    value: str
    message: str
    rejected: bool = False


class Preview(msgspec.Struct, frozen=True):
    """One of the first rows, as it would be taken."""

    line: int
    cells: tuple[str, ...]
    person: str = ""
    name: str = ""
    phones: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


class ImportCounts(msgspec.Struct, frozen=True):
    """Every row is counted once: rows = accepted + updated + rejected + blank. `warned` rows were taken."""

    rows: int = 0
    accepted: int = 0
    updated: int = 0
    rejected: int = 0
    blank: int = 0
    warned: int = 0


class ContactImport(msgspec.Struct, frozen=True, kw_only=True):
    """One import. `offset`, `line` and `report_bytes` are where it goes on after a crash."""

    id: ImportId
    campaign: CampaignId
    client: ClientId
    file_name: str
    by: str
    created_at: float
    state: ImportState = "preparing"
    begin: bool = True
    """Go on by itself once the file is understood."""
    options: ImportOptions = ImportOptions()
    segment: int = 0
    encoding: str = ""
    delimiter: str = ""
    columns: tuple[str, ...] = ()
    mapping: dict[str, Role] = {}
    """The roles in use, guessed or given."""
    preview: tuple[Preview, ...] = ()
    notes: tuple[str, ...] = ()
    problem: str = ""
    """Why it failed, for people."""
    bytes_total: int = 0
    offset: int = 0
    line: int = 0
    """The last row that was committed; the header is row 1."""
    counts: ImportCounts = ImportCounts()
    codes: dict[str, int] = {}
    """Remarks by code."""
    report_bytes: int = 0
    changed_at: float = 0.0

    @property
    def share(self) -> float:
        """How much of the file is done, 0 to 1."""
        return 1.0 if self.state == "done" else self.offset / self.bytes_total if self.bytes_total else 0.0

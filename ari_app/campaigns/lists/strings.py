"""A spreadsheet's strings on disk: a million rows hold two million of them, too many for memory."""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from openpyxl.cell.text import Text
from openpyxl.reader.excel import ExcelReader
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS
from openpyxl.xml.functions import iterparse

ITEM = f"{{{SHEET_MAIN_NS}}}si"


class StringsOnDisk:
    """`shared_strings[index]` as openpyxl asks for it: eight bytes of memory for each."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
        self._starts = array("Q", [0])

    def read(self, source: IO[bytes]) -> None:
        """Take `xl/sharedStrings.xml` in."""
        parsed = iter(iterparse(source, ("start", "end")))
        _, root = next(parsed)
        for event, node in parsed:
            if event == "end" and node.tag == ITEM:
                item = Text.from_tree(node)
                text = item.content.replace("x005F_", "") if item is not None else ""  # as openpyxl does
                root.clear()
                size = self._file.write(text.encode("utf-8", "replace"))
                self._starts.append(self._starts[-1] + size)
        self._file.flush()

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, index: int) -> str:
        if not 0 <= index < len(self):
            raise IndexError(f"the spreadsheet names string {index} of {len(self)}")
        self._file.seek(self._starts[index])
        return self._file.read(self._starts[index + 1] - self._starts[index]).decode()

    def close(self) -> None:
        self._file.close()


class Reader(ExcelReader):
    """openpyxl's reader with its strings on disk."""

    def read_strings(self) -> None:
        strings: Any = StringsOnDisk()
        self.shared_strings = strings
        part: Any = self.package.find(SHARED_STRINGS)  # type: ignore[no-untyped-call]
        if part is not None:
            with self.archive.open(part.PartName[1:]) as source:
                strings.read(source)


@contextmanager
def spreadsheet(source: IO[bytes]) -> Iterator[Any]:
    """The workbook, values instead of formulas, while it is read. Raises what openpyxl raises."""
    reader = Reader(source, read_only=True, data_only=True, keep_links=False)
    try:
        reader.read()
        yield reader.wb
        reader.wb.close()
    finally:
        if isinstance(reader.shared_strings, StringsOnDisk):
            reader.shared_strings.close()

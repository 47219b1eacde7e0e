"""A ZIP archive that is made while it is sent: nothing of it touches a disk."""

from __future__ import annotations

import zipfile
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime

Entry = tuple[str, AsyncIterator[bytes]]


class _Outlet:
    """Where the archive writes; taken from there piece by piece."""

    def __init__(self) -> None:
        self._gathered = bytearray()

    def write(self, data: bytes) -> int:
        self._gathered += data
        return len(data)

    def flush(self) -> None:
        """Nothing to do."""

    def take(self) -> bytes:
        taken = bytes(self._gathered)
        self._gathered.clear()
        return taken


async def once(data: bytes) -> AsyncIterator[bytes]:
    """An entry's content that is there already."""
    yield data


async def zipped(entries: Iterable[Entry], now: float) -> AsyncIterator[bytes]:
    """The archive's bytes; audio is not compressed further."""
    outlet = _Outlet()
    at = datetime.fromtimestamp(now, UTC).timetuple()[:6]
    with zipfile.ZipFile(outlet, "w") as archive:  # type: ignore[call-overload]
        for name, content in entries:
            info = zipfile.ZipInfo(name, at)
            info.compress_type = zipfile.ZIP_DEFLATED if name.endswith(".json") else zipfile.ZIP_STORED
            info.external_attr = 0o600 << 16
            with archive.open(info, "w", force_zip64=True) as sink:
                async for piece in content:
                    sink.write(piece)
                    yield outlet.take()
            yield outlet.take()
    yield outlet.take()

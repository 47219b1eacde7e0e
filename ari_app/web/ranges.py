"""Byte ranges of HTTP (RFC 9110, section 14): one range per request, as players ask for."""

from __future__ import annotations

import re

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


class RangeNotSatisfiable(Exception):  # noqa: N818 - named as the status is
    """The range starts behind the end."""


def parse_range(header: str | None, size: int) -> tuple[int, int] | None:
    """`(start, stop)` in bytes, `stop` not included; None: send everything (none or several asked for).

    Raises `RangeNotSatisfiable`.
    """
    match = _RANGE.fullmatch(header.strip()) if header else None
    if match is None or match.group(1) == match.group(2) == "":
        return None
    first, last = match.groups()
    if not first:
        start, stop = max(0, size - int(last)), size
    else:
        start, stop = int(first), min(size, int(last) + 1 if last else size)
        if last and int(last) < start:
            return None
    if start >= stop:
        raise RangeNotSatisfiable(f"{header!r} lies outside the {size} bytes there are")
    return start, stop

"""Cursors of lists that run from the newest to the oldest: a place in `(time, id)`, opaque outside."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec
from sqlalchemy import ColumnElement, Select, tuple_

from ari_app.ports import CursorRefused, Page

T = TypeVar("T")
MOST = 500
"""Items of one page at most."""


class _Place(msgspec.Struct, array_like=True):
    at: float
    id: str


def encode_cursor(at: float, ident: str) -> str:
    """The cursor that continues after this row."""
    return base64.urlsafe_b64encode(msgspec.json.encode(_Place(at, ident))).decode().rstrip("=")


def decode_cursor(cursor: str) -> tuple[float, str]:
    """The place a cursor stands for. Raises `CursorRefused`."""
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        place = msgspec.json.decode(raw, type=_Place)
    except (binascii.Error, ValueError, msgspec.MsgspecError) as error:
        raise CursorRefused(f"cursor: {cursor[:80]!r} is not one of ours") from error
    return place.at, place.id


def newest_first(
    query: Select[Any], at: ColumnElement[float], ident: ColumnElement[str], cursor: str | None, limit: int
) -> Select[Any]:
    """The query for one page after `cursor`, and one row more, to know whether more follow."""
    if cursor is not None:
        query = query.where(tuple_(at, ident) < tuple_(*decode_cursor(cursor)))
    return query.order_by(at.desc(), ident.desc()).limit(min(limit, MOST) + 1)


def page_of(items: Sequence[T], limit: int, last: tuple[float, str] | None) -> Page[T]:
    """Cut the row too many off; `last` is the place of the page's last item."""
    limit = min(limit, MOST)
    more = len(items) > limit and last is not None
    return Page(tuple(items[:limit]), encode_cursor(*last) if more and last is not None else None)

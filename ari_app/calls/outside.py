"""Outside numbers that an operator wants in a talk, or a caller sent to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ari_app.ports import Refusal

if TYPE_CHECKING:
    from ari_app.calls.session import Session

_NUMBER = re.compile(r"\+?[0-9]{3,15}", re.ASCII)


class NumberRefused(Refusal):
    """A number that is not called."""


def allowed(session: Session, number: str) -> str:
    """The number as it is to be dialled. Raises `NumberRefused`."""
    if _NUMBER.fullmatch(number) is None:
        raise NumberRefused("an outside number is 3 to 15 digits, with or without +")
    del session
    return number

"""What is kept about one person, found by number (M9)."""

from __future__ import annotations

from typing import Any

import msgspec

from ari_app.model.call import CallRecord
from ari_app.model.recording import Recording
from ari_app.model.work import WorkItem


class Person(msgspec.Struct, frozen=True):
    """All of it; what has no audio is as the store has it."""

    number: str
    calls: tuple[CallRecord, ...] = ()
    recordings: tuple[Recording, ...] = ()
    items: tuple[WorkItem, ...] = ()
    cases: tuple[dict[str, Any], ...] = ()
    callbacks: tuple[dict[str, Any], ...] = ()
    dispositions: tuple[dict[str, Any], ...] = ()
    facts: tuple[Any, ...] = ()

"""Whom we call back and when, what the store keeps of it, and how an attempt ended (C13)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from ari_app.model.call import CallRecord
from ari_app.model.ids import CallId
from ari_app.model.work import Attempt, AttemptOutcome, Callback


class CallbackBook(Protocol):
    """Callbacks in the store, on disk when these return. Errors of the store raise."""

    async def add_callback(self, callback: Callback) -> None: ...

    async def put_callback(self, callback: Callback) -> None: ...

    async def begin_attempt(self, callback: Callback, attempt: Attempt) -> None:
        """Both or neither. Raises `AlreadyExists` for an attempt that was begun before."""
        ...

    async def end_attempt(self, callback: Callback, attempt: Attempt) -> None: ...

    async def open_callbacks(self) -> list[Callback]: ...

    async def open_attempts(self) -> list[Attempt]: ...

    async def call(self, call: CallId) -> CallRecord | None: ...


@dataclass(frozen=True, slots=True)
class Rules:
    """How a queue calls back. Hours are minutes of the called party's day, `until` not included."""

    tries: int = 3
    spacing_s: float = 600.0
    ring_s: float = 30.0
    first_minute: int = 8 * 60
    until_minute: int = 21 * 60
    timezone: str = "America/Sao_Paulo"
    numbers: str = "(55)?[1-9][1-9][2-9][0-9]{7,8}"
    """What is called at all: a number that was keyed in, or is shown, may be one that costs."""
    first: Literal["caller", "operator"] = "caller"
    """Whose phone rings first."""
    accept: bool = False
    """Whether the caller, rung first, is asked for a key before an operator's phone rings."""
    dropped: bool = False
    """Whether a talk that broke off because a line of ours died is called back unasked (C19)."""

    def opens_at(self, at: float) -> float:
        """The first moment from `at` on at which calling is permitted."""
        there = datetime.fromtimestamp(at, ZoneInfo(self.timezone))
        minute = there.hour * 60 + there.minute
        if self.first_minute <= minute < self.until_minute:
            return at
        day = there if minute < self.first_minute else there + timedelta(days=1)
        hour, minute = divmod(self.first_minute, 60)
        return day.replace(hour=hour, minute=minute, second=0, microsecond=0, fold=0).timestamp()

    def may_call(self, number: str) -> bool:
        """Whether this is a number that we call."""
        return re.fullmatch(self.numbers, number, re.ASCII) is not None


def outcome_of(cause: int) -> AttemptOutcome:
    """How dialling somebody ended, by the Q.850 cause of the channel's end."""
    match cause:
        case 17:
            return "busy"
        case 21:
            return "rejected"
        case 1 | 3 | 20 | 27 | 28 | 38:
            return "unreachable"
        case 34 | 41 | 42 | 44:
            return "failed"
    return "no_answer"

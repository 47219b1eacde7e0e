"""`/clock`: whether the machine's wall clock can be trusted, and a person's word that it can."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import msgspec

from ari_app.ports import IllegalTransition
from ari_app.web.route import ADMINS, AUDITORS, Ask, Route
from ari_app.web.views import Time, rfc3339


class WatchedWall(Protocol):
    """The time for records beside the machine's wall clock."""

    def now(self) -> float: ...

    def wall(self) -> float: ...

    @property
    def trusted(self) -> bool: ...


class ClockOut(msgspec.Struct, frozen=True):
    """`now` is the time of records; when the wall clock was set by hours, `trusted` is false."""

    now: Time
    wall: Time
    differs_s: float
    trusted: bool


class ConfirmIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`live_calls`: confirm although calls are live, whose durations will then be wrong."""

    live_calls: bool = False


@dataclass(frozen=True, slots=True)
class ClockApi:
    """`confirm` makes the wall clock ours; `live` counts the calls that would feel it."""

    clock: WatchedWall
    confirm: Callable[[], None]
    live: Callable[[], int]

    def routes(self) -> list[Route]:
        return [
            Route(
                "GET",
                "/clock",
                self.look,
                "Whether the wall clock agrees with the time of records",
                AUDITORS,
                answer=ClockOut,
                installation=True,
            ),
            Route(
                "POST",
                "/clock/confirm",
                self.confirmed,
                "Say that the wall clock is right: records and campaigns go by it from now on",
                ADMINS,
                body=ConfirmIn,
                body_optional=True,
                answer=ClockOut,
                installation=True,
                problems=(409,),
            ),
        ]

    async def look(self, ask: Ask) -> ClockOut:
        del ask
        now, wall = self.clock.now(), self.clock.wall()
        return ClockOut(rfc3339(now), rfc3339(wall), round(wall - now, 3), self.clock.trusted)

    async def confirmed(self, ask: Ask) -> ClockOut:
        live = self.live()
        if live and not (ask.body is not None and ask.body.live_calls):
            raise IllegalTransition(f"{live} calls are live: wait, or say live_calls")
        self.confirm()
        return await self.look(ask)

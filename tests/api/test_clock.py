"""`/clock` over HTTP: a wall clock that was set, and a person who says that it is right."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from ari_app.web.api.clock import ClockApi
from tests.api.house import House


@dataclass
class Wall:
    """A wall clock two hours ahead of the records."""

    differs_s: float = 7200.0
    live: int = 0
    confirmed: list[float] = field(default_factory=list)

    def now(self) -> float:
        return 1_700_000_000.0

    def wall(self) -> float:
        return self.now() + self.differs_s

    @property
    def trusted(self) -> bool:
        return self.differs_s == 0.0

    def confirm(self) -> None:
        self.confirmed.append(self.differs_s)
        self.differs_s = 0.0


@pytest.fixture
def wall(house: House) -> Wall:
    made = Wall()
    api = next(resource for resource in house.resources if isinstance(resource, ClockApi))
    for name, value in (("clock", made), ("confirm", made.confirm), ("live", lambda: made.live)):
        object.__setattr__(api, name, value)
    return made


async def test_X2_a_wall_clock_that_was_set_is_shown_and_confirmed_by_an_admin(
    house: House, wall: Wall
) -> None:
    auditor, admin = await house.token("auditor"), await house.token("admin")
    seen = await house.ask("GET", "/clock", token=auditor)
    assert (seen.json["differs_s"], seen.json["trusted"]) == (7200.0, False)
    assert (await house.ask("POST", "/clock/confirm", token=auditor)).status == 403
    wall.live = 1
    refused = await house.ask("POST", "/clock/confirm", token=admin)
    assert (refused.status, "1 calls are live" in refused.body.decode()) == (409, True)
    assert wall.confirmed == []
    done = await house.ask("POST", "/clock/confirm", admin, json={"live_calls": True})
    assert (done.status, done.json["trusted"], wall.confirmed) == (200, True, [7200.0])

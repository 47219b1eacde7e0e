"""Opening hours: zones, holidays, own closures, nights, both edges of daylight saving (C7)."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from ari_app.flow.opening import check, next_opening, standing
from ari_app.flow.site import Calendar, Closure

OFFICE = Calendar(
    timezone="America/Sao_Paulo",
    country="BR",
    region="SP",
    hours={"mon": ("08:00-12:00", "13:00-18:00"), "fri": ("08:00-18:00",), "sat": ("22:00-02:00",)},
    closures=(
        Closure(start="2026-12-28", end="2027-01-03"),
        Closure(start="2026-09-07", hours=("10:00-12:00",)),
    ),
)
BERLIN = Calendar(timezone="Europe/Berlin", hours={"sun": ("01:00-04:00",), "mon": ("00:00-24:00",)})


def at(text: str, zone: str = "America/Sao_Paulo", fold: int = 0) -> float:
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp()


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("2026-03-02 07:59:59", "closed"),
        ("2026-03-02 08:00", "open"),
        ("2026-03-02 11:59:59", "open"),
        ("2026-03-02 12:00", "closed"),
        ("2026-03-02 13:00", "open"),
        ("2026-03-02 18:00", "closed"),
        ("2026-03-03 10:00", "closed"),
        ("2026-03-07 22:00", "open"),
        ("2026-03-08 01:59", "open"),
        ("2026-03-08 02:00", "closed"),
        ("2027-01-01 10:00", "holiday"),
        ("2026-12-28 10:00", "holiday"),
        ("2026-09-07 09:00", "holiday"),
        ("2026-09-07 10:30", "open"),
        ("2026-12-25 10:00", "holiday"),
        ("2026-07-09 10:00", "closed"),
    ],
)
def test_C7_office_in_sao_paulo(time: str, expected: str) -> None:
    assert standing(OFFICE, at(time)) == expected


def test_C7_clocks_go_forward() -> None:
    """On 2026-03-29 in Berlin 02:00 to 03:00 does not exist: open from 01:00 to 04:00 is two hours long."""
    opens, closes = at("2026-03-29 01:00", "Europe/Berlin"), at("2026-03-29 04:00", "Europe/Berlin")
    assert closes - opens == 2 * 3600
    seen = [standing(BERLIN, opens + minutes * 60) for minutes in range(-1, 121)]
    assert seen == ["closed"] + ["open"] * 120 + ["open" if False else "closed"]


def test_C7_clocks_go_back() -> None:
    """On 2026-10-25 in Berlin 02:00 to 03:00 comes twice: open from 01:00 to 04:00 is four hours long."""
    opens = at("2026-10-25 01:00", "Europe/Berlin")
    seen = [standing(BERLIN, opens + minutes * 60) for minutes in range(-1, 241)]
    assert seen == ["closed"] + ["open"] * 240 + ["closed"]


def test_C7_next_opening_passes_over_holidays_and_closures() -> None:
    def following(time: str) -> str:
        opening = next_opening(OFFICE, at(time))
        assert opening is not None
        return opening.strftime("%Y-%m-%d %H:%M")

    assert following("2026-03-02 12:30") == "2026-03-02 13:00"
    assert following("2026-03-02 19:00") == "2026-03-06 08:00"
    assert following("2026-12-26 23:00") == "2027-01-04 08:00"
    assert following("2026-09-06 10:00") == "2026-09-07 10:00"
    assert next_opening(Calendar(hours={}), at("2026-03-02 10:00")) is None


def test_C7_next_opening_on_the_day_the_clocks_change() -> None:
    opening = next_opening(BERLIN, at("2026-03-28 12:00", "Europe/Berlin"))
    assert opening is not None
    assert opening.timestamp() == at("2026-03-29 01:00", "Europe/Berlin")


@pytest.mark.parametrize("hours", ["8:00-18:00", "08:00", "08:00-25:00", "08:60-09:00", "08:00-08:00", "x"])
def test_C3_bad_hours_are_told(hours: str) -> None:
    assert check(Calendar(hours={"mon": (hours,)}))

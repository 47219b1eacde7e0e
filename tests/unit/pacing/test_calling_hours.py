"""Calling hours: zones, days, daylight saving, and a clock that lies."""

from datetime import UTC, date, datetime

import pytest

from ari_app.pacing.calling_hours import CallingHours, ClockGuard, may_call

NINE_TO_NINE = ((9 * 60, 21 * 60),)
WEEKDAYS = CallingHours(dict.fromkeys(range(1, 6), NINE_TO_NINE))


def utc(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("instant", "zone", "is_open"),
    [
        ("2026-06-10T12:00", "America/Sao_Paulo", True),
        ("2026-06-10T11:59", "America/Sao_Paulo", False),
        ("2026-06-10T12:30", "America/Manaus", False),
        ("2026-06-10T13:00", "America/Manaus", True),
        ("2026-06-11T00:00", "America/Sao_Paulo", False),
        ("2026-06-11T00:30", "America/Manaus", True),
        ("2026-06-13T15:00", "America/Sao_Paulo", False),
        ("2026-06-10T09:00", "Europe/London", True),
        ("2026-01-14T08:30", "Europe/London", False),
        ("2026-06-10T08:30", "Europe/London", True),
    ],
)
def test_O7_hours_are_those_on_the_called_partys_wall(instant: str, zone: str, is_open: bool) -> None:
    assert may_call(WEEKDAYS, utc(instant), [zone], clock_trusted=True).open is is_open


def test_O7_a_number_of_ambiguous_zone_needs_every_zone_open() -> None:
    zones = ["America/Sao_Paulo", "America/Manaus"]
    early = may_call(WEEKDAYS, utc("2026-06-10T12:30"), zones, clock_trusted=True)
    assert (early.open, early.opens_at) == (False, utc("2026-06-10T13:00"))
    assert may_call(WEEKDAYS, utc("2026-06-10T13:00"), zones, clock_trusted=True).open


@pytest.mark.parametrize("zones", [[], ["Not/AZone"], [""], ["../../etc/passwd"]])
def test_O7_a_number_without_a_known_zone_is_not_called(zones: list[str]) -> None:
    assert (
        may_call(WEEKDAYS, utc("2026-06-10T15:00"), zones, clock_trusted=True).reason == "time_zone_unknown"
    )


def test_O7_a_closed_day_names_the_next_opening_across_weekend_and_holiday() -> None:
    monday = frozenset({date(2026, 6, 15)})
    verdict = may_call(WEEKDAYS, utc("2026-06-13T15:00"), ["America/Sao_Paulo"], monday, clock_trusted=True)
    assert verdict.opens_at == utc("2026-06-16T12:00")


def test_O7_a_day_that_never_opens_has_no_next_opening() -> None:
    verdict = may_call(CallingHours({}), utc("2026-06-13T15:00"), ["UTC"], clock_trusted=True)
    assert (verdict.open, verdict.opens_at) == (False, None)


def test_O7_the_law_can_only_be_narrowed_by_a_campaign() -> None:
    lunch_free = CallingHours(dict.fromkeys(range(1, 8), ((8 * 60, 12 * 60), (14 * 60, 22 * 60))))
    both = WEEKDAYS.within(lunch_free)
    assert both.by_weekday[1] == ((9 * 60, 12 * 60), (14 * 60, 21 * 60))
    assert 7 not in both.by_weekday


@pytest.mark.parametrize("span", [(600, 600), (700, 600), (-1, 60), (60, 1441)])
def test_impossible_spans_are_refused(span: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="weekday 1"):
        CallingHours({1: (span,)})


def test_impossible_weekday_is_refused() -> None:
    with pytest.raises(ValueError, match="weekday 0"):
        CallingHours({0: NINE_TO_NINE})


class TestClockGuard:
    def test_O7_a_steady_clock_is_trusted(self) -> None:
        guard = ClockGuard()
        assert all(guard.observe(1e9 + t * 1.0001, 50.0 + t) for t in range(0, 40_000, 5))

    @pytest.mark.parametrize("jump_s", [3600.0, -3600.0, 5.0])
    def test_O7_a_jump_never_opens_the_window(self, jump_s: float) -> None:
        guard = ClockGuard()
        before_nine = utc("2026-06-10T11:30")
        assert guard.observe(before_nine, 0.0)
        for second in range(1, 7200, 60):
            assert not guard.observe(before_nine + second + jump_s, float(second))

    def test_O7_small_jumps_in_a_row_are_caught_too(self) -> None:
        guard = ClockGuard()
        trusted = [guard.observe(1e9 + t + 1.5 * t, float(t)) for t in range(5)]
        assert trusted == [True, True, False, False, False]

    def test_O7_a_clock_back_on_its_course_is_trusted_again(self) -> None:
        guard = ClockGuard()
        assert guard.observe(1e9, 0.0)
        assert not guard.observe(1e9 + 500.0, 1.0)
        assert guard.observe(1e9 + 2.0, 2.0)

    def test_O7_a_person_can_confirm_the_new_time(self) -> None:
        guard = ClockGuard()
        guard.observe(1e9, 0.0)
        assert not guard.observe(1e9 + 500.0, 1.0)
        guard.confirm(1e9 + 501.0, 2.0)
        assert guard.observe(1e9 + 502.0, 3.0)

    def test_O7_a_clock_set_back_while_we_were_down_is_not_trusted(self) -> None:
        guard = ClockGuard(last_wall_s=1e9)
        assert not guard.observe(1e9 - 100.0, 0.0)
        assert not guard.observe(1e9 - 90.0, 10.0)
        assert ClockGuard(last_wall_s=1e9).observe(1e9 + 50_000.0, 0.0)

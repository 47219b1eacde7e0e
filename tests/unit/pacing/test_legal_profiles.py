"""Each legal profile's table of cases: what makes dialling stop, and what may go on."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from ari_app.pacing.law import CallerIdRule, Dial, LegalGuard, LegalProfile
from ari_app.pacing.profiles import BRAZIL, EU, PROFILES, UK, US, profile_named

ZONE = {
    "brazil": "America/Sao_Paulo",
    "us": "America/New_York",
    "uk": "Europe/London",
    "eu": "Europe/Paris",
}


def at(profile: LegalProfile, local: str) -> float:
    return datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(ZONE[profile.name])).timestamp()


def a_dial(profile: LegalProfile, local: str = "2026-03-04T11:00") -> Dial:
    return Dial(
        wall_s=at(profile, local),
        zones=[ZONE[profile.name]],
        caller_id="+551140000000",
        ring_s=20.0,
        clock_trusted=True,
    )


@dataclass(frozen=True)
class Case:
    profile: LegalProfile
    local: str
    rule: str


HOURS = [
    Case(BRAZIL, "2026-03-04T08:59", "outside_hours"),
    Case(BRAZIL, "2026-03-04T09:00", "allowed"),
    Case(BRAZIL, "2026-03-04T20:59", "allowed"),
    Case(BRAZIL, "2026-03-04T21:00", "outside_hours"),
    Case(BRAZIL, "2026-03-07T09:59", "outside_hours"),
    Case(BRAZIL, "2026-03-07T10:00", "allowed"),
    Case(BRAZIL, "2026-03-07T16:00", "outside_hours"),
    Case(BRAZIL, "2026-03-08T12:00", "outside_hours"),
    Case(US, "2026-03-08T07:59", "outside_hours"),
    Case(US, "2026-03-08T08:00", "allowed"),
    Case(US, "2026-03-08T20:59", "allowed"),
    Case(US, "2026-03-08T21:00", "outside_hours"),
    Case(UK, "2026-03-04T08:00", "allowed"),
    Case(UK, "2026-03-07T08:30", "outside_hours"),
    Case(UK, "2026-03-07T09:00", "allowed"),
    Case(UK, "2026-03-08T20:00", "outside_hours"),
    Case(EU, "2026-03-04T09:59", "outside_hours"),
    Case(EU, "2026-03-04T10:00", "allowed"),
    Case(EU, "2026-03-04T13:00", "outside_hours"),
    Case(EU, "2026-03-04T14:00", "allowed"),
    Case(EU, "2026-03-04T20:00", "outside_hours"),
    Case(EU, "2026-03-07T11:00", "outside_hours"),
]


@pytest.mark.parametrize("case", HOURS, ids=lambda c: f"{c.profile.name}-{c.local}-{c.rule}")
def test_O14_dialling_stops_outside_the_hours_of_each_profile(case: Case) -> None:
    assert LegalGuard(case.profile).rule_on(a_dial(case.profile, case.local)).rule == case.rule


@pytest.mark.parametrize("profile", PROFILES.values(), ids=list(PROFILES))
def test_O14_abandon_cap_stops_dialling_in_its_window_and_lets_go_after_it(profile: LegalProfile) -> None:
    guard, dial = LegalGuard(profile), a_dial(profile)
    started = dial.wall_s - 3600.0
    drops = int(profile.abandon_cap * profile.judge_from)
    for n in range(profile.judge_from):
        guard.live_answered(started + n)
    for n in range(drops):
        guard.live_abandoned(started + n)
    assert guard.rule_on(dial).allowed, "at the cap is within the cap"
    guard.live_abandoned(started + profile.judge_from)
    assert guard.rule_on(dial).rule == "abandon_cap"
    assert guard.rule_on(replace(dial, operator_waiting=True)).allowed
    weeks = 7 * 86_400.0 * (5 if profile.abandon_window_s > 86_400.0 else 1)
    assert guard.rule_on(replace(dial, wall_s=dial.wall_s + weeks)).allowed


@pytest.mark.parametrize("profile", PROFILES.values(), ids=list(PROFILES))
def test_O14_abandon_cap_is_not_judged_before_its_live_answers(profile: LegalProfile) -> None:
    guard, dial = LegalGuard(profile), a_dial(profile)
    for n in range(profile.judge_from - 1):
        guard.live_answered(dial.wall_s - 3600.0 + n)
    guard.live_abandoned(dial.wall_s - 60.0)
    guard.live_abandoned(dial.wall_s - 60.0)
    assert guard.rule_on(dial).allowed


def test_O14_uk_window_is_a_day_and_us_window_is_thirty() -> None:
    for profile, after_two_days in ((UK, "allowed"), (US, "abandon_cap")):
        guard, dial = LegalGuard(profile), a_dial(profile)
        for n in range(200):
            guard.live_answered(dial.wall_s - 900.0 + n)
            if n % 10 == 0:
                guard.live_abandoned(dial.wall_s - 900.0 + n)
        assert guard.rule_on(dial).rule == "abandon_cap"
        assert guard.rule_on(replace(dial, wall_s=dial.wall_s + 2 * 86_400.0)).rule == after_two_days


@pytest.mark.parametrize("profile", PROFILES.values(), ids=list(PROFILES))
def test_O5_no_profile_lets_a_call_ring_less_than_fifteen_seconds(profile: LegalProfile) -> None:
    assert profile.min_ring_s >= 15.0
    guard = LegalGuard(profile)
    assert guard.rule_on(replace(a_dial(profile), ring_s=14.9)).rule == "ring_too_short"
    assert guard.rule_on(replace(a_dial(profile), ring_s=15.0)).allowed


@pytest.mark.parametrize("profile", PROFILES.values(), ids=list(PROFILES))
def test_O4_dropped_number_rests_72_hours_unless_an_operator_waits(profile: LegalProfile) -> None:
    guard = LegalGuard(profile)
    dial = a_dial(profile)
    soon = replace(dial, dropped_at=dial.wall_s - 71 * 3600.0)
    late = replace(dial, dropped_at=dial.wall_s - 72 * 3600.0)
    ruling = guard.rule_on(soon)
    assert (ruling.rule, ruling.retry_at) == ("blackout_after_drop", dial.wall_s + 3600.0)
    assert guard.rule_on(replace(soon, operator_waiting=True)).allowed
    assert guard.rule_on(late).allowed


def test_O14_brazil_stops_at_the_short_call_share_of_a_heavy_day() -> None:
    guard, dial = LegalGuard(BRAZIL), a_dial(BRAZIL)
    for n in range(90_000):
        answered_long = n % 100 >= 85
        guard.call_ended(dial.wall_s - 3600.0 + n / 100.0, 30.0 if answered_long else None)
    assert guard.rule_on(dial).rule == "short_calls"
    assert guard.rule_on(replace(dial, wall_s=dial.wall_s + 2 * 86_400.0)).allowed


@pytest.mark.parametrize(
    ("talked_s", "voicemail", "rule"),
    [(6.0, False, "short_calls"), (6.1, False, "allowed"), (40.0, True, "short_calls")],
)
def test_O14_brazil_counts_six_seconds_and_voicemail_as_short(
    talked_s: float, voicemail: bool, rule: str
) -> None:
    guard, dial = LegalGuard(BRAZIL), a_dial(BRAZIL)
    for _ in range(90_000):
        guard.call_ended(dial.wall_s - 60.0, talked_s, voicemail=voicemail)
    assert guard.rule_on(dial).rule == rule


def test_O14_brazil_does_not_judge_short_calls_on_an_ordinary_day() -> None:
    guard, dial = LegalGuard(BRAZIL), a_dial(BRAZIL)
    for _ in range(89_999):
        guard.call_ended(dial.wall_s - 60.0, None)
    assert guard.rule_on(dial).allowed


@pytest.mark.parametrize("profile", PROFILES.values(), ids=list(PROFILES))
def test_O14_a_withheld_number_is_never_dialled_from(profile: LegalProfile) -> None:
    assert LegalGuard(profile).rule_on(replace(a_dial(profile), caller_id=None)).rule == "caller_id_withheld"


def test_O14_a_prefix_rule_refuses_other_numbers() -> None:
    guard = LegalGuard(replace(BRAZIL, caller_id=CallerIdRule(prefixes=("0303",))))
    assert guard.rule_on(a_dial(BRAZIL)).rule == "caller_id_prefix"
    assert guard.rule_on(replace(a_dial(BRAZIL), caller_id="03031234567")).allowed
    assert BRAZIL.caller_id.prefixes == (), "0303 is not mandatory since August 2025"


def test_O14_brazilian_holiday_is_closed_and_american_is_not() -> None:
    holiday = frozenset({date(2026, 3, 4)})
    assert not LegalGuard(BRAZIL).rule_on(replace(a_dial(BRAZIL), holidays=holiday)).allowed
    assert LegalGuard(US).rule_on(replace(a_dial(US), holidays=holiday)).allowed


def test_O14_an_untrusted_clock_stops_every_profile() -> None:
    for profile in PROFILES.values():
        ruling = LegalGuard(profile).rule_on(replace(a_dial(profile), clock_trusted=False))
        assert ruling.rule == "clock_not_trusted"


def test_an_unknown_profile_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'mars' is not one of brazil, us, uk, eu"):
        profile_named("mars")


def test_every_profile_names_its_sources() -> None:
    for name, profile in PROFILES.items():
        assert profile.name == name
        assert profile.sources

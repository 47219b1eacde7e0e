"""Calling hours with all they depend on: legal profile, holidays, a clock that can be trusted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache

import holidays

from ari_app.campaigns.ports import HoursRule
from ari_app.model.campaign import Campaign
from ari_app.pacing.calling_hours import CallingHours, HoursVerdict, may_call
from ari_app.pacing.profiles import profile_named


def hours_of(campaign: Campaign) -> CallingHours:
    """The hours of the legal profile, narrowed by the campaign's own.

    Raises:
        ValueError: an unknown profile, or hours that cannot be meant.

    """
    legal = profile_named(campaign.profile).hours
    if campaign.hours is None:
        return legal
    return legal.within(CallingHours(campaign.hours.by_weekday, campaign.hours.on_holidays))


class Holidays:
    """Local dates that are holidays: a country's public ones (none: no country) and the campaign's own."""

    def __init__(self, country: str | None, own: Sequence[str]) -> None:
        self._own = frozenset(date.fromisoformat(day) for day in own)
        self._public = None if country is None else holidays.country_holidays(country)

    def __contains__(self, day: object) -> bool:
        return day in self._own or (self._public is not None and day in self._public)


def knows_country(country: str) -> bool:
    """Whether its public holidays are known."""
    return country in holidays.list_supported_countries()


def hours_rule(campaign: Campaign, clock_trusted: Callable[[], bool]) -> HoursRule:
    """The rule to give to `AttemptBook.claim` and `still_allowed`.

    Within one minute a zone has one verdict, so a claim on many contacts judges each zone once.
    """
    hours, free = hours_of(campaign), Holidays(campaign.holiday_country, campaign.holidays)

    @lru_cache(maxsize=4096)
    def judged(zones: tuple[str, ...], minute: float) -> HoursVerdict:
        return may_call(hours, minute * 60.0, zones, free, clock_trusted=True)

    def rule(zones: Sequence[str], now: float) -> HoursVerdict:
        if not clock_trusted():
            return HoursVerdict(open=False, reason="clock_not_trusted")
        return judged(tuple(zones), now // 60.0)

    return rule

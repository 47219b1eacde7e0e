"""When a calendar is open: weekdays, hours over midnight, public holidays, own closures, DST included.

Hours are wall-clock times of the calendar's zone: 08:00 is eight on the clock on the day the clocks change,
too. Public holidays come from the `holidays` library.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from typing import Literal, NamedTuple, cast

import holidays

from ari_app.flow.condition import local_time, zone
from ari_app.flow.site import Calendar, Closure

Standing = Literal["open", "closed", "holiday"]
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|(24):(00))\Z")
_LOOK_AHEAD_DAYS = 370


def span(text: str) -> tuple[int, int]:
    """`08:00-18:00` in minutes of the day; an end before the start is on the next day; or `ValueError`."""
    match = _SPAN.match(text)
    if match is None:
        raise ValueError(f"`{text[:40]}` is no span of hours, write 08:00-18:00")
    hour, minute, to_hour, to_minute = (int(group) for group in match.groups() if group is not None)
    start, end = hour * 60 + minute, to_hour * 60 + to_minute
    if start == end:
        raise ValueError(f"`{text[:40]}` is empty, write 00:00-24:00 for the whole day")
    return start, end if end > start else end + 24 * 60


class Fault(NamedTuple):
    """What is wrong with a calendar, in words, and the keys that lead to it."""

    words: str
    path: tuple[str, ...]


def check(calendar: Calendar) -> list[Fault]:
    """What is wrong with a calendar."""
    faults = [
        Fault(wrong, ("hours", day))
        for day, hours in calendar.hours.items()
        for wrong in map(_wrong_span, hours)
        if wrong
    ]
    for place, closure in enumerate(calendar.closures):
        path = ("closures", str(place))
        wrongs = (_wrong_days(closure), *map(_wrong_span, closure.hours))
        faults += [Fault(wrong, path) for wrong in wrongs if wrong]
    try:
        zone(calendar.timezone)
    except (ValueError, OSError, KeyError):
        faults.append(Fault(f"unknown time zone `{calendar.timezone[:60]}`", ("timezone",)))
    if calendar.country:
        try:
            _public(calendar.country, calendar.region, 2026)
        except (NotImplementedError, ValueError):
            words = f"no holidays known for `{calendar.country}` `{calendar.region}`"
            faults.append(Fault(words, ("region" if calendar.region else "country",)))
    return faults


def _wrong_span(text: str) -> str:
    try:
        span(text)
    except ValueError as error:
        return str(error)
    return ""


def _wrong_days(closure: Closure) -> str:
    try:
        start, end = _days_of(closure)
    except ValueError:
        return f"`{closure.start}` to `{closure.end}`: write days as 2026-12-24"
    return f"the closure from {closure.start} ends before it begins" if end < start else ""


def standing(calendar: Calendar, now: float) -> Standing:
    """Whether the calendar is open now; closed on an otherwise open day counts as a holiday."""
    local = local_time(now, calendar.timezone)
    minute = local.hour * 60 + local.minute
    today, yesterday = local.date(), local.date() - dt.timedelta(days=1)
    if any(start <= minute < end for start, end in _spans(calendar, today)):
        return "open"
    if any(minute + 1440 < end for _, end in _spans(calendar, yesterday)):
        return "open"
    exceptional = _exception(calendar, today) is not None and bool(calendar.hours.get(_weekday(today)))
    return "holiday" if exceptional else "closed"


def next_opening(calendar: Calendar, now: float) -> dt.datetime | None:
    """When it opens next, as a wall-clock time of its zone; None within a year: never."""
    local = local_time(now, calendar.timezone)
    for ahead in range(_LOOK_AHEAD_DAYS):
        day = local.date() + dt.timedelta(days=ahead)
        for start, _ in sorted(_spans(calendar, day)):
            opening = dt.datetime.combine(day, dt.time(start // 60, start % 60), zone(calendar.timezone))
            if opening.timestamp() > now:
                return opening
    return None


def _weekday(day: dt.date) -> Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]:
    return cast("Literal['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']", _DAYS[day.weekday()])


def _spans(calendar: Calendar, day: dt.date) -> list[tuple[int, int]]:
    exception = _exception(calendar, day)
    hours = exception if exception is not None else calendar.hours.get(_weekday(day), ())
    return [span(text) for text in hours]


def _exception(calendar: Calendar, day: dt.date) -> tuple[str, ...] | None:
    """The hours of an exceptional day, none when it is closed; None: a day like others. Own days win."""
    for closure in calendar.closures:
        start, end = _days_of(closure)
        if start <= day <= end:
            return closure.hours
    if calendar.country and day in _public(calendar.country, calendar.region, day.year):
        return ()
    return None


def _days_of(closure: Closure) -> tuple[dt.date, dt.date]:
    start = dt.date.fromisoformat(closure.start)
    return start, dt.date.fromisoformat(closure.end) if closure.end else start


@functools.lru_cache(maxsize=256)
def _public(country: str, region: str, year: int) -> frozenset[dt.date]:
    return frozenset(holidays.country_holidays(country, subdiv=region or None, years=year))

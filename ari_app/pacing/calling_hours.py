"""Whether a number may be called at this hour, by the clock on the called party's wall.

Time comes in twice: as wall time (seconds since 1970, UTC) and as a flag telling whether that wall
time can be trusted. `ClockGuard` derives the flag from a monotonic clock: a wall clock that jumps,
forwards or backwards, is not trusted again until it is back on its old course or confirmed by a
person. An untrusted clock keeps every window shut.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

Minutes = tuple[int, int]
"""From and to, in minutes after midnight, the end excluded."""

DAY_S = 86_400.0
SEARCH_DAYS = 15


@dataclass(frozen=True, slots=True)
class CallingHours:
    """Spans in which calls may be placed, by ISO weekday 1 (Monday) to 7; a missing day is closed.

    `on_holidays` replaces the weekday's spans on a holiday; empty means closed.
    """

    by_weekday: Mapping[int, tuple[Minutes, ...]]
    on_holidays: tuple[Minutes, ...] = ()

    def __post_init__(self) -> None:
        """Refuse spans that cannot be meant.

        Raises:
            ValueError: a weekday outside 1-7, or a span that is empty or leaves the day.

        """
        spans = [(f"weekday {day}", span) for day, many in self.by_weekday.items() for span in many]
        spans += [("holidays", span) for span in self.on_holidays]
        for day in self.by_weekday:
            if day not in range(1, 8):
                raise ValueError(f"calling hours: weekday {day} is not 1 (Monday) to 7 (Sunday)")
        for where, (start, end) in spans:
            if not 0 <= start < end <= 24 * 60:
                raise ValueError(f"calling hours, {where}: minutes {start} to {end} are no span of a day")

    def spans_on(self, day: date, holidays: Container[date]) -> tuple[Minutes, ...]:
        """The spans of this local day."""
        if day in holidays:
            return self.on_holidays
        return self.by_weekday.get(day.isoweekday(), ())

    def within(self, narrower: "CallingHours") -> "CallingHours":
        """Hours open in both, so that a campaign can only narrow what the law allows."""
        days = {
            day: _overlap(spans, narrower.by_weekday.get(day, ())) for day, spans in self.by_weekday.items()
        }
        return CallingHours(MappingProxyType(days), _overlap(self.on_holidays, narrower.on_holidays))


@dataclass(frozen=True, slots=True)
class HoursVerdict:
    """May we call, why not, and when next (wall seconds; None when not within two weeks)."""

    open: bool
    reason: str
    opens_at: float | None = None


def may_call(
    hours: CallingHours,
    wall_s: float,
    zones: Sequence[str],
    holidays: Container[date] = frozenset(),
    *,
    clock_trusted: bool,
) -> HoursVerdict:
    """Judge one number now; where its time zone is ambiguous, every candidate must be open.

    `zones` are IANA names; `holidays` are local dates. A number without a known zone is not called.
    """
    if not clock_trusted:
        return HoursVerdict(open=False, reason="clock_not_trusted")
    if not zones:
        return HoursVerdict(open=False, reason="time_zone_unknown")
    try:
        known = [ZoneInfo(name) for name in zones]
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return HoursVerdict(open=False, reason="time_zone_unknown")
    if all(_open_in(hours, wall_s, zone, holidays) for zone in known):
        return HoursVerdict(open=True, reason="open")
    return HoursVerdict(open=False, reason="outside_hours", opens_at=_next(hours, wall_s, known, holidays))


def _open_in(hours: CallingHours, wall_s: float, zone: ZoneInfo, holidays: Container[date]) -> bool:
    local = datetime.fromtimestamp(wall_s, UTC).astimezone(zone)
    minute = local.hour * 60 + local.minute
    return any(start <= minute < end for start, end in hours.spans_on(local.date(), holidays))


def _next(
    hours: CallingHours, wall_s: float, zones: Sequence[ZoneInfo], holidays: Container[date]
) -> float | None:
    starts: set[float] = set()
    for zone in zones:
        today = datetime.fromtimestamp(wall_s, UTC).astimezone(zone).date()
        for ahead in range(SEARCH_DAYS):
            day = today + timedelta(days=ahead)
            midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
            for start, _ in hours.spans_on(day, holidays):
                local = midnight.replace(hour=start // 60, minute=start % 60)
                starts.add(local.timestamp())
    for opening in sorted(s for s in starts if s > wall_s):
        if all(_open_in(hours, opening, zone, holidays) for zone in zones):
            return opening
    return None


def _overlap(wide: tuple[Minutes, ...], narrow: tuple[Minutes, ...]) -> tuple[Minutes, ...]:
    both = ((max(a[0], b[0]), min(a[1], b[1])) for a in wide for b in narrow)
    return tuple(sorted(span for span in both if span[0] < span[1]))


@dataclass(slots=True)
class ClockGuard:
    """Watches the wall clock against a monotonic one and says whether it can be trusted.

    `last_wall_s` is the latest wall time known from before this start, if any: a clock that stands
    before it has been set back. `tolerance_s` is forgiven per `rebase_s`, for gentle corrections.
    """

    last_wall_s: float | None = None
    tolerance_s: float = 2.0
    rebase_s: float = 600.0
    _anchor: tuple[float, float] | None = field(default=None)
    _trusted: bool = field(default=True)

    def observe(self, wall_s: float, monotonic_s: float) -> bool:
        """Take one reading of both clocks; True when the wall clock can be trusted."""
        if self._anchor is None:
            self._anchor = (wall_s, monotonic_s)
            if self.last_wall_s is not None and wall_s < self.last_wall_s - self.tolerance_s:
                self._anchor = (self.last_wall_s, monotonic_s)
        wall_0, monotonic_0 = self._anchor
        passed = monotonic_s - monotonic_0
        self._trusted = abs((wall_s - wall_0) - passed) <= self.tolerance_s
        if self._trusted and passed >= self.rebase_s:
            self._anchor = (wall_s, monotonic_s)
        return self._trusted

    def confirm(self, wall_s: float, monotonic_s: float) -> None:
        """A person says the wall clock is right as it stands."""
        self._anchor = (wall_s, monotonic_s)
        self._trusted = True

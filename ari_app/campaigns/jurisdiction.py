"""The law as one campaign is under it: its profile with the campaign's own, stricter, settings; the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ari_app.campaigns.hours import hours_of
from ari_app.model.campaign import Campaign
from ari_app.pacing.calling_hours import ClockGuard
from ari_app.pacing.law import LegalProfile
from ari_app.pacing.profiles import profile_named


def profile_of(campaign: Campaign) -> LegalProfile:
    """The legal profile, tightened. Raises `ValueError` for one that does not exist."""
    profile = profile_named(campaign.profile)
    cap = min(profile.abandon_cap, campaign.abandon_cap)
    return replace(profile, hours=hours_of(campaign), abandon_cap=cap)


class WatchedClock:
    """Whether the wall clock can be trusted: one guard for all campaigns of the machine."""

    def __init__(self) -> None:
        self._guard = ClockGuard()
        self.agrees: Callable[[], bool] = lambda: True
        """Whether the machine's wall clock and the time for records are the same."""
        self.trusted = True

    def known_until(self, wall_s: float) -> None:
        """The latest wall time that the store remembers: a clock before it was set back. Before `observe`."""
        self._guard.last_wall_s = max(wall_s, self._guard.last_wall_s or wall_s)

    def observe(self, wall_s: float, monotonic_s: float) -> bool:
        """Read both clocks; True while the wall clock can be trusted."""
        self.trusted = self._guard.observe(wall_s, monotonic_s) and self.agrees()
        return self.trusted

    def confirm(self, wall_s: float, monotonic_s: float) -> None:
        """A person says that the wall clock is right as it stands."""
        self._guard.confirm(wall_s, monotonic_s)
        self.trusted = True

"""What the law asks of an outbound campaign, as data, and the guard that stops dialling on it.

A legal profile is one file in `profiles/`. Profiles are our reading of public rules: check with counsel.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from datetime import date

from ari_app.pacing.calling_hours import CallingHours, may_call
from ari_app.pacing.retry import AttemptCaps
from ari_app.pacing.rolling import RollingShare

DAY_S = 86_400.0
NO_CAPS = AttemptCaps()


@dataclass(frozen=True, slots=True)
class ShortCallRule:
    """Stop once `max_share` of a day's calls are short, judged from `judge_from` calls on.

    Short: not completed, sent to voicemail, or over within `max_s` seconds of being answered.
    """

    max_s: float
    max_share: float
    judge_from: int


@dataclass(frozen=True, slots=True)
class CallerIdRule:
    """What the number shown must be: never withheld, and with one of these prefixes where any are set."""

    prefixes: tuple[str, ...] = ()
    withheld_allowed: bool = False


ANY_SHOWN_NUMBER = CallerIdRule()


@dataclass(frozen=True, slots=True)
class LegalProfile:
    """One jurisdiction's rules for outbound calls; shares from 0 to 1, times in seconds."""

    name: str
    title: str
    sources: tuple[str, ...]
    hours: CallingHours
    abandon_cap: float = 0.03
    abandon_window_s: float = 30 * DAY_S
    judge_from: int = 100
    connect_within_s: float = 2.0
    safe_harbour_message: bool = True
    min_ring_s: float = 15.0
    blackout_after_drop_s: float = 72 * 3600.0
    machine_detection: bool = True
    counts_false_machines: bool = False
    caps: AttemptCaps = NO_CAPS
    short_calls: ShortCallRule | None = None
    caller_id: CallerIdRule = ANY_SHOWN_NUMBER


@dataclass(frozen=True, slots=True)
class Ruling:
    """May this be dialled, and the rule that decided; `retry_at` where waiting would help."""

    allowed: bool
    rule: str
    retry_at: float | None = None


ALLOWED = Ruling(allowed=True, rule="allowed")


@dataclass(frozen=True, slots=True)
class Dial:
    """One attempt about to be placed, with everything the law may ask about it.

    `operator_waiting` says that a free operator is reserved for this very call.
    """

    wall_s: float
    zones: Sequence[str]
    caller_id: str | None
    ring_s: float
    clock_trusted: bool
    operator_waiting: bool = False
    dropped_at: float | None = None
    holidays: Container[date] = frozenset()


@dataclass(slots=True)
class LegalGuard:
    """Applies one profile to one campaign: counts what the law counts and rules on each dial.

    The pacing keeps the abandon rate under the cap; this guard is the last word, and refuses once
    the cap is broken in the legal window, or over a day, all the same, except for a call with an operator
    waiting.
    """

    profile: LegalProfile
    abandons: RollingShare = field(init=False)
    day: RollingShare = field(init=False)
    shorts: RollingShare = field(init=False)

    def __post_init__(self) -> None:
        """Open empty windows."""
        self.abandons = RollingShare(self.profile.abandon_window_s)
        self.day = RollingShare(DAY_S)
        self.shorts = RollingShare(DAY_S)

    def live_answered(self, now: float) -> None:
        """A person answered."""
        self.restore(now, 1, 0)

    def live_abandoned(self, now: float) -> None:
        """A person who answered got no operator in time."""
        self.restore(now, 0, 1)

    def restore(self, at: float, live: int, abandoned: int) -> None:
        """Count many at once: after a restart, oldest first."""
        self.abandons.add(at, float(live), float(abandoned))
        self.day.add(at, float(live), float(abandoned))

    def call_ended(self, now: float, talked_s: float | None, *, voicemail: bool = False) -> None:
        """An attempt is over; `talked_s` is None when it was never answered."""
        rule = self.profile.short_calls
        if rule is not None:
            short = talked_s is None or voicemail or talked_s <= rule.max_s
            self.shorts.add(now, every=1.0, some=float(short))

    def rule_on(self, dial: Dial) -> Ruling:
        """Rule on one attempt; the first rule broken is named."""
        profile = self.profile
        verdict = may_call(
            profile.hours, dial.wall_s, dial.zones, dial.holidays, clock_trusted=dial.clock_trusted
        )
        if not verdict.open:
            return Ruling(allowed=False, rule=verdict.reason, retry_at=verdict.opens_at)
        if dial.ring_s < profile.min_ring_s:
            return Ruling(allowed=False, rule="ring_too_short")
        if dial.caller_id is None:
            if not profile.caller_id.withheld_allowed:
                return Ruling(allowed=False, rule="caller_id_withheld")
        elif profile.caller_id.prefixes and not dial.caller_id.startswith(profile.caller_id.prefixes):
            return Ruling(allowed=False, rule="caller_id_prefix")
        return self._rule_on_counts(dial)

    def standing(self, now: float, *, operator_waiting: bool) -> Ruling:
        """What the counts alone say of dialling anybody: too many short calls, too many drops."""
        profile = self.profile
        for window in (self.abandons, self.day, self.shorts):
            window.expire(now)
        short = profile.short_calls
        if short and self.shorts.all >= short.judge_from and self.shorts.share >= short.max_share:
            return Ruling(allowed=False, rule="short_calls")
        if operator_waiting:
            return ALLOWED
        for window in (self.abandons, self.day):
            if window.all >= profile.judge_from and window.share > profile.abandon_cap:
                return Ruling(allowed=False, rule="abandon_cap")
        return ALLOWED

    def drops(self, now: float) -> float:
        """The abandoned share of the window that is worst off, of those that are judged."""
        judged = [window for window in (self.abandons, self.day) if window.all >= self.profile.judge_from]
        for window in judged:
            window.expire(now)
        return max((window.share for window in judged), default=0.0)

    def _rule_on_counts(self, dial: Dial) -> Ruling:
        profile = self.profile
        standing = self.standing(dial.wall_s, operator_waiting=dial.operator_waiting)
        if not standing.allowed or dial.operator_waiting:
            return standing
        if dial.dropped_at is not None and dial.wall_s < dial.dropped_at + profile.blackout_after_drop_s:
            until = dial.dropped_at + profile.blackout_after_drop_s
            return Ruling(allowed=False, rule="blackout_after_drop", retry_at=until)
        return ALLOWED

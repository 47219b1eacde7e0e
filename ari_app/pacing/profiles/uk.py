"""United Kingdom: Ofcom's statement on persistent misuse (2017): no safe harbour, the target is zero."""

from types import MappingProxyType

from ari_app.pacing.calling_hours import CallingHours
from ari_app.pacing.law import DAY_S, LegalProfile
from ari_app.pacing.retry import AttemptCaps

WORKDAY = ((8 * 60, 21 * 60),)
WEEKEND = ((9 * 60, 20 * 60),)

UK = LegalProfile(
    name="uk",
    title="United Kingdom (Ofcom)",
    sources=(
        (
            "Ofcom, Persistent misuse (2016, in force 2017): every abandoned call may "
            "be acted on; the former 3 % per campaign and 24 h is the ceiling, false machine verdicts "
            "count as abandoned, message within 2 s, 72 h only with an operator, ring 15 s"
        ),
        "Industry code: Monday to Friday 8-21 h, weekends and holidays 9-20 h",
    ),
    hours=CallingHours(
        MappingProxyType({**dict.fromkeys(range(1, 6), WORKDAY), 6: WEEKEND, 7: WEEKEND}), on_holidays=WEEKEND
    ),
    abandon_window_s=DAY_S,
    machine_detection=False,
    counts_false_machines=True,
    caps=AttemptCaps(per_number_day=3, per_number_week=10, per_person_day=4, per_person_week=12),
)

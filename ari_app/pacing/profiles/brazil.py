"""Brazil: Anatel's measures against abusive calls, state and consumer rules on hours, Decree 11.034/2022."""

from types import MappingProxyType

from ari_app.pacing.calling_hours import CallingHours
from ari_app.pacing.law import CallerIdRule, LegalProfile, ShortCallRule
from ari_app.pacing.retry import AttemptCaps

WORKDAY = ((9 * 60, 21 * 60),)
SATURDAY = ((10 * 60, 16 * 60),)

BRAZIL = LegalProfile(
    name="brazil",
    title="Brazil (Anatel, consumer law)",
    sources=(
        (
            "Anatel, Despacho Decisorio 160/2022 and its renewals: short calls (not completed, voicemail, up "
            "to 6 s) below 85 % for whoever places 100,000 calls a day"
        ),
        "Anatel: prefix 0303 no longer mandatory since August 2025",
        (
            "Telemarketing self-regulation: Monday to Friday 9-21 h, Saturday 10-16 h, not on Sundays or "
            "holidays"
        ),
    ),
    hours=CallingHours(MappingProxyType({**dict.fromkeys(range(1, 6), WORKDAY), 6: SATURDAY})),
    caps=AttemptCaps(per_number_day=3, per_person_day=4, per_number_week=12, per_person_week=15),
    short_calls=ShortCallRule(max_s=6.0, max_share=0.85, judge_from=90_000),
    caller_id=CallerIdRule(),
)

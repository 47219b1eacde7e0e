"""European Union: the strictest common ground; member states differ, so nobody is dropped at all."""

from types import MappingProxyType

from ari_app.pacing.calling_hours import CallingHours
from ari_app.pacing.law import DAY_S, LegalProfile
from ari_app.pacing.retry import AttemptCaps

WORKDAY = ((10 * 60, 13 * 60), (14 * 60, 20 * 60))

EU = LegalProfile(
    name="eu",
    title="European Union (ePrivacy, strictest common ground)",
    sources=(
        (
            "Directive 2002/58/EC, Article 13: automated calling machines without a person need prior "
            "consent; so no call may be answered without an operator: cap 0"
        ),
        (
            "National rules on hours, taken strictly (France, decree 2022-1313: weekdays 10-13 and 14-20 h, "
            "at most 4 calls in 30 days; Spain, Law 11/2022): weekdays only, never on holidays"
        ),
    ),
    hours=CallingHours(MappingProxyType(dict.fromkeys(range(1, 6), WORKDAY))),
    abandon_cap=0.0,
    abandon_window_s=DAY_S,
    machine_detection=False,
    counts_false_machines=True,
    caps=AttemptCaps(per_number_day=1, per_number_week=2, per_person_day=1, per_person_week=2),
)

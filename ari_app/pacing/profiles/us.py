"""United States: FTC Telemarketing Sales Rule (16 CFR 310) and FCC rules (47 CFR 64.1200)."""

from types import MappingProxyType

from ari_app.pacing.calling_hours import CallingHours
from ari_app.pacing.law import LegalProfile
from ari_app.pacing.retry import AttemptCaps

DAILY = ((8 * 60, 21 * 60),)

US = LegalProfile(
    name="us",
    title="United States (FTC TSR, FCC TCPA)",
    sources=(
        (
            "16 CFR 310.4(b)(4): at most 3 % of live answers abandoned, per campaign and 30 days; operator "
            "within 2 s of the completed greeting; ring 15 s or 4 rings; message with name and number"
        ),
        "16 CFR 310.4(c): 8 to 21 h at the called party",
        "12 CFR 1006.14 (debt collection): at most 7 calls in 7 days per person and debt, taken as the cap",
    ),
    hours=CallingHours(MappingProxyType(dict.fromkeys(range(1, 8), DAILY)), on_holidays=DAILY),
    caps=AttemptCaps(per_number_day=3, per_number_week=7, per_person_week=7),
)

"""What a campaign may be made of, as the API takes it; the legal profile is checked beyond these bounds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ari_app.campaigns.hours import hours_of, knows_country
from ari_app.model.campaign import (
    RETRIES,
    AmdPolicy,
    AttemptCaps,
    Campaign,
    CampaignMode,
    Disposition,
    Hours,
    RetryRule,
)
from ari_app.pacing.profiles import PROFILES
from ari_app.web.api.inputs import Key, Level, Name

Seconds = Annotated[float, Meta(ge=0, le=90 * 86_400)]
Number = Annotated[str, Meta(pattern=r"^\+[1-9][0-9]{6,14}\Z", max_length=16)]
Share = Annotated[float, Meta(gt=0, le=1)]
Day = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")]
Prompt = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_/-]{0,120}\Z")]
Country = Annotated[str, Meta(pattern=r"^[A-Z]{2}\Z")]
TRIES_MOST, RETRY_MOST_S = 50, 365 * 86_400.0


class CampaignFields(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign's configuration, with what holds unless said otherwise."""

    mode: CampaignMode = "progressive"
    priority: Annotated[int, Meta(ge=1, le=9)] = 5
    queue: Key | None = None
    skills: Annotated[dict[Key, Level], Meta(max_length=50)] = {}
    flow: Key | None = None
    message: Prompt | None = None
    language: Annotated[str, Meta(pattern=r"^(pt-BR|en|es)\Z")] = "pt-BR"
    opt_out_digit: Annotated[str, Meta(pattern=r"^[0-9*#]\Z")] = "9"
    profile: Annotated[str, Meta(max_length=40)] = "brazil"
    abandon_cap: Share = 0.03
    ratio: Annotated[float, Meta(ge=1, le=10)] = 1.5
    at_once: Annotated[int, Meta(ge=1, le=5000)] = 10
    trunk: Key = "carrier"
    trunk_concurrency: Annotated[int, Meta(ge=1, le=5000)] = 30
    calls_per_s: Annotated[float, Meta(gt=0, le=500)] = 5.0
    caller_ids: Annotated[list[Number], Meta(max_length=1000)] = []
    ring_s: Annotated[float, Meta(ge=15, le=120)] = 25.0
    amd: AmdPolicy = "off"
    retries: dict[Disposition, RetryRule] = msgspec.field(default_factory=lambda: dict(RETRIES))
    attempts_at_most: Annotated[int, Meta(ge=1, le=TRIES_MOST)] = 8
    between_phones_s: Seconds = 300.0
    caps: AttemptCaps = AttemptCaps()
    hours: Hours | None = None
    holidays: Annotated[list[Day], Meta(max_length=400)] = []
    holiday_country: Country | None = "BR"
    record: bool = True
    form: Key | None = None


class CampaignIn(CampaignFields, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new campaign; it is a draft until it is started."""

    name: Name
    client: Key | None = None


CampaignPatch = msgspec.defstruct(
    "CampaignPatch",
    [("name", Name | UnsetType, UNSET)]
    + [(field.name, field.type | UnsetType, UNSET) for field in msgspec.structs.fields(CampaignFields)],
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    module=__name__,
)
CampaignPatch.__doc__ = "What changes, also while it runs: it takes effect within a second; the rest stays."


def changes_of(wanted: Any) -> dict[str, Any]:
    """The fields that were given, as the model has them."""
    given = {name: getattr(wanted, name) for name in wanted.__struct_fields__}
    changes = {name: value for name, value in given.items() if value is not UNSET and name != "client"}
    for name in ("caller_ids", "holidays"):
        if name in changes:
            changes[name] = tuple(changes[name])
    return changes


def mistakes(campaign: Campaign) -> Iterator[dict[str, str]]:
    """What cannot be meant whatever the campaign's status, each with its field."""
    if campaign.profile not in PROFILES:
        yield _mistake("profile", f"not one of {', '.join(PROFILES)}")
        return
    if campaign.abandon_cap > PROFILES[campaign.profile].abandon_cap:
        yield _mistake("abandon_cap", f"above the {PROFILES[campaign.profile].abandon_cap:g} of the profile")
    try:
        hours_of(campaign)
    except ValueError as error:
        yield _mistake("hours", str(error))
    if campaign.holiday_country is not None and not knows_country(campaign.holiday_country):
        yield _mistake("holiday_country", "its public holidays are not known; null for none")
    for day in campaign.holidays:
        try:
            date.fromisoformat(day)
        except ValueError:
            yield _mistake("holidays", f"{day} is no date")
    for disposition, rule in campaign.retries.items():
        waits = rule.after_s and all(60.0 <= wait <= RETRY_MOST_S for wait in rule.after_s)
        if not waits or len(rule.after_s) > TRIES_MOST:
            yield _mistake(f"retries.{disposition}.after_s", "one wait or more, each from a minute to a year")
        if not 1 <= rule.at_most <= TRIES_MOST:
            yield _mistake(f"retries.{disposition}.at_most", f"from 1 to {TRIES_MOST}")
    for name in AttemptCaps.__dataclass_fields__:
        cap = getattr(campaign.caps, name)
        if cap is not None and not 0 <= cap <= 1000:
            yield _mistake(f"caps.{name}", "from 0 to 1000, or null")


def _mistake(path: str, message: str) -> dict[str, str]:
    return {"path": f"$.{path}", "message": message}

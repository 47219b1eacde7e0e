"""The call centre as configured beside the flows: numbers, queues, skills, calendars."""

from __future__ import annotations

import re
from typing import Annotated, Literal

import msgspec

from ari_app.flow.forms import Form
from ari_app.flow.kinds import (
    Between,
    CalendarName,
    Doc,
    FlowName,
    Ident,
    LanguageCode,
    Level,
    Name,
    QueueName,
    Seconds,
    SkillName,
    Text,
)
from ari_app.flow.pause_check import check_pauses
from ari_app.flow.problems import Problems, did_you_mean
from ari_app.flow.queue_check import check_queues
from ari_app.flow.shape import Reading, StructReader
from ari_app.flow.yaml_tree import Tree, mark_at, read

Percent = Annotated[float, Between(0, 100)]
Count = Annotated[int, Between(0, 100_000)]


class Number(msgspec.Struct, frozen=True, kw_only=True):
    """A number that callers dial."""

    flow: Annotated[FlowName, Doc("The flow that answers.")]
    language: Annotated[LanguageCode | None, Doc("Instead of the flow's own.")] = None
    name: Annotated[Text, Doc("Shown to operators.")] = ""


class Relax(msgspec.Struct, frozen=True, kw_only=True):
    """One step by which a queue's demands soften."""

    after_s: Annotated[Seconds, Doc("Counted from entering the queue.")]
    needs: Annotated[
        dict[SkillName, Annotated[int, Between(0, 5)]], Doc("New levels; 0 drops the skill.")
    ] = {}
    queues: Annotated[tuple[QueueName, ...], Doc("Queues whose operators may help from now on.")] = ()


class Overflow(msgspec.Struct, frozen=True, kw_only=True):
    """Where callers go when the queue cannot take them and the flow says nothing."""

    full: Annotated[QueueName | None, Doc("When `max_waiting` is reached.")] = None
    empty: Annotated[QueueName | None, Doc("When nobody is signed in who could serve.")] = None
    timeout: Annotated[QueueName | None, Doc("When `max_wait_s` is over.")] = None
    closed: Annotated[QueueName | None, Doc("When its calendar or somebody at once closed it.")] = None


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """Which calls are recorded, and what becomes of the audio."""

    policy: Annotated[Literal["always", "never", "percent", "on_demand"], Doc("When to record.")] = "always"
    percent: Annotated[Percent, Doc("Share of calls under `percent`.")] = 100.0
    before_s: Annotated[
        float, Between(0, 300), Doc("On demand: this much from before the operator asked is kept too.")
    ] = 0.0
    keep_days: Annotated[Count, Doc("Kept this long; 0 keeps for ever.")] = 180
    codec: Annotated[Literal["flac", "opus", "wav"], Doc("How the audio is stored.")] = "flac"
    pause_max_s: Annotated[float, Between(1, 3600), Doc("A pause ends by itself after this.")] = 120.0
    hold_music: Annotated[bool, Doc("Whether the music of callers on hold is recorded.")] = True
    transcribe: Annotated[bool, Doc("Whether it is transcribed, where a model is installed.")] = False


class RecordingRules(msgspec.Struct, frozen=True, kw_only=True):
    """Rules beside those of the queues; the most particular holds: campaign, queue, client, direction."""

    default: Recording = Recording()
    directions: dict[Literal["inbound", "outbound", "internal"], Recording] = {}
    clients: dict[Ident, Recording] = {}
    campaigns: dict[Ident, Recording] = {}


class CallingBack(msgspec.Struct, frozen=True, kw_only=True):
    """How callers who asked for it are called back (C13)."""

    tries: Annotated[int, Between(1, 20), Doc("Nobody is tried more often.")] = 3
    spacing_s: Annotated[Seconds, Doc("Between two tries.")] = 600.0
    ring_s: Annotated[float, Between(15, 120), Doc("How long the caller's phone rings.")] = 30.0
    hours: Annotated[Text, Doc("When it is permitted, in the time zone of the queue's calendar.")] = (
        "08:00-21:00"
    )
    numbers: Annotated[
        Text, Doc("Pattern of the numbers that are called, so that nobody has us call one that costs.")
    ] = "(55)?[1-9][1-9][2-9][0-9]{7,8}"
    first: Annotated[Literal["caller", "operator"], Doc("Whose phone rings first.")] = "caller"
    accept: Annotated[bool, Doc("Whether the caller, rung first, presses 1 before an operator is rung.")] = (
        False
    )
    dropped: Annotated[
        bool, Doc("Whether a talk that broke off because the PBX died is called back unasked.")
    ] = False


Order = Literal["priced", "longest_idle", "best_skill", "least_used", "sticky", "random"]


class Routing(msgspec.Struct, frozen=True, kw_only=True):
    """Who is chosen among those who fit (docs/routing.md); what is left out is as it was measured best."""

    order: Annotated[Order, Doc("Which idle operator takes a caller, where the queue says nothing.")] = (
        "priced"
    )
    scarcity_weight: Annotated[float, Between(0, 100), Doc("Sparing those whom other callers need.")] = 2.0
    level_weight: Annotated[float, Between(0, 100), Doc("Per level of skill.")] = 0.3
    idle_weight: Annotated[float, Between(0, 100), Doc("Per second idle: more spreads the work evenly.")] = (
        0.0003
    )
    priority_weight: Annotated[float, Between(0, 100), Doc("Per step of priority.")] = 2.0
    ageing_weight: Annotated[float, Between(0.001, 100), Doc("Of waiting beyond the target.")] = 0.2
    speed_weight: Annotated[
        float, Between(0, 1000), Doc("In a crowd: of serving sooner whom it is quick.")
    ] = 25.0
    fairness_weight: Annotated[float, Between(0, 1000), Doc("In overload: of queues that fared worse.")] = 3.0


class QueueConfig(msgspec.Struct, frozen=True, kw_only=True):
    """A queue."""

    name: Annotated[Text, Doc("For people.")]
    skills: Annotated[dict[SkillName, Level], Doc("What every caller of this queue needs.")] = {}
    priority: Annotated[int, Between(0, 10), Doc("0 is normal, higher is more urgent.")] = 0
    target_s: Annotated[Seconds, Doc("Service level: answered within this time …")] = 20.0
    target_percent: Annotated[Percent, Doc("… for this share of callers.")] = 80.0
    order: Annotated[Order | None, Doc("Which idle operator takes a caller; none: the site's.")] = None
    last_operator_s: Annotated[
        float, Between(0, 600), Doc("How long a returning caller waits for the operator of last time.")
    ] = 0.0
    ring_s: Annotated[Seconds, Doc("How long an operator's phone rings.")] = 20.0
    wrap_up_s: Annotated[float, Between(0, 3600), Doc("After each call.")] = 15.0
    max_wait_s: Annotated[Seconds, Doc("Nobody waits longer.")] = 900.0
    max_waiting: Annotated[Count, Doc("Nobody joins beyond this; 0: no limit.")] = 0
    when_empty: Annotated[
        Literal["wait", "leave"], Doc("What callers do while nobody is signed in who could ever serve them.")
    ] = "wait"
    misses_until_pause: Annotated[
        int, Between(0, 100), Doc("Missed offers until the operator is paused.")
    ] = 3
    auto_answer: Annotated[bool, Doc("Whether operators' phones answer by themselves, after a tone.")] = False
    confirm: Annotated[bool, Doc("Whether who answers a phone presses 1 before he gets the caller.")] = False
    relax: Annotated[tuple[Relax, ...], Between(0, 20), Doc("Steps, in time's order.")] = ()
    overflow: Overflow = Overflow()
    recording: Annotated[Recording | None, Doc("Instead of the rules of `recordings`.")] = None
    music: Annotated[Text, Doc("Class of music on hold.")] = "default"
    calendar: Annotated[CalendarName | None, Doc("Outside of it the queue is closed.")] = None
    callback: Annotated[bool, Doc("Whether callers may ask to be called back.")] = True
    calling_back: CallingBack = CallingBack()
    code: Annotated[Text, Doc("Digits that name the queue by phone, to close it at once.")] = ""
    form: Annotated[Name | None, Doc("What operators write down after each call, of `forms`.")] = None
    form_required: Annotated[bool, Doc("Whether wrap-up lasts until it is written.")] = False


class Closure(msgspec.Struct, frozen=True, kw_only=True):
    """Days on which a calendar is closed (or has other hours) although the weekday is open."""

    start: Annotated[Text, Doc("First day, `2026-12-24`.")]
    end: Annotated[Text, Doc("Last day; the same when left out.")] = ""
    hours: Annotated[tuple[Text, ...], Doc("Other hours, `09:00-12:00`; none: closed.")] = ()
    name: Annotated[Text, Doc("What for.")] = ""


class Tariff(msgspec.Struct, frozen=True, kw_only=True):
    """Outside numbers that may be called, by the beginning of the number, and what a minute costs."""

    prefix: Annotated[Text, Doc("`+` and the first digits; the longest that fits counts.")]
    per_minute: Annotated[float, Between(0, 1000), Doc("In the currency of the caps.")]
    name: Annotated[Text, Doc("For people.")] = ""


class OperatorCalls(msgspec.Struct, frozen=True, kw_only=True):
    """What operators may dial themselves, by softphone or click (P10); whom, is `outside_calls`."""

    hours: Annotated[Text, Doc("When, on the clock of whoever is called.")] = "08:00-21:00"
    shows: Annotated[Text, Doc("The number that is shown; none: the trunk's own.")] = ""
    queue: Annotated[QueueName | None, Doc("Whose wrap-up, form and recording apply.")] = None
    ring_s: Annotated[Seconds, Doc("How long the other phone rings.")] = 45.0


class OutsideCalls(msgspec.Struct, frozen=True, kw_only=True):
    """Which outside numbers are called, how many at once and for how much money (X8)."""

    country: Annotated[Text, Doc("Country of numbers dialled without `+` (ISO 3166).")] = "BR"
    tariffs: Annotated[tuple[Tariff, ...], Between(0, 5000), Doc("Whatever begins otherwise is refused.")] = (
        Tariff(prefix="+55", per_minute=0.40, name="Brazil"),
    )
    refused: Annotated[tuple[Text, ...], Doc("Prefixes refused although a tariff fits.")] = ()
    emergency: Annotated[tuple[Text, ...], Doc("Short numbers called whatever the caps say.")] = (
        "190",
        "192",
        "193",
    )
    per_operator: Annotated[int, Between(0, 100), Doc("Outside calls of one operator at once.")] = 2
    per_trunk: Annotated[Count, Doc("Outside calls on one trunk at once.")] = 60
    operator_spend: Annotated[
        float, Between(0, 1_000_000), Doc("What one operator's calls may cost in 24 hours.")
    ] = 100.0
    trunk_spend: Annotated[
        float, Between(0, 100_000_000), Doc("What one trunk's calls may cost in 24 hours.")
    ] = 2000.0
    longest_s: Annotated[float, Between(10, 14_400), Doc("No outside call lasts longer.")] = 3600.0


class PauseConfig(msgspec.Struct, frozen=True, kw_only=True):
    """How long a pause of one reason is meant to last; going over is shown and told, never forced."""

    longest_s: Annotated[float, Between(1, 43_200), Doc("One pause, in seconds.")]


Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Calendar(msgspec.Struct, frozen=True, kw_only=True):
    """Opening hours in a time zone, with holidays."""

    timezone: Annotated[Text, Doc("IANA name.")] = "America/Sao_Paulo"
    hours: Annotated[
        dict[Weekday, tuple[Text, ...]], Doc("By weekday, `08:00-18:00`; unnamed days are closed.")
    ]
    country: Annotated[Text, Doc("Country of public holidays (ISO 3166), e.g. BR.")] = ""
    region: Annotated[Text, Doc("State or province, e.g. SP.")] = ""
    closures: Annotated[tuple[Closure, ...], Between(0, 500), Doc("Own days.")] = ()


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that flows may name."""

    numbers: Annotated[dict[Annotated[str, Between(1, 40)], Number], Doc("Number dialled → flow.")] = {}
    queues: dict[QueueName, QueueConfig]
    default_queue: Annotated[QueueName, Doc("Where the safe exit of a flow leads.")]
    skills: Annotated[dict[SkillName, Text], Doc("Skill → its name for people.")] = {}
    calendars: dict[CalendarName, Calendar] = {}
    allowed_hosts: Annotated[tuple[Text, ...], Doc("Hosts that look-ups may ask.")] = ()
    secrets: Annotated[tuple[Name, ...], Doc("Names of secrets that look-ups may use.")] = ()
    transfer_numbers: Annotated[tuple[Text, ...], Doc("Outside numbers that flows may transfer to.")] = ()
    routing: Annotated[Routing, Doc("Who is chosen among those who fit.")] = Routing()
    outside_calls: Annotated[OutsideCalls, Doc("Who is called outside, and for how much.")] = OutsideCalls()
    recordings: RecordingRules = RecordingRules()
    operator_calls: Annotated[OperatorCalls, Doc("What operators dial themselves.")] = OperatorCalls()
    pauses: Annotated[dict[Name, PauseConfig], Doc("Reason of a pause → how long it is meant to last.")] = {}
    forms: Annotated[dict[Name, Form], Doc("Forms that operators fill in after calls.")] = {}


SITE_READER = StructReader(Site)


def parse_site(text: str | bytes, problems: Problems) -> Site | None:
    """Read the site file; None when it has errors (in `problems`)."""
    tree = read(text, problems)
    if tree is None:
        return None
    reading = Reading(problems)
    site: Site | None = SITE_READER.read(tree, "", reading)
    if site is None or problems.has_errors:
        return None
    names: dict[str, set[str]] = {
        "queue": set(site.queues),
        "skill": set(site.skills),
        "calendar": set(site.calendars),
    }
    for reference in reading.references:
        known = names.get(reference.kind)
        if known is not None and reference.value not in known:
            message = f"unknown {reference.kind} `{reference.value}`"
            hint = did_you_mean(reference.value, known)
            problems.error(f"unknown-{reference.kind}", message, reference.mark, hint=hint)
    _check_texts(site, problems, tree)
    check_queues(site, problems, tree)
    check_pauses(site, problems, tree)
    return None if problems.has_errors else site


def _check_texts(site: Site, problems: Problems, tree: Tree) -> None:
    """What the types cannot say: hours, patterns, prefixes, and the forms that queues name."""
    outside, mark = site.outside_calls, mark_at(tree, "outside_calls")
    for prefix in (*(tariff.prefix for tariff in outside.tariffs), *outside.refused):
        if not re.fullmatch(r"\+[1-9][0-9]{0,14}", prefix, re.ASCII):
            problems.error("prefix", f"outside_calls: `{prefix}` must be + and 1 to 15 digits", mark)
    for number in outside.emergency:
        if not re.fullmatch(r"[0-9]{3,6}", number, re.ASCII):
            problems.error("number", f"outside_calls: `{number}` must be 3 to 6 digits", mark)
    if not re.fullmatch(r"[A-Z]{2}", outside.country, re.ASCII):
        problems.error("country", f"outside_calls: `{outside.country}` must be a code like BR", mark)
    own, mark = site.operator_calls, mark_at(tree, "operator_calls")
    if hours_of(own.hours) is None:
        problems.error("hours", "operator_calls: hours must be like 08:00-21:00", mark)
    if own.shows and not re.fullmatch(r"\+?[0-9]{3,15}", own.shows, re.ASCII):
        problems.error("number", f"operator_calls: shows: `{own.shows}` is no number", mark)
    for name, queue in site.queues.items():
        below = ("queues", name, "calling_back")
        if hours_of(queue.calling_back.hours) is None:
            problems.error("hours", f"queue `{name}`: calling_back.hours must be like 08:00-21:00",
                           mark_at(tree, *below, "hours"))  # fmt: skip
        try:
            re.compile(queue.calling_back.numbers)
        except re.error as error:
            problems.error("pattern", f"queue `{name}`: calling_back.numbers: {error}",
                           mark_at(tree, *below, "numbers"))  # fmt: skip
        if queue.form is not None and queue.form not in site.forms:
            hint = did_you_mean(queue.form, set(site.forms))
            mark = mark_at(tree, "queues", name, "form")
            problems.error("unknown-form", f"queue `{name}`: unknown form `{queue.form}`", mark, hint=hint)


def hours_of(text: str) -> tuple[int, int] | None:
    """Minutes of the day of `08:00-21:00`; None: not that, or not forwards. `24:00` is the day's end."""
    match = re.fullmatch(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-4]):([0-5][0-9])", text, re.ASCII)
    if match is None:
        return None
    first, until = (int(match[n]) * 60 + int(match[n + 1]) for n in (1, 3))
    return (first, until) if first < until <= 24 * 60 else None


EMPTY_SITE = Site(queues={"general": QueueConfig(name="general")}, default_queue="general")
"""A site with one queue, for tests and for a first start."""

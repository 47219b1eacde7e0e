"""Why a campaign does not dial, or dials less than it could: in words, with what to set (O15).

One sentence for people, and the same as fields (`rule`, `setting`, …) for pages in other languages.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ari_app.campaigns.ports import Held
from ari_app.campaigns.running import Running
from ari_app.campaigns.tower import Tower

SITE = "outside_calls"
"""The part of the site file that holds the caps of a trunk, for all its outside calls."""


@dataclass(frozen=True, slots=True)
class _Case:
    tower: Tower
    running: Running

    @property
    def trunk(self) -> str:
        return self.running.campaign.trunk

    def pause_s(self) -> float:
        return self.tower.trunks.rests_s(self.trunk, self.tower.ports.clock.monotonic())


def explain(tower: Tower, running: Running) -> Held | None:
    """None: nothing holds it back."""
    rule = running.held_by or running.short_of
    if not rule:
        return None
    case = _Case(tower, running)
    if rule in _WORDS:
        return Held(rule=rule, text=_WORDS[rule])
    return _COUNTED[rule](case) if rule in _COUNTED else Held(rule=rule, text=f"Not dialling: {rule}.")


_WORDS = {
    "paused": "The campaign is paused. Who rings or talks goes on.",
    "stopped": "The campaign is stopped. Who rings or talks goes on.",
    "finished": "Nobody on the list is left to be called.",
    "halted": "The campaign dials nobody more. Who rings or talks goes on.",
    "no_operators": "No operator who fits the campaign is signed in and on duty.",
    "no_caller_id": "The campaign has no number to show: add one to `caller_ids`.",
    "outside_hours": "It is outside the calling hours where the people still on the list are.",
    "time_zone_unknown": "Nobody knows the time zone of those still on the list: import them with one.",
    "clock_not_trusted": "This machine's clock jumped. Calling hours open again when it is back on its "
    "course, or when a person has confirmed the time (POST /clock/confirm).",
    "pbx_away": "The PBX is out of sight: nobody is dialled until it is back and its calls are known.",
    "store_away": "The database is slow or away, so the do-not-call list cannot be checked.",
    "fault": "The campaign's settings cannot be worked with; the application's log has the reason.",
    "do_not_call": "Those still due are on the do-not-call list.",
    "attempt_cap": "Those still due were called as often as law or campaign (`caps`) allow for now.",
    "blackout_after_drop": "Those still due rest for 72 hours: they were called and got no operator.",
    "no_contact_due": "Nobody on the list is due now; retries and promised calls come at their time.",
    "being_dialled": "Those still due are being called by another campaign now.",
}


def _calls_of_all(case: _Case) -> Held:
    room = case.tower.ports.toll.trunk(case.trunk, case.tower.ports.clock.now())
    return Held(
        rule="toll_trunk_calls",
        text=f"Trunk {case.trunk} carries {room.calls} of the {room.most_calls} outside calls that the guard "
        f"against toll fraud allows at once. For more, raise `{SITE}.per_trunk` in the site file; a change "
        "holds from the next second.",
        setting=f"{SITE}.per_trunk",
        now=float(room.calls),
        limit=float(room.most_calls),
    )


def _money(case: _Case) -> Held:
    room = case.tower.ports.toll.trunk(case.trunk, case.tower.ports.clock.now())
    return Held(
        rule="toll_trunk_spend",
        text=f"Calls over trunk {case.trunk} have cost, or may yet cost, {room.spent:,.2f} of the "
        f"{room.most_spent:,.2f} that the guard against toll fraud allows in 24 hours. For more, raise "
        f"`{SITE}.trunk_spend` in the site file; a change holds within a minute. With a lower "
        f"`{SITE}.longest_s` each call holds less until it ends.",
        setting=f"{SITE}.trunk_spend",
        now=room.spent,
        limit=room.most_spent,
    )


def _full(case: _Case) -> Held:
    campaign, carried = case.running.campaign, case.tower.trunks.carries(case.trunk)
    if case.tower.trunks.tries(case.trunk):
        return _down(case)
    if carried >= campaign.trunk_concurrency:
        return Held(
            rule="trunk_full",
            text=f"Trunk {case.trunk} carries {carried} calls of campaigns, and this one fills it up to "
            f"{campaign.trunk_concurrency} at once. For more, raise the campaign's `trunk_concurrency`.",
            setting="trunk_concurrency",
            now=float(carried),
            limit=float(campaign.trunk_concurrency),
        )
    return Held(
        rule="trunk_pace",
        text=f"The campaign may place {campaign.calls_per_s:g} calls a second over trunk {case.trunk}, and "
        "stronger campaigns on the same trunk go first. For more, raise its `calls_per_s`.",
        setting="calls_per_s",
        limit=campaign.calls_per_s,
    )


def _down(case: _Case) -> Held:
    pause_s = case.pause_s()
    return Held(
        rule="trunk_down",
        text=f"The network took no call over trunk {case.trunk}: it rests, and one call tries again "
        + (f"in {pause_s:.0f} s." if pause_s else "now."),
        again_s=pause_s,
    )


def _drops(case: _Case) -> Held:
    guard, now = case.running.guard, case.tower.ports.clock.now()
    share, limit = guard.drops(now), case.running.profile.abandon_cap
    return Held(
        rule="abandon_cap",
        text=f"{100 * share:.2f} % of the people who answered found no operator in time; law and campaign "
        f"allow {100 * limit:g} %. Until enough of those drops are old, only calls with an operator reserved "
        "go out (mode preview, promised calls).",
        setting="abandon_cap",
        now=share,
        limit=limit,
    )


def _shorts(case: _Case) -> Held:
    rule, shorts = case.running.profile.short_calls, case.running.guard.shorts
    limit = rule.max_share if rule is not None else 0.0
    return Held(
        rule="short_calls",
        text=f"{100 * shorts.share:.1f} % of the last 24 hours' calls were short, not answered or voicemail; "
        f"the law wants less than {100 * limit:g} %. Dialling goes on when enough of them are old.",
        now=shorts.share,
        limit=limit,
    )


_COUNTED: dict[str, Callable[[_Case], Held]] = {
    "toll_trunk_calls": _calls_of_all,
    "toll_trunk_spend": _money,
    "trunk_full": _full,
    "trunk_down": _down,
    "abandon_cap": _drops,
    "short_calls": _shorts,
}

"""One campaign's pacing as the dialer uses it: events in, a plan out, once a second."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from ari_app.pacing.budget import AbandonBudget, CapRule
from ari_app.pacing.floor import CampaignFloor, FloorEvent
from ari_app.pacing.law import LegalProfile
from ari_app.pacing.predictive import PredictivePacer
from ari_app.pacing.progressive import MessagePacer, PowerPacer, PreviewPacer, ProgressivePacer
from ari_app.pacing.vocabulary import Event, Plan, Snapshot

Mode: TypeAlias = Literal["preview", "progressive", "power", "predictive", "message"]


class Rule(Protocol):
    """What every mode does."""

    def apply(self, event: Event, now: float) -> None: ...
    def tick(self, floor: Snapshot, now: float) -> Plan: ...


@dataclass(frozen=True, slots=True)
class PacerSettings:
    """A campaign's own choices; `cap` may only tighten the profile's, `ratio` is power's calls per
    free operator, `at_once` the agentless message's concurrent calls, `false_machine_share` the
    measured share of people taken for machines (0 with detection off), `handover_s` the part of the
    law's grace that passes before an operator who is free has the call.
    """

    mode: Mode
    profile: LegalProfile
    cap: float | None = None
    ratio: float = 2.0
    at_once: int = 1
    false_machine_share: float = 0.0
    handover_s: float = 0.0


class Pacer:
    """Keeps the floor and applies the campaign's mode to it; deterministic."""

    def __init__(self, settings: PacerSettings) -> None:
        profile = settings.profile
        cap = profile.abandon_cap if settings.cap is None else min(settings.cap, profile.abandon_cap)
        false_share = settings.false_machine_share if profile.counts_false_machines else 0.0
        self.budget = AbandonBudget(CapRule(cap, profile.judge_from, profile.abandon_window_s, false_share))
        self.floor = CampaignFloor()
        self.rule = self._rule_for(settings)

    def apply(self, event: FloorEvent, now: float) -> None:
        """Tell what happened at `now`; events come in order."""
        lesson = self.floor.apply(event, now)
        if lesson is not None:
            self.rule.apply(lesson, now)

    def tick(
        self, now: float, next_segments: Sequence[int], reserved: int = 0, inbound_per_s: float = 0.0
    ) -> Plan:
        """How many of the next contacts, given by segment in list order, to launch now.

        `reserved` operators are kept out for inbound callers; `inbound_per_s` is the expected rate
        of inbound callers who will take the others.
        """
        return self.rule.tick(self.floor.snapshot(now, next_segments, reserved, inbound_per_s), now)

    def _rule_for(self, settings: PacerSettings) -> Rule:
        match settings.mode:
            case "preview":
                return PreviewPacer()
            case "progressive":
                return ProgressivePacer()
            case "power":
                return PowerPacer(settings.ratio, self.budget)
            case "message":
                return MessagePacer(settings.at_once)
            case "predictive":
                grace_s = settings.profile.connect_within_s - settings.handover_s
                return PredictivePacer(self.budget, max(0.0, grace_s))

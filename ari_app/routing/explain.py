"""Why a call was given to this operator, or why it still waits: structured and bounded (R10)."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ari_app.model.ids import CallId, OperatorId, QueueId, SkillId
from ari_app.routing.callers import Caller
from ari_app.routing.choose import caller_scores, operator_scores
from ari_app.routing.market import EXCLUDED, Column, Market
from ari_app.routing.operators import Group, Staff

BEST = 20
"""Candidates shown, and signatures among the exclusions; the totals by reason count all."""


class Waiting(enum.StrEnum):
    """Why a call has no operator yet."""

    OFFERED = "offered"
    HELD_FOR_PREFERRED = "held_for_preferred"
    NOBODY_FITS = "nobody_fits"
    ALL_BUSY = "all_busy"
    REFUSED_BY_THE_IDLE = "refused_by_the_idle"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An idle operator whom the call might take."""

    operator: OperatorId
    score: float
    idle_s: float
    skills: dict[SkillId, int]


@dataclass(frozen=True, slots=True)
class Rival:
    """A waiting call which competes for the same operator."""

    call: CallId
    score: float
    waited_s: float
    priority: int


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Signed-in operators of one signature who may not serve the call, or cannot now."""

    reason: str
    operators: int
    skills: dict[SkillId, int]
    queues: tuple[QueueId, ...] | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """One decision about one call, or its present state."""

    call: CallId
    at: float
    queue: QueueId
    step: int
    needs: dict[SkillId, int]
    queues: tuple[QueueId, ...]
    waited_s: float
    chosen: OperatorId | None
    waiting_because: Waiting | None
    """None once an operator was chosen."""
    next_change_at: float | None
    """When the next relaxation step, hold or exclusion is due."""
    fitting: int
    """Signed-in operators who fit the present step."""
    idle: int
    """Of these, idle now."""
    candidates: tuple[Candidate, ...]
    rivals: tuple[Rival, ...]
    exclusions: tuple[Exclusion, ...]
    """The largest signatures first."""
    excluded_by_reason: dict[str, int]


class Explainer:
    """Explains decisions over a market."""

    def __init__(self, market: Market, staff: Mapping[OperatorId, Staff]) -> None:
        self._market = market
        self._staff = staff
        self._excluded: dict[int, tuple[int, tuple[Exclusion, ...], dict[str, int]]] = {}
        """By kind of demand, with the market's musters for which it holds."""

    def explain(
        self, caller: Caller, now: float, chosen: Staff | None = None, score: float = 0.0
    ) -> Explanation:
        """The choice as it stands; before a decision is carried out, `chosen` is its operator."""
        market = self._market
        demand = caller.stages[caller.step].demand
        kind = market.kind(demand)
        idle = round(float(market.idle[kind]))
        fitting = round(float(market.signed_in[kind]))
        candidates = self._candidates(caller, kind, now)
        exclusions, totals = self._exclusions(kind)
        by_reason = dict(totals)
        if chosen is not None and chosen.idle_since is None:  # just freed: he was never let idle
            skills = dict(chosen.group.signature.skills)
            candidates = (Candidate(chosen.operator, score, 0.0, skills), *candidates[: BEST - 1])
            idle += 1
        busy = fitting - idle
        if busy > 0:
            by_reason["busy"] = busy
        if caller.excluded:
            by_reason["refused or missed this call"] = len(caller.excluded)
        waiting = None if chosen is not None else self._why(caller, fitting, idle)
        group = chosen.group if chosen is not None else None
        return Explanation(
            call=caller.call,
            at=now,
            queue=caller.request.queue,
            step=caller.step,
            needs=dict(demand.needs),
            queues=tuple(sorted(demand.queues)),
            waited_s=now - caller.entered_at,
            chosen=chosen.operator if chosen is not None else None,
            waiting_because=waiting,
            next_change_at=caller.due,
            fitting=fitting,
            idle=idle,
            candidates=candidates,
            rivals=self._rivals(group, now) if group is not None else (),
            exclusions=exclusions,
            excluded_by_reason=by_reason,
        )

    @staticmethod
    def _why(caller: Caller, fitting: int, idle: int) -> Waiting:
        if caller.offered_to is not None:
            return Waiting.OFFERED
        if caller.held is not None:
            return Waiting.HELD_FOR_PREFERRED
        if fitting == 0:
            return Waiting.NOBODY_FITS
        return Waiting.REFUSED_BY_THE_IDLE if idle > 0 else Waiting.ALL_BUSY

    def _candidates(self, caller: Caller, kind: int, now: float) -> tuple[Candidate, ...]:
        market = self._market
        if market.idle[kind] <= 0:
            return ()
        view = market.view(kind)
        scores = operator_scores(market, view, now)
        found: list[Candidate] = []
        for nth in _highest(scores):
            score = float(scores[nth])
            if score == EXCLUDED or len(found) >= BEST:
                break
            group = market.groups[view.rows[nth]]
            for _, operator in group.by_idle.best(BEST):
                idle_since = self._staff[operator].idle_since
                if caller.admits(operator) and idle_since is not None:
                    idle_s = now - idle_since
                    found.append(Candidate(operator, score, idle_s, dict(group.signature.skills)))
        return tuple(found[:BEST])

    def _rivals(self, group: Group, now: float) -> tuple[Rival, ...]:
        market = self._market
        if not market.waiting:
            return ()
        scores = caller_scores(market, group, now)
        found: list[Rival] = []
        for row in _highest(scores):
            score = float(scores[row])
            if score == EXCLUDED:
                break
            line = market.lines[row]
            top = line.calls.first()
            if top is not None:
                found.append(Rival(top[1], score, now - top[0], line.standing.priority))
        return tuple(found)

    def _exclusions(self, kind: int) -> tuple[tuple[Exclusion, ...], dict[str, int]]:
        known = self._excluded.get(kind)
        if known is None or known[0] != self._market.musters:
            known = self._excluded[kind] = (self._market.musters, *self._exclude(kind))
        return known[1], known[2]

    def _exclude(self, kind: int) -> tuple[tuple[Exclusion, ...], dict[str, int]]:
        market = self._market
        codes = market.reason_of(kind)
        names = tuple(market.reasons)
        counted = np.where(codes >= 0, market.group_size, 0.0)
        totals = np.bincount(codes + 1, weights=counted, minlength=len(names) + 1)[1:]
        by_reason = {
            name: round(float(count)) for name, count in zip(names, totals, strict=True) if count > 0
        }
        shown: list[Exclusion] = []
        for row in _highest(counted):
            if counted[row] <= 0:
                break
            signature = market.groups[row].signature
            queues = None if signature.queues is None else tuple(sorted(signature.queues))
            skills = dict(signature.skills)
            shown.append(Exclusion(names[codes[row]], round(float(counted[row])), skills, queues))
        return tuple(shown), by_reason


def _highest(column: Column) -> list[int]:
    """The rows of the `BEST` highest entries, highest first, ties in order of rows."""
    if column.size > 4 * BEST:
        least = float(np.partition(column, column.size - BEST)[column.size - BEST])
        rows = np.flatnonzero(column >= least)[: 2 * BEST]
        rows = np.concatenate((np.flatnonzero(column > least), rows))
        rows = np.unique(rows)
    else:
        rows = np.arange(column.size)
    return [int(row) for row in rows[np.argsort(-column[rows], kind="stable")][:BEST]]

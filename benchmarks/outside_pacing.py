"""Lets an outside simulator drive the shipped predictive pacing, once a second."""

from collections import deque
from collections.abc import Iterable
from typing import Any

from ari_app.pacing.budget import AbandonBudget, CapRule
from ari_app.pacing.predictive import PredictivePacer
from ari_app.pacing.profiles import US
from ari_app.pacing.vocabulary import AttemptSettled, CallerAbandoned, Outcome, Snapshot, TalkEnded, WrapEnded

OUTCOMES: dict[str, Outcome] = {
    "human": "human",
    "machine": "machine",
    "noanswer": "no_answer",
    "busy": "busy",
    "sit": "failed",
}
BETWEEN_S = 2.0
"""Longest time a simulator may hold an answered call (machine detection) before it rings an operator."""


class Pacing:
    """Translates the simulator's floor into a `Snapshot` and its reports into events."""

    profile = US

    def reset(self, cfg: Any) -> None:  # noqa: ARG002
        law = self.profile
        budget = AbandonBudget(CapRule(law.abandon_cap, law.judge_from, law.abandon_window_s))
        self.pacer = PredictivePacer(budget, law.connect_within_s)
        self._between = 0
        self._answered_at: deque[float] = deque()
        self._paced_at = -1.0

    def on_result(self, now: float, call: Any, result: str, after_s: float) -> None:
        outcome = OUTCOMES.get(result, "failed")
        if outcome == "human":
            self._between += 1
            self._answered_at.append(now)
        self.pacer.apply(AttemptSettled(int(call.seg), call.t0, outcome, after_s), now)

    def on_agent(self, now: float, agent: Any, event: str, seconds: float) -> None:  # noqa: ARG002
        if event == "talk_end":
            self._between -= now - seconds > self._paced_at
            self.pacer.apply(TalkEnded(seconds), now)
        else:
            self.pacer.apply(WrapEnded(seconds), now)

    def on_abandon(self, now: float, call: Any) -> None:  # noqa: ARG002
        self._between -= 1
        self.pacer.apply(CallerAbandoned(), now)

    def pace(self, now: float, s: Any) -> int:
        talking = [now - a.since for a in s.busy if a.state == "talk"]
        wrapping = [now - a.since for a in s.busy if a.state != "talk"]
        ringing = _many(s.ring)
        idle, queued = _size(s.idle), _size(s.queued)
        wanted = 8 + 4 * idle + len(wrapping) + len(talking) // 4
        floor = Snapshot(
            idle=idle,
            waiting=queued + self._between_answer_and_queue(now, queued, talking),
            talking_s=talking,
            wrapping_s=wrapping,
            ringing_s=[now - c.t0 for c in ringing],
            ringing_segments=[c.seg for c in ringing],
            next_segments=list(s.next_segs(wanted)),
        )
        return self.pacer.tick(floor, now).launch

    def _between_answer_and_queue(self, now: float, queued: int, talking: list[float]) -> int:
        """People reported as answered who neither wait nor talk yet: the simulator is listening first."""
        since_last = now - self._paced_at
        self._between -= sum(1 for age in talking if age < since_last)
        self._paced_at = now
        while self._answered_at and self._answered_at[0] <= now - BETWEEN_S:
            self._answered_at.popleft()
        self._between = min(max(self._between, queued), queued + len(self._answered_at))
        return self._between - queued


def _many(things: Any) -> Iterable[Any]:
    return things.values() if isinstance(things, dict) else things


def _size(many: Any) -> int:
    return many if isinstance(many, int) else len(many)

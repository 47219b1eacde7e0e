"""Lets an outside simulator drive the shipped predictive pacing, once a second."""

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


class Pacing:
    """Translates the simulator's floor into a `Snapshot` and its reports into events."""

    profile = US

    def reset(self, cfg: Any) -> None:  # noqa: ARG002
        law = self.profile
        self.pacer = PredictivePacer(
            AbandonBudget(CapRule(law.abandon_cap, law.judge_from, law.abandon_window_s)),
            law.connect_within_s,
        )

    def on_result(self, now: float, call: Any, result: str, after_s: float) -> None:
        self.pacer.apply(AttemptSettled(call.seg, call.t0, OUTCOMES[result], after_s), now)

    def on_agent(self, now: float, agent: Any, event: str, seconds: float) -> None:  # noqa: ARG002
        self.pacer.apply(TalkEnded(seconds) if event == "talk_end" else WrapEnded(seconds), now)

    def on_abandon(self, now: float, call: Any) -> None:  # noqa: ARG002
        self.pacer.apply(CallerAbandoned(), now)

    def pace(self, now: float, s: Any) -> int:
        talking = [now - a.since for a in s.busy if a.state == "talk"]
        wrapping = [now - a.since for a in s.busy if a.state != "talk"]
        idle, waiting = _size(s.idle), _size(s.queued)
        floor = Snapshot(
            idle=idle,
            waiting=waiting,
            talking_s=talking,
            wrapping_s=wrapping,
            ringing_s=[now - c.t0 for c in s.ring],
            ringing_segments=[c.seg for c in s.ring],
            next_segments=s.next_segs(8 + 4 * idle + len(wrapping) + len(talking) // 4),
        )
        return self.pacer.tick(floor, now).launch


def _size(many: Any) -> int:
    return many if isinstance(many, int) else len(many)

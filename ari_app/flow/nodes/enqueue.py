"""Put the caller in line for an operator."""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec

from ari_app.flow.kinds import END, Between, Doc, Needs, Prompts, QueueName, Seconds
from ari_app.flow.node import Exit, Leave, Node, Step, Wait
from ari_app.flow.turn import FlowError, Turn
from ari_app.model.commands import AskQueueStatus, Enqueue
from ari_app.model.ids import QueueId, SkillId
from ari_app.model.routing import QueueRequest, RelaxStep, SkillNeed
from ari_app.model.signals import (
    AnySignal,
    OperatorConnected,
    OperatorLeft,
    PlaybackFinished,
    QueueRefused,
    TimerFired,
)

TALK_LIMIT_S = 14_400.0
BUSY_RETRY_S = 5.0


class Announce(msgspec.Struct, frozen=True, kw_only=True):
    """Telling callers where they stand (C12)."""

    every_s: Annotated[Seconds, Doc("Between announcements.")] = 60.0
    first_after_s: Annotated[Seconds, Doc("Until the first one.")] = 20.0
    position: Annotated[bool, Doc("Say the place in line.")] = True
    estimate: Annotated[bool, Doc("Say the expected wait, when there is an honest estimate.")] = True


class Comfort(msgspec.Struct, frozen=True, kw_only=True):
    """Messages between the music, in turn."""

    prompts: Annotated[Prompts, Doc("One is played each time, in this order, over and over.")]
    every_s: Annotated[Seconds, Doc("Between messages.")] = 40.0


class EnqueueNode(Node, frozen=True, kw_only=True):
    """Puts the caller in line until an operator is free, with music, place in line and messages.

    The operator must have the queue's skills, those in `needs`, and those that the caller collected on the
    way (his language, say). When operator and caller have talked and the operator hangs up first, the call
    goes on by `answered`: to a survey, for example.
    """

    EXITS: ClassVar[tuple[Exit, ...]] = (
        Exit("answered", "The operator hung up first; the caller is still there.", END),
        Exit("full", "The queue takes no more callers."),
        Exit("empty", "Nobody is signed in who could ever serve this caller."),
        Exit("closed", "The queue is closed now."),
        Exit("timeout", "The caller waited `max_wait_s`."),
    )
    LISTENS: ClassVar[bool] = True
    EXAMPLE: ClassVar[str] = """
    support:
      type: enqueue
      queue: support
      needs: {support: 2}
      announce: {every_s: 60}
      on:
        answered: survey
        otherwise: voicemail
    """

    queue: Annotated[QueueName, Doc("The queue.")]
    needs: Annotated[Needs, Doc("Skills beyond those of the queue, with their lowest level.")] = (
        msgspec.field(default_factory=dict)
    )
    priority: Annotated[int | None, Between(0, 10), Doc("Instead of the queue's own.")] = None
    prompt: Annotated[Prompts, Doc("Said before the caller joins the line.")] = ()
    max_wait_s: Annotated[Seconds | None, Doc("Instead of the queue's own.")] = None
    announce: Annotated[Announce | None, Doc("Place and expected wait.")] = None
    comfort: Annotated[Comfort | None, Doc("Messages while waiting.")] = None

    def enter(self, turn: Turn) -> Step:
        if self.prompt:
            turn.play(self.prompt)
            return Wait("prompt")
        return self._join(turn, self.queue, 0)

    def receive(self, turn: Turn, wait: Wait, signal: AnySignal) -> Step:
        match signal:
            case OperatorConnected(operator):
                turn.quiet_for_talk()
                turn.change(operator=operator)
                turn.timer("talk", TALK_LIMIT_S)
                return Wait("talking")
            case OperatorLeft() | TimerFired("talk"):
                return Leave("answered")
            case QueueRefused(reason) if wait.stage == "queue":
                turn.change(queued=False)
                return self._refused(turn, wait, reason)
            case PlaybackFinished() if wait.stage == "prompt":
                return self._join(turn, self.queue, 0)
        return self._while_waiting(turn, wait, signal) if wait.stage == "queue" else wait

    def resume(self, turn: Turn, wait: Wait) -> Step:
        if wait.stage == "prompt":
            return self.enter(turn)
        if wait.stage == "queue":
            turn.music(turn.site.queues[wait.notes["queue"]].music)
        return wait

    def _join(self, turn: Turn, queue: str, hops: int) -> Step:
        turn.answer()
        turn.flush()
        config = turn.site.queues.get(queue)
        if config is None:
            raise FlowError(f"no queue `{queue}`")
        turn.do(Enqueue(self._request(turn, queue)))
        turn.change(queued=True)
        turn.music(config.music)
        turn.timer("wait", self.max_wait_s or config.max_wait_s)
        if self.announce is not None:
            turn.timer("announce", self.announce.first_after_s)
        if self.comfort is not None:
            turn.timer("comfort", self.comfort.every_s)
        return Wait("queue", hops, notes={"queue": queue, "message": 0})

    def _request(self, turn: Turn, queue: str) -> QueueRequest:
        config = turn.site.queues[queue]
        needs: dict[str, int] = dict(config.skills)
        for more in (turn.get("needs"), self.needs):
            for skill, level in more.items():
                needs[skill] = max(level, needs.get(skill, 0))
        return QueueRequest(
            queue=QueueId(queue),
            needs=tuple(SkillNeed(SkillId(skill), level) for skill, level in sorted(needs.items())),
            steps=tuple(
                RelaxStep(
                    step.after_s,
                    tuple(SkillNeed(SkillId(skill), level) for skill, level in step.needs.items()),
                    tuple(QueueId(name) for name in step.queues),
                )
                for step in config.relax
            ),
            priority=config.priority if self.priority is None else self.priority,
            target_s=config.target_s,
            client=turn.state.client,
        )

    def _refused(self, turn: Turn, wait: Wait, reason: str) -> Step:
        overflow = turn.site.queues[wait.notes["queue"]].overflow
        other = getattr(overflow, reason, None)
        if other is not None and wait.attempt < 3:
            return self._join(turn, other, wait.attempt + 1)
        return Leave(reason)

    def _while_waiting(self, turn: Turn, wait: Wait, signal: AnySignal) -> Step:
        music = turn.site.queues[wait.notes["queue"]].music
        match signal:
            case TimerFired("wait"):
                turn.leave_queue()
                return self._refused(turn, wait, "timeout")
            case TimerFired("announce" | "comfort" as name) if turn.playing:
                turn.timer(name, BUSY_RETRY_S)
            case TimerFired("announce"):
                turn.do(AskQueueStatus())
                turn.timer("announce", self.announce.every_s if self.announce else 60.0)
            case TimerFired("comfort") if self.comfort is not None:
                turn.timer("comfort", self.comfort.every_s)
                number: int = wait.notes["message"]
                turn.play((self.comfort.prompts[number % len(self.comfort.prompts)],))
                return Wait("queue", wait.attempt, notes={**wait.notes, "message": number + 1})
            case PlaybackFinished():
                turn.music(music)
        return wait

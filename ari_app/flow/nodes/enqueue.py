"""Put the caller in line for an operator."""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec

from ari_app.flow import speech
from ari_app.flow.callback_dialog import PREFIX, PROMPTS, CallbackDialog
from ari_app.flow.condition import evaluate
from ari_app.flow.demand import request_for
from ari_app.flow.kinds import END, Between, Doc, Expression, Needs, Prompts, QueueName, Seconds
from ari_app.flow.node import Exit, Finish, Leave, Node, Step, Wait
from ari_app.flow.opening import standing
from ari_app.flow.templates import as_text
from ari_app.flow.turn import Turn
from ari_app.model.commands import AskQueueStatus, Enqueue
from ari_app.model.signals import (
    AnySignal,
    DigitReceived,
    OperatorConnected,
    OperatorLeft,
    PlaybackFinished,
    QueueAnnounced,
    QueueRefused,
    QueueStatusKnown,
    TimerFired,
)

TALK_LIMIT_S = 14_400.0
BUSY_RETRY_S = 5.0
MAX_HOPS = 3
MOVED = "queue/moved"


class Announce(msgspec.Struct, frozen=True, kw_only=True):
    """Telling callers where they stand (C12)."""

    every_s: Annotated[Seconds, Doc("Between announcements.")] = 60.0
    first_after_s: Annotated[Seconds, Doc("Until the first one.")] = 20.0
    position: Annotated[bool, Doc("Say the place in line.")] = True
    estimate: Annotated[bool, Doc("Say the expected wait, when there is an honest estimate.")] = True


class Comfort(msgspec.Struct, frozen=True, kw_only=True):
    """Messages between the music, in turn."""

    prompts: Annotated[Prompts, Doc("One each time, in this order, over and over.")]
    every_s: Annotated[Seconds, Doc("Between messages.")] = 40.0


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """Offering to call back; the caller keeps his place (C13)."""

    after_s: Annotated[Seconds, Doc("Waiting until it is offered.")] = 60.0
    prompt: Annotated[Prompts, Doc("The offer; key 1 takes it.")] = ("callback/offer",)


class EnqueueNode(Node, frozen=True, kw_only=True):
    """Puts the caller in line until an operator is free, with music, place in line and messages.

    The operator must have the queue's skills, those in `needs`, and those that the caller collected on the
    way (his language, say). A queue's own `overflow` is tried before the exits `full`, `empty`, `timeout`.
    When the operator hangs up first, the call goes on by `answered`: to a survey, for example.
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
        otherwise: leave-message
    """

    queue: Annotated[QueueName, Doc("The queue.")]
    needs: Annotated[Needs, Doc("Skills beyond those of the queue, with their lowest level.")] = (
        msgspec.field(default_factory=dict)
    )
    priority: Annotated[int | None, Between(0, 10), Doc("Instead of the queue's own.")] = None
    prompt: Annotated[Prompts, Doc("Said once the caller is in line, before the music.")] = ()
    max_wait_s: Annotated[Seconds | None, Doc("Instead of the queue's own.")] = None
    preferred: Annotated[Expression | None, Doc("Extension of an operator to be tried first.")] = None
    preferred_wait_s: Annotated[Seconds, Doc("How long only that operator is tried.")] = 20.0
    announce: Annotated[Announce | None, Doc("Place and expected wait.")] = None
    comfort: Annotated[Comfort | None, Doc("Messages while waiting.")] = None
    callback: Annotated[Offer | None, Doc("Offer to call back.")] = None

    def exits_of(self) -> tuple[Exit, ...]:
        if self.callback is None:
            return self.EXITS
        return (*self.EXITS, Exit("callback", "The caller will be called back.", END))

    def implicit_prompts(self) -> tuple[str, ...]:
        if self.callback is None:
            return (MOVED,)
        return (*PROMPTS, MOVED, "callback/registered", "callback/not-available", "queue/still-waiting")

    def enter(self, turn: Turn) -> Step:
        return self._join(turn, self.queue, 0, self.prompt)

    def receive(self, turn: Turn, wait: Wait, signal: AnySignal) -> Step:
        match signal:
            case OperatorConnected(operator):
                turn.quiet_for_talk()
                turn.change(operator=operator)
                turn.timer("talk", TALK_LIMIT_S)
                return Wait("talking")
            case OperatorLeft() if wait.stage == "talking":
                return Leave("answered")
            case TimerFired("talk"):
                return Finish(16)
            case QueueRefused(reason, announcement) if turn.get("queued"):
                turn.change(queued=False)
                return self._refused(turn, wait, reason, announcement)
            case TimerFired("wait"):
                turn.leave_queue()
                return self._refused(turn, wait, "timeout")
            case PlaybackFinished() if wait.stage == "registered":
                return Leave("callback")
            case PlaybackFinished() if wait.stage == "told":
                return Leave(wait.notes["reason"])
        if wait.stage.startswith(PREFIX):
            return self._callback(turn, wait, CallbackDialog().receive(turn, wait, signal))
        return self._while_waiting(turn, wait, signal) if wait.stage == "queue" else wait

    def resume(self, turn: Turn, wait: Wait) -> Step:
        if wait.stage == "registered":
            return Leave("callback")
        if wait.stage == "told":
            return Leave(wait.notes["reason"])
        if wait.stage.startswith(PREFIX):
            resumed = CallbackDialog().resume(turn, wait)
            return Wait(resumed.stage, resumed.attempt, resumed.digits, {**wait.notes, **resumed.notes})
        if wait.stage == "queue":
            turn.music(_music(turn, wait))
        return wait

    def _join(self, turn: Turn, queue: str, hops: int, prompt: tuple[str, ...] = ()) -> Step:
        """The place in line comes first: what is said meanwhile costs the caller nothing."""
        turn.answer()
        turn.flush()
        config = turn.site.queues.get(queue)
        calendar = turn.site.calendars.get(config.calendar or "") if config is not None else None
        if calendar is not None and standing(calendar, turn.now) != "open":
            return self._refused(turn, Wait("queue", hops, notes={"queue": queue}), "closed")
        preferred = as_text(evaluate(self.preferred, turn)) if self.preferred else ""
        request = request_for(
            turn,
            queue,
            self.needs,
            priority=self.priority,
            preferred=preferred,
            preferred_wait_s=self.preferred_wait_s,
        )
        turn.do(Enqueue(request))
        turn.change(queued=True)
        if prompt:
            turn.play(prompt)
        else:
            turn.music(turn.site.queues[queue].music)
        turn.timer("wait", self.max_wait_s or turn.site.queues[queue].max_wait_s)
        if self.announce is not None:
            turn.timer("announce", self.announce.first_after_s)
        if self.comfort is not None:
            turn.timer("comfort", self.comfort.every_s)
        if self.callback is not None:
            turn.timer("offer", self.callback.after_s)
        return Wait("queue", hops, notes={"queue": queue, "message": 0})

    def _refused(self, turn: Turn, wait: Wait, reason: str, announcement: str | None = None) -> Step:
        config = turn.site.queues.get(wait.notes["queue"])
        other = None if config is None else getattr(config.overflow, reason, None)
        if other is not None and wait.attempt < MAX_HOPS:
            turn.quiet()
            told = (announcement,) if announcement is not None else ()
            return self._join(turn, other, wait.attempt + 1, (*told, MOVED) if reason == "closed" else told)
        if announcement is not None:
            turn.quiet()
            turn.play((announcement,))
            return Wait("told", notes={**wait.notes, "reason": reason})
        return Leave(reason)

    def _while_waiting(self, turn: Turn, wait: Wait, signal: AnySignal) -> Step:
        match signal:
            case DigitReceived():
                if turn.take_digit() == "1" and wait.notes.get("offered"):
                    dialog = CallbackDialog().begin(turn)
                    return Wait(dialog.stage, dialog.attempt, "", {**wait.notes, **dialog.notes})
                turn.flush()
            case TimerFired("announce" | "comfort" | "offer" as name) if turn.playing:
                turn.timer(name, BUSY_RETRY_S)
            case TimerFired("announce") if self.announce is not None:
                turn.do(AskQueueStatus())
                turn.timer("announce", self.announce.every_s)
            case QueueStatusKnown() if not turn.playing:
                self._tell_standing(turn, signal)
            case TimerFired("comfort") if self.comfort is not None:
                number: int = wait.notes["message"]
                turn.timer("comfort", self.comfort.every_s)
                turn.play((self.comfort.prompts[number % len(self.comfort.prompts)],))
                return Wait("queue", wait.attempt, "", {**wait.notes, "message": number + 1})
            case QueueAnnounced(prompt):
                turn.play((prompt,))
            case TimerFired("offer") if self.callback is not None:
                turn.play(self.callback.prompt)
                return Wait("queue", wait.attempt, "", {**wait.notes, "offered": True})
            case PlaybackFinished():
                turn.music(_music(turn, wait))
        return wait

    def _tell_standing(self, turn: Turn, status: QueueStatusKnown) -> None:
        if self.announce is None:
            return
        prompts: tuple[str, ...] = ()
        if self.announce.position and status.position >= 1:
            prompts = speech.say_position(status.position, turn.language)
        if self.announce.estimate and status.estimate_s is not None:
            prompts += speech.say_waiting_time(status.estimate_s, turn.language)
        if prompts:
            turn.play(prompts)

    def _callback(self, turn: Turn, wait: Wait, result: Wait | str) -> Step:
        """The dialogue's next step; the place in line is kept all the while."""
        if isinstance(result, Wait):
            notes = {**wait.notes, **result.notes}
            return Wait(result.stage, result.attempt, result.digits, notes)
        if result == "booked":
            turn.change(queued=False)
            turn.quiet()
            turn.play(("callback/registered",))
            return Wait("registered", notes=wait.notes)
        turn.play(("callback/not-available" if result == "failed" else "queue/still-waiting",))
        return Wait("queue", 0, "", {**wait.notes, "offered": False})


def _music(turn: Turn, wait: Wait) -> str:
    config = turn.site.queues.get(wait.notes.get("queue", ""))
    return "default" if config is None else config.music

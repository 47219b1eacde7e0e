"""Ask the caller how it was."""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec

from ari_app.flow.kinds import Between, Doc, Key, Name, PromptName, Prompts, Seconds
from ari_app.flow.messages import Recorder
from ari_app.flow.node import NEXT, Exit, Leave, Node, Step, Wait
from ari_app.flow.turn import Turn
from ari_app.model.facts import SurveyAnswered
from ari_app.model.signals import AnySignal, CallerHungUp, DigitReceived, PlaybackFinished, TimerFired


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A question answered by one key."""

    name: Annotated[Name, Doc("Under which the answer is stored.")]
    prompt: Annotated[PromptName, Doc("The question.")]
    keys: Annotated[tuple[Key, ...], Between(1, 10), Doc("Answers that count.")] = ("1", "2", "3", "4", "5")


class SurveyNode(Node, frozen=True, kw_only=True):
    """Asks questions after the call, on the same line, each answered by one key (C15).

    A wrong key or silence repeats a question once and then skips it. With `comment` the caller may add
    something in his own words.
    """

    EXITS: ClassVar[tuple[Exit, ...]] = (NEXT,)
    LISTENS: ClassVar[bool] = True
    EXAMPLE: ClassVar[str] = """
    survey:
      type: survey
      prompt: survey/invitation
      questions:
        - {name: csat, prompt: survey/satisfaction}
        - {name: solved, prompt: survey/solved, keys: [1, 2]}
      comment: true
      thanks: survey/thanks
      next: end
    """

    prompt: Annotated[Prompts, Doc("Said first.")] = ("survey/invitation",)
    questions: Annotated[tuple[Question, ...], Between(1, 10), Doc("In this order.")]
    comment: Annotated[bool, Doc("Whether a spoken comment is offered.")] = False
    timeout_s: Annotated[Seconds, Doc("Silence after a question.")] = 6.0
    thanks: Annotated[Prompts, Doc("Said last.")] = ("survey/thanks",)

    @property
    def _recorder(self) -> Recorder:
        return Recorder(kind="survey", max_s=60.0, silence_s=3.0, review=False)

    def implicit_prompts(self) -> tuple[str, ...]:
        return ("survey/comment-offer",) if self.comment else ()

    def enter(self, turn: Turn) -> Step:
        turn.flush()
        return self._ask(turn, 0, 0, self.prompt)

    def receive(self, turn: Turn, wait: Wait, signal: AnySignal) -> Step:
        match wait.stage, signal:
            case "thanks", PlaybackFinished():
                return Leave()
            case (("question" | "comment"), DigitReceived()):
                return self._answered(turn, wait, turn.take_digit() or "")
            case (("question" | "comment"), PlaybackFinished(failed=True)):
                return self._thank(turn)
            case (("question" | "comment"), PlaybackFinished()):
                turn.timer("key", self.timeout_s)
            case "question", TimerFired("key"):
                return self._again(turn, wait)
            case "comment", TimerFired("key"):
                return self._thank(turn)
            case "recording", _:
                result = self._recorder.receive(turn, wait, signal)
                if isinstance(result, Wait) or isinstance(signal, CallerHungUp):
                    return wait
                return self._thank(turn)
        return wait

    def resume(self, turn: Turn, wait: Wait) -> Step:
        if wait.stage == "question":
            return self._ask(turn, wait.notes["question"], wait.attempt, ())
        return self._thank(turn)

    def _ask(self, turn: Turn, number: int, attempt: int, before: tuple[str, ...]) -> Step:
        turn.cancel("key")
        turn.play((*before, self.questions[number].prompt))
        return Wait("question", attempt, notes={"question": number})

    def _answered(self, turn: Turn, wait: Wait, key: str) -> Step:
        turn.cancel("key")
        if wait.stage == "comment":
            return self._recorder.begin(turn) if key == "1" else self._thank(turn)
        question = self.questions[wait.notes["question"]]
        if key not in question.keys:
            return self._again(turn, wait)
        turn.tell(SurveyAnswered(question.name, key))
        return self._go_on(turn, wait.notes["question"])

    def _again(self, turn: Turn, wait: Wait) -> Step:
        number: int = wait.notes["question"]
        return self._ask(turn, number, 1, ()) if wait.attempt == 0 else self._go_on(turn, number)

    def _go_on(self, turn: Turn, number: int) -> Step:
        if number + 1 < len(self.questions):
            return self._ask(turn, number + 1, 0, ())
        if not self.comment:
            return self._thank(turn)
        turn.cancel("key")
        turn.play(("survey/comment-offer",))
        return Wait("comment")

    def _thank(self, turn: Turn) -> Step:
        turn.cancel("key")
        turn.cancel("record")
        if not self.thanks:
            return Leave()
        turn.play(self.thanks)
        return Wait("thanks")

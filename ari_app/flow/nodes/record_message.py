"""Record what the caller says and go on."""

from __future__ import annotations

from typing import Annotated, ClassVar

from ari_app.flow.kinds import Between, Doc, Prompts, QueueName, Seconds, VariableName
from ari_app.flow.messages import Recorder
from ari_app.flow.node import NEXT, Exit, Leave, Node, Step, Wait
from ari_app.flow.turn import Turn
from ari_app.model.signals import AnySignal, CallerHungUp, PlaybackFinished


class RecordMessageNode(Node, frozen=True, kw_only=True):
    """Records something the caller says (his address, the nature of a fault), kept with the call.

    Unlike `voicemail` the call goes on to a person; the operator can listen to it.
    """

    EXITS: ClassVar[tuple[Exit, ...]] = (
        NEXT,
        Exit("empty", "Nothing was said.", like="next"),
        Exit("failed", "It could not be recorded.", like="next"),
    )
    TEXT_VARIABLES: ClassVar[tuple[str, ...]] = ("into",)
    EXAMPLE: ClassVar[str] = """
    what-happened:
      type: record_message
      prompt: voicemail/after-beep
      queue: support
      max_s: 30
      into: message
      next: any-operator
    """

    prompt: Annotated[Prompts, Doc("Said before the beep.")]
    queue: Annotated[QueueName, Doc("Whose operators may listen to it.")]
    max_s: Annotated[float, Between(2, 600), Doc("Longest message.")] = 60.0
    silence_s: Annotated[Seconds, Doc("Silence that ends it.")] = 3.0
    review: Annotated[bool, Doc("Whether the caller may listen and change his mind.")] = False
    into: Annotated[VariableName | None, Doc("Text variable that takes the message's name.")] = None

    @property
    def _recorder(self) -> Recorder:
        return Recorder(
            kind="message", queue=self.queue, max_s=self.max_s, silence_s=self.silence_s, review=self.review
        )

    def implicit_prompts(self) -> tuple[str, ...]:
        return self._recorder.prompts()

    def enter(self, turn: Turn) -> Step:
        turn.play(self.prompt)
        return Wait("intro")

    def receive(self, turn: Turn, wait: Wait, signal: AnySignal) -> Step:
        if wait.stage == "intro":
            return self._recorder.begin(turn) if isinstance(signal, PlaybackFinished) else wait
        result = self._recorder.receive(turn, wait, signal)
        if isinstance(signal, CallerHungUp):
            return wait
        if isinstance(result, Wait):
            return result
        if result != "kept":
            return Leave(result)
        if self.into is not None:
            turn.set(self.into, wait.notes["message"])
        return Leave()

    def resume(self, turn: Turn, wait: Wait) -> Step:
        return self.enter(turn) if wait.stage == "intro" else self._recorder.resume(turn, wait)

"""Take a voice message for a queue."""

from __future__ import annotations

from typing import Annotated, ClassVar

from ari_app.flow.kinds import Between, Doc, Prompts, QueueName, Seconds
from ari_app.flow.messages import Recorder
from ari_app.flow.node import NEXT, Exit, Leave, Node, Step, Wait
from ari_app.flow.turn import Turn
from ari_app.model.signals import AnySignal, CallerHungUp, PlaybackFinished


class VoicemailNode(Node, frozen=True, kw_only=True):
    """Records a message after the beep and hands it to a queue as a work item.

    The caller may keep it, record again or listen to it. Whoever hangs up after speaking has left his
    message all the same.
    """

    EXITS: ClassVar[tuple[Exit, ...]] = (
        NEXT,
        Exit("empty", "Nothing was said.", like="next"),
        Exit("failed", "It could not be recorded.", like="next"),
    )
    EXAMPLE: ClassVar[str] = """
    leave-message:
      type: voicemail
      prompt: [voicemail/intro, voicemail/after-beep]
      queue: support
      next: end
    """

    prompt: Annotated[Prompts, Doc("Said before the beep.")] = ("voicemail/intro", "voicemail/after-beep")
    queue: Annotated[QueueName, Doc("Whose operators work on it.")]
    max_s: Annotated[float, Between(2, 600), Doc("Longest message.")] = 120.0
    silence_s: Annotated[Seconds, Doc("Silence that ends it.")] = 4.0
    beep: Annotated[bool, Doc("Whether a beep comes first.")] = True
    review: Annotated[bool, Doc("Whether the caller may listen and change his mind.")] = True
    saved_prompt: Annotated[Prompts, Doc("Said when it is kept.")] = ("voicemail/saved",)

    @property
    def _recorder(self) -> Recorder:
        return Recorder(
            kind="voicemail",
            queue=self.queue,
            max_s=self.max_s,
            silence_s=self.silence_s,
            beep=self.beep,
            review=self.review,
        )

    def implicit_prompts(self) -> tuple[str, ...]:
        return self._recorder.prompts()

    def enter(self, turn: Turn) -> Step:
        turn.play(self.prompt)
        return Wait("intro")

    def receive(self, turn: Turn, wait: Wait, signal: AnySignal) -> Step:
        if wait.stage == "intro":
            return self._recorder.begin(turn) if isinstance(signal, PlaybackFinished) else wait
        if wait.stage == "saved":
            return Leave() if isinstance(signal, PlaybackFinished) else wait
        result = self._recorder.receive(turn, wait, signal)
        if isinstance(signal, CallerHungUp):
            return wait
        if isinstance(result, Wait):
            return result
        if result != "kept":
            return Leave(result)
        if not self.saved_prompt:
            return Leave()
        turn.play(self.saved_prompt)
        return Wait("saved")

    def resume(self, turn: Turn, wait: Wait) -> Step:
        if wait.stage == "intro":
            return self.enter(turn)
        return Leave() if wait.stage == "saved" else self._recorder.resume(turn, wait)

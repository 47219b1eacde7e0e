"""Let the caller choose a language, each offered in itself."""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec

from ari_app.flow.kinds import Between, Doc, Key, LanguageCode, Needs, PromptName, Seconds
from ari_app.flow.node import NEXT, Exit, Leave, Node, Step, Wait
from ari_app.flow.turn import Turn
from ari_app.model.commands import Sound
from ari_app.model.ids import Language, PromptId
from ari_app.model.signals import AnySignal, DigitReceived, PlaybackFinished, TimerFired


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """A language on offer."""

    key: Annotated[Key, Doc("The key.")]
    language: Annotated[LanguageCode, Doc("The language.")]
    prompt: Annotated[PromptName, Doc("The offer, played in that language.")]
    needs: Annotated[Needs, Doc("Skills an operator must have to speak it.")] = msgspec.field(
        default_factory=dict
    )


class ChooseLanguageNode(Node, frozen=True, kw_only=True):
    """Offers languages, each spoken in itself, and sets the one the caller chooses.

    A wrong key repeats the offer; after `retries` the call goes on by `timeout` in the language it has.
    """

    EXITS: ClassVar[tuple[Exit, ...]] = (
        NEXT,
        Exit("timeout", "The caller chose none.", like="next"),
    )
    LISTENS: ClassVar[bool] = True
    ASKS: ClassVar[bool] = True
    EXAMPLE: ClassVar[str] = """
    which-language:
      type: choose_language
      choices:
        - {key: 7, language: pt-BR, prompt: menu/portuguese-offer}
        - {key: 9, language: en, prompt: menu/english-offer, needs: {english: 1}}
      next: first-menu
    """

    choices: Annotated[tuple[Choice, ...], Between(1, 9), Doc("In the order they are offered.")]
    timeout_s: Annotated[Seconds, Doc("Silence after the offer.")] = 5.0
    retries: Annotated[int, Between(0, 9), Doc("How often the offer is repeated.")] = 1

    def faults(self) -> list[tuple[str, str]]:
        keys = [choice.key for choice in self.choices]
        return [] if len(set(keys)) == len(keys) else [("choices", "two choices have the same key")]

    def enter(self, turn: Turn) -> Step:
        if turn.typeahead:
            return self._chosen(turn, 0)
        return self._offer(turn, 0)

    def resume(self, turn: Turn, wait: Wait) -> Step:
        return self._offer(turn, wait.attempt)

    def receive(self, turn: Turn, wait: Wait, signal: AnySignal) -> Step:
        match signal:
            case DigitReceived():
                return self._chosen(turn, wait.attempt)
            case PlaybackFinished():
                turn.timer("key", self.timeout_s)
            case TimerFired("key"):
                return self._again(turn, wait.attempt)
        return wait

    def _chosen(self, turn: Turn, attempt: int) -> Step:
        key = turn.take_digit()
        for choice in self.choices:
            if choice.key == key:
                turn.change(language=Language(choice.language))
                turn.need(choice.needs)
                return Leave()
        turn.flush()
        return self._again(turn, attempt)

    def _again(self, turn: Turn, attempt: int) -> Step:
        return Leave("timeout") if attempt >= self.retries else self._offer(turn, attempt + 1)

    def _offer(self, turn: Turn, attempt: int) -> Step:
        turn.cancel("key")
        turn.say(tuple(Sound(Language(each.language), PromptId(each.prompt)) for each in self.choices))
        return Wait("prompt", attempt)

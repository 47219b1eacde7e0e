"""Let the caller choose by pressing a key."""

from __future__ import annotations

from typing import Annotated, ClassVar

from ari_app.flow.kinds import Between, Doc, Key, Prompts, Seconds, Target
from ari_app.flow.node import Exit, Leave, Node, Step, Wait
from ari_app.flow.turn import Turn
from ari_app.model.signals import AnySignal, DigitReceived, PlaybackFinished, TimerFired


class MenuNode(Node, frozen=True, kw_only=True):
    """Plays a prompt and waits for one key; each key leads to a node.

    A wrong key plays `invalid_prompt`, silence `timeout_prompt`, each followed by the menu's prompt again,
    `retries` times in all; after that the call goes on by `invalid` or `timeout`. Keys pressed before the
    menu began are taken at once, without playing it.
    """

    EXITS: ClassVar[tuple[Exit, ...]] = (
        Exit("timeout", "The caller pressed nothing, as often as `retries` allows."),
        Exit("invalid", "The caller pressed wrong keys, as often as `retries` allows."),
    )
    LISTENS: ClassVar[bool] = True
    ASKS: ClassVar[bool] = True
    EXAMPLE: ClassVar[str] = """
    main-menu:
      type: menu
      prompt: menu/main
      invalid_prompt: error/invalid-key
      keys:
        1: sales
        2: support
        0: any-operator
      retries: 2
      on:
        timeout: any-operator
        invalid: any-operator
    """

    prompt: Annotated[Prompts, Doc("The choices, spoken.")]
    keys: Annotated[dict[Key, Target], Doc("Key → node.")]
    timeout_s: Annotated[Seconds, Doc("Silence after the prompt until it is repeated.")] = 6.0
    retries: Annotated[int, Between(0, 9), Doc("How often the menu is repeated.")] = 2
    invalid_prompt: Annotated[Prompts, Doc("Said after a wrong key.")] = ()
    timeout_prompt: Annotated[Prompts, Doc("Said after silence.")] = ()
    barge_in: Annotated[bool, Doc("Whether keys count while the prompt is playing.")] = True

    def own_exits(self) -> dict[str, str]:
        return dict(self.keys)

    def faults(self) -> list[tuple[str, str]]:
        return [] if self.keys else [("keys", "a menu needs at least one key")]

    def enter(self, turn: Turn) -> Step:
        if self.barge_in and (key := turn.take_digit()) is not None:
            return self._chosen(turn, key, 0)
        return self._ask(turn, 0, ())

    def resume(self, turn: Turn, wait: Wait) -> Step:
        return self._ask(turn, wait.attempt, ())

    def receive(self, turn: Turn, wait: Wait, signal: AnySignal) -> Step:
        match signal:
            case DigitReceived() if wait.stage == "key" or self.barge_in:
                return self._next_key(turn, wait)
            case PlaybackFinished() if turn.typeahead:
                return self._next_key(turn, wait)
            case PlaybackFinished():
                turn.timer("key", self.timeout_s)
                return Wait("key", wait.attempt)
            case TimerFired("key"):
                return self._again(turn, wait.attempt, self.timeout_prompt, "timeout")
        return wait

    def _next_key(self, turn: Turn, wait: Wait) -> Step:
        key = turn.take_digit()
        return wait if key is None else self._chosen(turn, key, wait.attempt)

    def _chosen(self, turn: Turn, key: str, attempt: int) -> Step:
        if key in self.keys:
            return Leave(key)
        turn.flush()
        return self._again(turn, attempt, self.invalid_prompt, "invalid")

    def _again(self, turn: Turn, attempt: int, before: tuple[str, ...], exit_name: str) -> Step:
        return Leave(exit_name) if attempt >= self.retries else self._ask(turn, attempt + 1, before)

    def _ask(self, turn: Turn, attempt: int, before: tuple[str, ...]) -> Step:
        turn.cancel("key")
        turn.play((*before, *self.prompt))
        return Wait("prompt", attempt)

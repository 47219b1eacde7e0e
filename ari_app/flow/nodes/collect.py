"""Collect digits: an order number, a document, a date."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from ari_app.flow.condition import decide
from ari_app.flow.keypad import Entry, Keypad
from ari_app.flow.kinds import Between, Condition, Doc, Prompts, Seconds, VariableName
from ari_app.flow.node import NEXT, Exit, Leave, Node, Step, Wait
from ari_app.flow.rules import RuleName, obeys
from ari_app.flow.turn import Turn
from ari_app.model.signals import AnySignal


class CollectNode(Node, frozen=True, kw_only=True):
    """Asks for digits and puts them in a text variable.

    They end with the `terminator`, with silence, or with the last of `max_digits`. `rule` checks well-known
    numbers, `check` anything else: a condition that may use the variable itself. With `secret` the digits
    are hidden in traces. With `min_digits: 0` the caller may press the terminator alone: exit `empty`.
    """

    EXITS: ClassVar[tuple[Exit, ...]] = (
        NEXT,
        Exit("timeout", "The caller pressed nothing, as often as `retries` allows."),
        Exit("invalid", "The number was wrong, as often as `retries` allows."),
    )
    LISTENS: ClassVar[bool] = True
    ASKS: ClassVar[bool] = True
    TEXT_VARIABLES: ClassVar[tuple[str, ...]] = ("into",)
    EXAMPLE: ClassVar[str] = """
    order-number:
      type: collect
      prompt: collect/order-number
      into: order_number
      min_digits: 4
      max_digits: 10
      invalid_prompt: collect/invalid
      next: look-up
      on: {otherwise: any-operator}
    """

    prompt: Annotated[Prompts, Doc("The question.")]
    into: Annotated[VariableName, Doc("Text variable that takes the digits.")]
    min_digits: Annotated[int, Between(0, 32), Doc("Fewer are wrong.")] = 1
    max_digits: Annotated[int, Between(1, 32), Doc("The last one ends the entry.")] = 20
    terminator: Annotated[Literal["#", "*", "none"], Doc("Key that ends the entry.")] = "#"
    timeout_s: Annotated[Seconds, Doc("Silence after the question until it is repeated.")] = 7.0
    between_s: Annotated[Seconds, Doc("Silence between keys that ends the entry.")] = 4.0
    retries: Annotated[int, Between(0, 9), Doc("How often the question is repeated.")] = 2
    rule: Annotated[RuleName | None, Doc("A well-known rule that the digits must obey.")] = None
    check: Annotated[Condition | None, Doc("A condition that must hold.")] = None
    secret: Annotated[bool, Doc("Hide the digits in traces and on screens.")] = False
    barge_in: Annotated[bool, Doc("Whether keys count while the question is playing.")] = True
    invalid_prompt: Annotated[Prompts, Doc("Said after a wrong number.")] = ()
    timeout_prompt: Annotated[Prompts, Doc("Said after silence.")] = ()

    def exits_of(self) -> tuple[Exit, ...]:
        if self.min_digits > 0:
            return self.EXITS
        return (*self.EXITS, Exit("empty", "The caller pressed the terminator alone."))

    def is_secret(self) -> bool:
        return self.secret

    def faults(self) -> list[tuple[str, str]]:
        if self.min_digits > self.max_digits:
            return [("min_digits", f"min_digits is {self.min_digits}, more than max_digits")]
        return []

    def enter(self, turn: Turn) -> Step:
        if self.secret:
            turn.flush()
        return self._went(turn, self._keypad.begin(turn, self.prompt), 0)

    def resume(self, turn: Turn, wait: Wait) -> Step:
        return self._went(turn, self._keypad.begin(turn, self.prompt, wait.attempt), wait.attempt)

    def receive(self, turn: Turn, wait: Wait, signal: AnySignal) -> Step:
        return self._went(turn, self._keypad.receive(turn, wait, signal), wait.attempt)

    @property
    def _keypad(self) -> Keypad:
        return Keypad(
            most=self.max_digits,
            terminator=self.terminator,
            timeout_s=self.timeout_s,
            between_s=self.between_s,
            barge_in=self.barge_in,
            stage="secret" if self.secret else "digits",
        )

    def _went(self, turn: Turn, result: Wait | Entry, attempt: int) -> Step:
        if isinstance(result, Wait):
            return result
        if result.timed_out:
            return self._again(turn, attempt, "timeout", self.timeout_prompt)
        if not result.digits and self.min_digits == 0:
            return Leave("empty")
        if len(result.digits) < self.min_digits or not self._right(turn, result.digits):
            turn.flush()
            return self._again(turn, attempt, "invalid", self.invalid_prompt)
        return Leave()

    def _right(self, turn: Turn, digits: str) -> bool:
        if self.rule is not None and not obeys(self.rule, digits):
            return False
        turn.set(self.into, digits, secret=self.secret)
        return self.check is None or decide(self.check, turn)

    def _again(self, turn: Turn, attempt: int, exit_name: str, before: tuple[str, ...]) -> Step:
        if attempt >= self.retries:
            return Leave(exit_name)
        result = self._keypad.begin(turn, (*before, *self.prompt), attempt + 1)
        return self._went(turn, result, attempt + 1)

"""Say a value: a number, money, a date, letters."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Annotated, Any, ClassVar, Literal

from ari_app.flow import speech
from ari_app.flow.condition import evaluate
from ari_app.flow.kinds import Doc, Expression, Prompts
from ari_app.flow.node import NEXT, SAFE, Exit, Leave, Node, Step, Wait
from ari_app.flow.templates import as_text
from ari_app.flow.turn import Turn
from ari_app.model.signals import AnySignal, DigitReceived, PlaybackFinished


class SayNode(Node, frozen=True, kw_only=True):
    """Says a value with the grammar of the caller's language, between two prompts if so wished.

    Money is given in whole units (`12.5` is twelve reais and fifty centavos), dates as `2026-12-24`, times
    as `14:30`, durations in seconds.
    """

    EXITS: ClassVar[tuple[Exit, ...]] = (
        NEXT,
        Exit("failed", "The value cannot be spoken as this.", SAFE),
    )
    EXAMPLE: ClassVar[str] = """
    amount-due:
      type: say
      before: lookup/amount-due
      kind: money
      value: amount
      currency: BRL
      next: first-menu
    """

    kind: Annotated[
        Literal[
            "number", "ordinal", "digits", "money", "date", "time", "duration", "phone", "protocol", "spelled"
        ],
        Doc("What the value is."),
    ]
    value: Annotated[Expression, Doc("What to say: a variable or an expression.")]
    currency: Annotated[Literal["BRL", "EUR", "USD"], Doc("For money.")] = "BRL"
    gender: Annotated[Literal["masculine", "feminine"], Doc("Of what is counted.")] = "masculine"
    before: Annotated[Prompts, Doc("Played first.")] = ()
    after: Annotated[Prompts, Doc("Played last.")] = ()
    barge_in: Annotated[bool, Doc("Whether a key cuts it short.")] = True

    def enter(self, turn: Turn) -> Step:
        if self.barge_in and turn.typeahead:
            return Leave()
        value = evaluate(self.value, turn)
        try:
            spoken = self._spoken(value, turn.language)
        except (speech.UnspeakableError, ValueError, TypeError, OverflowError):
            return Leave("failed")
        turn.play((*self.before, *spoken, *self.after))
        return Wait("prompt")

    def receive(self, turn: Turn, wait: Wait, signal: AnySignal) -> Step:
        del turn
        match signal:
            case PlaybackFinished():
                return Leave()
            case DigitReceived() if self.barge_in:
                return Leave()
        return wait

    def _spoken(self, value: Any, language: str) -> tuple[str, ...]:
        gender = speech.Gender(self.gender)
        text = as_text(value).strip()
        match self.kind:
            case "number":
                return speech.say_number(int(text), language, gender)
            case "ordinal":
                return speech.say_ordinal(int(text), language, gender)
            case "digits":
                return speech.say_digits(text, language)
            case "phone":
                return speech.say_phone(text, language)
            case "protocol":
                return speech.say_protocol(text, language)
            case "spelled":
                return speech.say_spelled(text, language)
            case "money":
                return speech.say_money(_hundredths(text), self.currency, language)
            case "date":
                return speech.say_date(dt.date.fromisoformat(text[:10]), language)
            case "time":
                return speech.say_time(dt.time.fromisoformat(text), language)
        return speech.say_duration(float(text), language)


def _hundredths(text: str) -> int:
    """An amount in cents, rounded as money is (half up); binary fractions would lose one now and then."""
    try:
        return int((Decimal(text) * 100).quantize(Decimal(1), ROUND_HALF_UP))
    except InvalidOperation as error:
        raise ValueError(f"no amount: {text[:40]}") from error

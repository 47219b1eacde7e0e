"""Ask another system by HTTP."""

from __future__ import annotations

import urllib.parse
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from ari_app.flow.condition import evaluate_answer
from ari_app.flow.kinds import Between, Doc, Expression, Name, Prompts, Template, Text, VariableName
from ari_app.flow.node import NEXT, Exit, Leave, Node, Step, Wait
from ari_app.flow.templates import fill, render
from ari_app.flow.turn import FlowError, Turn
from ari_app.model.commands import Lookup
from ari_app.model.facts import LookupAnswered
from ari_app.model.signals import AnySignal, LookupCompleted, PlaybackFinished, TimerFired

MARGIN_S = 5.0


class LookupNode(Node, frozen=True, kw_only=True):
    """Asks another system and puts parts of its JSON answer in variables.

    The URL and the body may hold `${CEL}`; values in the URL are escaped. The host must be on the site's
    list of allowed hosts. `into` reads the answer with CEL, as `answer` (its body) and `status`. Secrets are
    named, never written down: `secrets: {Authorization: crm-token}`.
    """

    EXITS: ClassVar[tuple[Exit, ...]] = (
        NEXT,
        Exit("failed", "No usable answer: an error, not JSON, too large, or without what `into` reads."),
        Exit("not_found", "The other system answered 404.", like="failed"),
        Exit("timeout", "It did not answer in time.", like="failed"),
    )
    EXPRESSION_NAMES: ClassVar[dict[str, str]] = {"answer": "json", "status": "whole"}
    EXAMPLE: ClassVar[str] = """
    order-state:
      type: lookup
      prompt: lookup/searching
      url: https://shop.example.com/orders/${order_number}
      secrets: {Authorization: shop-token}
      timeout_s: 3
      into:
        order_state: answer.state
      next: say-state
      on:
        not_found: unknown-order
        failed: any-operator
    """

    method: Annotated[Literal["GET", "POST", "PUT"], Doc("HTTP method.")] = "GET"
    url: Annotated[Template, Doc("Address; `${…}` only after the host.")]
    headers: Annotated[dict[Text, Template], Doc("Headers.")] = msgspec.field(default_factory=dict)
    secrets: Annotated[dict[Text, Name], Doc("Header → name of a secret of the site.")] = msgspec.field(
        default_factory=dict
    )
    body: Annotated[Any, Doc("JSON to send; `${…}` in its texts is filled in.")] = None
    timeout_s: Annotated[float, Between(0.1, 30), Doc("For each try.")] = 4.0
    retries: Annotated[int, Between(0, 3), Doc("Further tries after a failure.")] = 0
    max_bytes: Annotated[int, Between(1, 1_000_000), Doc("A larger answer is a failure.")] = 65_536
    into: Annotated[dict[VariableName, Expression], Doc("Variable → CEL over `answer` and `status`.")] = (
        msgspec.field(default_factory=dict)
    )
    prompt: Annotated[Prompts, Doc("Said while waiting.")] = ()

    def enter(self, turn: Turn) -> Step:
        url = render(self.url, turn, lambda text: urllib.parse.quote(text, safe=""))
        host = (urllib.parse.urlsplit(url).hostname or "").lower()
        if host not in turn.site.allowed_hosts:
            raise FlowError(f"look-ups to `{host[:80]}` are not allowed by the site")
        turn.serial += 1
        name = f"l{turn.serial}"
        turn.do(
            Lookup(
                lookup=name,
                method=self.method,
                url=url,
                headers={header: _one_line(render(text, turn)) for header, text in self.headers.items()},
                body="" if self.body is None else msgspec.json.encode(fill(self.body, turn)).decode(),
                timeout_s=self.timeout_s,
                retries=self.retries,
                max_bytes=self.max_bytes,
                secrets=self.secrets,
            )
        )
        if self.prompt:
            turn.play(self.prompt)
        turn.timer("lookup", self.timeout_s * (1 + self.retries) + MARGIN_S)
        return Wait("lookup", notes={"lookup": name})

    def receive(self, turn: Turn, wait: Wait, signal: AnySignal) -> Step:
        match signal:
            case LookupCompleted(lookup=name) if name == wait.notes["lookup"]:
                return self._answered(turn, wait, signal)
            case TimerFired("lookup"):
                turn.tell(LookupAnswered(turn.placed.id, ok=False, status=0, error="timeout"))
                return Leave("timeout")
            case PlaybackFinished() if "exit" in wait.notes:
                return Leave(wait.notes["exit"])
        return wait

    def _answered(self, turn: Turn, wait: Wait, signal: LookupCompleted) -> Step:
        turn.tell(LookupAnswered(turn.placed.id, signal.ok, signal.status, signal.error[:200]))
        exit_name = self._read(turn, signal)
        if not turn.playing:
            return Leave(exit_name)
        turn.cancel("lookup")
        return Wait("lookup", notes={**wait.notes, "exit": exit_name})

    def _read(self, turn: Turn, signal: LookupCompleted) -> str:
        if not signal.ok:
            if signal.status == 404:
                return "not_found"
            return "timeout" if signal.error.startswith("timeout") else "failed"
        try:
            answer = msgspec.json.decode(signal.body)
            for name, expression in self.into.items():
                turn.set(name, evaluate_answer(expression, turn, answer, signal.status))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, FlowError) as error:
            turn.tell(LookupAnswered(turn.placed.id, ok=False, status=signal.status, error=str(error)[:200]))
            return "failed"
        return "next"


def _one_line(text: str) -> str:
    """A header's value cannot smuggle in another header."""
    return "".join(character for character in text if character.isprintable())

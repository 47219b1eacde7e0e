"""Takes a scenario's steps on a line, and says where it went another way than its author meant.

The line may be the virtual one or a real call: both are read and moved by the same words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from ari_app.flow.scenario.script import Step
from ari_app.flow.scenario.world import Refusal
from ari_app.model.commands import BookCallback, KeepMessage, Sound, TransferTo
from ari_app.model.facts import Fact, NodeEntered
from ari_app.model.routing import QueueRequest

PATIENCE_S = 900.0


class AnyLine(Protocol):
    """A call as a scenario sees it; see `Line`."""

    @property
    def ended(self) -> bool: ...
    @property
    def playing(self) -> bool: ...
    @property
    def talking(self) -> bool: ...
    @property
    def moves(self) -> int: ...
    @property
    def node(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def began(self) -> float: ...
    @property
    def variables(self) -> Mapping[str, Any]: ...
    @property
    def heard(self) -> Sequence[tuple[float, Sound]]: ...
    @property
    def facts(self) -> Sequence[tuple[float, Fact]]: ...
    @property
    def queue(self) -> QueueRequest | None: ...
    @property
    def kept(self) -> Sequence[KeepMessage]: ...
    @property
    def booked(self) -> Sequence[BookCallback]: ...
    @property
    def transfers(self) -> Sequence[TransferTo]: ...
    @property
    def consent(self) -> bool | None: ...

    def change(self, step: Step) -> bool: ...
    def press(self, digits: str) -> None: ...
    def hang_up(self) -> None: ...
    def restart(self) -> None: ...
    def wait(self, seconds: float) -> None: ...
    def until(self, happened: Callable[[], bool], limit_s: float) -> bool: ...
    def connect(self, operator: str = "1001") -> None: ...
    def operator_leaves(self) -> None: ...
    def refuse(self, reason: Refusal) -> None: ...


class StepError(Exception):
    """A step did not come true; the text says what happened instead."""


class Player:
    """Takes a scenario's steps on a line."""

    def __init__(self, line: AnyLine) -> None:
        self.line = line
        self._heard = 0

    def take(self, step: Step) -> None:
        if self.line.change(step):
            return
        handler: Callable[[Any], None] = getattr(self, f"_{step.act}")
        handler(step.value)

    # --- the caller --------------------------------------------------------------------------------------

    def _alive(self) -> None:
        if self.line.ended:
            raise StepError("the call has ended already")

    def _presses(self, digits: str) -> None:
        self._alive()
        self.line.press(digits)

    def _waits(self, seconds: float) -> None:
        self._alive()
        self.line.wait(seconds)

    def _says_nothing(self, _value: object) -> None:
        self._alive()
        self.line.until(lambda: not self.line.playing, PATIENCE_S)
        before = self.line.moves
        self.line.until(lambda: self.line.moves > before, PATIENCE_S)

    def _listens(self, _value: object) -> None:
        self.line.until(lambda: not self.line.playing, PATIENCE_S)

    def _hangs_up(self, _value: object) -> None:
        self._alive()
        self.line.hang_up()

    # --- the world ---------------------------------------------------------------------------------------

    def _operator_connects(self, operator: str | None) -> None:
        if not self.line.until(lambda: self.line.queue is not None, PATIENCE_S):
            raise StepError("no operator can connect: the caller is in no queue")
        self.line.connect(operator or "1001")

    def _operator_hangs_up(self, _value: object) -> None:
        if not self.line.talking:
            raise StepError("there is no operator on the line")
        self.line.operator_leaves()

    def _queue_refuses(self, reason: str) -> None:
        if reason not in ("full", "empty", "closed", "timeout"):
            raise StepError(f"a queue does not refuse by `{reason}`")
        if not self.line.until(lambda: self.line.queue is not None, PATIENCE_S):
            raise StepError("the caller is in no queue")
        self.line.refuse(reason)  # type: ignore[arg-type]

    def _restarts(self, _value: object) -> None:
        self.line.restart()

    # --- what must happen --------------------------------------------------------------------------------

    def _hears(self, prompts: tuple[str, ...]) -> None:
        for prompt in prompts:
            if not self.line.until(lambda wanted=prompt: self._find(wanted) >= 0, PATIENCE_S):  # type: ignore[misc]
                since = [str(sound.prompt) for _, sound in self.line.heard[self._heard :]]
                raise StepError(f"`{prompt}` was not heard, but {', '.join(since) or 'nothing'}")
            self._heard = self._find(prompt) + 1

    def _find(self, prompt: str) -> int:
        for index in range(self._heard, len(self.line.heard)):
            if self.line.heard[index][1].prompt == prompt:
                return index
        return -1

    def _reaches(self, node: str) -> None:
        if not self.line.until(lambda: node in self._nodes(), PATIENCE_S):
            raise StepError(f"`{node}` was not reached; the call came by {', '.join(self._nodes())}")

    def _nodes(self) -> list[str]:
        return [str(fact.node) for _, fact in self.line.facts if isinstance(fact, NodeEntered)]

    def _visited(self, nodes: tuple[str, ...]) -> None:
        way = iter(self._nodes())
        for node in nodes:
            if node not in way:
                raise StepError(f"`{node}` was not visited in this order: {', '.join(self._nodes())}")

    def _queued(self, wanted: Mapping[str, Any]) -> None:
        if not self.line.until(lambda: self.line.queue is not None, PATIENCE_S) or self.line.queue is None:
            raise StepError("the caller is in no queue")
        request = self.line.queue
        found: dict[str, Any] = {
            "queue": request.queue,
            "needs": {str(need.skill): need.min_level for need in request.needs},
            "priority": request.priority,
            "preferred": request.preferred,
        }
        for key, value in wanted.items():
            if found.get(key) != value:
                raise StepError(f"`{key}` is {found.get(key)}, not {value}")

    def _talks(self, _value: object) -> None:
        if not self.line.talking:
            raise StepError("the caller is not talking with an operator")

    def _transferred(self, target: str) -> None:
        self.line.until(lambda: any(each.target == target for each in self.line.transfers), PATIENCE_S)
        targets = [transfer.target for transfer in self.line.transfers]
        if target not in targets:
            raise StepError(f"not transferred to {target}, but {', '.join(targets) or 'nowhere'}")

    def _variable(self, wanted: Mapping[str, Any]) -> None:
        for name, value in wanted.items():
            found = self.line.variables.get(name)
            if found != value:
                raise StepError(f"`{name}` is {found!r}, not {value!r}")

    def _language(self, language: str) -> None:
        if self.line.language != language:
            raise StepError(f"the language is {self.line.language}")

    def _message_kept(self, kind: str) -> None:
        self.line.until(lambda: any(kept.kind == kind for kept in self.line.kept), PATIENCE_S)
        kinds = [kept.kind for kept in self.line.kept]
        if kind not in kinds:
            raise StepError(f"no {kind} was kept, but {', '.join(kinds) or 'nothing'}")

    def _callback_booked(self, number: str) -> None:
        self.line.until(lambda: bool(self.line.booked), PATIENCE_S)
        numbers = [booked.number for booked in self.line.booked]
        if number not in numbers:
            raise StepError(f"no callback to {number}, but {', '.join(numbers) or 'none'}")

    def _recorded(self, answer: str) -> None:
        if {"yes": True, "no": False}.get(answer) is not self.line.consent:
            raise StepError(f"consent to recording is {self.line.consent}")

    def _ends(self, _value: object) -> None:
        if not self.line.until(lambda: self.line.ended, PATIENCE_S * 8):
            raise StepError(f"the call goes on at `{self.line.node}`")

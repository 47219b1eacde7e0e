"""What a node type is: fields that an admin fills in, exits that lead on, and what it does on a call."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeAlias

import msgspec

from ari_app.flow.kinds import END
from ari_app.flow.state import Wait
from ari_app.model.signals import AnySignal

if TYPE_CHECKING:
    from ari_app.flow.turn import Turn

SAFE = "safe-exit"
"""The reserved node that serves the caller when the flow cannot."""


class Leave(msgspec.Struct, frozen=True):
    """The node is done and the call goes on by this exit."""

    exit: str = "next"


class Descend(msgspec.Struct, frozen=True):
    """Run another flow with these arguments; the node's exits are then the sub-flow's."""

    flow: str
    arguments: dict[str, object] = {}


class Return(msgspec.Struct, frozen=True):
    """The flow is over; the calling sub-flow node goes on by `exit`."""

    exit: str = "next"


class Finish(msgspec.Struct, frozen=True):
    """The call is over for the flow, whatever flow called this one; `cause` is the Q.850 cause.

    0 when the caller has hung up himself; `told` when the flow's end is in the trace already.
    """

    cause: int = 16
    told: bool = False


Step: TypeAlias = Leave | Descend | Return | Finish | Wait


class Exit(msgspec.Struct, frozen=True):
    """A way out of a node; `default` is where it leads when the author says nothing (None: he must)."""

    name: str
    doc: str
    default: str | None = None
    like: str = ""
    """Another exit whose target this one takes when the author says nothing."""


NEXT = Exit("next", "Where the call goes on.")


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all node types. Subclasses are stateless: all that a call remembers is in its `Wait`."""

    EXITS: ClassVar[tuple[Exit, ...]] = (NEXT,)
    EXAMPLE: ClassVar[str] = ""
    """A YAML example of one node, shown in its documentation and checked by a test."""
    WAITS: ClassVar[bool] = True
    """Whether every visit waits for something; loops of nodes that need not wait are refused."""
    LISTENS: ClassVar[bool] = False
    """Whether keys pressed while the call is here are meant for this node."""
    ASKS: ClassVar[bool] = False
    """Whether an answer is waited for here: a question that could not be played leads to the safe exit."""

    ANY_EXIT: ClassVar[bool] = False
    """Whether `on` may name exits that only another file knows; the checker judges them."""

    EXPRESSION_NAMES: ClassVar[dict[str, str]] = {}
    """Names that only this node's expressions know, with their types."""
    TEXT_VARIABLES: ClassVar[tuple[str, ...]] = ()
    """Fields that name a variable of type text."""

    def implicit_prompts(self) -> tuple[str, ...]:
        """Prompts that the node plays although its author does not name them."""
        return ()

    def own_exits(self) -> dict[str, str]:
        """Exits that come from the node's own fields (keys of a menu, cases of a branch): name → target."""
        return {}

    def exits_of(self) -> tuple[Exit, ...]:
        """The exits that may be given under `next` and `on`; fields may add to or take from them."""
        return self.EXITS

    def enter(self, turn: Turn) -> Step:
        """The call comes here."""
        raise NotImplementedError

    def receive(self, turn: Turn, wait: Wait, signal: AnySignal) -> Step:
        """Something happened while the call waited here; `wait` itself means: go on waiting."""
        del turn, signal
        return wait

    def resume(self, turn: Turn, wait: Wait) -> Step:
        """The application came back after a restart; by default the node starts anew."""
        del wait
        return self.enter(turn)

    def returned(self, turn: Turn, exit_name: str, variables: dict[str, object]) -> Step:
        """The flow that this node called is over; only nodes that `Descend` need this."""
        del turn, variables
        return Leave(exit_name)

    def is_secret(self) -> bool:
        """Whether what is keyed in here must not be seen in traces."""
        return False

    def faults(self) -> list[tuple[str, str]]:
        """What is wrong with this node beyond its fields' types: field name and message."""
        return []


__all__ = ["END", "NEXT", "SAFE", "Descend", "Exit", "Finish", "Leave", "Node", "Return", "Step", "Wait"]

"""What may be refused: values of the domain, mapped to HTTP problems by `web`."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """Something that a person asked for cannot be done; the message says what and why."""


class NotFound(Refusal):
    """No such thing (or not of this client)."""


class AlreadyExists(Refusal):
    """The name is taken."""


class Overtaken(Refusal):
    """Somebody else changed it since it was read; what he made is not written over unseen."""


class IllegalTransition(Refusal):
    """The state machine does not allow this from the present state."""


class PhoneRefused(Refusal):
    """The PBX did not take the phone account."""


class StoreAway(Refusal):
    """What must be written or read first is away (database, recording store): nothing was done."""


class AudioDamaged(Refusal):
    """The stored audio is not what its manifest says: cut, changed, swapped, or its key is missing."""


class PbxRefused(Refusal):
    """The PBX did not do it, or did not answer."""


class CursorRefused(Refusal):
    """The cursor is none that a page of ours has given."""


class FlowRefused(Refusal):
    """The flow has errors; `problems` as of `FlowOffice.check`."""

    def __init__(self, problems: list[dict[str, Any]]) -> None:
        super().__init__(f"the flow has {len(problems)} problem(s)")
        self.problems = problems

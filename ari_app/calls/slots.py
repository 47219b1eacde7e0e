"""The numbered slots of parked callers."""

from __future__ import annotations

from ari_app.model.ids import CallId, ClientId
from ari_app.ports import IllegalTransition

FIRST, LAST = 701, 799


class Slots:
    """Which caller is in which slot; each client company has its own row of slots."""

    def __init__(self) -> None:
        self._calls: dict[tuple[ClientId, str], CallId] = {}

    def give(self, client: ClientId, call: CallId) -> str:
        """The first free slot. Raises `IllegalTransition` when none is."""
        for number in range(FIRST, LAST + 1):
            if (client, str(number)) not in self._calls:
                self._calls[client, str(number)] = call
                return str(number)
        raise IllegalTransition("every parking slot is taken")

    def keep(self, client: ClientId, slot: str, call: CallId) -> None:
        """After a restart: the caller who had it has it."""
        self._calls.setdefault((client, slot), call)

    def free(self, client: ClientId, slot: str, call: CallId) -> None:
        if self._calls.get((client, slot)) == call:
            del self._calls[client, slot]

    def find(self, client: ClientId, slot: str) -> CallId | None:
        return self._calls.get((client, slot))

    def all(self, client: ClientId | None = None) -> dict[str, CallId]:
        """Slot → call, of one client or of all."""
        return {slot: call for (owner, slot), call in self._calls.items() if client in {None, owner}}

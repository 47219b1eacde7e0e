"""What is stored beside calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from ari_app.model.ids import (
    ClientId,
    OperatorId,
    WorkItemId,
)
from ari_app.model.operator import KnownState, Operator
from ari_app.model.punch import Punch
from ari_app.model.queue import QueueState
from ari_app.model.work import WorkItem
from ari_app.ports.desks import OperatorSecrets


class OperatorBook(Protocol):
    """The operators in the store, their secrets sealed or hashed."""

    async def all(self) -> list[Operator]: ...

    async def insert(self, operator: Operator, secrets: OperatorSecrets) -> None:
        """Raises `AlreadyExists`."""
        ...

    async def replace(self, operator: Operator) -> None:
        """Raises `NotFound`."""
        ...

    async def replace_secrets(self, operator: OperatorId, secrets: OperatorSecrets) -> None:
        """Raises `NotFound`."""
        ...

    async def delete(self, operator: OperatorId) -> None:
        """Raises `NotFound`."""
        ...

    async def phone_passwords(self) -> dict[OperatorId, str]: ...

    async def states(self) -> dict[OperatorId, KnownState]: ...

    async def put_states(self, client: ClientId, states: Mapping[OperatorId, KnownState]) -> None: ...


class QueueStateBook(Protocol):
    """What was said of queues at once, in the store. Errors of the store raise."""

    async def put_queue_state(self, state: QueueState) -> None: ...

    async def queue_states(self) -> list[QueueState]: ...


class PunchBook(Protocol):
    """The time clock's chain in the store."""

    async def append(self, punch: Punch) -> Punch:
        """Give it number and hash, on disk. Raises `NotFound` (corrects nothing), `StoreAway`."""
        ...

    async def punches(self, operator: OperatorId) -> list[Punch]: ...


class WorkItems(Protocol):
    """Work items in the store, as the one who fetches their audio needs them. Errors of the store raise."""

    async def add_item(self, item: WorkItem) -> None:
        """Insert; one that is there already stays as it is."""
        ...

    async def pending_items(self) -> list[WorkItem]:
        """Those whose audio is still on the PBX."""
        ...

    async def audio_stored(self, ident: WorkItemId, file: str, duration_s: float, sha256: str) -> None: ...

    async def audio_missing(self, ident: WorkItemId) -> None: ...

    async def drop_item(self, ident: WorkItemId) -> None:
        """Nothing was said: there is no work."""
        ...

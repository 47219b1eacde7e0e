"""What the console and the API do with operators, queues and talks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Protocol

import msgspec

from ari_app.model.account import AuditEntry
from ari_app.model.ids import (
    CallId,
    ChannelId,
    ClientId,
    OperatorId,
    PunchId,
    QueueId,
    SkillId,
)
from ari_app.model.operator import Operator, OperatorState, Pending
from ari_app.model.punch import Punch
from ari_app.model.queue import Queue, QueueState
from ari_app.model.talks import Actor, Ask, TalkView
from ari_app.model.watching import Mode, WatchView


class OperatorSecrets(msgspec.Struct, frozen=True):
    """What is told once, when an operator is created or a password is rotated."""

    phone_password: str
    console_password: str
    pin: str


class OperatorView(msgspec.Struct, frozen=True):
    """An operator as the API shows it: configuration and live state."""

    operator: Operator
    state: OperatorState
    reason: str
    since: float
    call: CallId | None
    reachable: bool
    clocked_in: bool
    wrap_up_until: float | None = None
    pending: Pending | None = None
    """What was asked for during the call and becomes true after it."""
    owes: CallId | None = None
    """The call whose form is to be written before the next one."""
    phone: OperatorId | None = None
    """The extension of the phone that rings for this operator."""
    pause_until: float | None = None
    """When the pause should be over by the site's limit; None: there is none."""


class QueueView(msgspec.Struct, frozen=True):
    """A queue's live figures."""

    id: QueueId
    name: str
    waiting: int
    oldest_wait_s: float
    operators_available: int
    operators_signed_in: int
    calls: tuple[dict[str, Any], ...]
    target_s: float = 20.0
    """The service level's threshold."""
    needs: dict[SkillId, int] = {}
    """What every caller of this queue needs, with the least level."""
    closed: bool = False
    announcement: str | None = None
    """The emergency announcement that its callers hear; None: none."""


class OperatorDesk(Protocol):
    """The operators as people act on them: by HTTP, by phone code, by the demo. One writer behind it."""

    def views(self, client: ClientId | None = None) -> list[OperatorView]: ...

    def view(self, operator: OperatorId) -> OperatorView | None: ...

    async def create(self, operator: Operator, *, by: str) -> OperatorSecrets:
        """Create the operator and the phone account. Raises `AlreadyExists`, `PhoneRefused`."""
        ...

    async def change(self, operator: Operator, *, by: str) -> None:
        """Replace the configuration (skills, queues, name). Raises `NotFound`."""
        ...

    async def remove(self, operator: OperatorId, *, by: str) -> None:
        """Cut the registration and delete the account; a call in progress goes on. Raises `NotFound`."""
        ...

    async def rotate(self, operator: OperatorId, *, by: str) -> OperatorSecrets:
        """New passwords and PIN; the old ones stop working at once. Raises `NotFound`."""
        ...

    async def set_state(
        self,
        operator: OperatorId,
        state: Literal["available", "paused", "signed_out"],
        *,
        reason: str,
        by: str,
    ) -> OperatorView:
        """Sign in, pause, make ready, sign out. Raises `NotFound`, `IllegalTransition`."""
        ...

    async def sit(self, operator: OperatorId, phone: OperatorId, *, by: str) -> OperatorView:
        """Sign in at any phone (hot-desk): it rings for this operator until he signs out.

        Raises `NotFound`, `IllegalTransition` (somebody is signed in there, or he is on a call).
        """
        ...

    def at_phone(self, phone: OperatorId) -> OperatorView | None:
        """Who sits at this phone; None: nobody."""
        ...

    async def wrap_up(self, operator: OperatorId, more_s: float, *, by: str) -> OperatorView:
        """More time for the paper work. Raises `NotFound`, `IllegalTransition` outside of wrap-up."""
        ...

    async def clock(self, operator: OperatorId, direction: Literal["in", "out"], *, by: str) -> Punch:
        """Punch the clock; the receipt is on disk. Raises `NotFound`, `IllegalTransition` (in twice, out
        twice), `StoreAway`.
        """
        ...

    async def correct(
        self,
        operator: OperatorId,
        direction: Literal["in", "out"] | None,
        at: float,
        *,
        corrects: PunchId | None,
        note: str,
        by: str,
    ) -> Punch:
        """Append a forgotten punch, or one that stands in for another. Raises `NotFound`, `StoreAway`."""
        ...


class QueueOffice(Protocol):
    """Queues as people act on them at once: by HTTP, by phone (C20)."""

    def queue(self, queue: QueueId, client: ClientId | None = None) -> Queue:
        """Raises `NotFound`."""
        ...

    def by_code(self, code: str) -> Queue | None:
        """The queue that these digits name by phone."""
        ...

    def set_state(
        self, queue: QueueId, *, closed: bool | None = None, announcement: str | None = None, by: str
    ) -> QueueState:
        """Close or open, announce a prompt or (an empty text) nothing more; None leaves it as it is."""
        ...


class TalkDesk(Protocol):
    """Talks as people act on them: by HTTP, by a dialled code. The call's session decides and does it."""

    async def ask(self, call: CallId, ask: Ask, actor: Actor) -> TalkView:
        """Do it, or raise `Refusal` with the reason; `TimeoutError`: the PBX did not do it in time."""
        ...

    def talk(self, call: CallId) -> TalkView | None:
        """A live call's talk as it is now."""
        ...

    def parked(self, client: ClientId | None = None) -> Mapping[str, CallId]:
        """Slot → call."""
        ...


class WatchDesk(Protocol):
    """Listening in, as people act on it."""

    async def begin(
        self,
        watcher: OperatorId,
        mode: Mode,
        *,
        by: str,
        call: CallId | None = None,
        target: OperatorId | None = None,
        own_leg: ChannelId | None = None,
    ) -> WatchView:
        """Ring the watcher's phone (or take `own_leg`, on which he dialled). Raises `Refusal`."""
        ...

    async def change(self, ident: CallId, mode: Mode, *, by: str) -> WatchView: ...

    async def end(self, ident: CallId) -> None: ...

    def watches(self) -> list[WatchView]: ...


class Audit(Protocol):
    """Where acts of people are written for ever."""

    async def append(self, entry: AuditEntry) -> None: ...


class Floor(Protocol):
    """What is happening now, for the live pages."""

    def queues(self, client: ClientId | None = None) -> list[QueueView]: ...

    def explain(self, call: CallId) -> Mapping[str, Any] | None:
        """Why this caller is still waiting (R10); None when the call does not wait."""
        ...

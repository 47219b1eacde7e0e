"""What places calls of our own (callbacks, campaigns, operators who dial out), as the exchange sees it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol, TypeAlias

from ari_app.dispatch.messages import DispatchMessage
from ari_app.model.call import CallRecord
from ari_app.model.ids import CallId, ChannelId
from ari_app.model.signals import AnySignal
from ari_app.model.telephony import CallEntered

if TYPE_CHECKING:
    from ari_app.calls.session import Session

Begin: TypeAlias = "Callable[[Session], Awaitable[None]]"


class Script(Protocol):
    """What a placed call without a flow does: it is given each signal of its session."""

    async def receive(self, session: Session, signal: AnySignal) -> None: ...


class Placer(Protocol):
    """Each is asked in turn; the first to whom a call belongs takes it. No method blocks or raises.

    The id of a placed call is its own channel's, so that an event can be asked about before a session is.
    """

    def deliver(self, call: CallId, message: DispatchMessage) -> bool:
        """Whether the dispatcher's answer was for a call of this one that has no session (yet)."""
        ...

    def entered(self, event: CallEntered) -> tuple[CallRecord, Begin] | None:
        """Somebody answered: the call's record and how its session begins; None: no call of this one."""
        ...

    def channel_answered(self, channel: ChannelId) -> None:
        """A channel that we dialled was answered; who answers enters now, or once he was listened to."""
        ...

    def channel_ended(self, channel: ChannelId, cause: int) -> None:
        """A channel without a session is gone: perhaps one that this one dialled."""
        ...

    def call_ended(self, record: CallRecord) -> None:
        """An outbound call has its final state."""
        ...

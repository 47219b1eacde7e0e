"""What of an operator's live state outlasts a restart, and how it is taken up again."""

from __future__ import annotations

import asyncio

import structlog

from ari_app.dispatch.dispatcher import Dispatcher
from ari_app.dispatch.presence import Presence
from ari_app.model.ids import ClientId, OperatorId
from ari_app.model.operator import KnownState, Operator, OperatorState
from ari_app.ports import OperatorBook

log = structlog.get_logger()

STORE_S = 1.0
"""Nobody waits longer for the store to hear of his state."""
GATHER_S = 0.1
"""Changes of state within this time are written together."""

_KEPT = frozenset({OperatorState.PAUSED, OperatorState.SIGNED_OUT, OperatorState.WRAP_UP})
"""Every other state is found anew: by the phone, by the calls that are alive."""


def known(presence: Presence) -> KnownState:
    """As the store keeps it; a call more or less makes no difference, so that it is seldom written."""
    kept = presence.state in _KEPT
    return KnownState(
        state=presence.state if kept else OperatorState.AVAILABLE,
        reason=presence.reason if kept else "",
        since=presence.since if kept else 0.0,
        clocked_in=presence.clocked_in,
        pending=presence.after,
        wrap_up_until=presence.wrap_up_until,
        owes=presence.owes,
        phone=presence.phone,
    )


def remembered(operator: Operator, kept: KnownState | None, now: float) -> Presence:
    """As it was, except that nobody is on a call until the PBX says so, and nobody reachable."""
    if kept is None:
        return Presence(operator, since=now)
    presence = Presence(
        operator,
        state=kept.state,
        reason=kept.reason,
        since=kept.since,
        idle_since=now,
        clocked_in=kept.clocked_in,
        owes=kept.owes,
    )
    if kept.state is not OperatorState.SIGNED_OUT:
        presence.after, presence.wrap_up_until, presence.phone = kept.pending, kept.wrap_up_until, kept.phone
        if kept.state is not OperatorState.PAUSED:
            presence.state, presence.reason, presence.since = OperatorState.UNREACHABLE, "restarted", now
    return presence


class Memory:
    """Writes whoever changed, soon after it; also what nobody asked for, as a pause after missed calls."""

    def __init__(self, dispatcher: Dispatcher, book: OperatorBook) -> None:
        self._dispatcher = dispatcher
        self._book = book
        self._changed: set[OperatorId] = set()
        """Whom something happened to since the last writing."""
        self._written: dict[OperatorId, KnownState] = {}
        self._writing: asyncio.Task[None] | None = None

    async def load(self) -> dict[OperatorId, KnownState]:
        """Everybody's state as it was written last."""
        self._written = await self._book.states()
        return dict(self._written)

    def note(self, presence: Presence) -> None:
        """Something happened to this operator."""
        self._changed.add(presence.operator.id)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.get_running_loop().create_task(self._keep_writing())

    async def write(self) -> None:
        """Write what changed; on an error it is kept for the next time."""
        changed, self._changed = self._changed, set()
        by_client: dict[ClientId, dict[OperatorId, KnownState]] = {}
        for operator in changed & self._dispatcher.operators.keys():
            presence = self._dispatcher.operators[operator]
            state = known(presence)
            if state != self._written.get(operator):
                by_client.setdefault(presence.operator.client, {})[operator] = state
        try:
            for client, states in by_client.items():
                await self._book.put_states(client, states)
                self._written |= states
        except BaseException:
            self._changed |= changed
            raise

    async def write_now(self) -> None:
        """What a person asked for is on disk when he is told so, unless the store is away: then soon."""
        try:
            async with asyncio.timeout(STORE_S):
                await self.write()
        except Exception as error:  # noqa: BLE001 - any driver's error, or a stalled store
            log.warning("operators.not_remembered", error=str(error)[:500])

    def forget(self, operator: OperatorId) -> None:
        """The operator is no more."""
        self._written.pop(operator, None)

    async def _keep_writing(self) -> None:
        while self._changed:
            await asyncio.sleep(GATHER_S)
            try:
                await self.write()
            except Exception as error:  # noqa: BLE001 - any driver's error: it is tried again
                log.warning("operators.not_remembered", error=str(error)[:500])
                await asyncio.sleep(STORE_S)

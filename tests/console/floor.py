"""What the served console has in place of phones: watches, previews that a test puts there."""

from __future__ import annotations

import msgspec

from ari_app.campaigns.ports import Preview
from ari_app.model.call import CallRecord
from ari_app.model.ids import (
    DEFAULT_CLIENT,
    AttemptId,
    CallbackId,
    CallId,
    ChannelId,
    OperatorId,
    QueueId,
)
from ari_app.model.routing import QueueRequest
from ari_app.model.watching import Mode, WatchView
from ari_app.model.work import Callback
from ari_app.ports import NotFound


class AnsweredWatches:
    """`ports.WatchDesk`: every phone that is rung answers at once."""

    def __init__(self) -> None:
        self.kept: dict[CallId, WatchView] = {}
        self.modes: list[Mode] = []
        _LAST.watches = self

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
        del own_leg
        ident = CallId(f"watch-{len(self.modes)}")
        self.modes.append(mode)
        view = WatchView(ident, watcher, DEFAULT_CLIENT, mode, by, call, target, answered=True, on=call)
        self.kept[ident] = view
        return view

    async def change(self, ident: CallId, mode: Mode, *, by: str) -> WatchView:
        del by
        self.modes.append(mode)
        self.kept[ident] = msgspec.structs.replace(self.kept[ident], mode=mode)
        return self.kept[ident]

    async def end(self, ident: CallId) -> None:
        del self.kept[ident]

    def watches(self) -> list[WatchView]:
        return list(self.kept.values())


class PutPreviews:
    """`PreviewDesk`: operators are shown what a test `put`s."""

    def __init__(self) -> None:
        self.shown: dict[OperatorId, Preview] = {}
        self.decided: list[tuple[str, ...]] = []
        _LAST.previews = self

    def pending(self, operator: OperatorId) -> Preview | None:
        return self.shown.get(operator)

    def accept(self, operator: OperatorId, attempt: AttemptId) -> Preview:
        self.decided.append(("accept", attempt))
        return self._take(operator)

    def skip(self, operator: OperatorId, attempt: AttemptId, reason: str, again_s: float = 3600.0) -> Preview:
        self.decided.append(("skip", attempt, reason, str(again_s)))
        return self._take(operator)

    def _take(self, operator: OperatorId) -> Preview:
        found = self.shown.pop(operator, None)
        if found is None:
            raise NotFound(f"operator {operator} is shown no contact")
        return found


async def called_back(record: CallRecord) -> Callback:
    """The line dropped: every queue calls back, at once."""
    request, at = QueueRequest(record.queue or QueueId("support")), record.started_at
    return Callback(
        CallbackId(f"cb-{record.id}"), record.id, record.caller, record.called, request, at, at, at
    )


class _Last:
    """Those that the house made last: it makes them itself, and keeps them to itself."""

    watches: AnsweredWatches
    previews: PutPreviews


_LAST = _Last()


def watches() -> AnsweredWatches:
    """Of the served house."""
    return _LAST.watches


def previews() -> PutPreviews:
    """Of the served house."""
    return _LAST.previews

"""Listening in (S2, S3): a supervisor or trainee whose phone hears, and may speak into, somebody's talks."""

from __future__ import annotations

from typing import Literal

import msgspec

from ari_app.model.ids import CallId, ChannelId, ClientId, OperatorId

Mode = Literal["listen", "whisper", "barge", "take_over"]
"""`whisper`: the operator alone hears him; `barge`: all do; `take_over`: the talk is his from now on."""


class Watch(msgspec.Struct):
    """One phone that listens. `call`: to one talk; `target`: to all of an operator's until it is ended."""

    id: CallId
    """Made like a call's id, because the phone's channel carries it as one does."""
    watcher: OperatorId
    client: ClientId
    mode: Mode
    by: str
    leg: ChannelId
    call: CallId | None = None
    target: OperatorId | None = None
    answered: bool = False
    on: CallId | None = None
    """The call that is listened to now."""
    ear: ChannelId | None = None
    """The snooping channel; None while nothing is heard, or when the phone itself is in the talk."""
    ears: int = 0

    @property
    def bridge(self) -> str:
        return f"ears~{self.id}"


class WatchView(msgspec.Struct, frozen=True):
    """A watch as it is shown."""

    id: CallId
    watcher: OperatorId
    client: ClientId
    mode: Mode
    by: str
    call: CallId | None
    target: OperatorId | None
    answered: bool
    on: CallId | None

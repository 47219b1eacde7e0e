"""Recordings: kept, found, heard, and steered while a call lives."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Literal, Protocol

import msgspec

from ari_app.model.ids import (
    CallId,
    ClientId,
    OperatorId,
    QueueId,
    RecordingId,
)
from ari_app.model.recording import Recording, RecordingStatus, Tape
from ari_app.ports.telephony import Outcome


class RecordingBook(Protocol):
    """Recordings in the store, as those who keep, check and delete them need them."""

    async def find(self, ident: RecordingId) -> Recording | None: ...

    async def of_call(self, call: CallId) -> list[Recording]: ...

    async def expired(self, now: float, *, store: str, limit: int = 100) -> list[Recording]:
        """Those that retention deletes now, and those of this store whose deletion was cut short."""
        ...

    async def begin_deletion(self, ident: RecordingId, *, why: str, now: float) -> bool:
        """Make it a tombstone; False: it is held, or there is none."""
        ...

    async def end_deletion(self, ident: RecordingId) -> None:
        """The file is gone."""
        ...

    async def mark(self, ident: RecordingId, status: RecordingStatus, detail: str) -> None: ...

    async def between(self, since: float, until: float) -> list[Recording]: ...

    async def sealed_by(self, keys: Sequence[str], *, limit: int = 200) -> list[Recording]: ...

    async def sealed_otherwise(self, keys: Sequence[str]) -> int:
        """How many recordings are sealed by none of these keys."""
        ...

    async def of_other_stores(self, store: str, *, after: RecordingId, limit: int = 256) -> list[Recording]:
        """Recordings with a file that name another store or none, by id."""
        ...

    async def put_store(self, idents: Sequence[RecordingId], store: str) -> None: ...

    async def put_key(self, ident: RecordingId, sealed_key: str, *, before: str) -> None: ...


class LiveRecordings(Protocol):
    """The recordings of calls that are going on, as people act on them."""

    def tape(self, call: CallId) -> Tape | None:
        """None: the call is not going on."""
        ...

    def talking_with(self, operator: OperatorId) -> CallId | None:
        """The call that an operator has now."""
        ...

    async def act(
        self,
        call: CallId,
        act: Literal["start", "pause", "resume", "withdraw"],
        *,
        by: str,
        max_s: float | None = None,
    ) -> Tape:
        """Raises `NotFound`, `IllegalTransition`, `PbxRefused`."""
        ...


class RecordingFilter(msgspec.Struct, frozen=True):
    """What a list of recordings is narrowed to; `caller` and all below ask for the recorded call (M8)."""

    client: ClientId | None = None
    call: CallId | None = None
    since: float | None = None
    until: float | None = None
    status: RecordingStatus | None = None
    text: str | None = None
    """Words of the transcript (M10)."""
    operator: OperatorId | None = None
    """Anybody who is to be heard in it."""
    caller: str | None = None
    queue: QueueId | None = None
    protocol: str | None = None
    disposition: str | None = None
    """The form that was written after the call."""


class VoiceSpool(Protocol):
    """Where the PBX keeps what callers said, until we have it."""

    async def fetch(self, name: str, write: Callable[[bytes], object]) -> Outcome:
        """Stream a finished recording: `GONE` there is none, `REFUSED` it is still being recorded."""
        ...

    async def stored(self) -> list[str] | None:
        """Names of all finished recordings; None when the PBX did not say."""
        ...

    async def delete(self, name: str) -> Outcome: ...


class Audible(Protocol):
    """Something with audio in the recordings folder."""

    @property
    def id(self) -> str: ...

    @property
    def file(self) -> str:
        """Path relative to the recordings folder; empty: none."""
        ...

    @property
    def sha256(self) -> str: ...


class AudioInfo(msgspec.Struct, frozen=True):
    """What is needed to send a recording's audio: bytes in all, media type, a tag that changes with them."""

    size: int
    media_type: str
    etag: str


class RecordingAudio(Protocol):
    """Reads the audio of recordings, wherever and however it is kept (folder, store, encrypted)."""

    async def describe(self, recording: Audible) -> AudioInfo | None:
        """None: there is no audio (any more)."""
        ...

    def read(self, recording: Audible, start: int, stop: int) -> AsyncIterator[bytes]:
        """The bytes from `start` up to, not including, `stop`, in pieces."""
        ...

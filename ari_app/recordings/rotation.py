"""Seal all data keys anew by a new key, while everything goes on (M7)."""

from __future__ import annotations

from collections.abc import Callable, Collection

import msgspec
import structlog

from ari_app.model.recording import Recording
from ari_app.ports import RecordingBook
from ari_app.recordings import manifest
from ari_app.recordings.keys import KeyRing
from ari_app.recordings.vault import Vault

log = structlog.get_logger()


class Rotation:
    """The audio stays as it is: only the keys in rows and manifests change."""

    def __init__(
        self, *, keys: KeyRing, book: RecordingBook, vault: Vault, pending: Callable[[], Collection[object]]
    ) -> None:
        """`pending` are recordings on their way to the database: an old key may be in their hands."""
        self._pending = pending
        self._keys = keys
        self._book = book
        self._vault = vault

    async def rotate(self) -> tuple[str, int]:
        """A new present key, and how many recordings are sealed by it now.

        Cut short, it is gone on with by `reseal`. Raises `StoreUnreachable`, `Damaged`.
        """
        ident = self._keys.rotate()
        return ident, await self.reseal()

    async def reseal(self) -> int:
        """Seal by the present key what old ones sealed, then drop those, unless any recording is pending."""
        count, idle = 0, not self._pending()
        while batch := await self._book.sealed_by(self._keys.old()):
            for recording in batch:
                await self._again(recording)
            count += len(batch)
        for old in self._keys.old() if idle else ():
            self._keys.forget(old)
        log.info("recording.keys_rotated", key=self._keys.current, recordings=count)
        return count

    async def _again(self, recording: Recording) -> None:
        data_key = self._keys.open(recording.sealed_key, recording.id)
        sealed = self._keys.seal(data_key, recording.id)
        changed = msgspec.structs.replace(recording, sealed_key=sealed)
        await self._vault.put(manifest.manifest_key(recording), manifest.encode(changed))
        await self._book.put_key(recording.id, sealed, before=recording.sealed_key)

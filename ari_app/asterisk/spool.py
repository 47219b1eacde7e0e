"""Messages on the PBX, recorded by ARI into its spool."""

from __future__ import annotations

from collections.abc import Callable

from ari_app.asterisk.ari import outcome as ari
from ari_app.asterisk.ari.connection import Connection
from ari_app.asterisk.ari.events import AnyEvent
from ari_app.asterisk.ari.frames import path
from ari_app.asterisk.telephony_channels import said
from ari_app.ports import Outcome


class PbxSpool:
    """`ports.VoiceSpool` over ARI: works whether or not we share a disk with the PBX."""

    def __init__(self, connection: Connection[AnyEvent]) -> None:
        self._connection = connection

    async def fetch(self, name: str, write: Callable[[bytes], object]) -> Outcome:
        """Stream a finished recording; `REFUSED` while it is still being recorded."""
        match await self._connection.shard(name).recordings.get_live(name):
            case ari.Ok():
                return Outcome.REFUSED
            case ari.Gone():
                pass
            case failure:
                return said(failure)
        uri = path("recordings", "stored", name, "file")
        try:
            return said(await self._connection.http.download(uri, write))
        except RuntimeError:  # between two connections there is no HTTP client
            return Outcome.UNKNOWN

    async def stored(self) -> list[str] | None:
        """Names of all finished recordings; None when the PBX did not say."""
        match await self._connection.shard("").recordings.list_stored():
            case ari.Ok(value=found):
                return [recording.name for recording in found]
            case _:
                return None

    async def delete(self, name: str) -> Outcome:
        """Throw a finished recording away."""
        return said(await self._connection.shard(name).recordings.delete_stored(name))

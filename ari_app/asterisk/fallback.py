"""Keep the dialplan's own queue in step with who is signed in, so that it serves callers without us (X3)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import structlog

from ari_app.asterisk.ami import Ami, AmiConnected, AmiNews, AmiOperations, AmiUnauthorized
from ari_app.asterisk.ari.outcome import Ok
from ari_app.model.ids import OperatorId

log = structlog.get_logger()

QUEUE = "ramal-fallback"
QUIET_S = 0.2
"""Changes within this time are sent together."""
AGAIN_S = 30.0
"""Compared with the PBX this often even when nothing changed."""


class FallbackSync:
    """Owns the members of the fallback queue. `wanted` gives them: operator → whether he is paused."""

    def __init__(self, wanted: Callable[[], Mapping[OperatorId, bool]]) -> None:
        self._wanted = wanted
        self._dirty = asyncio.Event()

    def changed(self) -> None:
        """Somebody signed in or out, paused, or was lost."""
        self._dirty.set()

    def on_news(self, news: AmiNews) -> None:
        """What the AMI connection tells of itself."""
        match news:
            case AmiConnected():
                self._dirty.set()
            case AmiUnauthorized(message=message):
                log.error("ami.unauthorized", message=message, hint="wrong AMI user or secret")
            case _:
                log.warning("ami.lost", news=str(news))

    async def run(self, ami: Ami) -> None:
        """Until cancelled."""
        operations = AmiOperations(ami)
        while True:
            try:
                async with asyncio.timeout(AGAIN_S):
                    await self._dirty.wait()
                await asyncio.sleep(QUIET_S)
            except TimeoutError:
                pass
            self._dirty.clear()
            if ami.is_connected:
                await self._sync(operations)

    async def _sync(self, pbx: AmiOperations) -> None:
        found = await pbx.queue_members(QUEUE)
        if not isinstance(found, Ok):
            log.warning("fallback.not_synced", answer=str(found))
            return
        have = {member.interface: member.is_paused for member in found.value}
        want = {f"PJSIP/{operator}": paused for operator, paused in self._wanted().items()}
        for interface in have.keys() - want.keys():
            await pbx.remove_from_queue(QUEUE, interface)
        for interface, paused in want.items():
            if interface not in have:
                await pbx.add_to_queue(QUEUE, interface, is_paused=paused)
            elif have[interface] is not paused:
                await pbx.pause_in_queue(QUEUE, interface, is_paused=paused)

"""Keep the dialplan's own queue in step with who is signed in, so that it serves callers without us (X3)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress

import structlog

from ari_app.asterisk.ami import Ami, AmiConnected, AmiNews, AmiOperations, AmiUnauthorized
from ari_app.asterisk.ari.outcome import Conflict, Gone, Ok, Outcome
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
        self._known: Mapping[OperatorId, bool] | None = None
        """The members that the PBX has as far as we know; None: to be asked."""

    def changed(self) -> None:
        """Something about an operator; what concerns no member changes nothing on the PBX."""
        self._dirty.set()

    def on_news(self, news: AmiNews) -> None:
        """What the AMI connection tells of itself."""
        match news:
            case AmiConnected():
                self._known = None
                self._dirty.set()
            case AmiUnauthorized(message=message):
                log.error("ami.unauthorized", message=message, hint="wrong AMI user or secret")
            case _:
                log.warning("ami.lost", news=str(news))

    async def run(self, ami: Ami) -> None:
        """Until cancelled."""
        operations = AmiOperations(ami)
        now = asyncio.get_running_loop().time
        compare_at = now() + AGAIN_S
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(compare_at):
                    await self._dirty.wait()
                await asyncio.sleep(QUIET_S)
            self._dirty.clear()
            if now() >= compare_at:
                self._known, compare_at = None, now() + AGAIN_S
            wanted = dict(self._wanted())
            if ami.is_connected and wanted != self._known:
                self._known = wanted if await self._sync(operations, wanted) else None

    async def _sync(self, pbx: AmiOperations, wanted: Mapping[OperatorId, bool]) -> bool:
        """Whether the PBX has exactly these now; if not, the next change or comparison tries again."""
        found = await pbx.queue_members(QUEUE)
        if not isinstance(found, Ok):
            log.warning("fallback.not_synced", answer=str(found))
            return False
        have = {member.interface: member.is_paused for member in found.value}
        want = {f"PJSIP/{operator}": paused for operator, paused in wanted.items()}
        done: list[Outcome[None]] = [
            await pbx.remove_from_queue(QUEUE, interface) for interface in have.keys() - want.keys()
        ]
        for interface, paused in want.items():
            if interface not in have:
                done.append(await pbx.add_to_queue(QUEUE, interface, is_paused=paused))
            elif have[interface] is not paused:
                done.append(await pbx.pause_in_queue(QUEUE, interface, is_paused=paused))
        return all(isinstance(outcome, Ok | Conflict | Gone) for outcome in done)

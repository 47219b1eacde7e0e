"""Bring home what callers said: from the PBX's spool into the recordings folder, as a work item (C14).

The item is written first, its audio fetched after; whatever is interrupted is taken up on the next connect.
Messages that callers threw away are deleted on the PBX; those the dialplan took while we were away are found.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import wave
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from ari_app.model.call import CallRecord
from ari_app.model.commands import KeepMessage
from ari_app.model.facts import MessageLeft
from ari_app.model.ids import CallId, QueueId, WorkItemId
from ari_app.model.work import WorkItem
from ari_app.ports import Clock, Journal, Outcome, Stamped, VoiceSpool, WorkItems

log = structlog.get_logger()

FOLDER = "messages"
LEAST_S = 1.0
"""Less was no message: somebody hung up on the beep."""
PATIENCE_S = 20.0
"""A recording that does not appear within this time after its call is lost."""
LOOK_AGAIN_S = 30.0
AGAIN_S = 0.5
STORE_AGAIN_S = 2.0
SETTLED_S = 5.0
"""A file of the dialplan that did not grow for this long is finished."""


@dataclass(frozen=True, slots=True)
class Audio:
    """A message's file, checked."""

    duration_s: float
    sha256: str


class Messages:
    """Owns the messages of the recordings folder. `live` tells which calls are still going on."""

    def __init__(
        self,
        folder: Path,
        *,
        spool: VoiceSpool,
        items: WorkItems,
        journal: Journal,
        clock: Clock,
        live: Callable[[], set[CallId]],
        default_queue: Callable[[], QueueId],
    ) -> None:
        self._folder = folder
        self._spool = spool
        self._items = items
        self._journal = journal
        self._clock = clock
        self._live = live
        self._default_queue = default_queue
        self._kept: dict[WorkItemId, WorkItem] = {}
        self._wake = asyncio.Event()
        self._connected = False

    def keep(self, record: CallRecord, file: str, command: KeepMessage) -> None:
        """Make a work item of a recorded message; `file` is its name on the PBX. Never waits."""
        item = WorkItem(
            id=WorkItemId(file.replace("~", "-")),
            kind=command.kind,
            queue=QueueId(command.queue) if command.queue else record.queue or self._default_queue(),
            call=record.id,
            caller=record.caller,
            called=record.called,
            created_at=self._clock.now(),
            client=record.client,
            source=file,
        )
        self._kept[item.id] = item
        self._wake.set()

    def connected(self) -> None:
        """The PBX is seen (again): look what lies there."""
        self._connected = True
        self._wake.set()

    def _home(self, item: WorkItem) -> Path:
        return self._folder / FOLDER / f"{item.id}.wav"

    async def run(self) -> None:
        """Work until cancelled; a store or PBX that is away is asked again."""
        (self._folder / FOLDER).mkdir(mode=0o700, parents=True, exist_ok=True)
        while True:
            try:
                async with asyncio.timeout(LOOK_AGAIN_S):
                    await self._wake.wait()
            except TimeoutError:
                self._connected = True
            self._wake.clear()
            try:
                await self._work()
            except Exception as error:  # noqa: BLE001 - a store that is away; nothing may be lost for it
                log.warning("message.not_stored_yet", error=str(error)[:300])
                await asyncio.sleep(STORE_AGAIN_S)
                self._wake.set()

    async def _work(self) -> None:
        while self._kept:
            ident, item = next(iter(self._kept.items()))
            await self._items.add_item(item)
            await self._fetch(item)
            self._kept.pop(ident, None)
        if self._connected:
            for item in await self._items.pending_items():
                if item.source:  # else it lies in our folder already: a voicemail of the dialplan
                    await self._fetch(item)
            await self._find_fallback()
            await self._clear()
            self._connected = False

    # --- one message ------------------------------------------------------------------------------------

    async def _fetch(self, item: WorkItem) -> None:
        """Get one message; while the PBX is away it stays pending."""
        path = self._home(item)
        deadline = self._clock.monotonic() + PATIENCE_S
        while (outcome := await self._download(item.source, path)) is not Outcome.DONE:
            if outcome is Outcome.UNKNOWN:
                return
            if self._clock.monotonic() > deadline:
                log.error("message.lost", call_id=item.call, source=item.source)
                await self._items.audio_missing(item.id)
                self._tell(item, 0.0)
                return
            await asyncio.sleep(AGAIN_S)
        await self._settle(item, path)
        await self._spool.delete(item.source)

    async def _download(self, source: str, path: Path) -> Outcome:
        part = path.with_suffix(".part")
        with await asyncio.to_thread(part.open, "wb") as file:
            outcome = await self._spool.fetch(source, file.write)
            file.flush()
            await asyncio.to_thread(os.fsync, file.fileno())
        if outcome is Outcome.DONE:
            await asyncio.to_thread(part.replace, path)
        else:
            part.unlink(missing_ok=True)
        return outcome

    async def _settle(self, item: WorkItem, path: Path) -> None:
        """The file is here: check it, put it in its place, tell of it. Done twice, nothing changes."""
        home = self._home(item)
        audio = await asyncio.to_thread(examine, path)
        if audio is None:
            log.error("message.unreadable", call_id=item.call, file=path.name)
            await self._items.audio_missing(item.id)
            self._tell(item, 0.0)
        elif audio.duration_s < LEAST_S:
            await self._items.drop_item(item.id)
            await asyncio.to_thread(path.unlink)
        else:
            name = str(home.relative_to(self._folder))
            await self._items.audio_stored(item.id, name, audio.duration_s, audio.sha256)
            await asyncio.to_thread(path.replace, home)
            self._tell(item, audio.duration_s)

    def _tell(self, item: WorkItem, duration_s: float) -> None:
        fact = MessageLeft(item.id, item.kind, item.queue, duration_s)
        self._journal.put_facts([Stamped(self._clock.now(), fact, item.call, item.client)])
        log.info("message.kept", call_id=item.call, kind=item.kind, queue=item.queue, duration_s=duration_s)

    # --- what lies about --------------------------------------------------------------------------------

    async def _find_fallback(self) -> None:
        """Voicemails that the dialplan took without us: `voicemail/<epoch>_<caller>_<called>_<call>.wav`."""
        for path in await asyncio.to_thread(_finished, self._folder / "voicemail", self._clock.now()):
            at, caller, called, call = ("", "", "", *path.stem.split("_"))[-4:]
            if CallId(call) in self._live():
                continue  # he may still speak: who sends no sound lets a file look finished
            item = WorkItem(
                id=WorkItemId(f"{call}-fallback"),
                kind="voicemail",
                queue=self._default_queue(),
                call=CallId(call),
                caller=caller,
                called=called,
                created_at=float(at) if at.isdigit() else self._clock.now(),
            )
            await self._items.add_item(item)
            await self._settle(item, path)
            if path.exists():  # no audio: told once, and kept for a person to look at
                await asyncio.to_thread(path.replace, path.with_suffix(".unreadable"))

    async def _clear(self) -> None:
        """Delete takes that nobody kept, once their call is over."""
        stored = await self._spool.stored()
        wanted = {item.source for item in (*self._kept.values(), *await self._items.pending_items())}
        for name in stored or ():
            call, separator, _ = name.rpartition("~")
            if separator and name not in wanted and CallId(call) not in self._live():
                log.info("message.deleted", source=name)
                await self._spool.delete(name)


def examine(path: Path) -> Audio | None:
    """Length and hash of a WAV file; None: it is none."""
    try:
        with wave.open(str(path), "rb") as audio:
            duration_s = audio.getnframes() / audio.getframerate()
        with path.open("rb") as file:
            return Audio(round(duration_s, 3), hashlib.file_digest(file, "sha256").hexdigest())
    except (OSError, wave.Error, EOFError, ZeroDivisionError):
        return None


def _finished(folder: Path, now: float) -> list[Path]:
    """Files that are not written any more, oldest first."""
    if not folder.is_dir():
        return []
    found = [(path.stat().st_mtime, path) for path in folder.glob("*.wav")]
    return [path for at, path in sorted(found) if now - at > SETTLED_S]

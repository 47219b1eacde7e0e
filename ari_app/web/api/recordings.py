"""`/recordings`: search, manifest, audio with byte ranges, gaps; every access to audio is audited (M8)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass

import structlog
from aiohttp import web

from ari_app.model.ids import CallId, OperatorId, QueueId, RecordingId
from ari_app.model.recording import Recording
from ari_app.ports import NotFound, RecordingAudio, RecordingFilter
from ari_app.web.api.inputs import Key, Moment, Paged, Text, epoch
from ari_app.web.problems import HttpRefusal
from ari_app.web.ranges import RangeNotSatisfiable, parse_range
from ari_app.web.route import READERS, STAFF, Ask, Route
from ari_app.web.stores import Recordings
from ari_app.web.views import CallOut, Listing, RecordingOut, call_out, recording_out

log = structlog.get_logger(__name__)

GRACE_S = 5.0
"""A call that ended this recently may still have its recording being closed: no gap yet."""
_STALLED_S = 30.0


class RecordingQuery(Paged, frozen=True, forbid_unknown_fields=True, rename={"caller": "from"}, kw_only=True):
    """What a list of recordings is narrowed to; number, operator, queue and protocol are the call's."""

    call_id: Text | None = None
    caller: Text | None = None
    operator: Text | None = None
    queue: Key | None = None
    protocol: Text | None = None
    since: Moment | None = None
    until: Moment | None = None


@dataclass(frozen=True, slots=True)
class RecordingsApi:
    """Recordings. `recorded` tells the queues whose calls must have one; None: every queue."""

    archive: Recordings
    audio: RecordingAudio
    recorded: Callable[[], Collection[QueueId] | None]

    def routes(self) -> list[Route]:
        return [
            Route(
                "GET",
                "/recordings",
                self.recordings,
                "Recordings, newest first",
                READERS,
                query=RecordingQuery,
                answer=Listing[RecordingOut],
            ),
            Route(
                "GET",
                "/recordings/gaps",
                self.gaps,
                "Answered calls of recorded queues without a whole recording",
                STAFF,
                answer=Listing[CallOut],
            ),
            Route(
                "GET",
                "/recordings/{id}",
                self.recording,
                "One recording's manifest",
                READERS,
                answer=RecordingOut,
                problems=(404,),
                audited=True,
            ),
            Route(
                "GET",
                "/recordings/{id}/audio",
                self.send_audio,
                "The audio; byte ranges are served",
                READERS,
                media_type="audio/wav",
                problems=(404, 416),
                audited=True,
                timeout_s=None,
            ),
        ]

    async def recordings(self, ask: Ask) -> Listing[RecordingOut]:
        query: RecordingQuery = ask.query
        wanted = RecordingFilter(
            client=ask.principal.client,
            call=None if query.call_id is None else CallId(query.call_id),
            since=epoch(query.since),
            until=epoch(query.until),
            caller=query.caller,
            operator=None if query.operator is None else OperatorId(query.operator),
            queue=None if query.queue is None else QueueId(query.queue),
            protocol=query.protocol,
        )
        page = await self.archive.recordings(wanted, cursor=query.cursor, limit=query.limit)
        return Listing([recording_out(recording) for recording in page.items], page.next)

    async def gaps(self, ask: Ask) -> Listing[CallOut]:
        records = await self.archive.gaps(
            self.recorded(), ended_before=ask.now - GRACE_S, client=ask.principal.client
        )
        return Listing([call_out(record) for record in records])

    async def recording(self, ask: Ask) -> RecordingOut:
        return recording_out(await self._visible(ask))

    async def send_audio(self, ask: Ask) -> web.StreamResponse:
        recording = await self._visible(ask)
        info = await self.audio.describe(recording)
        if info is None:
            raise NotFound(f"recording {recording.id} has no audio")
        headers = {"Accept-Ranges": "bytes", "ETag": f'"{info.etag}"', "Cache-Control": "private, no-store"}
        asked = ask.request.headers.get("Range")
        if_range = ask.request.headers.get("If-Range")
        try:
            part = parse_range(asked, info.size) if if_range in {None, headers["ETag"]} else None
        except RangeNotSatisfiable as error:
            raise HttpRefusal(416, str(error), headers={"Content-Range": f"bytes */{info.size}"}) from error
        start, stop = part or (0, info.size)
        if part:
            headers["Content-Range"] = f"bytes {start}-{stop - 1}/{info.size}"
        response = web.StreamResponse(status=206 if part else 200, headers=headers)
        response.content_type = info.media_type
        response.content_length = stop - start
        await ask.record(response.status)
        await response.prepare(ask.request)
        await self._stream(recording, start, stop, ask.request, response)
        return response

    async def _stream(
        self, recording: Recording, start: int, stop: int, request: web.Request, response: web.StreamResponse
    ) -> None:
        """Send the bytes. What fails now can only be told by cutting the connection short of its length."""
        try:
            async for piece in self.audio.read(recording, start, stop):
                async with asyncio.timeout(_STALLED_S):
                    await response.write(piece)
                start += len(piece)
            if start < stop:
                raise EOFError(f"{stop - start} bytes are missing")  # noqa: TRY301 - told below like the rest
            await response.write_eof()
        except (OSError, EOFError, TimeoutError) as error:
            log.warning("web.audio_cut", recording=recording.id, error=repr(error))
            if request.transport is not None:
                request.transport.abort()

    async def _visible(self, ask: Ask) -> Recording:
        ident = ask.path["id"]
        recording = await self.archive.recording(RecordingId(ident))
        if recording is None:
            raise NotFound(f"recording {ident} does not exist")
        ask.principal.must_own(recording.client, f"recording {ident}")
        return recording

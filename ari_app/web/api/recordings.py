"""`/recordings`: search, manifest, audio with byte ranges, gaps; every access to audio is audited (M8)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Literal

import msgspec
from aiohttp import web

from ari_app.model.ids import CallId, OperatorId, QueueId, RecordingId
from ari_app.model.recording import Recording, RecordingStatus
from ari_app.ports import NotFound, RecordingAudio, RecordingFilter
from ari_app.web.api.inputs import Key, Moment, Paged, Text, epoch
from ari_app.web.audio import send_audio
from ari_app.web.route import READERS, STAFF, Ask, Route
from ari_app.web.stores import PeakStore, Recordings
from ari_app.web.views import CallOut, Listing, RecordingOut, call_out, recording_out

GRACE_S = 5.0
"""A call that ended this recently may still have its recording being closed: no gap yet."""


class RecordingQuery(Paged, frozen=True, forbid_unknown_fields=True, rename={"caller": "from"}, kw_only=True):
    """What a list of recordings is narrowed to; number, operator, queue and protocol are the call's."""

    call_id: Text | None = None
    caller: Text | None = None
    operator: Text | None = None
    queue: Key | None = None
    protocol: Text | None = None
    disposition: Key | None = None
    status: RecordingStatus | None = None
    text: Text | None = None
    since: Moment | None = None
    until: Moment | None = None


class AudioQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`wav` is decoded on the fly; `stored` is what is kept (FLAC, Opus). `Accept` may ask for it too."""

    format: Literal["wav", "stored"] | None = None


class PeaksOut(msgspec.Struct, frozen=True):
    """Loudness from 0 to 255, slice by slice, for the waveform."""

    slices: int
    duration_s: float
    caller: list[int]
    operator: list[int]


@dataclass(frozen=True, slots=True)
class RecordingsApi:
    """Recordings. `pending` tells the calls whose recording is being made whole."""

    archive: Recordings
    audio: RecordingAudio
    as_stored: RecordingAudio
    peaks: PeakStore
    pending: Callable[[], Collection[CallId]]

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
                "Answered calls that were to be recorded and have no whole recording",
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
                query=AudioQuery,
                media_type="audio/wav",
                problems=(404, 409, 416),
                audited=True,
                timeout_s=None,
            ),
            Route(
                "GET",
                "/recordings/{id}/peaks",
                self.send_peaks,
                "The waveform",
                READERS,
                answer=PeaksOut,
                problems=(404,),
                audited=True,
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
            disposition=query.disposition,
            status=query.status,
            text=query.text,
        )
        page = await self.archive.recordings(wanted, cursor=query.cursor, limit=query.limit)
        return Listing([recording_out(recording) for recording in page.items], page.next)

    async def gaps(self, ask: Ask) -> Listing[CallOut]:
        records = await self.archive.gaps(
            self.pending(), ended_before=ask.now - GRACE_S, client=ask.principal.client
        )
        return Listing([call_out(record) for record in records])

    async def recording(self, ask: Ask) -> RecordingOut:
        return recording_out(await self._visible(ask))

    async def send_audio(self, ask: Ask) -> web.StreamResponse:
        query: AudioQuery = ask.query
        accepted = ask.request.headers.get("Accept", "")
        wanted = query.format or ("stored" if accepted.startswith(("audio/flac", "audio/ogg")) else "wav")
        audio = self.as_stored if wanted == "stored" else self.audio
        return await send_audio(ask, audio, await self._visible(ask))

    async def send_peaks(self, ask: Ask) -> PeaksOut:
        recording = await self._visible(ask)
        peaks = await self.peaks.peaks(recording.id)
        if peaks is None:
            raise NotFound(f"recording {recording.id} has no waveform")
        middle = len(peaks) // 2
        return PeaksOut(middle, recording.duration_s, list(peaks[:middle]), list(peaks[middle:]))

    async def _visible(self, ask: Ask) -> Recording:
        return await visible(self.archive, ask)


async def visible(archive: Recordings, ask: Ask) -> Recording:
    """The recording of the path. Raises `NotFound`, also for one of another client."""
    ident = ask.path["id"]
    recording = await archive.recording(RecordingId(ident))
    if recording is None:
        raise NotFound(f"recording {ident} does not exist")
    ask.principal.must_own(recording.client, f"recording {ident}")
    return recording

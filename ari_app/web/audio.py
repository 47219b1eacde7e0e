"""Send audio: whole or the range that a player asks for, and audited before the first byte (M8)."""

from __future__ import annotations

import asyncio

import structlog
from aiohttp import web

from ari_app.ports import Audible, NotFound, RecordingAudio
from ari_app.web.problems import HttpRefusal
from ari_app.web.ranges import RangeNotSatisfiable, parse_range
from ari_app.web.route import Ask

log = structlog.get_logger(__name__)

_STALLED_S = 30.0


async def send_audio(ask: Ask, audio: RecordingAudio, thing: Audible) -> web.StreamResponse:
    """The answer to a request for a thing's audio. Raises `NotFound` when there is none (any more)."""
    info = await audio.describe(thing)
    if info is None:
        raise NotFound(f"{thing.id} has no audio")
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
    await _stream(audio, thing, start, stop, ask.request, response)
    return response


async def _stream(
    audio: RecordingAudio,
    thing: Audible,
    start: int,
    stop: int,
    request: web.Request,
    response: web.StreamResponse,
) -> None:
    """Send the bytes. What fails now can only be told by cutting the connection short of its length."""
    try:
        async for piece in audio.read(thing, start, stop):
            async with asyncio.timeout(_STALLED_S):
                await response.write(piece)
            start += len(piece)
        if start < stop:
            raise EOFError(f"{stop - start} bytes are missing")  # noqa: TRY301 - told below like the rest
        await response.write_eof()
    except (OSError, EOFError, TimeoutError) as error:
        log.warning("web.audio_cut", id=thing.id, error=repr(error))
        if request.transport is not None:
            request.transport.abort()

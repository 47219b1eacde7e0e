"""REST over WebSocket, Asterisk 22.4 and newer: the frames of a request and its reply.

Source: "ARI REST over WebSocket" in Asterisk's documentation and res/ari/ari_websocket_requests.c.
`query_strings` are taken as they are; the segments of `uri` are percent-decoded by Asterisk, and `+` is
decoded as a space there, so segments are quoted without any safe character.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import quote

import msgspec
from msgspec import Struct

LARGEST_FRAME = 48_000
"""Bytes a request may have: Asterisk closes the socket (1009) somewhere above 60 kB."""


class NameValue(Struct, frozen=True, gc=False):
    """A query parameter."""

    name: str
    value: str


class RESTRequest(Struct, frozen=True, tag_field="type", tag=True, omit_defaults=True):
    """A request to send; `request_id` comes back in the reply."""

    request_id: str
    method: str
    uri: str
    query_strings: list[NameValue] = []
    content_type: str = ""
    message_body: str = ""


class RESTResponse(Struct, frozen=True, tag_field="type", tag=True):
    """The reply; `message_body` is JSON text, empty where Asterisk has nothing to say."""

    request_id: str = ""
    status_code: int = 0
    reason_phrase: str = ""
    message_body: str = ""


class _Problem(Struct):
    message: str = ""
    error: str = ""


_encoder = msgspec.json.Encoder()
_decode_response = msgspec.json.Decoder(RESTResponse).decode
_decode_problem = msgspec.json.Decoder(_Problem).decode


_is_plain = re.compile(r"[A-Za-z0-9._~-]*", re.ASCII).fullmatch


@lru_cache(1024)
def _quoted(segment: str) -> str:
    return quote(segment, safe="")


def path(*segments: str) -> str:
    """Joins path segments, quoting what a hostile id could contain: `path("channels", id, "play")`."""
    return "/".join([segment if _is_plain(segment) else _quoted(segment) for segment in segments])


def encode_request(
    request_id: str, method: str, uri: str, query: Mapping[str, str] | None, body: object | None
) -> bytes:
    """The frame of one request; `body` is anything msgspec can write as JSON."""
    return _encoder.encode(
        RESTRequest(
            request_id=request_id,
            method=method,
            uri=uri,
            query_strings=[NameValue(name, value) for name, value in query.items()] if query else [],
            content_type="" if body is None else "application/json",
            message_body="" if body is None else _encoder.encode(body).decode(),
        )
    )


def decode_response(text: str) -> RESTResponse | None:
    """The reply in a text frame, or None where the frame is something else."""
    if '"RESTResponse"' not in text:
        return None
    try:
        return _decode_response(text)
    except msgspec.DecodeError:
        return None


def problem(reason: str, body: str) -> str:
    """What Asterisk says went wrong, from the reply's body if it tells, else its reason phrase."""
    try:
        told = _decode_problem(body)
    except msgspec.DecodeError:
        return reason
    return told.message or told.error or reason


def template(uri: str) -> str:
    """A path without its ids, for figures: `channels/1700.5/play` → `channels/{id}/play`."""
    kind, *rest = uri.split("/", 3)
    return "/".join((kind, "{id}", *rest[1:2])) if rest else kind

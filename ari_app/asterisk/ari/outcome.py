"""What a request to Asterisk can come to, as values.

A caller who hung up a moment ago, an id that is already in use, a connection that broke: these are
everyday results and the code that asked must look at them. They are therefore returned, never raised::

    match await ari.channels.answer(channel_id):
        case Ok():
            ...
        case Gone():
            ...  # the caller hung up: nothing to do
        case Conflict() | Refused() | Unavailable() as failure:
            log.warning("answer failed: %s", failure)

Exceptions are left for bugs: `ProtocolError` when a reply is not what the operation promises.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Literal, TypeAlias, TypeVar

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True, slots=True)
class Ok(Generic[T]):
    """Asterisk did it; `value` is what it answered (None where it answers nothing)."""

    value: T


@dataclass(frozen=True, slots=True)
class Gone:
    """The channel, bridge, playback or other object does not exist (any more): 404."""

    message: str = "not found"


@dataclass(frozen=True, slots=True)
class Conflict:
    """The object exists but is in the wrong state, or the chosen id is in use: 409, 412.

    Also 422 "Channel not in Stasis application", which addChannel answers where others say 409.
    """

    message: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Asterisk understood and will not do it: any other 4xx. Asking again is useless."""

    status: int
    message: str


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Asterisk could not be asked, or did not answer in time, or failed: 5xx, timeout, disconnected.

    `in_doubt` is True when the request was sent and no answer came: it may have been carried out.
    Whoever must not do a thing twice asks for the object by its chosen id before trying again.
    """

    reason: Literal["disconnected", "timeout", "replaced", "server_error"]
    in_doubt: bool
    message: str = ""


Failure: TypeAlias = Gone | Conflict | Refused | Unavailable
Outcome: TypeAlias = Ok[T] | Gone | Conflict | Refused | Unavailable


class ProtocolError(Exception):
    """A reply that is not what the operation promises: a bug here or in this Asterisk's version."""


def from_status(status: int, message: str) -> Failure:
    """Sorts an HTTP status outside 2xx into the failure it means."""
    lowered = message.lower()
    if status == 404 or (status == 400 and "channel not found" in lowered):
        return Gone(message)
    if status in (409, 412) or (status == 422 and "not in stasis" in lowered):
        return Conflict(message)
    if 400 <= status < 500:
        return Refused(status, message)
    return Unavailable("server_error", in_doubt=False, message=f"{status} {message}")

"""An ARI client for asyncio: typed, in ari-py's vocabulary, with REST over WebSocket.

Two surfaces. `connect` gives the everyday one, which reads as ari-py code does with `await` added.
`Connection` and `Operations` are the typed, fast one: outcomes instead of exceptions, ids chosen first,
requests of one call in order, news of every loss. This package imports nothing else of the project.
"""

from __future__ import annotations

from ari_app.asterisk.ari.connection import Connection
from ari_app.asterisk.ari.events import AnyEvent, Event, UnknownEvent, decode
from ari_app.asterisk.ari.everyday import Client, HTTPError, connect
from ari_app.asterisk.ari.ids import new_id
from ari_app.asterisk.ari.news import Connected, Disconnected, News, Replaced, Unauthorized
from ari_app.asterisk.ari.operations import Operations
from ari_app.asterisk.ari.outcome import (
    Conflict,
    Failure,
    Gone,
    Ok,
    Outcome,
    ProtocolError,
    Refused,
    Unavailable,
)
from ari_app.asterisk.ari.settings import Settings

__all__ = [
    "AnyEvent",
    "Client",
    "Conflict",
    "Connected",
    "Connection",
    "Disconnected",
    "Event",
    "Failure",
    "Gone",
    "HTTPError",
    "News",
    "Ok",
    "Operations",
    "Outcome",
    "ProtocolError",
    "Refused",
    "Replaced",
    "Settings",
    "Unauthorized",
    "Unavailable",
    "UnknownEvent",
    "connect",
    "decode",
    "new_id",
]

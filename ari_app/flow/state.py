"""What a call's flow remembers between two signals; immutable, and survives restarts as bytes."""

from __future__ import annotations

import zlib
from typing import Any

import msgspec

from ari_app.model.ids import (
    DEFAULT_CLIENT,
    ClientId,
    FlowId,
    FlowVersion,
    Language,
    NodeId,
    OperatorId,
    Protocol,
)

FORMAT = 1
"""Raised when stored states of before can no longer be read."""

_HEADER = b"RF"


class StateUnreadable(ValueError):  # noqa: N818 - named for what it tells
    """Stored bytes are damaged or of a format this version does not know; use `engine.rescue`."""


class Wait(msgspec.Struct, frozen=True):
    """Where and for what a node waits; the fields beyond `stage` are the node's to use."""

    stage: str
    attempt: int = 0
    digits: str = ""
    notes: dict[str, Any] = {}


class Armed(msgspec.Struct, frozen=True):
    """A running timer: the node's short name, the unique name the shell knows, and when it is due."""

    name: str
    unique: str
    due: float


class Frame(msgspec.Struct, frozen=True):
    """A flow that steers the call; sub-flows stack. `variables` are this flow's own."""

    flow: FlowId
    version: FlowVersion
    node: NodeId
    variables: dict[str, Any] = {}


class State(msgspec.Struct, frozen=True):
    """A call as its flow sees it. `frames` has the innermost flow last and is empty only when finished."""

    frames: tuple[Frame, ...]
    called: str
    caller: str
    language: Language
    started_at: float
    root: tuple[FlowId, FlowVersion]
    pins: dict[FlowId, FlowVersion] = {}
    """The versions of sub-flows that this call keeps to the end."""
    caller_name: str = ""
    direction: str = "inbound"
    client: ClientId = DEFAULT_CLIENT
    wait: Wait | None = None
    timers: tuple[Armed, ...] = ()
    serial: int = 0
    answered: bool = False
    playing: str = ""
    """The playback that runs, if any."""
    music: bool = False
    queued: bool = False
    finished: bool = False
    digits: str = ""
    """All keys of the call in order, bounded; secrets are `*`."""
    typeahead: str = ""
    masks: bool = False
    """Somewhere on this call's ways secrets are keyed in: keys pressed ahead are not shown."""
    needs: dict[str, int] = {}
    """Skills that the caller needs wherever he is queued (his language, say)."""
    operator: OperatorId | None = None
    protocol: Protocol | None = None
    consent: bool | None = None
    rung: int = 0
    """How far down the ladder of safe exits this call is: 0 none, 1 the flow's, 2 the built-in, 3 hang up."""

    @property
    def flow(self) -> FlowId:
        """The flow that the call came in by."""
        return self.root[0]

    @property
    def version(self) -> FlowVersion:
        return self.root[1]

    @property
    def frame(self) -> Frame:
        return self.frames[-1]

    @property
    def node(self) -> NodeId:
        return self.frames[-1].node if self.frames else NodeId("")

    @property
    def variables(self) -> dict[str, Any]:
        """The variables of the flow that steers the call now."""
        return self.frames[-1].variables if self.frames else {}


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(State)


def encode(state: State) -> bytes:
    """The state as bytes, with a header that names the format."""
    body = _encoder.encode(state)
    return _HEADER + bytes((FORMAT,)) + zlib.crc32(body).to_bytes(4, "big") + body


def decode(data: bytes) -> State:
    """The state from bytes. Raises `StateUnreadable`."""
    if data[:2] != _HEADER or len(data) < 4:
        raise StateUnreadable("not a stored flow state")
    if data[2] != FORMAT:
        raise StateUnreadable(f"stored in format {data[2]}, this version reads format {FORMAT}")
    if int.from_bytes(data[3:7], "big") != zlib.crc32(data[7:]):
        raise StateUnreadable("damaged flow state: wrong checksum")
    try:
        return _decoder.decode(data[7:])
    except msgspec.DecodeError as error:
        raise StateUnreadable(f"damaged flow state: {error}") from error

"""Structured logs: dotted event names, fields, the call's id everywhere, telephone numbers masked (X11).

Our own events and those of the libraries come out alike, as JSON lines or for a terminal. A traceback never
carries local variables: they hold numbers and secrets.
"""

from __future__ import annotations

import logging
import re
import sys
from typing import Any, Literal, TextIO

import msgspec
import structlog
from structlog.types import EventDict, Processor, WrappedLogger

from ari_app.model.ids import CallId

_NUMBER_FIELDS = frozenset(
    {"caller", "called", "from", "to", "from_number", "to_number", "number", "phone", "callee", "caller_id"}
)
_IDS = frozenset(
    {"id", "call", "channel", "bridge", "playback", "recording", "offer", "protocol", "version", "timestamp"}
)
_NUMBER = re.compile(r"(?<![\w.+-])\+?\d{8,15}(?![\w.-])", re.ASCII)
_LEAST = 8
"""What is shorter holds no number that `_NUMBER` finds."""
_SHORT = 6
"""Numbers of fewer digits are extensions and services, no personal data."""


def mask_number(number: str) -> str:
    """`+5511988887777` as `+55*********77`: enough to tell calls apart, not enough to dial."""
    digits = sum(character.isdigit() for character in number)
    if digits < _SHORT:
        return number
    head = 3 if number.startswith("+") else 2
    return number[:head] + "*" * (len(number) - head - 2) + number[-2:]


def _masked(name: str, value: Any) -> Any:
    if isinstance(value, str):
        if name in _NUMBER_FIELDS:
            return mask_number(value)
        if len(value) < _LEAST or name in _IDS or name.endswith("_id"):
            return value
        return _NUMBER.sub(lambda match: mask_number(match.group()), value)
    if isinstance(value, dict):
        return {key: _masked(str(key), item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(name, item) for item in value]
    return value


def mask_numbers(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """A structlog processor: masks fields that hold numbers, and numbers inside other texts."""
    for name, value in event.items():
        if not isinstance(value, int | float | None):
            event[name] = _masked(name, value)
    return event


def bind_call(call: CallId) -> None:
    """Have every event of the current task (and those it starts) carry this call's id."""
    structlog.contextvars.bind_contextvars(call_id=call)


def _as_json(event: EventDict, **_: Any) -> str:
    return msgspec.json.encode(event, enc_hook=repr).decode()


class _Lines:
    """Where our own events end, rendered: straight into the stream, because the way through the standard
    library's handlers and formatter costs more than twice as much. Like those, it never raises.
    """

    __slots__ = ("_stream", "name")

    def __init__(self, name: str, stream: TextIO) -> None:
        self.name = name
        self._stream = stream

    def msg(self, line: str) -> None:
        try:
            self._stream.write(line + "\n")
            self._stream.flush()
        except (OSError, ValueError):
            pass  # a log that is gone must not end a call

    debug = info = warning = error = critical = msg


def configure_logs(
    style: Literal["json", "console"], *, level: str = "info", stream: TextIO | None = None
) -> None:
    """Set logging up for the process, once. Raises `ValueError` for an unknown level."""
    stream = stream or sys.stderr
    threshold = logging.getLevelNamesMapping().get(level.upper())
    if threshold is None:
        raise ValueError(f"log level {level!r} is none of debug, info, warning, error")
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        mask_numbers,
    ]
    last: Processor
    if style == "json":
        last = structlog.processors.JSONRenderer(serializer=_as_json)
    else:
        last = structlog.dev.ConsoleRenderer(
            colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(threshold)
    for chatty in ("aiosqlite", "alembic", "asyncio", "sqlalchemy"):
        logging.getLogger(chatty).setLevel(max(threshold, logging.WARNING))
    names = structlog.stdlib.LoggerFactory(ignore_frame_names=[__name__])
    structlog.configure(
        processors=[*shared, last],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=lambda *given: _Lines(names(*given).name, stream),
        cache_logger_on_first_use=True,
    )

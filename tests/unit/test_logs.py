"""Logs: JSON lines, masked numbers, the call's id bound once."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from ari_app.logs import bind_call, configure_logs, mask_number, mask_numbers
from ari_app.model.ids import CallId


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, settings = (root.handlers[:], root.level), structlog.get_config()
    out = io.StringIO()
    configure_logs("json", stream=out)
    yield out
    structlog.configure(**settings)
    root.handlers[:], root.level = before


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("+5511988887777", "+55*********77"),
        ("11988887777", "11*******77"),
        ("1005", "1005"),
        ("", ""),
    ],
)
def test_X11_numbers_are_masked_and_extensions_are_not(number: str, masked: str) -> None:
    assert mask_number(number) == masked


def test_X11_numbers_inside_texts_are_masked_and_ids_are_kept() -> None:
    event = {
        "event": "call.started",
        "caller": "+5511988887777",
        "error": "cannot dial +5511988887777 (busy)",
        "fields": {"to": "11988887777", "tries": [1, "5521977776666"]},
        "call_id": "1700000000.12",
        "channel": "PJSIP/1005-00000012",
        "at": "2026-01-02T03:04:05.678Z",
        "attempt": 3,
    }
    text = json.dumps(mask_numbers(None, "info", event))
    assert "88887777" not in text
    assert "77776666" not in text
    assert event["call_id"] == "1700000000.12"
    assert event["channel"] == "PJSIP/1005-00000012"
    assert event["at"] == "2026-01-02T03:04:05.678Z"


async def test_X11_each_line_is_json_with_the_calls_id(stream: io.StringIO) -> None:
    log = structlog.get_logger("ari_app.calls")

    async def session(call: str) -> None:
        bind_call(CallId(call))
        await asyncio.sleep(0)
        log.info("call.answered", caller="+5511988887777")

    async with asyncio.TaskGroup() as group:
        group.create_task(session("a"))
        group.create_task(session("b"))
    log.info("app.idle")
    first, second, third = lines(stream)
    assert {first["call_id"], second["call_id"]} == {"a", "b"}
    assert "call_id" not in third
    assert first["event"] == "call.answered"
    assert first["level"] == "info"
    assert first["caller"] == "+55*********77"


def test_X11_tracebacks_carry_no_local_variables(stream: io.StringIO) -> None:
    def fail(password: str) -> None:
        raise RuntimeError("it broke")

    try:
        fail("hidden" + "-" + "word")
    except RuntimeError:
        structlog.get_logger("x").exception("app.fault")
    logging.getLogger("a.library").warning("called +5511988887777")
    ours, theirs = lines(stream)
    assert "it broke" in ours["exception"]
    assert "hidden-word" not in stream.getvalue()
    assert theirs["event"] == "called +55*********77"
    assert theirs["logger"] == "a.library"


def test_an_unknown_level_is_told() -> None:
    with pytest.raises(ValueError, match="loud"):
        configure_logs("json", level="loud")


def test_a_terminal_gets_the_same_masked_and_without_warnings() -> None:
    root = logging.getLogger()
    before, settings = (root.handlers[:], root.level), structlog.get_config()
    out = io.StringIO()
    configure_logs("console", level="debug", stream=out)
    try:
        try:
            int("dial +5511988887777")
        except ValueError:
            structlog.get_logger("x").exception("app.fault", caller="+5511988887777")
        logging.getLogger("a.library").warning("called +5511988887777")
    finally:
        structlog.configure(**settings)
        root.handlers[:], root.level = before
    assert "88887777" not in out.getvalue()
    assert "app.fault" in out.getvalue()
    assert "ValueError" in out.getvalue()


def test_X11_a_log_that_is_gone_ends_no_call(stream: io.StringIO) -> None:
    log = structlog.get_logger("calls")
    stream.close()
    log.info("call.answered")
    assert stream.closed

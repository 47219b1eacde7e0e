"""The parts of the ARI client that need no network."""

from __future__ import annotations

import json
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ari_app.asterisk.ari import Conflict, Gone, Refused, Unavailable, UnknownEvent, decode, new_id
from ari_app.asterisk.ari.backoff import Backoff
from ari_app.asterisk.ari.everyday.catalogue import CALLS
from ari_app.asterisk.ari.frames import decode_response, encode_request, path, problem
from ari_app.asterisk.ari.outcome import Failure, from_status
from ari_app.asterisk.ari.setup import filter_body


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (404, "Channel not found", Gone),
        (400, "Channel not found: x", Gone),
        (400, "Invalid reason", Refused),
        (409, "Channel not in Stasis application", Conflict),
        (412, "Channel in invalid state", Conflict),
        (422, "Channel not in Stasis application", Conflict),
        (422, "Event source does not exist", Refused),
        (405, "Invalid method", Refused),
        (500, "Allocation failed", Unavailable),
        (503, "Service unavailable", Unavailable),
    ],
)
def test_each_status_means_one_failure(status: int, message: str, kind: type[Failure]) -> None:
    assert isinstance(from_status(status, message), kind)


def test_a_server_error_is_an_answer_and_so_not_in_doubt() -> None:
    failure = from_status(500, "Allocation failed")
    assert isinstance(failure, Unavailable)
    assert not failure.in_doubt


def test_the_first_try_is_fast_and_the_wait_is_capped() -> None:
    backoff, random = Backoff(0.1, 2.0), Random(7)
    waits = [backoff.delay(failures, random) for failures in (1, 2, 3, 6, 100, 10_000)]
    assert 0.05 <= waits[0] <= 0.1
    assert all(wait <= 2.0 for wait in waits)
    assert waits[-1] >= 1.0


@given(st.text(min_size=1))
def test_a_path_segment_stays_one_segment(segment: str) -> None:
    try:
        segment.encode()
    except UnicodeEncodeError:
        return
    made = path("channels", segment, "play")
    assert made.count("/") == 2
    assert not set(made) & set("?#&+ \"'\n")


def test_a_request_frame_is_what_asterisk_reads() -> None:
    frame = json.loads(encode_request("7", "POST", "channels/c1", {"a": "é&"}, {"variables": {"X": "1"}}))
    assert frame == {
        "type": "RESTRequest",
        "request_id": "7",
        "method": "POST",
        "uri": "channels/c1",
        "query_strings": [{"name": "a", "value": "é&"}],
        "content_type": "application/json",
        "message_body": '{"variables":{"X":"1"}}',
    }
    bare = json.loads(encode_request("8", "GET", "channels", None, None))
    assert bare == {"type": "RESTRequest", "request_id": "8", "method": "GET", "uri": "channels"}


def test_only_replies_are_taken_for_replies() -> None:
    assert decode_response('{"type":"RESTResponse","request_id":"1","status_code":204}') is not None
    assert decode_response('{"type":"ChannelUserevent","eventname":"RESTResponse"}') is None
    assert decode_response('{"type":"StasisStart"}') is None


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ('{"message":"gone"}', "gone"),
        ('{"error":"Allocation failed"}', "Allocation failed"),
        ("", "why"),
        ("<", "why"),
    ],
)
def test_the_problem_is_told_in_asterisks_words(body: str, told: str) -> None:
    assert problem("why", body) == told


def test_an_allowed_list_always_lets_replies_through() -> None:
    body = filter_body(("StasisStart",), ("ChannelVarset", "ChannelVarset"))
    assert [item["type"] for item in body["allowed"]] == [
        "StasisStart",
        "RESTResponse",
        "ApplicationReplaced",
    ]
    assert body["disallowed"] == [{"type": "ChannelVarset"}]
    assert filter_body((), ()) == {"allowed": [], "disallowed": []}


@given(st.text(max_size=200))
def test_decode_never_raises(text: str) -> None:
    decode(text)


@given(st.recursive(st.none() | st.integers() | st.text(max_size=8), lambda kids: st.lists(kids, max_size=3)))
def test_a_known_type_in_a_strange_shape_is_unknown(value: object) -> None:
    event = decode(msgspec.json.encode({"type": "StasisStart", "channel": value}).decode())
    assert event == UnknownEvent("StasisStart", event.raw) if isinstance(event, UnknownEvent) else False


def test_ids_are_never_the_same() -> None:
    assert len({new_id("play") for _ in range(1000)}) == 1000
    assert new_id("play").startswith("play-")


def test_the_catalogue_is_whole() -> None:
    assert len(CALLS) == 107
    assert CALLS["channels.originate"].body == "variables"
    assert CALLS["channels.list"].is_list
    assert CALLS["channels.externalMedia"].query >= {"transport_data", "app", "format"}
    assert CALLS["bridges.addChannel"].path_parameters == ("bridgeId",)
    assert CALLS["channels.hangup"].kind == ""

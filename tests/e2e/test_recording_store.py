"""Recordings of real calls in a store that speaks S3: sealed, heard from there, none lost (M5, M7)."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import obstore
import pytest
from moto.server import ThreadedMotoServer
from obstore.store import S3Store

from demo.api import ApiError
from pbx.patience import PATIENCE_S
from pbx.telco_phones import Behaviour
from tests.support.free_ports import free_port
from tests.support.s3 import BUCKET, options, s3_server
from tests.support.words import Words

CALLER_HZ, OPERATOR_HZ = 440.0, 850.0


class Shop:
    """An S3 server that can be away: what it holds stays."""

    def __init__(self, port: int) -> None:
        self.port = port
        with s3_server(port):
            pass
        self._server: ThreadedMotoServer | None = None
        self.open()

    @property
    def settings(self) -> dict[str, str]:
        s3 = {f"RAMAL_S3_{name.upper()}": value for name, value in options(self.port).items()}
        return {**s3, "RAMAL_RECORDING_STORE": f"s3://{BUCKET}/talks"}

    def open(self) -> None:
        self._server = ThreadedMotoServer("127.0.0.1", self.port, verbose=False)
        self._server.start()

    def close(self) -> None:
        if self._server is not None:
            self._server.stop()
        self._server = None

    def content(self, key: str) -> bytes:
        """What lies there, as anybody with the bucket's keys sees it."""
        config: Any = dict(options(self.port))
        store = S3Store(BUCKET, prefix="talks", config=config, client_options={"allow_http": True})
        return bytes(obstore.get(store, key).bytes())


@pytest.fixture
def shop(words: Words) -> Iterator[Shop]:
    """The application keeps its recordings there; afterwards in its folder as before."""
    shop = Shop(free_port())
    made: set[str] = set()
    begin(words, shop.settings)
    try:
        made = {item["id"] for item in words.api.get("/recordings?limit=200")["items"]}
        yield shop
        for item in words.api.get("/recordings?limit=200")["items"]:
            if item["id"] not in made:
                words.api.delete(f"/recordings/{item['id']}?reason=test")
    finally:
        begin(words, {})
        shop.close()


def begin(words: Words, settings: dict[str, str]) -> None:
    words.centre.stop_application()
    words.centre.extra = settings
    words.centre.start_application()
    words.centre.await_ready()


def given_talk(words: Words) -> str:
    """A caller talks with operator 1106 and hangs up."""
    words.then_operator_is("1106", "available")
    call = words.when_caller_dials()
    ident = words.newest_call()
    call.press("2")
    words.when_they_talk(call, OPERATOR_HZ)
    call.hangup()
    words.then_ended(ident)
    return ident


def metric(words: Words, name: str) -> float:
    root = words.centre.plan.api.removesuffix("/api/v1")
    with urllib.request.urlopen(f"{root}/metrics", timeout=PATIENCE_S) as answer:
        lines = answer.read().decode().splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name))


def part_of(words: Words, ident: str, asked: str) -> tuple[int, bytes]:
    headers = {"Authorization": f"Bearer {words.centre.plan.token}", "Range": f"bytes={asked}"}
    address = f"{words.centre.plan.api}/recordings/{ident}/audio"
    with urllib.request.urlopen(
        urllib.request.Request(address, headers=headers), timeout=PATIENCE_S
    ) as answer:
        return answer.status, answer.read()


@pytest.mark.timeout(300)  # three starts of the application, on whatever machine
def test_M7_a_call_is_kept_sealed_in_an_s3_store_and_a_store_that_is_away_loses_nothing(
    words: Words, shop: Shop
) -> None:
    words.given_operator("1106", {"support": 2}, Behaviour(say="tone:850"))
    first = given_talk(words)
    row = words.then_recording_has(first, CALLER_HZ, OPERATOR_HZ)
    assert row["store"] == f"s3://{BUCKET}/talks?endpoint=http://127.0.0.1:{shop.port}"
    sealed = shop.content(row["file"])
    assert (row["encrypted"], len(sealed)) == (True, row["stored_bytes"])
    assert all(mark not in sealed for mark in (b"RIFF", b"fLaC", b"OggS"))
    manifest: dict[str, Any] = json.loads(shop.content(row["file"].replace(".flac.sealed", ".json")))
    assert (manifest["store"], manifest["file"], manifest["status"]) == (
        row["store"],
        row["file"],
        "complete",
    )
    assert not list(words.centre.plan.recordings.rglob(f"*{first}*")), "nothing stays on our disk"
    whole = words.api.raw("GET", f"/recordings/{first}/audio")
    assert part_of(words, first, "8001-12000") == (206, whole[8001:12001])

    shop.close()
    second = given_talk(words)
    words.until(lambda: metric(words, "ramal_recording_backlog") == 1, "the backlog is shown")
    with pytest.raises(ApiError) as away:
        words.api.raw("GET", f"/recordings/{first}/audio")
    assert away.value.status == 503
    words.until(
        lambda: metric(words, 'ramal_recording_alarms_total{kind="store_away"}') >= 1, "people are told", 90
    )
    assert words.api.get(f"/recordings?call_id={second}")["items"] == [], "it is not shown as anything yet"
    assert (words.centre.plan.recordings / f"{second}.raw").stat().st_size > 16_000
    words.centre.kill_application()
    words.centre.start_application()
    words.centre.await_ready()
    words.until(lambda: metric(words, "ramal_recording_backlog") == 1, "a restart knows of it")

    shop.open()
    page = words.api.wait(f"/recordings?call_id={second}", lambda page: page["items"], 90)
    assert page["items"][0]["store"] == row["store"]
    words.then_recording_has(second, CALLER_HZ, OPERATOR_HZ)
    words.until(lambda: metric(words, "ramal_recording_backlog") == 0, "the backlog is worked off")
    assert not list(words.centre.plan.recordings.rglob(f"*{second}*"))
    words.then_no_gap(first, second)
    assert words.api.raw("GET", f"/recordings/{first}/audio") == whole

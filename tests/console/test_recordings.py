"""Recordings as supervisors find and hear them: each field of the search, the player by its sound (M8)."""

from __future__ import annotations

import time
import wave
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from ari_app.model.call import CallRecord, FinalState, Phase
from ari_app.model.ids import (
    DEFAULT_CLIENT,
    CallId,
    ChannelId,
    OperatorId,
    Protocol,
    QueueId,
    RecordingId,
)
from ari_app.model.recording import Pause, Recording, RecordingLeg, RecordingStatus
from ari_app.model.transcript import Transcript, Word
from ari_app.storage.transcripts import TranscriptStore
from ari_app.storage.work import WorkStore
from pbx.patience import PATIENCE_S
from tests.console.conftest import SignedIn
from tests.console.ears import both_ears, media, no_longer_speaks, speaks
from tests.console.served import Served

DAY_S, SECONDS, RATE = 86_400.0, 120.0, 8000
"""Long enough to be played all through a test."""
CALLER_HZ, OPERATOR_HZ = 500.0, 1200.0


class Kept(NamedTuple):
    """What is known of a recording."""

    id: str
    days_ago: float
    caller: str
    operator: str
    queue: str
    protocol: str
    form: str
    words: str


WANTED = Kept("sought", 3, "+5521900000001", "1012", "sales", "20260707000001", "visit", "quero cancelar")
OTHER = Kept("other", 9, "+5531900000002", "1011", "orders", "20260707000002", "order", "bom dia")
SEARCHES = {
    "Caller": "+5521900000001",
    "Operator": "1012",
    "Queue": "Sales",
    "Written down as": "Visit",
    "Protocol": "20260707000001",
    "Words that were said": "CANCELAR",
}


@pytest.fixture(scope="module", autouse=True)
def recordings(served: Served) -> Iterator[None]:
    """Two whose data differ in everything; the caller left, the operator right, a tone each."""
    for kept in (WANTED, OTHER):
        _tones(served.house.folder / f"{kept.id}.wav")
        served.do(_keep(served, kept, time.time() - kept.days_ago * DAY_S))
    yield
    served.call(lambda: _forget(served))
    served.flush()


def _forget(served: Served) -> None:
    for kept in (WANTED, OTHER):
        gone = Recording(RecordingId(kept.id), CallId(kept.id), RecordingStatus.DELETED, time.time())
        served.house.journal.put_recording(gone)


async def _keep(served: Served, kept: Kept, at: float) -> None:
    house = served.house
    record = CallRecord(
        CallId(kept.id), ChannelId(kept.id), kept.caller, "5000", at, phase=Phase.ENDED,
        queue=QueueId(kept.queue), operator=OperatorId(kept.operator), answered_at=at, connected_at=at,
        ended_at=at + SECONDS, final_state=FinalState.ANSWERED, talk_s=SECONDS,
        recording_id=RecordingId(kept.id), protocol=Protocol(kept.protocol),
    )  # fmt: skip
    house.journal.put_call(record, None)
    recording = Recording(
        RecordingId(kept.id), CallId(kept.id), RecordingStatus.COMPLETE, at, file=f"{kept.id}.wav",
        duration_s=SECONDS, legs=(RecordingLeg(OperatorId(kept.operator), 0.0, SECONDS),),
        pauses=(Pause(10.0, 14.0, "1012", "1012"),),
    )  # fmt: skip
    house.journal.put_recording(recording)
    assert await house.journal.flush(PATIENCE_S)
    row = {
        "call_id": kept.id, "client_id": DEFAULT_CLIENT, "operator": kept.operator, "queue": kept.queue,
        "form": kept.form, "answers": "{}", "protocol": kept.protocol, "at": at,
    }  # fmt: skip
    await WorkStore(house.database).put_disposition(row)
    words = tuple(Word("caller", 1.0, 2.0, word) for word in kept.words.split())
    transcript = Transcript(RecordingId(kept.id), "test", words, at)
    await TranscriptStore(house.database).put(DEFAULT_CLIENT, transcript)


def _tones(path: Path) -> None:
    at = np.arange(int(SECONDS * RATE)) / RATE
    sides = [np.sin(2 * np.pi * hertz * at) for hertz in (CALLER_HZ, OPERATOR_HZ)]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((np.stack(sides, axis=1) * 12_000).astype("<i2").tobytes())


def found_alone(page: Page) -> None:
    expect(page.locator("tr[data-recording]")).to_have_count(1)
    expect(page.locator(f"tr[data-recording={WANTED.id}]")).to_be_visible()


@pytest.mark.parametrize("field", SEARCHES)
def test_M8_recording_is_found_by_number_operator_queue_disposition_protocol_and_words(
    signed_in: SignedIn, field: str
) -> None:
    page = signed_in("supervisor", "/recordings")
    search = page.get_by_role("search")
    if field in {"Queue", "Written down as"}:
        search.get_by_role("textbox", name=field).click()
        page.get_by_role("option", name=SEARCHES[field]).click()
    else:
        search.get_by_label(field, exact=True).fill(SEARCHES[field])
    found_alone(page)
    search.get_by_role("button", name="Clear filters").click()
    expect(page.locator(f"tr[data-recording={OTHER.id}]")).to_be_visible()


def test_M8_recording_is_found_by_date(signed_in: SignedIn) -> None:
    page = signed_in("supervisor", "/recordings")
    at = time.time() - WANTED.days_ago * DAY_S
    for field, moment in (("From", at - DAY_S), ("To", at + DAY_S)):
        page.get_by_label(field, exact=True).fill(datetime.fromtimestamp(moment).strftime("%Y-%m-%dT%H:%M"))  # noqa: DTZ006 - the browser's own
    found_alone(page)


def test_M8_player_lets_both_sides_or_one_be_heard_at_any_speed_and_keeps_notes_at_a_second(
    signed_in: SignedIn,
) -> None:
    page = signed_in("supervisor")
    both_ears(page)
    page.goto("/recordings")
    page.locator(f"[data-recording={WANTED.id}]").get_by_role("button", name="Listen").click()
    player = page.get_by_role("region", name="Recording", exact=True)
    play = player.get_by_role("button", name="Play")
    expect(play).to_be_enabled()
    expect(player.locator("canvas").nth(1)).to_be_attached()  # a waveform of each side
    expect(player.locator("[data-pause='10']")).to_have_count(1)
    expect(player).to_contain_text("Not recorded on purpose: 0:10")

    play.click()
    sides = player.get_by_role("radiogroup", name="Who is heard")
    sides.get_by_text("Caller", exact=True).click()
    for ear in ("left", "right"):
        speaks(page, CALLER_HZ, ear)
        no_longer_speaks(page, OPERATOR_HZ, ear)
    sides.get_by_text("Operator", exact=True).click()
    for ear in ("left", "right"):
        speaks(page, OPERATOR_HZ, ear)
        no_longer_speaks(page, CALLER_HZ, ear)
    sides.get_by_text("Both", exact=True).click()
    speaks(page, CALLER_HZ, "left")
    speaks(page, OPERATOR_HZ, "right")
    no_longer_speaks(page, OPERATOR_HZ, "left")

    player.get_by_role("radiogroup", name="Speed").get_by_text("1.5").click()
    page.wait_for_function("() => window.media.playbackRate === 1.5")
    player.get_by_role("button", name="Pause").click()
    expect(play).to_be_visible()  # it has stopped
    before = media(page, "currentTime")
    player.get_by_role("button", name="Play").press("ArrowRight")
    page.wait_for_function("at => window.media.currentTime > at + 4", arg=before)
    at = media(page, "currentTime")
    minute = f"{int(round(at) // 60)}:{round(at) % 60:02d}"
    notes = player.get_by_role("region", name="Notes")
    notes.get_by_label(f"Note at {minute}").fill("here he asks to leave")
    notes.get_by_role("button", name="Add").click()
    expect(notes.locator("[data-note]")).to_contain_text("here he asks to leave")
    expect(player.locator("[data-remark]")).to_have_count(1)
    player.get_by_role("button", name="Play").press("ArrowLeft")
    page.wait_for_function("at => window.media.currentTime < at - 4", arg=at)
    notes.get_by_role("button", name=f"Go to {minute}").click()
    page.wait_for_function("at => Math.abs(window.media.currentTime - at) < 0.2", arg=at)
    notes.get_by_role("button", name=f"Remove the note at {minute}").click()
    expect(player.locator("[data-remark]")).to_have_count(0)

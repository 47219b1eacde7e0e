"""Admins make prompts and try drafts by phone; supervisors note recordings."""

from __future__ import annotations

from pathlib import Path

import msgspec
from playwright.sync_api import expect

from ari_app.model.ids import RecordingId
from ari_app.model.recording import Pause
from tests.console.conftest import SignedIn
from tests.console.seed import HOSTILE
from tests.console.served import Served


def test_C10_prompt_is_uploaded_listed_and_removed(
    signed_in: SignedIn, served: Served, tmp_path: Path
) -> None:
    file = tmp_path / "greeting.wav"
    file.write_bytes((served.house.folder / "r1.wav").read_bytes())
    page = signed_in("admin", "/prompts")
    page.get_by_role("button", name="New prompt").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("greeting-spring")
    dialog.locator("input[type=file]").set_input_files(file)
    dialog.get_by_label("What it says").fill(HOSTILE[:70])
    dialog.get_by_role("button", name="Save").click()
    row = page.locator("[data-prompt*='own/greeting-spring']")
    expect(row).to_contain_text("<img src=x")
    row.get_by_role("button", name="Listen to greeting-spring").click()
    expect(row.locator("audio")).to_have_count(1)
    row.get_by_role("button", name="Remove greeting-spring").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(row).to_have_count(0)


def test_C6_draft_is_tried_by_phone_without_publishing(signed_in: SignedIn) -> None:
    page = signed_in("admin", "/flows/clinic")
    page.get_by_role("button", name="Call me with this").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Phone to call").fill("1001")
    dialog.get_by_role("button", name="Call", exact=True).click()
    expect(dialog.locator("[data-rehearsal=waiting]")).to_be_visible()


def test_M8_recording_is_noted_shows_its_pauses_and_who_accessed_it(
    signed_in: SignedIn, served: Served
) -> None:
    known = served.do(served.house.kit.archive.recording(RecordingId("r1")))
    assert known is not None
    pauses = (Pause(2.0, 3.5, "1001", "1001"),)
    paused = msgspec.structs.replace(known, pauses=pauses)
    served.call(lambda: served.house.journal.put_recording(paused))
    served.flush()
    page = signed_in("admin", "/recordings")
    page.locator("[data-recording=r1]").get_by_role("button", name="Listen").click()
    player = page.get_by_role("region", name="Recording", exact=True)
    expect(player.get_by_role("button", name="Play")).to_be_enabled()
    expect(player.locator("[data-pause]")).to_have_count(1)
    expect(player).to_contain_text("Not recorded on purpose: 0:02")
    notes = player.get_by_role("region", name="Notes")
    notes.get_by_label("Note at 0:00").fill(HOSTILE[:60])
    notes.get_by_role("button", name="Add").click()
    expect(notes.locator("[data-note]")).to_contain_text("<img src=x")
    player.get_by_role("button", name="Who accessed it").click()
    expect(player.locator("[data-access]").first).to_contain_text("admin")
    notes.get_by_role("button", name="Remove the note at 0:00").click()
    expect(notes.locator("[data-note]")).to_have_count(0)
    assert page.title() != "owned"


def test_C5_scenarios_run_in_the_page_against_the_draft(signed_in: SignedIn) -> None:
    page = signed_in("admin", "/flows/clinic")
    page.get_by_role("button", name="Scenarios").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".cm-content")).to_contain_text("scenarios:")
    dialog.get_by_role("button", name="Run").click()
    outcome = dialog.locator("[data-scenarios=good]")
    expect(outcome.locator("[data-scenario=good]").first).to_be_visible()
    dialog.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(
        "flow: clinic\nscenarios:\n  hangs up where nobody is:\n    steps:\n      - hears: [never/said]\n"
    )
    dialog.get_by_role("button", name="Run").click()
    expect(dialog.locator("[data-scenarios=bad]")).to_contain_text("never/said")

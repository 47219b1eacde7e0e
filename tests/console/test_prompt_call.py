"""Prompts made in the page in all three ways, heard in the page, at a running call centre (C10)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from demo.centre import Centre
from pbx.telco_phones import Behaviour
from tests.console.at_centre import admin
from tests.support.tone_voice import VOICE_HZ
from tests.support.tones import loudest_hz, tone_bytes
from tests.support.words import Words

__all__ = ["admin"]
FILE_HZ, PHONE_HZ, NEAR_HZ = 1250.0, 700.0, 15.0
MADE = ("page-file", "page-voice", "page-phone")
PLAYS = """audio => new Promise((told, failed) => {
  audio.addEventListener('error', () => failed(audio.error.message));
  setTimeout(() => failed('it does not play'), 45000);
  const plays = () => audio.currentTime > 0.1 && audio.duration > 0.5;
  const look = () => plays() ? told(audio.currentSrc) : setTimeout(look, 50);
  look();
})"""


@pytest.fixture
def spoken(centre: Centre, words: Words) -> Iterator[Words]:
    """The application has a voice; what is made here is gone afterwards."""
    restarted(centre, f"{sys.executable} -m tests.support.tone_voice {{language}}")
    yield words
    there = {item["name"] for item in words.api.get("/prompts")["items"]}
    for name in MADE:
        if f"own/{name}" in there:
            words.api.delete(f"/prompts/pt-BR/{name}")
    restarted(centre, "")


def restarted(centre: Centre, voice: str) -> None:
    centre.stop_application()
    centre.extra["RAMAL_VOICE"] = voice
    centre.start_application()
    centre.await_ready()


def new_prompt(page: Page, name: str, way: str) -> Locator:
    page.get_by_role("button", name="New prompt").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("radiogroup", name="How it is made").get_by_text(way).click()
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_role("combobox", name="Language").or_(dialog.get_by_label("Language")).first.click()
    page.get_by_role("option", name="Português").click()
    return dialog


def plays(page: Page, name: str, hertz: float) -> None:
    """It is in the list; the browser plays it, and it is this tone."""
    row = page.locator(f"[data-prompt$='own/{name}']")
    row.get_by_role("button", name=f"Listen to {name}").click()
    source = row.locator("audio").evaluate(PLAYS)
    heard = loudest_hz(page.context.request.get(source).body())
    assert abs(heard - hertz) < NEAR_HZ, f"{name} is {heard:.0f} Hz"


def test_C10_prompt_is_made_in_the_page_from_a_file_a_text_and_a_called_phone_and_is_heard_there(
    spoken: Words, admin: Page, tmp_path: Path
) -> None:
    phone = Behaviour(after_s=0.2, say=f"tone:{PHONE_HZ:g}", hang_up_s=14.0)
    spoken.given_operator("1193", {}, phone, signed_in=False)
    page = admin
    page.goto("/prompts")
    dialog = new_prompt(page, "page-phone", "By phone")
    dialog.get_by_label("What it says").fill("Sou eu.")
    dialog.get_by_label("Phone to call").fill("1193")
    dialog.get_by_role("button", name="Call this phone").click()
    expect(dialog).to_have_count(0)  # the phone rings meanwhile

    file = tmp_path / "tone.flac"
    file.write_bytes(tone_bytes(FILE_HZ))
    dialog = new_prompt(page, "page-file", "Sound file")
    dialog.locator("input[type=file]").set_input_files(file)
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    plays(page, "page-file", FILE_HZ)

    dialog = new_prompt(page, "page-voice", "Speak a text")
    dialog.get_by_label("What it says").fill("Hoje não há atendimento.")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    expect(page.locator("[data-prompt$='own/page-voice']")).to_contain_text("Hoje não há atendimento.")
    plays(page, "page-voice", VOICE_HZ)

    expect(page.locator("[data-prompt$='own/page-phone']")).to_contain_text("Sou eu.", timeout=90_000)
    plays(page, "page-phone", PHONE_HZ)

    page.get_by_label("Name or text").fill("menu/main-greeting")  # one that ships
    row = page.locator("[data-prompt='pt-BR//menu/main-greeting']")
    row.get_by_role("button", name="Listen to menu/main-greeting").click()
    assert "menu%2Fmain-greeting" in row.locator("audio").evaluate(PLAYS)
    expect(row.get_by_role("button", name="Remove")).to_have_count(0)

"""Take the pictures of `docs/screens` anew: `python -m tests.console.screens`."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import msgspec
from playwright.sync_api import sync_playwright

from ari_app.model.ids import DEFAULT_CLIENT, CallId, OperatorId, RecordingId
from ari_app.model.operator import OperatorState
from ari_app.model.recording import Pause, RecordingLeg
from ari_app.ports import PromptMade
from tests.console.conftest import CHROMIUM, FLAGS, Windows
from tests.console.seed import put_call, put_state
from tests.console.served import REPOSITORY, Served

FOLDER = REPOSITORY / "docs" / "screens"
WIDE, NARROW = 1280, 390
SHOTS = (
    ("desk", "1011", "/desk", "pt-BR", "light", WIDE),
    ("desk-narrow", "1011", "/desk", "es", "dark", NARROW),
    ("wallboard", "supervisor", "/wallboard", "pt-BR", "dark", WIDE),
    ("operators", "supervisor", "/operators", "en", "light", WIDE),
    ("queues", "supervisor", "/queues", "es", "light", WIDE),
    ("flow", "admin", "/flows/clinic", "en", "light", WIDE),
    ("flow-form", "admin", "/flows/clinic", "pt-BR", "dark", WIDE),
    ("operator-form", "admin", "/operators", "es", "light", WIDE),
    ("messages", "supervisor", "/work", "pt-BR", "light", WIDE),
    ("settings", "admin", "/site/queues", "pt-BR", "light", WIDE),
    ("settings-calendar", "admin", "/site/calendars", "en", "dark", WIDE),
    ("settings-narrow", "admin", "/site/queues", "es", "dark", NARROW),
    ("prompts", "admin", "/prompts", "pt-BR", "dark", WIDE),
    ("call", "supervisor", "/calls/c00000", "en", "light", WIDE),
    ("recordings", "admin", "/recordings", "en", "dark", WIDE),
    ("recordings-narrow", "admin", "/recordings", "pt-BR", "light", NARROW),
)

FORMS = {"settings-calendar": "office", "settings-narrow": "support"}
"""Which entry's form is open."""

PROMPTS = {
    "aviso/feriado": "Hoje não há atendimento. Voltamos amanhã às oito horas.",
    "aviso/instabilidade": "Sabemos da instabilidade na sua região e já estamos trabalhando nela.",
    "saudacao/manha": "Bom dia! Você ligou para a Ramal Telecom.",
}


def take(served: Served, windows: Windows) -> None:
    """Each picture once."""
    served.do(put_call(served.house, "now", "+5511955554444", "1011", ended=False))
    for prompt, text in PROMPTS.items():
        served.house.prompts.made["default", "pt-BR", prompt] = PromptMade(
            prompt, "pt-BR", DEFAULT_CLIENT, "admin", text
        )
    put_state(served.house, OperatorId("1011"), OperatorState.RINGING, since=time.time(), call="now")
    served.do(_recordings(served))
    for name, who, path, language, theme, width in SHOTS:
        page = windows.of(who, own=False).new_page()
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.add_init_script(f"localStorage.setItem('ramal.language', '{language}')")
        page.goto(path)
        page.wait_for_selector("#content h1")
        page.wait_for_function("() => !document.querySelector('#content [role=status][aria-label]')")
        if who == "1011":
            page.wait_for_selector("[data-line]")
        if name.startswith("recordings"):
            page.locator("[data-recording=r1] button").click()
            page.wait_for_selector("[data-ready=true]")
        if name.startswith("flow"):
            page.wait_for_selector("[data-node]")
            page.wait_for_selector(".cm-content")
        if name == "flow-form":
            page.locator("input[value=form] + label").click()
            page.locator("[data-node=choice]").click()
            page.wait_for_selector("[data-node-form=choice]")
        if name == "operator-form":
            page.locator("[data-operator='1003'] button").click()
            page.get_by_role("menuitem", name="Habilidades y ajustes").click()
            page.wait_for_selector("[role=dialog] form")
        if name in FORMS:
            page.locator(f"[data-site={FORMS[name]}] button").first.click()
            page.wait_for_selector("form[data-entry]")
        page.screenshot(path=FOLDER / f"{name}.png")
        page.close()


async def _recordings(served: Served) -> None:
    """Some more than the one that is opened; that one with a pause and its operator."""
    house = served.house
    first = await house.kit.archive.recording(RecordingId("r1"))
    assert first is not None
    for place in range(0, 40, 4):
        call = await house.kit.archive.call(CallId(f"c{place:05d}"))
        if call is None or call.operator is None:
            continue
        seconds = first.duration_s if place == 0 else call.talk_s or 9.0
        other = msgspec.structs.replace(
            first,
            id=RecordingId("r1" if place == 0 else f"r1-{place}"),
            call=call.id,
            started_at=call.connected_at or call.started_at,
            duration_s=seconds,
            legs=(RecordingLeg(call.operator, 0.0, seconds),),
            pauses=(Pause(5.2, 6.1, "1001", "1001"),) if place == 0 else (),
        )
        house.journal.put_recording(other)
    assert await house.journal.flush()


def main() -> None:
    """Serve a busy centre and look at it."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        served = Served(Path(folder))
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        take(served, Windows(browser, served.url))
        browser.close()
        served.close()


if __name__ == "__main__":
    main()

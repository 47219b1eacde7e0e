"""Take the pictures of `docs/screens` anew: `python -m tests.console.screens`."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from ari_app.model.ids import DEFAULT_CLIENT, OperatorId
from ari_app.model.operator import OperatorState
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
    ("settings", "admin", "/site/queues", "pt-BR", "light", WIDE),
    ("settings-calendar", "admin", "/site/calendars", "en", "dark", WIDE),
    ("settings-narrow", "admin", "/site/queues", "es", "dark", NARROW),
    ("prompts", "admin", "/prompts", "pt-BR", "dark", WIDE),
    ("call", "supervisor", "/calls/c00000", "en", "light", WIDE),
    ("recordings", "admin", "/recordings", "en", "dark", WIDE),
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
        if name == "recordings":
            page.locator("[data-recording=r1] button").click()
            page.wait_for_selector("[data-ready=true]")
        if name == "flow":
            page.wait_for_selector("[data-node]")
            page.wait_for_selector(".cm-content")
        if name in FORMS:
            page.locator(f"[data-site={FORMS[name]}] button").first.click()
            page.wait_for_selector("form[data-entry]")
        page.screenshot(path=FOLDER / f"{name}.png")
        page.close()


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

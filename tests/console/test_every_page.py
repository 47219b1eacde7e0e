"""Each page in three languages, two themes, two widths: clean by axe, no console errors, no foreign code."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import ConsoleMessage, Page
from playwright.sync_api import TimeoutError as TooLate

from tests.console.conftest import WAIT_MS, SignedIn, Windows
from tests.console.served import REPOSITORY

AXE = REPOSITORY / "console" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
COLOURS = {"type": "rule", "values": ["color-contrast"]}
PAGES = {
    "supervisor": (
        "/wallboard",
        "/queues",
        "/operators",
        "/calls",
        "/calls/c00000",
        "/calls/c00003",
        "/work",
        "/cases",
        "/cases/20260101000003",
        "/recordings",
        "/campaigns",
        "/prompts",
        "/flows/main",
        "/site/queues",
        "/account",
    ),
    "auditor": ("/queues", "/calls/c00000", "/recordings", "/people", "/audit", "/webhooks"),
    "admin": (
        "/operators",
        "/flows",
        "/flows/main",
        "/site/queues",
        "/site/skills",
        "/site/calendars",
        "/site/numbers",
        "/people",
        "/audit",
        "/recordings",
        "/campaigns",
        "/prompts",
        "/tokens",
        "/webhooks",
        "/webhooks/wh_seeded",
        "/account",
    ),
    "1002": ("/desk", "/calls", "/work", "/cases"),
}
LANGUAGES = ("pt-BR", "en", "es")
SPEAK = """async (tag) => {
  window.dispatchEvent(new StorageEvent('storage', {key: 'ramal.language', newValue: tag}));
  const frame = () => new Promise(requestAnimationFrame);
  const end = Date.now() + PATIENCE_MS;  // its words are fetched
  while (document.documentElement.lang !== tag && Date.now() < end) await frame();
  await frame();
}""".replace("PATIENCE_MS", str(WAIT_MS))
UNTRANSLATED = r"""() => [...document.querySelectorAll('#root *, [role=dialog] *')]
  .filter(e => e.childElementCount === 0 && /^[a-z]+\.[a-zA-Z_.]+$/.test(e.textContent))
  .filter(e => !e.closest('.cm-editor, .mono, .mantine-Pill-root'))
  .map(e => e.textContent)"""
SHOWN = """path => location.pathname === path && document.querySelector('#content h1')
  && !document.querySelector('#content [role=status][aria-label]')"""
AXE_RUN = """async (tags) =>
  (await axe.run(document, {runOnly: tags, resultTypes: ['violations']})).violations
  .flatMap(one => one.nodes.map(node => `${one.id}: ${node.target} ${node.failureSummary}`))"""


def fits(page: Page) -> bool:
    """Whether the page is no wider than the screen; charts are drawn anew a while after its size changed."""
    try:
        page.wait_for_function("() => document.documentElement.scrollWidth <= innerWidth")
    except TooLate:
        return False
    return True


class Watch:
    """What goes wrong on a page, with where it was."""

    def __init__(self, page: Page) -> None:
        self.wrong: list[str] = []
        self.where = ""
        self._page = page
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.wrong.append(f"{self.where} threw: {error}"))

    def _hear(self, message: ConsoleMessage) -> None:
        # That nothing was written down after a call yet is an answer, though Chromium calls it an error.
        if message.type in {"error", "warning"} and not message.location["url"].endswith("/disposition"):
            self.wrong.append(f"{self.where} console: {message.text}")

    def look(self, path: str) -> None:
        """Every language, theme and width; axe once per width, and in the dark for its colours."""
        page = self._page
        page.set_viewport_size({"width": 1280, "height": 860})
        page.wait_for_function(SHOWN, arg=path)
        turn = 0
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            page.wait_for_selector(f"html[data-mantine-color-scheme={theme}]")
            for width in (1280, 380):
                page.set_viewport_size({"width": width, "height": 860})
                for language in LANGUAGES if theme == "light" else [LANGUAGES[turn % 3]]:
                    self.where = f"{path} {language} {theme} {width}"
                    page.evaluate(SPEAK, language)
                    self.check(language)
                if theme == "light" or width == 1280:  # the narrow page has the colours of the wide one
                    found: list[Any] = page.evaluate(AXE_RUN, RULES if theme == "light" else COLOURS)
                    self.wrong += [f"{self.where} {complaint}" for complaint in found]
                turn += 1

    def check(self, language: str) -> None:
        """What a page must be in each language."""
        page = self._page
        if page.get_attribute("html", "lang") != language:
            self.wrong.append(f"{self.where}: not in this language")
        if not fits(page):
            self.wrong.append(f"{self.where}: wider than the screen")
        if untranslated := page.evaluate(UNTRANSLATED):
            self.wrong.append(f"{self.where}: untranslated {untranslated}")
        if page.title() == "owned" or page.query_selector("#content img[src=x]"):
            self.wrong.append(f"{self.where}: what a caller sent ran as HTML")


@pytest.mark.parametrize(("who", "path"), [(who, path) for who, paths in PAGES.items() for path in paths])
def test_S1_every_page_is_clean(signed_in: SignedIn, who: str, path: str) -> None:
    page = signed_in(who, path)
    watch = Watch(page)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    watch.look(path)
    assert not watch.wrong, "\n".join(dict.fromkeys(watch.wrong))


def test_S1_sign_in_is_clean_and_the_first_load_stays_under_250_kilobytes(windows: Windows) -> None:
    page = windows.open().new_page()
    watch = Watch(page)
    sizes: list[int] = []
    page.on("response", lambda answer: sizes.append(int(answer.headers.get("content-length", "0"))))
    page.goto("/")
    page.wait_for_selector("button[type=submit]")
    page.wait_for_load_state("networkidle")
    assert 50_000 < sum(sizes) < 250 * 1024
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.evaluate(AXE_RUN, RULES) == []
    assert watch.wrong == []

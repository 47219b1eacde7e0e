"""One served console and one browser for all tests of it; each test has pages of its own."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from tests.console.seed import PASSWORD
from tests.console.served import DIST, REPOSITORY, Served

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip

SignedIn = Callable[..., Page]


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The real server with the built console."""
    if not (DIST / "index.html").exists():
        subprocess.run([shutil.which("make") or "make", "console"], cwd=REPOSITORY, check=True)
    opened = Served(tmp_path_factory.mktemp("console"))
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """One for the whole run: a second one in the same thread is refused."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """System Chromium with an empty profile."""
    opened = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
    yield opened
    opened.close()


class Windows:
    """Browser windows: language, theme, width; whoever is signed in there stays so in all pages of it."""

    def __init__(self, browser: Browser, url: str) -> None:
        self._browser = browser
        self._url = url
        self._made: list[BrowserContext] = []

    def open(self, language: str = "en", theme: str = "light", width: int = 1280) -> BrowserContext:
        context = self._browser.new_context(
            base_url=self._url,
            viewport={"width": width, "height": 860},
            color_scheme=theme,  # type: ignore[arg-type]
            reduced_motion="reduce",
        )
        context.add_init_script(f"localStorage.setItem('ramal.language', '{language}')")
        context.set_default_timeout(15_000)
        self._made.append(context)
        return context

    def close(self) -> None:
        for context in self._made:
            context.close()


@pytest.fixture
def windows(browser: Browser, served: Served) -> Iterator[Windows]:
    """Closed after the test."""
    opened = Windows(browser, served.url)
    yield opened
    opened.close()


def sign_in(page: Page, who: str) -> None:
    """By the form, as a person does."""
    page.goto("/")
    page.fill("input[autocomplete=username]", who)
    page.fill("input[autocomplete=current-password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_selector("#content h1")


@pytest.fixture
def signed_in(windows: Windows) -> SignedIn:
    """`signed_in("supervisor", "/queues", language="es")`: a page of somebody who signed in before."""

    def open_page(who: str, path: str = "/", language: str = "en") -> Page:
        context = windows.open(language)
        told = context.request.post("/api/v1/session", data={"username": who, "password": PASSWORD})
        assert told.status == 201, told.text()
        context.add_init_script("localStorage.setItem('ramal.signed-in', '1')")
        page = context.new_page()
        page.goto(path)
        page.wait_for_selector("#content h1")
        return page

    return open_page

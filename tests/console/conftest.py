"""One served console and one browser for all tests of it; each test has pages of its own."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from demo.centre import Centre
from demo.plan import Plan
from pbx.patience import PATIENCE_S
from tests.console.desks import MEDIA_FLAGS, Desks, web_site
from tests.console.seed import PASSWORD
from tests.console.served import DIST, REPOSITORY, Served
from tests.support.centres import running
from tests.support.free_ports import free_base
from tests.support.words import Words

CHROMIUM = "/usr/bin/chromium"
WAIT_MS = PATIENCE_S * 1000
expect.set_options(timeout=WAIT_MS)
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
    """Browser windows. Whoever is signed in in one stays so in all pages of it; scripts are fetched once."""

    def __init__(self, browser: Browser, url: str) -> None:
        self._browser = browser
        self._url = url
        self._signed_in: dict[str, BrowserContext] = {}
        self._own: list[BrowserContext] = []

    def open(self, *, shared: bool = False) -> BrowserContext:
        """A window of its own, closed after the test unless `shared`."""
        context = self._browser.new_context(
            base_url=self._url, viewport={"width": 1280, "height": 860}, reduced_motion="reduce"
        )
        context.set_default_timeout(WAIT_MS)
        if not shared:
            self._own.append(context)
        return context

    def of(self, who: str, *, own: bool) -> BrowserContext:
        """The window of somebody who signed in; the same for the whole run unless it is to be `own`."""
        known = self._signed_in.get(who)
        if known is not None and not own:
            return known
        context = self.open(shared=not own)
        told = context.request.post("/api/v1/session", data={"username": who, "password": PASSWORD})
        assert told.status == 201, told.text()
        context.add_init_script("localStorage.setItem('ramal.signed-in', '1')")
        if not own:
            self._signed_in[who] = context
        return context

    def tidy(self) -> None:
        """What a test leaves open is closed."""
        for context in self._own:
            context.close()
        self._own.clear()
        for context in self._signed_in.values():
            for page in context.pages:
                page.close()


@pytest.fixture(scope="session")
def all_windows(browser: Browser, served: Served) -> Windows:
    """For the whole run, so that nobody signs in twice and scripts are fetched once."""
    return Windows(browser, served.url)


@pytest.fixture
def windows(all_windows: Windows) -> Iterator[Windows]:
    """Tidied after the test."""
    yield all_windows
    all_windows.tidy()


def sign_in(page: Page, who: str, password: str = PASSWORD) -> None:
    """By the form, as a person does."""
    page.goto("/")
    page.fill("input[autocomplete=username]", who)
    page.fill("input[autocomplete=current-password]", password)
    page.click("button[type=submit]")
    page.wait_for_selector("#content h1")


def go(page: Page, path: str) -> None:
    """To another page as a link goes, without loading the console anew."""
    page.evaluate(
        """async path => {
          history.pushState(null, '', path);
          for (let turn = 0; turn < 3; turn++) await new Promise(requestAnimationFrame);
        }""",
        path,
    )


@pytest.fixture
def signed_in(windows: Windows) -> SignedIn:
    """`signed_in("supervisor", "/queues")`: a page of somebody who signed in before.

    `own`: in a window that nobody else uses, for tests that sign out or have two of a kind.
    """

    def open_page(who: str, path: str = "/", language: str = "en", *, own: bool = False) -> Page:
        page = windows.of(who, own=own).new_page()
        page.add_init_script(f"localStorage.setItem('ramal.language', '{language}')")
        page.goto(path)
        page.wait_for_selector("#content h1")
        return page

    return open_page


# -- browsers that are operators' phones, on a real PBX ------------------------------------------------------


@pytest.fixture(scope="session")
def web_centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """A call centre whose operators' phones are browsers; started once."""

    def settings(plan: Plan) -> dict[str, str]:
        return {"RAMAL_PHONES": "webrtc", "RAMAL_PHONE_SOURCES": f"wss://127.0.0.1:{plan.ports.https}"}

    state, base = tmp_path_factory.mktemp("web"), free_base(beside=1)
    with running(state, base, site=web_site, settings=settings) as made:
        yield made


@pytest.fixture
def web_words(web_centre: Centre) -> Iterator[Words]:
    """As `words`, at that centre."""
    spoken = Words(web_centre)
    yield spoken
    spoken.clean_up()


@pytest.fixture(scope="session")
def phones(playwright: Playwright) -> Iterator[Browser]:
    """A browser with microphones that can be heard."""
    opened = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *MEDIA_FLAGS])
    yield opened
    opened.close()


@pytest.fixture
def desks(web_words: Words, phones: Browser) -> Iterator[Desks]:
    """Operators at their browsers, who are gone after the test."""
    made = Desks(web_words, phones)
    yield made
    made.close()

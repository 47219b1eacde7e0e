"""Operators at real browsers' phones: how they sit down, and what they do in a talk."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect

from demo.outbound import TARIFFS
from pbx.patience import PATIENCE_S
from pbx.telco_calls import Call
from tests.console.ears import hears, speak
from tests.support.words import Words

CALLER_HZ, FIRST_HZ, SECOND_HZ, OUTSIDE_HZ = 440, 850, 1100, 1500
MEDIA_FLAGS = (
    "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection", "--ignore-certificate-errors",
    "--autoplay-policy=no-user-gesture-required",
)  # fmt: skip
SUPPORT = "    skills: {support: 2}\n    wrap_up_s: 5\n"
SUPPORT_HERE = """\
    skills: {support: 2}
    wrap_up_s: 600
    ring_s: 60
    form: visit
    form_required: true
"""
SALES = "    skills: {sales: 1}\n"
SALES_HERE = f"{SALES}    ring_s: 60\n    recording: {{policy: on_demand, before_s: 2}}\n"
FORMS = """
forms:
  visit:
    name: Visit
    opens: support
    fields:
      fault: {label: Fault, required: true}
"""


def web_site(text: str) -> str:
    """The shipped site: support is written down, sales are recorded on demand."""
    assert SUPPORT in text
    assert SALES in text
    return text.replace(SUPPORT, SUPPORT_HERE).replace(SALES, SALES_HERE) + FORMS + TARIFFS


def connect(page: Page, made: dict[str, Any]) -> None:
    """Sign in to the console, and the browser's phone to the PBX."""
    page.goto("/")
    page.get_by_label("Name or extension").fill(made["extension"])
    page.get_by_label("Password", exact=True).fill(made["console_password"])
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Phone password").fill(made["password"])
    page.get_by_role("button", name="Connect").click()
    expect(page.locator("[data-line=registered]")).to_be_visible()


class Desks:
    """Browsers of operators, each of which says a tone of its own."""

    def __init__(self, words: Words, browser: Browser) -> None:
        self._words, self._browser = words, browser
        self._contexts: list[BrowserContext] = []
        self.made: dict[str, dict[str, Any]] = {}
        """What was told of each operator who was made, with the passwords."""

    def window(self, hz: int, *more: str) -> Page:
        """A browser window with a microphone that says `hz`; `more` runs before each of its pages."""
        context = self._browser.new_context(
            base_url=self._words.centre.plan.console_url, ignore_https_errors=True, permissions=["microphone"]
        )
        self._contexts.append(context)
        context.set_default_timeout(PATIENCE_S * 1000)
        context.add_init_script("localStorage.setItem('ramal.language', 'en')")
        speak(context, hz)
        for script in more:
            context.add_init_script(script)
        page = context.new_page()
        page.on("dialog", lambda dialog: dialog.accept())
        return page

    def operator(self, extension: str, skills: dict[str, int]) -> dict[str, Any]:
        """A new operator with the passwords."""
        words = self._words
        body = {"extension": extension, "name": f"Web {extension}", "skills": skills, "wrap_up_s": 0.2}
        made: dict[str, Any] = words.api.post("/operators", body)
        words._operators.append(extension)
        self.made[extension] = made
        return made

    def sit_down(
        self,
        extension: str,
        skills: dict[str, int],
        hz: int,
        *more: str,
        ready: bool = True,
    ) -> Page:
        """An operator whose phone is registered, ready for calls unless said otherwise."""
        made = self.operator(extension, skills)
        page = self.window(hz, *more)
        connect(page, made)
        if ready:
            page.get_by_role("button", name="Sign in for calls").click()
            expect(page.locator("[data-state]").first).to_have_attribute("data-state", "available")
        return page

    def close(self) -> None:
        for context in self._contexts:
            context.close()


def dial(words: Words, key: str, **how: Any) -> tuple[Call, str]:
    """A caller who says a tone asks for support (2) or sales (1)."""
    call = words.when_caller_dials(say=f"tone:{CALLER_HZ}", **how)
    ident = words.newest_call()
    words.then_waits_for_a_key(ident)
    call.press(key)
    return call, ident


def talk(words: Words, page: Page, key: str = "2") -> tuple[Call, str]:
    """A caller is answered in the browser, and both hear each other."""
    call, ident = dial(words, key)
    answer(page)
    call.hears(FIRST_HZ)
    hears(page, CALLER_HZ)
    return call, ident


def answer(page: Page) -> None:
    """By the key, when it rings."""
    expect(page.locator("[data-phone-call=ringing]")).to_be_visible()
    page.keyboard.press("Alt+a")
    expect(page.locator("[data-phone-call=talking]")).to_be_visible()


def choose(page: Page, target: str, act: str) -> None:
    """In the directory of who can be reached."""
    page.get_by_role("button", name="Transfer", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("To whom").first.fill(target)
    dialog.locator(f"[data-target$='{target}']").get_by_role("button", name=act, exact=True).click()


def over(words: Words, call: Call, ident: str) -> dict[str, Any]:
    """The caller hangs up."""
    call.hangup()
    return words.then_ended(ident)

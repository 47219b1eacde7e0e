"""An admin's browser at the running call centre, for tests with real calls."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from demo.centre import Centre
from tests.console.conftest import WAIT_MS, sign_in


@pytest.fixture
def admin(browser: Browser, centre: Centre) -> Iterator[Page]:
    """Signed in at the first page, in English."""
    context = browser.new_context(
        base_url=centre.plan.console_url, reduced_motion="reduce", viewport={"width": 1280, "height": 860}
    )
    context.set_default_timeout(WAIT_MS)
    context.add_init_script("localStorage.setItem('ramal.language', 'en')")
    opened = context.new_page()
    sign_in(opened, "admin", centre.plan.admin_password)
    yield opened
    context.close()

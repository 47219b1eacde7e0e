"""Campaigns as supervisors run them: made, filled from a file that is looked at first, watched."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import expect

from tests.console.conftest import SignedIn
from tests.console.seed import HOSTILE


def test_O1_O15_list_is_looked_at_imported_and_shown_live(signed_in: SignedIn, tmp_path: Path) -> None:
    rows = [
        "nome;telefone",
        "Ana;(11) 98765-4321",
        f'"{HOSTILE[:40].replace(chr(34), "")}";11987654322',
        "Bia;123",
    ]
    file = tmp_path / "lista.csv"
    file.write_text("\n".join(rows), encoding="utf-8")
    page = signed_in("supervisor", "/campaigns")
    page.get_by_role("button", name="New campaign").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Spring offer")
    dialog.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Spring offer")
    expect(page.locator("[data-figure=ringing]")).to_contain_text("0")
    page.get_by_role("tab", name="Imports").click()
    page.get_by_role("button", name="Import a list").click()
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Look at it first").click()
    expect(page.locator("[data-preview]").first).to_contain_text("+5511987654321")
    page.get_by_role("button", name="Import it").click()
    job = page.locator("[data-import=done]")
    expect(job).to_contain_text(re.compile("2 taken, 0 updated, 1 rejected"))
    expect(job.get_by_role("link", name="Each row with a problem")).to_be_visible()
    page.get_by_role("tab", name="Contacts").click()
    expect(page.locator("[data-contact]")).to_have_count(2)
    page.get_by_role("tab", name="Live").click()
    expect(page.locator("[data-contacts=ready]")).to_contain_text("2")

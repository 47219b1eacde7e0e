"""`ramal campaign` and `ramal dnc` against a real server, as a person types them."""

from __future__ import annotations

import asyncio
from pathlib import Path

from typer.testing import CliRunner, Result

from ari_app.cli.commands import app
from tests.api.house import ACME, House

SHOWN = "+551140000000"
LIST = "Quem;Celular;Nota\nAna;11988880001;=1\nBia;x;y\nCaio;98888-0003;z\n"


async def ramal(house: House, token: str, *words: str) -> Result:
    """The command in a thread: its event loop is its own."""
    environment = {"RAMAL_API": f"{house.url}/api/v1", "RAMAL_TOKEN": token}
    return await asyncio.to_thread(CliRunner().invoke, app, words, env=environment)


async def test_O1_a_list_is_imported_and_exported_at_the_terminal(house: House, tmp_path: Path) -> None:
    admin = await house.token("admin", ACME)
    made = await ramal(
        house, admin, "campaign", "create", "Autumn", "--queue", "sales", "--caller-id", "+551140000000"
    )
    assert made.exit_code == 0, made.output
    ident = made.output.strip()
    (tmp_path / "list.csv").write_text(LIST)
    file = str(tmp_path / "list.csv")
    seen = await ramal(house, admin, "campaign", "import", ident, file, "--preview")
    assert seen.exit_code == 0, seen.output
    assert "Celular = phone" in seen.output
    report = tmp_path / "report.csv"
    words = ("--area-code", "11", "--map", "Quem=name", "--report", str(report))
    done = await ramal(house, admin, "campaign", "import", ident, file, *words)
    assert done.exit_code == 0, done.output
    assert "3 rows: 2 accepted, 0 updated, 1 rejected" in done.output
    assert "not_a_number" in report.read_text("utf-8-sig")
    wrong = await ramal(house, admin, "campaign", "import", ident, file, "--map", "Fone=phone")
    assert (wrong.exit_code, "there is no column 'Fone'" in wrong.output) == (1, True)
    for name in ("out.csv", "out.xlsx"):
        assert (await ramal(house, admin, "campaign", "export", ident, str(tmp_path / name))).exit_code == 0
    assert "'=1" in (tmp_path / "out.csv").read_text("utf-8-sig")
    assert (tmp_path / "out.xlsx").read_bytes().startswith(b"PK")


async def test_X8_a_hostile_list_is_text_at_the_terminal(house: House, tmp_path: Path) -> None:
    admin = await house.token("admin", ACME)
    name = "[/red] [link=file:///etc]Autumn[/link] :smile:"
    made = await ramal(house, admin, "campaign", "create", name, "--queue", "sales", "--caller-id", SHOWN)
    ident = made.output.strip()
    assert name in (await ramal(house, admin, "campaign", "list")).output
    hostile = "name;phone\n[/x] [bold]\x1b]0owned\x07\u202eevil;+5511988880001\n"
    (tmp_path / "list.csv").write_text(hostile, encoding="utf-8")
    seen = await ramal(house, admin, "campaign", "import", ident, str(tmp_path / "list.csv"), "--preview")
    assert seen.exit_code == 0, seen.output
    assert "[/x] [bold]" in seen.output
    assert not {"\x1b", "\x07", "\u202e"} & set(seen.output)


async def test_O12_a_campaign_is_driven_at_the_terminal(house: House) -> None:
    admin = await house.token("admin", ACME)
    made = await ramal(
        house, admin, "campaign", "create", "Autumn", "--queue", "sales", "--caller-id", "+551140000000"
    )
    ident = made.output.strip()
    for act, status in (
        ("start", "running"),
        ("pause", "paused"),
        ("resume", "running"),
        ("stop", "stopped"),
    ):
        assert f"Autumn is {status}" in (await ramal(house, admin, "campaign", act, ident)).output
    refused = await ramal(house, admin, "campaign", "pause", ident)
    assert (refused.exit_code, f"campaign {ident} is stopped" in refused.output) == (1, True)
    assert "stopped" in (await ramal(house, admin, "campaign", "stats", ident)).output
    assert ident in (await ramal(house, admin, "campaign", "list")).output
    assert (await ramal(house, "wrong", "campaign", "list")).exit_code == 1


async def test_O6_numbers_are_blocked_at_the_terminal(house: House, tmp_path: Path) -> None:
    admin = await house.token("admin")
    (tmp_path / "dnc.txt").write_text("11 98888-0001\n\n21977770000;\nnonsense\n")
    done = await ramal(house, admin, "dnc", "import", str(tmp_path / "dnc.txt"))
    assert (done.exit_code, "2 added, 0 known before, 1 refused" in done.output) == (1, True)
    assert (await ramal(house, admin, "dnc", "add", "11 96666-0000", "--everybody")).exit_code == 0
    assert (await ramal(house, admin, "dnc", "check", "11966660000")).exit_code == 1
    assert (await ramal(house, admin, "dnc", "remove", "+5511966660000", "--everybody")).exit_code == 0
    assert (await ramal(house, admin, "dnc", "check", "11966660000")).exit_code == 0

"""`ramal flow` in the terminal (C4, C5, C6, C9)."""

from __future__ import annotations

import json
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ari_app.cli.flow import app
from tests.unit.flow.given import EXAMPLES, ROOT


class Terminal:
    """A folder with the example flows and a command line."""

    def __init__(self, folder: Path) -> None:
        self.flows = folder / "callflows"
        self.state = folder / "state"
        shutil.copytree(EXAMPLES, self.flows)

    def ramal(self, *words: str, keys: str | None = None) -> Result:
        places = ["--flows", str(self.flows), "--sounds", str(ROOT / "sounds")]
        if words[0] in ("publish", "list", "diff", "rollback"):
            places += ["--state", str(self.state)]
        return CliRunner().invoke(app, [*words, *places], input=keys)

    def edit(self, old: str, new: str) -> Path:
        file = self.flows / "main.yaml"
        file.write_text(file.read_text("utf-8").replace(old, new), "utf-8")
        return file


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


def test_C6_play_walks_the_flow_as_a_caller(terminal: Terminal) -> None:
    played = terminal.ramal("play", "main", keys="9\n2\n+2\no\nx\n")
    assert played.exit_code == 0, played.output
    for words in ("Olá!", "For sales, press one.", "You chose support.", "waiting in support", "talking"):
        assert words in played.output
    assert "the call ended after" in played.output


def test_C6_play_takes_silence_hints_refusals_and_the_end_of_input(terminal: Terminal) -> None:
    played = terminal.ramal("play", "sac", keys="\n?\n0\n+5\nfull\n2\n")
    assert "a key" not in played.output
    assert "keys 0-9" in played.output
    assert "offer-callback" in played.output
    assert "the call ended after" in played.output
    assert terminal.ramal("play", "nope").exit_code == 2


def test_C6_graph_draws_every_node(terminal: Terminal) -> None:
    drawn = terminal.ramal("graph", "shop")
    root = ET.fromstring(drawn.output)
    texts = {element.text for element in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"greeting", "which-order", "by-state", "subflow", "not_found", "end"} <= texts
    mermaid = terminal.ramal("graph", "main", "--format", "mermaid").output
    assert mermaid.startswith("flowchart TD\n")
    assert 'n_first_menu -- "4" --> n_complaint' in mermaid
    file = terminal.state.parent / "main.svg"
    assert terminal.ramal("graph", "main", "-o", str(file)).exit_code == 0
    assert file.read_text("utf-8").startswith("<svg ")


def test_C3_check_tells_people_programs_and_ci(terminal: Terminal) -> None:
    assert terminal.ramal("check").exit_code == 0
    assert "br-sac holds" in terminal.ramal("check", "sac", "--profile", "br-sac").output
    terminal.edit("retries: 2", "retires: 2")
    text = terminal.ramal("check")
    assert text.exit_code == 1
    assert "main.yaml:21:5: error in node `first-menu`: unknown key `retires` in `menu`" in text.output
    assert "did you mean `retries`?" in text.output
    found = json.loads(terminal.ramal("check", "--format", "json").output)
    assert found[0]["code"] == "unknown-key"
    sarif = json.loads(terminal.ramal("check", "--format", "sarif").output)
    place = sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"].endswith("callflows/main.yaml")
    assert terminal.ramal("check", "sac").exit_code == 0
    assert terminal.ramal("check", "--profile", "xx").exit_code == 2


def test_C3_warnings_tell_ways_never_tested_and_prompts_never_used(terminal: Terminal) -> None:
    shown = terminal.ramal("check", "--warnings")
    assert shown.exit_code == 0
    assert (
        "ask-order.yaml:26:3: warning in node `read-back`: no scenario takes the exit `failed`"
        in shown.output
    )
    assert "en: " in shown.output
    assert "hours/saturday" in shown.output
    assert "menu/main-greeting" not in shown.output


def test_C21_check_shows_a_counter_example(terminal: Terminal) -> None:
    terminal.edit("    also: [cancellation]\n", "")
    shown = terminal.ramal("check", "main", "--profile", "br-sac")
    assert shown.exit_code == 1
    assert "no key for a cancellation [br-sac-no-cancellation]" in shown.output
    assert "a call that shows it: just dial" in shown.output


def test_C5_test_runs_the_scenarios_and_shows_coverage(terminal: Terminal) -> None:
    passed = terminal.ramal("test")
    assert passed.exit_code == 0
    assert " 0 failed" in passed.output
    terminal.edit("      1: sales\n      2: support\n", "      1: support\n      2: sales\n")
    failed = terminal.ramal("test", "main")
    assert failed.exit_code == 1
    assert "«presses 1 and talks to sales»: `chosen/sales` was not heard" in failed.output
    assert "first-menu -1-> support" in failed.output


def test_C4_publish_list_diff_and_roll_back(terminal: Terminal) -> None:
    file = terminal.flows / "main.yaml"
    assert terminal.ramal("publish", str(file), "--by", "ana").exit_code == 0
    terminal.edit("retries: 2", "retries: 1")
    published = terminal.ramal("publish", str(file), "--by", "bea")
    assert "is live in version" in published.output
    listed = terminal.ramal("list", "main").output
    assert listed.index("bea") < listed.index("ana")
    assert "+    retries: 1" in terminal.ramal("diff", "main").output
    assert terminal.ramal("rollback", "main", "--by", "cleo").exit_code == 0
    assert "cleo" in terminal.ramal("list").output
    terminal.edit("retries: 1", "retires: 1")
    refused = terminal.ramal("publish", str(file))
    assert refused.exit_code == 1
    assert "refused, nothing changed" in refused.output
    assert "main.yaml:21:5: first-menu: unknown key" in refused.output
    assert terminal.ramal("rollback", "main", "feedfeedfeedfeed").exit_code == 1
    assert terminal.ramal("list", "nope").exit_code == 2


def test_C9_schema_and_pages_are_written(tmp_path: Path) -> None:
    runner = CliRunner()
    assert json.loads(runner.invoke(app, ["schema"]).output)["title"] == "Ramal call flow"
    assert runner.invoke(app, ["docs", "-o", str(tmp_path / "nodes")]).exit_code == 0
    assert "# `menu`" in (tmp_path / "nodes/menu.md").read_text("utf-8")

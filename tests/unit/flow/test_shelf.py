"""Edited and published flows: taken over, refused, kept, rolled back (C2, C3, C4)."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from ari_app.calls.flow_shelf import FlowShelf
from ari_app.calls.flow_store import FlowStore
from ari_app.flow import engine
from ari_app.model.commands import Enqueue
from ari_app.model.ids import FlowId, FlowVersion
from ari_app.model.signals import CallArrived, DigitReceived
from ari_app.ports import FlowRefused, IllegalTransition, NotFound, Overtaken
from tests.unit.flow.given import EXAMPLES, ROOT

SHOP = FlowId("shop")
MAIN = FlowId("main")
GOOD = "retries: 2"
CHANGED = "retries: 1"
BROKEN = "retires: 2"


class Desk:
    """An admin's folder with a shelf over it; every clock reading is one second later."""

    def __init__(self, folder: Path) -> None:
        self.files = folder / "callflows"
        self.state = folder / "state"
        shutil.copytree(EXAMPLES, self.files)
        self.time = 1000.0
        self.shelf = self.open()

    def now(self) -> float:
        self.time += 1
        return self.time

    def open(self) -> FlowShelf:
        shelf = FlowShelf(self.files, self.state, ROOT / "sounds", self.now)
        shelf.load()
        return shelf

    def edit(self, name: str, old: str, new: str) -> None:
        file = self.files / name
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new), "utf-8")

    def version(self, flow: FlowId = MAIN) -> FlowVersion:
        return self.shelf.book.current[flow]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_C2_all_examples_go_live(desk: Desk) -> None:
    assert desk.shelf.healthy
    assert set(desk.shelf.book.current) == {
        "main", "sac", "clinic", "shop", "ask-order", "helpdesk", "collections", "reception",
    }  # fmt: skip
    assert desk.shelf.book.site.numbers["5000"].flow == "main"
    assert all(flow["problems"] == [] and flow["published_by"] == "file" for flow in desk.shelf.flows())


async def test_C2_an_edit_changes_the_next_call_and_no_running_one(desk: Desk) -> None:
    arrived = CallArrived(called="5000", caller="119")
    running = engine.start(desk.shelf.book, MAIN, arrived, 0.0).state
    desk.edit("main.yaml", "      1: sales\n      2: support\n", "      1: support\n      2: sales\n")
    assert await desk.shelf.refresh()
    after = engine.advance(desk.shelf.book, running, DigitReceived("1"), 1.0).state
    assert engine.advance(desk.shelf.book, after, DigitReceived("1"), 1.0).state.node == "sales"
    fresh = engine.start(desk.shelf.book, MAIN, arrived, 0.0).state
    assert fresh.version != running.version
    assert engine.advance(desk.shelf.book, fresh, DigitReceived("1"), 1.0).state.node == "support"
    assert not await desk.shelf.refresh()


async def test_C4_an_edit_made_before_a_publication_is_older_than_it(desk: Desk) -> None:
    site = FlowId("site")
    desk.edit("site.yaml", "max_wait_s: 900", "max_wait_s: 800")
    seen, versions = desk.shelf.source(site, None) or "", desk.shelf.versions(site) or []
    with pytest.raises(Overtaken):
        await desk.shelf.publish(site, seen, by="ana", base=versions[0]["version"])
    mine = (desk.shelf.source(site, None) or "").replace("max_wait_s: 800", "max_wait_s: 700")
    await desk.shelf.publish(site, mine, by="ana")
    assert not await desk.shelf.refresh()
    assert desk.shelf.book.site.queues["general"].max_wait_s == 700
    assert desk.shelf.site_version == (desk.shelf.versions(site) or [])[0]["version"]


async def test_C4_edits_and_publications_at_once_are_all_there_afterwards(desk: Desk) -> None:
    desk.edit("clinic.yaml", "max_s: 90", "max_s: 80")
    text = (desk.files / "main.yaml").read_text("utf-8")
    given_up = asyncio.ensure_future(
        desk.shelf.publish(FlowId("main"), text.replace(GOOD, "retries: 3"), by="b")
    )
    await asyncio.sleep(0)
    given_up.cancel()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(desk.shelf.refresh())
        tasks.create_task(desk.shelf.publish(FlowId("main"), text.replace(GOOD, CHANGED), by="ana"))
        tasks.create_task(desk.shelf.refresh())
    live = {entry["id"]: entry["published_by"] for entry in desk.shelf.flows()}
    assert (live["main"], live["clinic"]) == ("ana", "file")
    assert CHANGED in (desk.shelf.source("main", None) or "")
    assert "max_s: 80" in (desk.shelf.source("clinic", None) or "")


async def test_C3_a_broken_edit_changes_nothing_and_is_told(desk: Desk) -> None:
    before = desk.version()
    desk.edit("main.yaml", GOOD, BROKEN)
    await desk.shelf.refresh()
    assert desk.version() == before
    assert not desk.shelf.healthy
    problem = desk.shelf.problems[0]
    assert (problem.file, problem.node, problem.code) == ("main.yaml", "first-menu", "unknown-key")
    assert desk.open().book.current[MAIN] == before
    desk.edit("main.yaml", BROKEN, CHANGED)
    await desk.shelf.refresh()
    assert desk.shelf.healthy
    assert desk.version() != before


async def test_C3_one_broken_file_does_not_hold_back_the_others(desk: Desk) -> None:
    desk.edit("main.yaml", GOOD, BROKEN)
    (desk.files / "sac.yaml").write_bytes(b"\xff\xfe\x00garbage")
    old, clinic = desk.version(), desk.version(FlowId("clinic"))
    desk.edit("clinic.yaml", "max_s: 90", "max_s: 80")
    await desk.shelf.refresh()
    assert desk.version() == old
    assert desk.version(FlowId("clinic")) != clinic
    assert {problem.file for problem in desk.shelf.problems} == {"main.yaml", "sac.yaml"}


async def test_C3_an_edit_that_breaks_another_live_flow_is_refused(desk: Desk) -> None:
    before = desk.version(FlowId("ask-order"))
    desk.edit("ask-order.yaml", "  number: text", "  order: text")
    desk.edit("ask-order.yaml", "into: number", "into: order")
    desk.edit("ask-order.yaml", "size(number)", "size(order)")
    desk.edit("ask-order.yaml", "value: number", "value: order")
    await desk.shelf.refresh()
    assert desk.version(FlowId("ask-order")) == before
    assert desk.shelf.problems[0].file == "shop.yaml"
    desk.edit("shop.yaml", "order_number: number", "order_number: order")
    await desk.shelf.refresh()
    assert desk.shelf.healthy
    assert desk.version(FlowId("ask-order")) != before


async def test_C3_a_site_without_a_queue_that_flows_need_is_refused(desk: Desk) -> None:
    desk.edit("site.yaml", "  payments:\n    name: Payments\n", "  payment:\n    name: Payments\n")
    await desk.shelf.refresh()
    assert "payments" in desk.shelf.book.site.queues
    assert "payments" in desk.open().book.site.queues
    assert not desk.shelf.healthy
    desk.edit("site.yaml", "  payment:\n", "  payments:\n")
    desk.edit("site.yaml", "max_wait_s: 900", "max_wait_s: 800")
    await desk.shelf.refresh()
    assert desk.shelf.healthy
    assert desk.shelf.book.site.queues["general"].max_wait_s == 800


async def test_C3_a_prompt_that_is_added_later_lets_its_flow_go_live(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    sounds = tmp_path / "sounds"
    for language in ("pt-BR", "en", "es"):
        (sounds / language).mkdir(parents=True)
        shutil.copy(ROOT / "sounds" / language / "prompts.yaml", sounds / language)
    shelf = FlowShelf(desk.files, desk.state, sounds, desk.now)
    shelf.load()
    before = shelf.book.current[MAIN]
    desk.edit("main.yaml", "prompt: menu/main-greeting", "prompt: own/easter")
    await shelf.refresh()
    assert shelf.book.current[MAIN] == before
    assert shelf.problems[0].message == "there is no prompt `own/easter`"
    for language in ("pt-BR", "en"):
        with (sounds / language / "prompts.yaml").open("a", encoding="utf-8") as file:
            file.write('  own/easter: "Feliz Páscoa!"\n')
    await shelf.refresh()
    assert shelf.healthy
    assert shelf.book.current[MAIN] != before


async def test_C4_every_version_is_kept_and_one_call_rolls_back(desk: Desk) -> None:
    first = desk.version()
    text = (EXAMPLES / "main.yaml").read_text("utf-8").replace(GOOD, CHANGED)
    done = await desk.shelf.publish("main", text, by="ana")
    assert desk.version() == done["version"] != first
    rolled = await desk.shelf.rollback("main", None, by="bea")
    assert rolled["version"] == first == desk.version()
    versions = desk.shelf.versions("main")
    assert versions is not None
    assert [(v["version"], v["published_by"], v["action"], v["current"]) for v in versions] == [
        (first, "bea", "rollback", True),
        (done["version"], "ana", "publish", False),
        (first, "file", "file", False),
    ]
    assert versions[0]["published_at"] > versions[1]["published_at"]
    assert desk.shelf.source("main", done["version"]) == text
    assert desk.shelf.source("main", None) == (EXAMPLES / "main.yaml").read_text("utf-8")
    await desk.shelf.rollback("main", done["version"], by="bea")
    assert desk.version() == done["version"]
    assert desk.open().book.current[MAIN] == done["version"]


async def test_C3_a_broken_publish_changes_nothing(desk: Desk) -> None:
    before, versions = desk.version(), desk.shelf.versions("main")
    text = (EXAMPLES / "main.yaml").read_text("utf-8").replace(GOOD, BROKEN)
    with pytest.raises(FlowRefused) as refused:
        await desk.shelf.publish("main", text, by="ana")
    assert refused.value.problems[0]["line"] == 21
    assert refused.value.problems[0]["node"] == "first-menu"
    assert (desk.version(), desk.shelf.versions("main")) == (before, versions)
    assert desk.shelf.check("main", text)[0]["code"] == "unknown-key"
    assert desk.shelf.check("main", text.replace(BROKEN, GOOD)) == []


@pytest.mark.parametrize(
    ("flow", "version"), [("nope", None), ("main", None), ("main", "0" * 16), ("../x", "y")]
)
async def test_C4_what_was_never_published_cannot_come_back(
    desk: Desk, flow: str, version: str | None
) -> None:
    with pytest.raises(NotFound):
        await desk.shelf.rollback(flow, version, by="ana")
    assert desk.shelf.source(flow, version or "x") is None


@pytest.mark.parametrize("name", ["../evil", "a/b", "", "A", "x" * 100, "."])
async def test_C3_a_flows_name_is_no_path(desk: Desk, name: str, tmp_path: Path) -> None:
    text = (EXAMPLES / "main.yaml").read_text("utf-8").replace("flow: main", f"flow: {name or chr(39) * 2}")
    with pytest.raises(FlowRefused):
        await desk.shelf.publish(name, text, by="ana")
    assert not list(tmp_path.glob("**/*evil*"))  # noqa: ASYNC240 - a test may block


async def test_C2_calls_find_their_version_after_a_restart(desk: Desk) -> None:
    first = desk.version()
    running = engine.start(desk.shelf.book, MAIN, CallArrived("5000", "119"), 0.0).state
    for retries in range(21):
        text = (EXAMPLES / "main.yaml").read_text("utf-8").replace(GOOD, f"retries: {retries % 9}")
        await desk.shelf.publish("main", f"{text}# {retries}\n", by="ana")
    reopened = desk.open()
    assert reopened.book.flow(MAIN, first) is None
    reopened.ensure([(MAIN, first), (FlowId("../x"), FlowVersion("y"))])
    after = engine.advance(reopened.book, running, DigitReceived("9"), 1.0)
    assert after.state.node == "first-menu" or after.state.frame.flow == "main"


async def test_C4_another_process_may_publish(desk: Desk) -> None:
    other = desk.open()
    text = (EXAMPLES / "main.yaml").read_text("utf-8").replace(GOOD, CHANGED)
    done = await other.publish("main", text, by="ana")
    await desk.shelf.refresh()
    assert desk.version() == done["version"]


def test_C4_a_tampered_version_is_not_served(desk: Desk) -> None:
    file = desk.state / "main" / f"{desk.version()}.yaml"
    file.write_text(file.read_text("utf-8").replace("1: sales", "1: support"), "utf-8")
    assert FlowStore(desk.state).text(MAIN, desk.version()) is None


def test_C4_a_damaged_log_does_not_stop_the_start(desk: Desk) -> None:
    (desk.state / "main" / "log.json").write_bytes(b"{")
    assert MAIN in desk.open().book.current


async def test_C4_a_deleted_file_retires_its_flow_and_its_versions_are_kept(desk: Desk) -> None:
    version = desk.version(SHOP)
    text = (desk.files / "shop.yaml").read_text("utf-8")
    running = engine.start(desk.shelf.book, SHOP, CallArrived("5030", "119"), 0.0).state
    desk.edit("site.yaml", '  "5030": {flow: shop, name: Shop}\n', "")
    (desk.files / "shop.yaml").unlink()
    assert await desk.shelf.refresh()  # the number is gone
    assert await desk.shelf.refresh()  # and gone twice in a row is the file
    assert SHOP not in desk.shelf.book.current
    assert desk.shelf.healthy
    assert desk.shelf.book.flow(SHOP, version) is not None, "calls in progress end on it"
    assert not engine.advance(desk.shelf.book, running, DigitReceived("1"), 1.0).state.finished
    versions = desk.shelf.versions("shop")
    assert versions is not None
    assert [(v["action"], v["current"]) for v in versions] == [("retire", False), ("file", False)]
    assert next(flow for flow in desk.shelf.flows() if flow["id"] == "shop")["retired"]
    assert SHOP not in desk.open().book.current
    (desk.files / "shop.yaml").write_text(text, "utf-8")
    assert await desk.shelf.refresh()
    assert desk.version(SHOP) == version


async def test_C4_a_flow_that_a_number_or_a_flow_leads_to_stays_live_without_its_file(desk: Desk) -> None:
    (desk.files / "main.yaml").unlink()
    (desk.files / "ask-order.yaml").unlink()
    for _ in range(3):
        await desk.shelf.refresh()
    assert {MAIN, FlowId("ask-order")} <= desk.shelf.book.current.keys()
    assert desk.shelf.healthy, "callers are served"
    told = {problem.file: problem.message for problem in desk.shelf.problems}
    assert "number 5000 lead to it" in told["main.yaml"]
    assert "flow shop lead to it" in told["ask-order.yaml"]
    with pytest.raises(IllegalTransition, match="in use: number 5000"):
        await desk.shelf.retire("main", by="ana")


async def test_C4_a_lost_folder_retires_nothing(desk: Desk) -> None:
    desk.edit("site.yaml", '  "5030": {flow: shop, name: Shop}\n', "")
    await desk.shelf.refresh()
    desk.files.rename(desk.files.with_name("away"))
    for _ in range(3):
        await desk.shelf.refresh()
    assert SHOP in desk.shelf.book.current


async def test_C4_a_flow_is_retired_by_hand_and_comes_back_by_rollback(desk: Desk) -> None:
    desk.edit("site.yaml", '  "5030": {flow: shop, name: Shop}\n', "")
    await desk.shelf.refresh()
    other = desk.open()
    await desk.shelf.retire("shop", by="ana")
    assert SHOP not in desk.shelf.book.current
    await other.refresh()
    assert SHOP not in other.book.current, "another process retired it"
    assert not await desk.shelf.refresh(), "its file was not edited"
    with pytest.raises(NotFound):
        await desk.shelf.retire("shop", by="ana")
    await desk.shelf.rollback("shop", None, by="bea")
    assert SHOP in desk.shelf.book.current


async def test_C4_a_text_begun_from_an_older_version_is_not_published_over_the_newer(desk: Desk) -> None:
    text = desk.shelf.source("main", None)
    assert text is not None
    base = desk.version()
    await desk.shelf.publish("main", text + "# first\n", by="ana", base=base)
    with pytest.raises(Overtaken, match="published meanwhile"):
        await desk.shelf.publish("main", text + "# second\n", by="bia", base=base)
    assert desk.shelf.source("main", None) == text + "# first\n"


def site_of(desk: Desk) -> str:
    text = desk.shelf.source("site", None)
    assert text is not None
    return text


async def test_C4_published_site_survives_a_restart_and_is_rolled_back_like_a_flow(desk: Desk) -> None:
    first = site_of(desk)
    changed = first.replace("max_wait_s: 900", "max_wait_s: 800")
    done = await desk.shelf.publish("site", changed, by="ana")
    assert desk.shelf.book.site.queues["general"].max_wait_s == 800
    again = desk.open()
    assert again.book.site.queues["general"].max_wait_s == 800
    assert again.healthy
    assert not await again.refresh(), "the file in the folder was not edited since"
    versions = again.versions("site")
    assert versions is not None
    told = [(v["version"], v["published_by"], v["action"], v["current"]) for v in versions]
    assert told == [
        (done["version"], "ana", "publish", True),
        (versions[1]["version"], "file", "file", False),
    ]
    assert again.source("site", versions[1]["version"]) == first
    await again.rollback("site", None, by="bea")
    assert again.book.site.queues["general"].max_wait_s == 900
    assert desk.open().book.site.queues["general"].max_wait_s == 900
    await desk.shelf.refresh()  # another process rolled it back
    assert desk.shelf.book.site.queues["general"].max_wait_s == 900
    assert "site" not in {flow["id"] for flow in desk.shelf.flows()}


async def test_C4_an_edit_of_the_sites_file_counts_over_what_was_published_before(desk: Desk) -> None:
    await desk.shelf.publish("site", site_of(desk).replace("max_wait_s: 900", "max_wait_s: 800"), by="ana")
    desk.edit("site.yaml", "max_wait_s: 900", "max_wait_s: 700")
    await desk.shelf.refresh()
    assert desk.shelf.book.site.queues["general"].max_wait_s == 700
    assert desk.open().book.site.queues["general"].max_wait_s == 700
    desk.edit("site.yaml", "max_wait_s: 700", "max_wait_s: -1")
    await desk.shelf.refresh()
    assert desk.open().book.site.queues["general"].max_wait_s == 700, "a broken one is not"


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("  support:\n    name: Tech", "  supporting:\n    name: Tech", "helpdesk.yaml"),
        ("  spanish: Spanish\n", "", "reception.yaml"),
        ("calendars:\n  office:", "calendars:\n  shop:", "clinic.yaml"),
        ("ring_s", "ring_s", ""),
    ],
)
async def test_C3_a_site_that_flows_cannot_do_with_is_refused_by_file_and_line(
    desk: Desk, old: str, new: str, where: str
) -> None:
    text, before = site_of(desk), desk.shelf.versions("site")
    broken = text.replace(old, new) if where else text.replace("target_s: 20", "target_s: soon")
    assert broken != text
    told = desk.shelf.check("site", broken)
    with pytest.raises(FlowRefused) as refused:
        await desk.shelf.publish("site", broken, by="ana")
    assert refused.value.problems == told
    assert (site_of(desk), desk.shelf.versions("site")) == (text, before)
    problem = next(one for one in told if one["file"] == (where or "site.yaml"))
    lines = (desk.files / problem["file"]) if where else None
    source = lines.read_text("utf-8") if lines is not None else broken
    assert source.splitlines()[problem["line"] - 1].strip(), problem
    if not where:
        assert "target_s: soon" in source.splitlines()[problem["line"] - 1]
    assert desk.shelf.check("site", text) == []


async def test_C4_a_text_of_the_site_begun_from_an_older_version_is_refused(desk: Desk) -> None:
    base = (desk.shelf.versions("site") or [])[0]["version"]
    await desk.shelf.publish("site", site_of(desk) + "# by ana\n", by="ana", base=base)
    with pytest.raises(Overtaken):
        await desk.shelf.publish("site", site_of(desk) + "# by bea\n", by="bea", base=base)
    assert site_of(desk).endswith("# by ana\n")


async def test_C2_a_call_on_an_older_version_whose_queue_is_gone_comes_to_the_safe_exit(desk: Desk) -> None:
    arrived = CallArrived("5030", "119")
    flow = "flow: shop\nlanguage: pt-BR\nstart: ask\nnodes:\n  ask: {type: menu, prompt: menu/invalid, keys: {1: line}, on: {otherwise: line}}\n  line: {type: enqueue, queue: short, on: {otherwise: end}}\n"  # noqa: E501
    await desk.shelf.publish(
        "site", site_of(desk).replace("queues:\n", "queues:\n  short: {name: S}\n"), by="a"
    )
    await desk.shelf.publish("shop", flow, by="a")
    running = engine.start(desk.shelf.book, SHOP, arrived, 0.0).state
    await desk.shelf.publish("shop", flow.replace("queue: short", "queue: general"), by="a")
    await desk.shelf.publish("site", site_of(desk).replace("  short: {name: S}\n", ""), by="a")
    after = engine.advance(desk.shelf.book, running, DigitReceived("1"), 1.0)
    assert not after.state.finished
    assert [c.request.queue for c in after.commands if isinstance(c, Enqueue)] == ["general"]

"""Own prompts on real calls, hostile look-ups, and silence nowhere (C7, C10, C12)."""

# ruff: noqa: E501 - flows read best in one line

from __future__ import annotations

import asyncio
import contextlib
import io
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest
import soundfile  # type: ignore[import-untyped, unused-ignore]

from ari_app.cli.live.ear import Ear, shipped
from ari_app.flow import speech
from ari_app.flow.speech.grammar import WAIT_MINUTES
from ari_app.softphone.sip import Account, Phone
from demo.api import ApiError
from demo.centre import Centre
from demo.plan import REPOSITORY
from pbx.patience import PATIENCE_S
from pbx.telco_calls import Call
from pbx.telco_phones import Behaviour
from pbx.tones import loudness
from tests.support.tones import tone_file
from tests.support.words import Words, put_site

OWN_HZ, VOICE_HZ = 1250.0, 700.0
MENU = (
    "flow: own-menu\nlanguage: pt-BR\nstart: ask\nnodes:\n"
    "  ask: {type: menu, prompt: own/ask, keys: {1: bye}, on: {timeout: bye, invalid: bye}}\n"
    "  bye: {type: hangup, prompt: goodbye/short}\n"
)


def when_rehearsed(words: Words, flow: str, source: str, **more: Any) -> tuple[Call, str]:
    """The draft answers one call of an outside phone."""
    made = words.api.post(f"/flows/{flow}/rehearsals", {"phone": "caller1", "source": source, **more})
    return words.when_caller_dials(made["number"], caller="caller1"), f"/rehearsals/{made['id']}"


def test_C10_uploaded_prompt_is_heard_by_the_next_call_and_kept_while_a_live_flow_uses_it(
    words: Words,
) -> None:
    with pytest.raises(ApiError, match="there is no prompt `own/ask`"):
        words.api.post("/flows/own-menu/rehearsals", {"phone": "caller1", "source": MENU})
    words.api.put("/prompts/pt-BR/ask", {"audio": tone_file(OWN_HZ), "text": "Pi."})
    words.api.wait("/flows", lambda _page: _publishes(words))
    call, url = when_rehearsed(words, "own-menu", MENU)
    call.hears(OWN_HZ, least_s=1.0)
    call.press("1")
    words.api.wait(url, lambda view: view["state"] == "ended")
    with pytest.raises(ApiError, match="in use by own-menu"):
        words.api.delete("/prompts/pt-BR/ask")
    words.api.put("/prompts/pt-BR/ask", {"audio": tone_file(VOICE_HZ)})
    call, url = when_rehearsed(words, "own-menu", MENU)
    call.hears(VOICE_HZ, least_s=1.0)
    call.press("1")
    words.api.wait(url, lambda view: view["state"] == "ended")
    words.api.raw("POST", "/flows/own-menu/retire")
    words.api.delete("/prompts/pt-BR/ask")
    assert "own/ask" not in {item["name"] for item in words.api.get("/prompts")["items"]}


def _publishes(words: Words) -> bool:
    """The checker knows the new prompt within a second or two."""
    with contextlib.suppress(ApiError):
        words.api.post("/flows/own-menu/publish", {"source": MENU})
        return True
    return False


def test_C7_prompt_file_deleted_under_a_live_call_leads_to_the_safe_exit_and_not_to_silence(
    words: Words, centre: Centre
) -> None:
    words.api.put("/prompts/pt-BR/gone", {"audio": tone_file(OWN_HZ)})
    source = MENU.replace("own-menu", "gone-menu").replace("own/ask", "own/gone")
    source = source.replace(
        "ask: {",
        "hello: {type: menu, prompt: menu/invalid, timeout_s: 90, keys: {1: ask},"
        " on: {timeout: bye, invalid: bye}}\n  ask: {",
        1,
    )
    source = source.replace("start: ask", "start: hello")
    made: dict[str, Any] = {}

    def is_known() -> bool:
        with contextlib.suppress(ApiError):
            made.update(words.api.post("/flows/gone-menu/rehearsals", {"phone": "caller1", "source": source}))
        return bool(made)

    words.until(is_known, "the checker knows the new prompt")
    call = words.when_caller_dials(made["number"], caller="caller1")
    for suffix in (".wav", ".wav16"):
        (centre.plan.prompts / f"default/pt-BR/gone{suffix}").unlink()
    call.press("1")
    url = f"/rehearsals/{made['id']}"
    view = words.api.wait(url, lambda view: view["queue"] is not None)
    kinds = {fact["fact"] for fact in view["facts"]}
    assert {"PromptFailed", "FlowFault"} <= kinds
    ear = Ear(shipped(REPOSITORY / "sounds"))
    then_hears(call, ear, "problem/safe-exit")
    call.hangup()


def then_hears(call: Call, ear: Ear, prompt: str, timeout_s: float = PATIENCE_S) -> float:
    """Until a prompt of the product is in what the caller has heard; gives where it begins, in seconds."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        heard = call.recorded_audio().astype(np.float32) if call.file.exists() else np.zeros(0, np.float32)
        found = ear.find(heard, "pt-BR", prompt)
        if found is not None:
            return found
        time.sleep(0.2)
    raise AssertionError(f"{prompt} was not heard")


def test_C10_prompt_is_recorded_by_a_phone_that_is_called(words: Words) -> None:
    robot = words.given_operator(
        "1108", {}, Behaviour(after_s=0.2, say=f"tone:{VOICE_HZ:g}"), signed_in=False
    )
    assert robot is not None
    made = words.api.post("/prompts/pt-BR/spoken/record", {"phone": "1108", "text": "Sou eu."})
    words.api.wait(f"/rehearsals/{made['id']}", _records)
    begin = len(robot.recorded_audio())
    words.until(lambda: len(robot.recorded_audio()) > begin + 2.5 * 8000, "it is spoken for a while")
    robot.hangup()
    page = words.api.wait(
        "/prompts", lambda page: any(item["name"] == "own/spoken" for item in page["items"])
    )
    item = next(item for item in page["items"] if item["name"] == "own/spoken")
    assert (item["source"], item["text"], item["duration_s"] > 1.0) == ("phone", "Sou eu.", True)
    heard, rate = soundfile.read(io.BytesIO(words.api.raw("GET", "/prompts/pt-BR/spoken/audio")))
    spectrum = np.abs(np.fft.rfft(heard))
    assert abs(float(np.argmax(spectrum)) * rate / len(heard) - VOICE_HZ) < 15
    words.api.delete("/prompts/pt-BR/spoken")
    with pytest.raises(ApiError, match="no voice is configured"):
        words.api.post("/prompts/pt-BR/spoken/speak", {"text": "Olá."})
    with pytest.raises(ApiError, match="is not called"):
        words.api.post("/prompts/pt-BR/spoken/record", {"phone": "+1900555"})


def _records(rehearsal: dict[str, Any]) -> bool:
    """What is said on the line is being recorded."""
    waits = [fact["kind"] for fact in rehearsal["facts"] if fact["fact"] == "WaitStarted"]
    return waits[-1:] == ["recording"]


PLACE = """
flow: place
language: pt-BR
start: line
nodes:
  line:
    type: enqueue
    queue: payments
    announce: {first_after_s: 1, every_s: 60}
    comfort: {prompts: queue/still-waiting, every_s: 12}
    on: {otherwise: bye}
  bye: {type: hangup, prompt: goodbye/short}
"""


@pytest.fixture
def place(centre: Centre) -> Iterator[str]:
    """A number whose callers are soon told where they stand; nobody serves them."""
    site, flow = centre.plan.flows / "site.yaml", centre.plan.flows / "place.yaml"
    before = site.read_text("utf-8")
    flow.write_text(PLACE, "utf-8")
    put_site(centre, before.replace("numbers:\n", 'numbers:\n  "5072": {flow: place}\n', 1))
    centre.api.wait("/flows", lambda page: any(f["id"] == "place" and f["version"] for f in page["items"]))
    yield "5072"
    put_site(centre, before)


def test_C12_second_in_line_hears_his_place_music_and_a_message(words: Words, place: str) -> None:
    first = words.when_caller_dials(place)
    one = words.newest_call()
    words.then_phase(one, "waiting")
    second = words.when_caller_dials(place)
    two = words.newest_call()
    words.then_phase(two, "waiting")
    ear = Ear(shipped(REPOSITORY / "sounds"))
    told = then_hears(second, ear, "queue/position-2")
    message = then_hears(second, ear, "queue/still-waiting")
    between = second.recorded_audio()[int(max(told, message - 2.0) * 8000) : int(message * 8000)]
    assert loudness(between) > 0.003, "music fills the wait"
    then_hears(first, ear, speech.say_position(1, "pt-BR")[0])
    played = [fact["prompts"][0] for fact in words.then_facts(two, "PromptPlayed", 2)]
    assert played[:2] == ["queue/position-2", "queue/still-waiting"]
    first.hangup()
    second.hangup()


def test_C12_estimate_is_heard_by_who_waits_while_the_only_operator_talks(words: Words, place: str) -> None:
    words.given_operator("1109", {"payments": 1}, Behaviour(say=f"tone:{VOICE_HZ:g}"))
    first = words.when_caller_dials(place)
    words.when_they_talk(first, VOICE_HZ)
    talked = words.newest_call()
    second = words.when_caller_dials(place)
    ident = words.newest_call()
    ear = Ear(shipped(REPOSITORY / "sounds"))
    (next_in_line,) = speech.say_position(1, "pt-BR")
    then_hears(second, ear, next_in_line)
    played = words.then_fact(ident, "PromptPlayed")["prompts"]
    assert played[0] == next_in_line
    assert played[1] in {
        prompt
        for s in (30, *(60 * m for m in WAIT_MINUTES))
        for prompt in speech.say_waiting_time(s, "pt-BR")
    }
    then_hears(second, ear, played[1])
    estimate = words.api.get(f"/calls/{ident}/routing")["waiting"]["estimate"]
    assert estimate["wait_s"] > 0
    assert estimate["error"] > 0, "how far late estimates were off is told with it"
    first.hangup()
    assert words.then_ended(talked)["operator"] == "1109"
    words.api.wait("/operators/1109", lambda operator: operator["state"] != "talking")
    with contextlib.suppress(ApiError):  # on a slow machine he is rung already
        words.api.put("/operators/1109/state", {"state": "available"})
    words.then_phase(ident, "talking")  # he was next indeed
    second.hangup()
    assert words.then_ended(ident)["operator"] == "1109"


class Hostile(BaseHTTPRequestHandler):
    """A server that does everything wrong, by its path."""

    def do_GET(self) -> None:
        kind = self.path.strip("/")
        if kind == "hang":
            threading.Event().wait(PATIENCE_S)
            return
        self.send_response(302 if kind == "redirect" else 200)
        if kind == "redirect":
            self.send_header("Location", f"http://localhost:{self.headers['Host'].partition(':')[2]}/good")
        self.send_header("Content-Type", "text/html" if kind == "html" else "application/json")
        if kind == "huge":
            self.send_header("Content-Length", str(3 * 1024**3))
        self.end_headers()
        with contextlib.suppress(OSError):
            match kind:
                case "html":
                    self.wfile.write(b"<html>the login page</html>")
                case "huge":
                    while True:
                        self.wfile.write(b'"' + b"x" * 65_536)
                case "wrong-type":
                    self.wfile.write(b'{"state": {"deep": [1, 2]}}')
                case "drip":
                    for _ in range(400):
                        self.wfile.write(b" ")
                        self.wfile.flush()
                        threading.Event().wait(0.1)
                case _:
                    self.wfile.write(b'{"state": "shipped"}')

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


@pytest.fixture
def hostile(centre: Centre, words: Words) -> Iterator[int]:
    """The server's port; the site allows its name."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hostile)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    site = centre.plan.flows / "site.yaml"
    before = site.read_text("utf-8")
    put_site(centre, before.replace("allowed_hosts: [", "allowed_hosts: [localhost, "))
    draft = {"source": lookup_flow("http://localhost:1/x"), "name": "ask"}
    assert words.api.post("/flows/check", draft)["problems"] == []
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    put_site(centre, before)


def lookup_flow(url: str, timeout_s: int = 20) -> str:
    return (
        "flow: ask\nlanguage: pt-BR\nstart: look\nvariables: {state: text}\nnodes:\n"
        f"  look: {{type: lookup, url: '{url}', timeout_s: {timeout_s}, into: {{state: answer.state}}, prompt: lookup/searching,"
        " next: found, on: {failed: failed, timeout: late}}\n"
        "  found: {type: hangup, prompt: order/shipped}\n"
        "  failed: {type: hangup, prompt: problem/one-moment}\n"
        "  late: {type: hangup, prompt: goodbye/short}\n"
    )


def test_C7_hostile_look_ups_take_their_exit_on_real_calls_and_the_caller_hears_words(
    words: Words, centre: Centre, hostile: int
) -> None:
    expected = {
        "good": "found", "hang": "late", "html": "failed", "huge": "failed", "wrong-type": "failed",
        "drip": "late", "redirect": "failed",
    }  # fmt: skip
    plan = centre.plan
    account = Account("127.0.0.1", plan.ports.sip, "caller3", plan.keys.callers["caller3"])
    made = {
        kind: words.api.post(
            "/flows/ask/rehearsals",
            {
                "phone": "caller3",
                "source": lookup_flow(f"http://localhost:{hostile}/{kind}", 1 if exit_ == "late" else 20),
                "real_lookups": True,
            },
        )
        for kind, exit_ in expected.items()
    }

    async def call(kind: str) -> float:
        phone = Phone(account, made[kind]["number"])
        await phone.dial()
        await asyncio.wait_for(phone.ended.wait(), PATIENCE_S)
        heard = phone.voice.heard()
        await phone.hang_up()
        return float(np.sqrt(np.mean(heard**2)))

    async def all_calls() -> list[float]:
        return await asyncio.gather(*(call(kind) for kind in expected))

    loudness = asyncio.run(all_calls())
    assert min(loudness) > 0.01, "somebody sat in silence"
    found = {}
    for kind, rehearsal in made.items():
        view = words.api.wait(f"/rehearsals/{rehearsal['id']}", lambda view: view["state"] == "ended")
        found[kind] = [fact["node"] for fact in view["facts"] if fact["fact"] == "NodeEntered"][-1]
    assert found == expected

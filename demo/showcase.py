"""The one real call that the demo places: dialled, told as it happens, and judged at its end."""

from __future__ import annotations

import time
from typing import Any

from demo.centre import Centre, CentreError
from pbx import PbxError
from pbx.telco_calls import Call
from pbx.tones import loudness, read_wav

QUIET = 0.002
"""Root mean square below which a channel counts as silent (full scale 1)."""


def place_call(centre: Centre, say: str) -> dict[str, Any]:
    """Dial 5000, press 2 over the prompt, talk, hang up; gives the call's record. Raises `CentreError`."""
    if centre.telco is None:
        raise CentreError("there is no telephone network to call from")
    before = {call["id"] for call in centre.api.get("/calls?limit=50")["items"]}
    try:
        call = centre.telco.call("5000", say=say)
        call.wait_answered()
        ident = _new_call(centre, before)
        story = Story(centre, ident)
        story.until("PromptPlayed")
        time.sleep(1.5)  # the caller listens to the greeting for a moment, then presses a key over it
        call.press("2")
        story.until("CallConnected", timeout_s=30)
        _talk(call, story)
        call.hangup()
        story.until("CallEnded")
        story.until("RecordingStored")
    except (PbxError, TimeoutError) as error:
        raise CentreError(f"the call failed: {error}\n{centre.last_words()}") from error
    return dict(centre.api.get(f"/calls/{ident}"))


def _talk(call: Call, story: Story) -> None:
    """Both speak for a moment."""
    deadline = time.monotonic() + 3.0
    while time.monotonic() < deadline and call.is_alive():
        story.tell()
        time.sleep(0.2)


def _new_call(centre: Centre, before: set[str]) -> str:
    calls = centre.api.wait("/calls?limit=50", lambda page: {c["id"] for c in page["items"]} - before)
    return str(next(c["id"] for c in calls["items"] if c["id"] not in before))


class Story:
    """Prints a call's trace as it grows."""

    def __init__(self, centre: Centre, ident: str) -> None:
        self._centre = centre
        self._ident = ident
        self._told = 0
        self._kinds: set[str] = set()
        self._began: str | None = None

    def tell(self) -> None:
        facts = self._centre.api.get(f"/calls/{self._ident}/trace?limit=500")["items"]
        for fact in facts[self._told :]:
            self._kinds.add(fact["fact"])
            print(f"    {fact['at'][11:23]}  {_sentence(fact)}", flush=True)
        self._told = len(facts)

    def until(self, kind: str, timeout_s: float = 15.0) -> None:
        """Go on telling until a fact of this kind was told. Raises `TimeoutError`."""
        deadline = time.monotonic() + timeout_s
        while kind not in self._kinds:
            if time.monotonic() > deadline:
                raise TimeoutError(f"no {kind} within {timeout_s:g} s")
            self.tell()
            time.sleep(0.05)


def _sentence(fact: dict[str, Any]) -> str:
    details = {
        name: value
        for name, value in fact.items()
        if name not in {"fact", "at", "seq", "call_id", "explanation", "client"} and value not in ("", None)
    }
    return f"{fact['fact']:<21}" + "  ".join(f"{name}={value}" for name, value in details.items())


def judge(centre: Centre, record: dict[str, Any]) -> list[str]:
    """What is wrong with the call; empty when it was answered, bridged, recorded and cleaned up."""
    wrong = []
    if record["final_state"] != "answered":
        wrong.append(f"the call ended as {record['final_state']}")
    if record["operator"] not in {"1001", "1002", "1003", "1004", "1006"}:
        wrong.append(f"operator {record['operator']} lacks support at level 2")
    manifest = centre.api.get(f"/recordings/{record['recording_id']}")
    if manifest["status"] != "complete":
        wrong.append(f"the recording is {manifest['status']}")
    else:
        audio = centre.api.raw("GET", f"/recordings/{record['recording_id']}/audio")
        path = centre.plan.state / "showcase.wav"
        path.write_bytes(audio)
        samples, _ = read_wav(path)
        path.unlink()
        for side, name in ((0, "caller"), (1, "operator")):
            if loudness(samples[:, side]) < QUIET:
                wrong.append(f"the {name}'s channel is silent")
    if left := _leftovers(centre):
        wrong.append(f"channels are left over: {left}")
    return wrong


def _leftovers(centre: Centre, timeout_s: float = 5.0) -> list[str]:
    deadline = time.monotonic() + timeout_s
    while centre.pbx is not None and (channels := centre.pbx.channels()):
        if time.monotonic() > deadline:
            return channels
        time.sleep(0.1)
    return []

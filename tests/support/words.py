"""Given, when, then: what end-to-end tests say, in one place."""

from __future__ import annotations

import base64
import json
import re
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from ari_app.cli.doctor import Place, examine
from ari_app.flow.parse import version_of
from demo.api import ApiError
from demo.centre import Centre
from pbx.patience import PATIENCE_S
from pbx.telco import Telco
from pbx.telco_calls import Call
from pbx.telco_phones import Behaviour, Robot
from pbx.telephony import until
from pbx.tones import WINDOW_S, heard, read_wav, seconds

Fact = dict[str, Any]


def put_site(centre: Centre, text: str) -> None:
    """Write the site file, which must differ from what it was, and wait until the application goes by it."""
    log = centre.plan.state / "application.log"
    seen, version = log.stat().st_size, version_of(text).encode()

    def is_in_force() -> bool:  # a change of before may be told only now: it is another version
        lines = log.read_bytes()[seen:].splitlines()
        return any(b'"event":"site.changed"' in line and version in line for line in lines)

    (centre.plan.flows / "site.yaml").write_text(text, encoding="utf-8")
    until(is_in_force, what="the site file is in force")


class Words:
    """A test's hold on the call centre; operators and calls made here are gone after the test."""

    def __init__(self, centre: Centre) -> None:
        self.centre = centre
        self.api = centre.api
        self._operators: list[str] = []
        self._passwords: dict[str, str] = {}
        self._console_passwords: dict[str, str] = {}
        self._pins: dict[str, str] = {}
        self._robots: dict[str, Robot] = {}
        self._calls: list[Call] = []
        self._placed: dict[str, Call] = {}
        """The callers' side of calls by id."""
        self._site: str | None = None
        self._known = self.call_ids()
        self._began = time.time()

    @property
    def telco(self) -> Telco:
        assert self.centre.telco is not None
        return self.centre.telco

    # -- given -----------------------------------------------------------------------------------------------

    def given_operator(
        self,
        extension: str,
        skills: dict[str, int],
        behaviour: Behaviour | None = None,
        *,
        signed_in: bool = True,
        registered: bool = True,
        wrap_up_s: float = 0.2,
        tls: bool = False,
        mortal: bool = False,
    ) -> Robot | None:
        """An operator with a robot's phone, available unless said otherwise; a `mortal` one can die."""
        body = {
            "extension": extension,
            "name": f"Operator {extension}",
            "skills": skills,
            "wrap_up_s": wrap_up_s,
        }
        made = self.api.post("/operators", body)
        self._operators.append(extension)
        self._passwords[extension] = made["password"]
        self._console_passwords[extension] = made["console_password"]
        self._pins[extension] = made["pin"]
        robot = None
        if registered:
            robot = self.telco.robot(extension, made["password"], behaviour, tls=tls, mortal=mortal)
            self._robots[extension] = robot
        if signed_in:
            self.api.put(f"/operators/{extension}/state", {"state": "available"})
            if registered:
                self.then_operator_is(extension, "available")
        return robot

    def password(self, extension: str) -> str:
        """Of the phone of an operator who was given before."""
        return self._passwords[extension]

    def pin(self, extension: str) -> str:
        """The PIN of an operator who was given before."""
        return self._pins[extension]

    def robot(self, extension: str) -> Robot:
        """The phone of an operator who was given before."""
        return self._robots[extension]

    def as_operator(self, extension: str, *paths: str) -> list[Any]:
        """What the API answers an operator who is signed in at the console."""
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        who = {"username": extension, "password": self._console_passwords[extension]}
        base, headers = self.centre.plan.api, {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{base}/session", json.dumps(who).encode(), headers)
        opener.open(request, timeout=PATIENCE_S).close()
        return [json.loads(opener.open(base + path, timeout=PATIENCE_S).read()) for path in paths]

    def ari(self, path: str) -> Any:
        """What the PBX itself says."""
        keys = self.centre.plan.keys
        login = base64.b64encode(f"{keys.ari_user}:{keys.ari_password}".encode()).decode()
        url = f"http://127.0.0.1:{self.centre.plan.ports.http}/ari{path}"
        request = urllib.request.Request(url, headers={"Authorization": f"Basic {login}"})
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            return json.loads(answer.read())

    def given_supervisor(self, extension: str, say: str = "tone:1300") -> Robot:
        """A phone that is in no queue, to listen with."""
        robot = self.given_operator(extension, {}, Behaviour(say=say), signed_in=False)
        assert robot is not None
        return robot

    # -- when ------------------------------------------------------------------------------------------------

    def when_caller_dials(self, number: str = "5000", **how: Any) -> Call:
        """An outside caller dials and is answered."""
        call = self.telco.call(number, **how)
        self._calls.append(call)
        call.wait_answered()
        return call

    def when_operator_dials(self, extension: str, number: str) -> Call:
        """The operator's own phone dials a code or number."""
        call = self.telco.operator_call(extension, number)
        self._calls.append(call)
        return call

    def when_they_talk(self, call: Call, operator_hz: float) -> None:
        """The caller hears the operator for a second."""
        call.hears(operator_hz, least_s=1.0)

    def call_ids(self) -> set[str]:
        return {call["id"] for call in self.api.get("/calls?limit=200")["items"]}

    def newest_call(self, timeout_s: float = PATIENCE_S) -> str:
        """The id of the call that came in since this was last asked."""
        deadline = time.monotonic() + timeout_s
        while not (new := self.call_ids() - self._known):
            assert time.monotonic() < deadline, "no new call is known"
            time.sleep(0.05)
        self._known |= new
        assert len(new) == 1, f"expected one new call, found {new}"
        ident = new.pop()
        if self._calls and self._calls[-1] not in self._placed.values():
            self._placed[ident] = self._calls[-1]
        return ident

    def until(self, true: Callable[[], bool], what: str, timeout_s: float = PATIENCE_S) -> None:
        """Wait for a condition; `what` says which."""
        deadline = time.monotonic() + timeout_s
        while not true():
            assert time.monotonic() < deadline, f"not within {timeout_s:g} s: {what}"
            time.sleep(0.05)

    def given_site(self, old: str, new: str) -> None:
        """The site file says something else until the test's end."""
        before = (self.centre.plan.flows / "site.yaml").read_text("utf-8")
        assert old in before
        self._site = before
        self.when_site_is(before.replace(old, new))

    def when_site_is(self, text: str) -> None:
        """The site file says this from now on, and the application goes by it."""
        put_site(self.centre, text)

    # -- then ------------------------------------------------------------------------------------------------

    def then_operator_is(self, extension: str, state: str, timeout_s: float = PATIENCE_S) -> dict[str, Any]:
        found: dict[str, Any] = self.api.wait(
            f"/operators/{extension}", lambda operator: operator["state"] == state, timeout_s
        )
        return found

    def then_call(
        self, ident: str, wanted: Callable[[dict[str, Any]], bool], timeout_s: float = PATIENCE_S
    ) -> dict[str, Any]:
        found: dict[str, Any] = self.api.wait(f"/calls/{ident}", wanted, timeout_s)
        return found

    def then_ended(self, ident: str, timeout_s: float = PATIENCE_S) -> dict[str, Any]:
        return self.then_call(ident, lambda call: call["final_state"] is not None, timeout_s)

    def then_phase(self, ident: str, phase: str, timeout_s: float = PATIENCE_S) -> dict[str, Any]:
        return self.then_call(ident, lambda call: call["phase"] == phase, timeout_s)

    def facts(self, ident: str, kind: str | None = None) -> list[Fact]:
        facts: list[Fact] = self.api.get(f"/calls/{ident}/trace?limit=500")["items"]
        return [fact for fact in facts if kind is None or fact["fact"] == kind]

    def then_fact(self, ident: str, kind: str, timeout_s: float = PATIENCE_S) -> Fact:
        """Wait for the first fact of a kind."""
        deadline = time.monotonic() + timeout_s
        while not (found := self.facts(ident, kind)):
            assert time.monotonic() < deadline, f"no {kind}: {[f['fact'] for f in self.facts(ident)]}"
            time.sleep(0.05)
        return found[0]

    def then_facts(self, ident: str, kind: str, count: int, timeout_s: float = PATIENCE_S) -> list[Fact]:
        """Wait until there are that many facts of a kind."""
        deadline = time.monotonic() + timeout_s
        while len(found := self.facts(ident, kind)) < count:
            assert time.monotonic() < deadline, f"{len(found)} {kind}, not {count}"
            time.sleep(0.05)
        return found

    def then_trace(
        self, ident: str, wanted: Callable[[list[Fact]], bool], timeout_s: float = PATIENCE_S
    ) -> list[Fact]:
        """Wait until the call's trace is so."""
        deadline = time.monotonic() + timeout_s
        while not wanted(facts := self.facts(ident)):
            assert time.monotonic() < deadline, [fact["fact"] for fact in facts]
            time.sleep(0.05)
        return facts

    def then_waits_for_a_key(self, ident: str, timeout_s: float = PATIENCE_S) -> None:
        """The menu's prompt is over or may be cut short: the last thing told is a wait."""
        deadline = time.monotonic() + timeout_s
        while [fact["fact"] for fact in self.facts(ident)[-1:]] != ["WaitStarted"]:
            assert time.monotonic() < deadline, self.facts(ident)[-1:]
            time.sleep(0.05)

    def then_recording_has(
        self, ident: str, left: float, right: float, least_s: float = 0.3, heard_s: float | None = None
    ) -> dict[str, Any]:
        """The recording is complete, the caller's tone alone on the left, the operator's on the right.

        `heard_s`: what the caller heard of it, by itself known of a call that was placed here.
        """
        page = self.api.wait(
            f"/recordings?call_id={ident}",
            lambda page: page["items"] and page["items"][0]["status"] != "recording",
        )
        recording: dict[str, Any] = page["items"][0]
        self.then_recording_is_whole(recording, right, heard_s)
        path = self.centre.plan.state / f"heard-{ident}.wav"
        path.write_bytes(self.api.raw("GET", f"/recordings/{recording['id']}/audio"))
        audio, rate = read_wav(path)
        for side, mine, other in ((0, left, right), (1, right, left)):
            assert seconds(audio[:, side], mine, rate) >= least_s, f"{mine} Hz is missing on side {side}"
            assert seconds(audio[:, side], other, rate) < 0.1, f"{other} Hz leaked to side {side}"
        return recording

    def then_recording_is_whole(
        self, recording: dict[str, Any], operator_hz: float, heard_s: float | None = None
    ) -> None:
        """It is complete, or has at least what the caller heard of the operator.

        A machine that has no time for the far phones sends and hears less than was talked, and the recording,
        which has all of that, is rightly told to be shorter.
        """
        if recording["status"] == "truncated":
            call = self._placed.get(recording["call_id"])
            if heard_s is None and call is not None:
                heard_s = call.has_heard(operator_hz)
            if heard_s is not None and recording["duration_s"] >= heard_s - 1.0:
                return
        assert recording["status"] == "complete", (recording, heard_s)

    def then_no_gap(self, *idents: str) -> None:
        """Nothing is missing of their recordings: those told to be short were judged by what was heard."""
        for gap in self.api.get("/recordings/gaps")["items"]:
            if gap["id"] in idents:
                found = self.api.get(f"/recordings?call_id={gap['id']}")["items"]
                assert [recording["status"] for recording in found] == ["truncated"], gap

    def then_recording_is_unbroken(self, ident: str, caller_hz: float, most_s: float = 1.0) -> None:
        """The caller's tone goes on through all of the recording that `then_recording_has` has read."""
        audio, rate = read_wav(self.centre.plan.state / f"heard-{ident}.wav")
        places = np.flatnonzero(heard(audio[:, 0], caller_hz, rate))
        assert len(places) > 1, f"{caller_hz} Hz is not on the caller's side"
        gap_s = (np.diff(places).max() - 1) * WINDOW_S
        assert gap_s < most_s, f"{gap_s:.1f} s of the caller are missing"
        assert places[0] * WINDOW_S < most_s, "its begin is missing"
        assert len(audio) / rate - places[-1] * WINDOW_S < most_s, "its end is missing"

    def then_recording_lacks(self, ident: str, frequency: float) -> None:
        """A tone is on neither side of the recording that `then_recording_has` has read."""
        audio, rate = read_wav(self.centre.plan.state / f"heard-{ident}.wav")
        for side in (0, 1):
            assert seconds(audio[:, side], frequency, rate) == 0, f"{frequency} Hz is on side {side}"

    def then_not_ready(self, timeout_s: float = PATIENCE_S) -> None:
        """The application says that callers cannot be served as they should."""
        deadline = time.monotonic() + timeout_s
        while self.api.not_ready() is None:
            assert time.monotonic() < deadline, "the application stayed ready"
            time.sleep(0.01)

    def then_nothing_is_left(self, timeout_s: float = PATIENCE_S) -> None:
        """No channel on the PBX, no live call in the application, and what it knew of all is in the store."""
        assert self.centre.pbx is not None
        deadline = time.monotonic() + timeout_s
        while left := [*self.centre.pbx.channels(), *self._unsettled(), *self._live()]:
            assert time.monotonic() < deadline, f"left over: {left}"
            time.sleep(0.05)

    def _live(self) -> list[Any]:
        return list(self.api.get("/calls?live=true")["items"])

    def _unsettled(self) -> list[str]:
        """What the application still has in memory alone: the API reads calls from the store."""
        root = self.centre.plan.api.removesuffix("/api/v1")
        with urllib.request.urlopen(f"{root}/metrics", timeout=PATIENCE_S) as answer:
            lines = answer.read().decode().splitlines()
        kept = [line for line in lines if line.startswith(("ramal_calls{", "ramal_journal_backlog "))]
        assert kept, "the application tells its backlog"
        return [line for line in kept if float(line.rsplit(" ", 1)[1])]

    def then_fallback_members(self, extensions: set[str], timeout_s: float = PATIENCE_S) -> None:
        """The dialplan's own queue rings exactly these."""
        assert self.centre.pbx is not None
        deadline = time.monotonic() + timeout_s
        while True:
            said = self.centre.pbx.cli("queue show ramal-fallback")
            found = set(re.findall(r"PJSIP/(\d+)", said))
            if found == extensions:
                return
            assert time.monotonic() < deadline, f"members are {found}, not {extensions}: {said}"
            time.sleep(0.05)

    def then_invariants_hold(self) -> None:
        """What `ramal doctor` checks, of all that this test did (in a thread: browser tests have a loop)."""
        plan = self.centre.plan
        place = Place(
            database=plan.environment()["RAMAL_DATABASE"],
            recordings=plan.recordings,
            ari=f"http://127.0.0.1:{plan.ports.http}",
            ari_user=plan.keys.ari_user,
            ari_password=plan.keys.ari_password,
            api=plan.api,
            token=plan.token,
        )
        with ThreadPoolExecutor(1) as beside:
            found = beside.submit(examine, place, self._began, PATIENCE_S).result()
        assert found == [], "\n".join(found)

    # -- the end ---------------------------------------------------------------------------------------------

    def clean_up(self) -> None:
        """Whatever is wrong here, the operators are gone: the next test has others."""
        try:
            self.telco.hang_up_all()
            if self._site is not None:
                self.when_site_is(self._site)
            self.then_nothing_is_left()
            self.then_invariants_hold()
        finally:
            for extension in self._operators:
                try:
                    self.api.delete(f"/operators/{extension}")
                except ApiError as error:
                    if error.status != 404:
                        raise

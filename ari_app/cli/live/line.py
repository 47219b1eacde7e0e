"""A real call as a scenario sees it: moved by a telephone, read from the rehearsal and by ear."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

import msgspec

from ari_app.cli.live.ear import Ear
from ari_app.cli.live.listening import Listener, Misheard
from ari_app.cli.remote import Remote
from ari_app.flow.scenario.player import StepError
from ari_app.flow.scenario.script import Step
from ari_app.flow.scenario.world import Refusal
from ari_app.model.commands import BookCallback, KeepMessage, Sound, TransferTo
from ari_app.model.facts import AnyFact, Fact, WaitStarted
from ari_app.model.routing import QueueRequest
from ari_app.softphone import alaw
from ari_app.softphone.sip import Account, Phone

T = TypeVar("T")
NEWS_S = 0.25
KEY_GAP_S = 0.15
ACT_S = 30.0
"""What is asked of the rehearsal has happened by then, on a machine that does other things too."""
_WORLD = ("lookup_answers", "lookup_fails", "transfer_ends", "breaks", "queue_status", "speaks")


class Loop:
    """An event loop in a thread of its own, for telephones; use as a context."""

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def run(self, work: Coroutine[Any, Any, T], timeout_s: float = 60.0) -> T:
        """Do something there and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout_s)


@dataclass(slots=True)
class _Known:
    """The rehearsal as last told."""

    view: dict[str, Any]
    facts: list[tuple[float, Fact]] = field(default_factory=list)


class RealLine:
    """One call on the PBX. Blocking; all waits have deadlines. See `Line` for what the words mean."""

    def __init__(self, remote: Remote, ear: Ear, loop: Loop, account: Account, plan: dict[str, Any]) -> None:
        """`plan` is the body of `POST /flows/{id}/rehearsals`, with `flow` beside."""
        flow = plan.pop("flow")
        self._remote = remote
        self._loop = loop
        view = remote.ask("POST", f"/flows/{flow}/rehearsals", {**plan, "phone": account.user})
        self._known = _Known(view)
        self._phone = Phone(account, view["number"])
        self._listener = Listener(ear, self._phone.voice.heard)
        self._up_at = 0.0
        self._speaks_s = 0.0
        self.limit_s = 60.0
        """No wait for anything lasts longer."""

    def dial(self) -> None:
        """Place the call. Raises `NoCall`."""
        self._loop.run(self._phone.dial())
        self._up_at = time.monotonic()

    def close(self) -> None:
        """Hang up, if need be."""
        self._loop.run(self._phone.hang_up())
        self._remote.ask("DELETE", self._url)

    # --- what is known ------------------------------------------------------------------------------------

    @property
    def _url(self) -> str:
        return f"/rehearsals/{self._known.view['id']}"

    @property
    def ended(self) -> bool:
        return self._known.view["state"] in {"ended", "unanswered"}

    @property
    def playing(self) -> bool:
        return bool(self._known.view["playing"])

    @property
    def talking(self) -> bool:
        return bool(self._known.view["talking"])

    @property
    def moves(self) -> int:
        return int(self._known.view["moves"])

    @property
    def node(self) -> str:
        return str(self._known.view["node"])

    @property
    def language(self) -> str:
        return str(self._known.view["language"])

    @property
    def began(self) -> float:
        return self._known.facts[0][0] if self._known.facts else time.time()

    @property
    def variables(self) -> Mapping[str, Any]:
        found: dict[str, Any] = self._known.view["variables"]
        return found

    @property
    def heard(self) -> Sequence[tuple[float, Sound]]:
        """What the ear has found, with the seconds since the answer."""
        return self._listener.heard

    @property
    def misheard(self) -> Sequence[Misheard]:
        """What the trace claims and the line lacked."""
        return self._listener.misheard

    @property
    def facts(self) -> Sequence[tuple[float, Fact]]:
        return self._known.facts

    @property
    def queue(self) -> QueueRequest | None:
        held = self._known.view["queue"]
        return None if held is None else msgspec.convert(held, QueueRequest)

    @property
    def kept(self) -> Sequence[KeepMessage]:
        return msgspec.convert(self._known.view["kept"], list[KeepMessage])

    @property
    def booked(self) -> Sequence[BookCallback]:
        return msgspec.convert(self._known.view["booked"], list[BookCallback])

    @property
    def transfers(self) -> Sequence[TransferTo]:
        return msgspec.convert(self._known.view["transfers"], list[TransferTo])

    @property
    def consent(self) -> bool | None:
        given: bool | None = self._known.view["consent"]
        return given

    # --- what the caller and the world do ----------------------------------------------------------------

    def change(self, step: Step) -> bool:
        if step.act not in _WORLD:
            return False
        if step.act == "speaks":
            self._speaks_s = step.value
        self._act(step.act, step.value)
        return True

    def press(self, digits: str) -> None:
        for digit in digits:
            self._loop.run(self._phone.press(digit))
            self.wait(KEY_GAP_S)

    def hang_up(self) -> None:
        self._loop.run(self._phone.hang_up())
        self.until(lambda: self.ended, ACT_S)

    def restart(self) -> None:
        raise StepError("an application that serves others is not restarted for a scenario")

    def wait(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not self.ended and (left := deadline - time.monotonic()) > 0:
            self._look(min(left, NEWS_S))

    def until(self, happened: Callable[[], bool], limit_s: float) -> bool:
        deadline = time.monotonic() + min(limit_s, self.limit_s)
        while not happened():
            if time.monotonic() > deadline:
                return False
            if self.ended and not self._listener.pending:
                return happened()
            self._look(NEWS_S)
        return True

    def connect(self, operator: str = "1001") -> None:
        self._act("operator_connects", operator)
        self.until(lambda: self.talking, ACT_S)

    def operator_leaves(self) -> None:
        self._act("operator_hangs_up", None)
        self.until(lambda: not self.talking, ACT_S)

    def refuse(self, reason: Refusal) -> None:
        before = self.moves
        self._act("queue_refuses", reason)
        self.until(lambda: self.moves > before or self.ended, ACT_S)

    def _act(self, act: str, value: Any) -> None:
        self._remote.ask("POST", f"{self._url}/acts", {"act": act, "value": value})
        self._look(0.0)

    # --- eyes and ears ------------------------------------------------------------------------------------

    def _look(self, wait_s: float) -> None:
        """Learn what is new."""
        known = self._known
        if self.ended:
            time.sleep(wait_s)  # nothing more happens, but the sound may be late
        query = f"?after={len(known.facts)}&moves={self.moves}&wait_s={wait_s:.3f}"
        known.view = self._remote.ask("GET", self._url + query)
        for told in known.view["facts"]:
            at = told.pop("at")
            fact: Fact = msgspec.convert(told, AnyFact)
            known.facts.append((at, fact))
            self._listener.notice(at, fact)
            if isinstance(fact, WaitStarted) and fact.kind == "recording" and self._speaks_s:
                self._phone.voice.say(alaw.SILENCE * 4800 + alaw.tone(440.0, self._speaks_s))
        self._listener.listen(time.monotonic() - self._up_at, over=self.ended and self._phone.ended.is_set())

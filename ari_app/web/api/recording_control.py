"""`/calls/{id}/recording`: start on demand, pause for card data, resume, withdraw consent (M2 to M4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from ari_app.model.call import CallRecord
from ari_app.model.ids import CallId
from ari_app.model.recording import Consent, Tape
from ari_app.ports import LiveRecordings, NotFound
from ari_app.web.api.calls import may_see
from ari_app.web.api.inputs import Note
from ari_app.web.route import LEADERS, LEADERS_AND_SELF, STAFF_AND_SELF, Ask, Route
from ari_app.web.stores import Calls, Withdrawals
from ari_app.web.views import PauseOut, Time, optional_time, pause_out


class NothingIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An empty object, or no body at all."""


class PauseIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long at most; without it what the policy says."""

    max_s: Annotated[float, Meta(ge=1, le=3600)] | None = None


class WithdrawIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why, for the log."""

    reason: Note = ""


class TapeOut(msgspec.Struct, frozen=True):
    """A live call's recording. `held`: only the last seconds are kept until somebody starts it."""

    call_id: str
    state: Literal["recording", "paused", "held", "off"]
    consent: Consent
    policy: str
    paused_until: Time | None
    pauses: list[PauseOut]


def tape_out(call: CallId, tape: Tape) -> TapeOut:
    """A tape as the API shows it."""
    state: Literal["recording", "paused", "held", "off"] = "off"
    if tape.running:
        state = "paused" if tape.paused else "recording" if tape.kept else "held"
    return TapeOut(
        call_id=call,
        state=state,
        consent=tape.consent,
        policy=tape.policy.source,
        paused_until=optional_time(tape.pause_until),
        pauses=[pause_out(pause) for pause in tape.pauses],
    )


@dataclass(frozen=True, slots=True)
class RecordingControlApi:
    """What the operator of a call, or a supervisor, does to its recording while it lives."""

    archive: Calls
    live: LiveRecordings
    withdrawals: Withdrawals

    def routes(self) -> list[Route]:
        path, problems = "/calls/{id}/recording", (404, 409, 502)
        return [
            Route(
                "GET",
                path,
                self.state,
                "How a live call is being recorded",
                STAFF_AND_SELF,
                answer=TapeOut,
                problems=(404,),
            ),
            Route(
                "POST",
                f"{path}/start",
                self.start,
                "Record from here on, and what the policy held of before",
                LEADERS_AND_SELF,
                body=NothingIn,
                body_optional=True,
                answer=TapeOut,
                problems=problems,
            ),
            Route(
                "POST",
                f"{path}/pause",
                self.pause,
                "Record silence: card data follows",
                LEADERS_AND_SELF,
                body=PauseIn,
                body_optional=True,
                answer=TapeOut,
                problems=problems,
            ),
            Route(
                "POST",
                f"{path}/resume",
                self.resume,
                "Record again what is said",
                LEADERS_AND_SELF,
                body=NothingIn,
                body_optional=True,
                answer=TapeOut,
                problems=problems,
            ),
            Route(
                "POST",
                f"{path}/withdraw",
                self.withdraw,
                "The caller takes his consent back: what there is of him is deleted, live or stored",
                LEADERS,
                body=WithdrawIn,
                body_optional=True,
                problems=problems,
            ),
        ]

    async def state(self, ask: Ask) -> TapeOut:
        call = (await self._visible(ask)).id
        tape = self.live.tape(call)
        if tape is None:
            raise NotFound(f"call {call} is not going on")
        return tape_out(call, tape)

    async def start(self, ask: Ask) -> TapeOut:
        return await self._act(ask, "start")

    async def pause(self, ask: Ask) -> TapeOut:
        return await self._act(ask, "pause", ask.body.max_s)

    async def resume(self, ask: Ask) -> TapeOut:
        return await self._act(ask, "resume")

    async def withdraw(self, ask: Ask) -> None:
        call = (await self._visible(ask)).id
        if self.live.tape(call) is not None:
            await self.live.act(call, "withdraw", by=ask.principal.name)
        why = f"consent withdrawn{': ' if ask.body.reason else ''}{ask.body.reason}"
        await self.withdrawals.delete_of_call(call, why=why, by=ask.principal.name)

    async def _act(
        self, ask: Ask, act: Literal["start", "pause", "resume"], max_s: float | None = None
    ) -> TapeOut:
        call = (await self._visible(ask)).id
        return tape_out(call, await self.live.act(call, act, by=ask.principal.name, max_s=max_s))

    async def _visible(self, ask: Ask) -> CallRecord:
        record = await self.archive.call(CallId(ask.path["id"]))
        if record is None or not may_see(ask.principal, record):
            raise NotFound(f"call {ask.path['id']} does not exist")
        return record

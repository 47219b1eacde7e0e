"""The application dies at every step of the dialling path: nobody is dialled twice, no outcome is lost."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ari_app.model.campaign import Campaign
from ari_app.model.operator import OperatorState
from tests.fakes.loop import JumpingLoop, run
from tests.fakes.network import Subscriber
from tests.unit.campaigns.world import SALE, Field, campaign

KINDS = (
    Subscriber("answer", 2.0, 40.0),
    Subscriber("busy"),
    Subscriber("ring"),
    Subscriber("machine", 1.0, 60.0),
    Subscriber("drop", 1.5),
    Subscriber("unknown"),
    Subscriber("congested"),
    Subscriber("answer", 3.0, 1.0),
)


class SteppedLoop(JumpingLoop):
    """Calls `strike` before the n-th turn of the loop, that is, between any two awaits of the application."""

    def __init__(self) -> None:
        super().__init__()
        self.turns = 0
        self.strike_at: int | None = None
        self.strike: Any = None

    def _run_once(self) -> None:
        self.turns += 1
        if self.turns == self.strike_at:
            self.strike()
        super()._run_once()  # type: ignore[misc]


def given_field(mode: str, amd: str = "off") -> Field:
    made: Campaign = campaign(mode=mode, amd=amd, queue=None if mode == "agentless" else "sales", at_once=4)
    field = Field(made, 6, lambda number: KINDS[int(number[-4:]) % len(KINDS)])
    field.network.talk_s = 6.0
    return field


def then_all_is_well(field: Field) -> None:
    """Every attempt has one outcome, nobody was dialled twice, nobody is stuck."""
    assert field.network.broken == field.store.broken == []
    assert all(attempt.result is not None for attempt in field.store.attempts.values())
    assert set(field.store.resolved.values()) <= {1}
    channels = Counter(channel for _, channel, _ in field.network.dialled)
    assert set(channels.values()) <= {1}
    never = {a.id for a in field.store.attempts.values() if a.result in {"withdrawn", "skipped"}}
    assert not never & set(channels), "what was dialled is not told as never dialled"
    assert field.network.lines == {}
    assert field.network.ringing == {}
    assert field.exchange.sessions == {}
    states = {presence.state for presence in field.dispatcher.operators.values()}
    assert states <= {OperatorState.AVAILABLE, OperatorState.PAUSED, OperatorState.SIGNED_OUT}, states
    assert field.campaigns.tower.flights == {}
    assert field.campaigns.landing.writing == set()


async def ends(field: Field) -> None:
    """The campaign is stopped and everybody hangs up."""
    await field.desk.stop(SALE, by="test")
    await field.settle(75.0)
    then_all_is_well(field)
    await field.kill()


async def struck(mode: str, amd: str, turn: int | None) -> int:
    """One story with the application killed before the given turn of the loop; gives its number of turns."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, SteppedLoop)
    field = given_field(mode, amd)
    dead = asyncio.Event()

    def strike() -> None:
        field.network.listen(None)
        field.journal.crash()
        dead.set()
        if field._life is not None:
            for session in field.exchange.sessions.values():
                session.ended = True
            field._life.cancel()

    await field.start()
    if field.desk and mode == "preview":
        accepting = asyncio.create_task(accept_all(field))
    first = loop.turns
    loop.strike, loop.strike_at = strike, None if turn is None else first + turn
    story = asyncio.create_task(field.settle(14.0))
    died = asyncio.create_task(dead.wait())
    await asyncio.wait({story, died}, return_when=asyncio.FIRST_COMPLETED)
    turns = loop.turns - first
    loop.strike_at = None
    story.cancel()
    died.cancel()
    if mode == "preview":
        accepting.cancel()
    if dead.is_set():
        await field.kill()
        await asyncio.sleep(0.7)  # the world goes on without us
        await field.start()
        await field.settle(8.0)
    await ends(field)
    return turns


async def accept_all(field: Field) -> None:
    while True:
        await asyncio.sleep(0.3)
        for operator in list(field.dispatcher.operators):
            shown = field.campaigns.previews.pending(operator)
            if shown is not None:
                field.campaigns.previews.accept(operator, shown.attempt)


def play(mode: str, amd: str, turn: int | None) -> int:
    with asyncio.Runner(loop_factory=SteppedLoop) as runner:
        return runner.run(struck(mode, amd, turn))


def stories(mode: str, amd: str) -> None:
    """Every n-th turn of the whole story; all of them when `RAMAL_STORIES` asks for long runs."""
    turns = play(mode, amd, None)
    most = int(os.environ.get("RAMAL_STORIES", "100"))
    for turn in range(1, turns, max(1, turns // most)):
        play(mode, amd, turn)


def test_O13_progressive_is_killed_at_any_step() -> None:
    stories("progressive", "off")


def test_O13_agentless_with_machines_is_killed_at_any_step() -> None:
    stories("agentless", "leave_message")


def test_O13_preview_is_killed_at_any_step() -> None:
    stories("preview", "off")


@settings(max_examples=int(os.environ.get("RAMAL_STORIES", "100")), deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["wait", "kill", "pbx dies", "store", "pause", "operators"]),
            st.sampled_from([1, 7, 50, 400, 2500, 9000]),
        ),
        max_size=12,
    )
)
def test_O13_random_crashes_of_everything_lose_no_outcome(steps: list[tuple[str, int]]) -> None:
    run(story(steps))


async def story(steps: list[tuple[str, int]]) -> None:
    field = given_field("progressive", "detect")
    await field.start()
    for step, number in steps:
        match step:
            case "kill":
                if number % 2:
                    field.journal.commit()
                await field.kill()
                await asyncio.sleep(number / 1000)
                await field.start()
            case "pbx dies":
                field.network.restart()
                await field.kill()
                await field.start()
            case "store":
                field.store.away = True
                await field.settle(number / 1000)
                field.store.away = False
            case "pause" if field.store.held[SALE].status == "running":
                await field.desk.pause(SALE, by="test")
            case "pause":
                await field.desk.resume(SALE, by="test")
            case "operators":
                field.operators_are(OperatorState.SIGNED_OUT)
                await field.settle(0.05)
                field.operators_are(OperatorState.AVAILABLE)
            case _:
                pass
        await field.settle(number / 1000)
    await ends(field)

"""FastAGI asked by a real Asterisk's dialplan."""

from __future__ import annotations

import asyncio

from ari_app.asterisk.agi import AgiRequest, AgiServer, AgiSession, CallerGone
from ari_app.asterisk.ari import Ok
from ari_app.asterisk.ari.events import StasisEnd, StasisStart
from tests.contract.bench import DEADLINE_S, Listener, until
from tests.contract.real_asterisk import RealAsterisk


async def _send_to_agi(real: RealAsterisk, app: Listener, server: AgiServer) -> None:
    await real.arrive("c1", "alpha")
    await app.next(StasisStart)
    await app.ops.channels.set_variable("c1", "CONTRACT_AGI", str(server.port))
    await app.ops.channels.continue_in_dialplan("c1", "contract", "agi")
    await app.next(StasisEnd)


async def test_a_code_is_handled_and_the_dialplan_reads_the_result(real: RealAsterisk) -> None:
    asked: list[AgiRequest] = []

    async def handler(request: AgiRequest, session: AgiSession) -> None:
        asked.append(request)
        await session.answer()
        await session.stream_file("beep")
        await session.set_variable("CONTRACT_RESULT", 'a "quoted" \\ value')
        assert await session.get_variable("CONTRACT_RESULT") == 'a "quoted" \\ value'
        assert await session.get_variable("CONTRACT_UNSET") == ""
        await session.verbose("done")

    server = AgiServer(handler, "127.0.0.1", 0)
    serving = asyncio.create_task(server.run())
    await server.ready.wait()
    async with Listener(real, "alpha") as app:
        await _send_to_agi(real, app, server)

        async def is_set() -> bool:
            read = await app.ops.channels.get_variable("c1", "CONTRACT_RESULT")
            return isinstance(read, Ok) and read.value.value == 'a "quoted" \\ value'

        await until(is_set, "the handler's variable is on the channel")
        assert (asked[0].path, asked[0].query) == ("code/test", {"operator": "1001"})
        assert asked[0].unique_id == "c1"
        assert server.refused == 0
    server.close()
    await serving


async def test_digits_are_collected_and_a_hangup_ends_the_dialogue(real: RealAsterisk) -> None:
    heard: list[str] = []
    waiting = asyncio.Event()

    async def handler(_request: AgiRequest, session: AgiSession) -> None:
        while "42" not in heard:  # what is pressed before the PBX listens is lost
            waiting.set()
            heard.append(await session.get_data("beep", 5, 2))
        waiting.set()
        try:
            await session.get_data("beep", 30, 2)
            await session.answer()
        except CallerGone:
            heard.append("gone")

    server = AgiServer(handler, "127.0.0.1", 0)
    serving = asyncio.create_task(server.run())
    await server.ready.wait()
    async with Listener(real, "alpha") as app:
        await _send_to_agi(real, app, server)
        await asyncio.wait_for(waiting.wait(), DEADLINE_S)
        while "42" not in heard:
            waiting.clear()
            await real.press("c1", "42")
            await asyncio.wait_for(waiting.wait(), DEADLINE_S)
        await real.hang_up("c1")

        async def is_over() -> bool:
            return "gone" in heard

        await until(is_over, "the dialogue ended")
        assert heard[-2:] == ["42", "gone"]
    server.close()
    await serving

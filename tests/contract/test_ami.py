"""AMI on a real Asterisk with Ramal's own manager.conf."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from ari_app.asterisk.ami import Ami, AmiOperations, AmiSettings
from ari_app.asterisk.ari import Conflict, Gone, Ok
from ari_app.asterisk.ari.events import StasisStart
from tests.contract.bench import Listener, until, value
from tests.contract.real_asterisk import RealAsterisk

QUEUE = "ramal-fallback"


@pytest.fixture
async def ami(real: RealAsterisk) -> AsyncIterator[AmiOperations]:
    connection = Ami(AmiSettings("127.0.0.1", real.ami_port, "ramal", real.ami_secret))
    async with asyncio.TaskGroup() as group:
        keeping = group.create_task(connection.run())

        async def is_connected() -> bool:
            return connection.is_connected

        await until(is_connected, "AMI is connected")
        yield AmiOperations(connection)
        connection.close()
        await keeping


async def test_members_of_the_fallback_queue_come_and_go(ami: AmiOperations) -> None:
    assert isinstance(await ami.add_to_queue(QUEUE, "PJSIP/1005", name="Ana", penalty=2), Ok)
    assert isinstance(await ami.add_to_queue(QUEUE, "PJSIP/1005"), Conflict)
    (member,) = value(await ami.queue_members(QUEUE))
    assert (member.interface, member.name, member.is_paused) == ("PJSIP/1005", "Ana", False)
    assert isinstance(await ami.pause_in_queue(QUEUE, "PJSIP/1005", is_paused=True, reason="lunch"), Ok)
    (member,) = value(await ami.queue_members(QUEUE))
    assert (member.is_paused, member.paused_reason) == (True, "lunch")
    assert isinstance(await ami.remove_from_queue(QUEUE, "PJSIP/1005"), Ok)
    assert isinstance(await ami.remove_from_queue(QUEUE, "PJSIP/1005"), Gone)
    assert value(await ami.queue_members(QUEUE)) == []


async def test_a_call_is_recorded_muted_and_stopped(real: RealAsterisk, ami: AmiOperations) -> None:
    async with Listener(real, "alpha") as app:
        await real.arrive("c1", "alpha")
        name = (await app.next(StasisStart)).channel.name
        recording = real.running.instance.shared[0] / "c1.raw"
        assert isinstance(await ami.start_mix_monitor(name, str(recording), options="D"), Ok)
        assert isinstance(await ami.mute_mix_monitor(name, muted=True), Ok)
        assert isinstance(await ami.mute_mix_monitor(name, muted=False), Ok)
        assert isinstance(await ami.stop_mix_monitor(name), Ok)

        async def exists() -> bool:
            return recording.exists()

        await until(exists, "the recording is on disk")
        assert isinstance(await ami.start_mix_monitor("PJSIP/9-9", str(recording)), Gone)
        assert isinstance(await ami.mute_mix_monitor("PJSIP/9-9", muted=True), Gone)


async def test_a_pair_is_pulled_back_at_once(real: RealAsterisk, ami: AmiOperations) -> None:
    async with Listener(real, "alpha") as app:
        names = {}
        for leg in ("c1", "c2"):
            await real.arrive(leg, "alpha")
            names[leg] = (await app.next(StasisStart, lambda e, leg=leg: e.channel.id == leg)).channel.name  # type: ignore[misc]
        pulled = await ami.redirect_pair(
            names["c1"], names["c2"], context="contract", extension="after", extra_extension="ring"
        )
        assert isinstance(pulled, Ok)

        async def are_there() -> bool:
            one = value(await app.ops.channels.get("c1")).dialplan.exten
            two = value(await app.ops.channels.get("c2")).dialplan.exten
            return (one, two) == ("after", "ring")

        await until(are_there, "both legs are in the dialplan")
        gone = await ami.redirect("PJSIP/9-9", context="contract", extension="after")
        assert isinstance(gone, Gone)

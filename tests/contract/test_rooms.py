"""Bridges as talks use them: the fake telephone of the random stories does what a real Asterisk does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from ari_app.asterisk.ari import Connection
from ari_app.asterisk.ari.events import AnyEvent
from ari_app.asterisk.ari.operations import Operations
from ari_app.asterisk.telephony_bridges import BridgeOperations
from ari_app.model.ids import ChannelId, PlaybackId
from ari_app.ports import Outcome, TalkLines
from tests.contract.bench import Listener, until, value
from tests.contract.real_asterisk import RealAsterisk
from tests.fakes.rooms import RoomTelephone

MAIN, SIDE = "talk~contract", "side~contract"
HangUp = Callable[[ChannelId], Awaitable[None]]


class RealLines(BridgeOperations):
    """The bridges of a real Asterisk, without the rest of a telephone."""

    def __init__(self, connection: Connection[AnyEvent]) -> None:
        super().__init__()
        self._connection = connection

    def _for(self, channel: str) -> Operations:
        return self._connection.shard(channel)


async def a_talk(lines: TalkLines, one: ChannelId, two: ChannelId, hang_up: HangUp) -> None:
    """What talks rely on, step by step."""
    assert await lines.open_bridge(MAIN) is Outcome.DONE
    assert await lines.open_bridge(MAIN) is Outcome.DONE  # one that is there is as good
    assert await lines.open_bridge(SIDE) is Outcome.DONE
    assert await lines.join(MAIN, (one, two)) is Outcome.DONE
    assert await lines.join(SIDE, (two,)) is Outcome.DONE  # out of the one it was in
    assert await lines.part(MAIN, two) is Outcome.REFUSED
    assert await lines.part(SIDE, two) is Outcome.DONE
    assert await lines.bridge_music(MAIN, on=True) is Outcome.DONE
    assert await lines.bridge_music(MAIN, on=False) is Outcome.DONE
    assert await lines.ringing_tone(SIDE, PlaybackId("ring-contract")) is Outcome.DONE
    assert await lines.mute(one, muted=True) is Outcome.DONE
    assert await lines.mute(one, muted=False) is Outcome.DONE
    assert await lines.join("talk~nobody", (one,)) is Outcome.GONE
    assert await lines.bridge_music("talk~nobody", on=True) is Outcome.GONE
    assert await lines.join(MAIN, (ChannelId("nobody"),)) is Outcome.GONE
    assert await lines.mute(ChannelId("nobody"), muted=True) is Outcome.GONE
    await hang_up(one)
    assert await lines.join(MAIN, (one,)) is Outcome.GONE
    assert await lines.join(MAIN, (two,)) is Outcome.DONE  # the bridge outlives who left it
    assert await lines.close_bridge(MAIN) is Outcome.DONE
    assert await lines.close_bridge(MAIN) is Outcome.GONE
    for _ in range(20):
        assert await lines.open_bridge(MAIN) is Outcome.DONE  # a new one, not the one that is dying
        assert await lines.join(MAIN, (two,)) is Outcome.DONE  # and who was in it outlives the bridge
        assert await lines.close_bridge(MAIN) is Outcome.DONE
    assert await lines.open_bridge(MAIN) is Outcome.DONE
    assert await lines.join(MAIN, (two,)) is Outcome.DONE
    closed, opened = await asyncio.gather(lines.close_bridge(MAIN), lines.open_bridge(MAIN))
    assert (closed, opened) == (Outcome.DONE, Outcome.DONE)
    assert await lines.join(MAIN, (two,)) is Outcome.DONE
    for bridge in (MAIN, SIDE):
        assert await lines.close_bridge(bridge) is Outcome.DONE


async def test_P6_bridges_of_a_talk_on_a_real_asterisk(real: RealAsterisk) -> None:
    async with Listener(real, "rooms") as app:
        for channel in ("room-1", "room-2"):
            await real.arrive(channel, "rooms")

        async def are_there() -> bool:
            return {"room-1", "room-2"} <= set(value(await app.ops.applications.get("rooms")).channel_ids)

        await until(are_there, "both channels are in our hands")

        async def hang_up(channel: ChannelId) -> None:
            await real.hang_up(channel)

            async def is_gone() -> bool:
                return channel not in {each.id for each in value(await app.ops.channels.list())}

            await until(is_gone, f"{channel} is gone")

        lines = RealLines(app.connection)
        await a_talk(lines, ChannelId("room-1"), ChannelId("room-2"), hang_up)


async def test_P6_bridges_of_a_talk_on_the_fake_telephone() -> None:
    telephone = RoomTelephone()
    telephone.listen(lambda _event: None)
    for _ in range(2):
        telephone.caller_dials()
    one, two = telephone.lines

    async def hang_up(channel: ChannelId) -> None:
        telephone.caller_hangs_up(list(telephone.lines).index(channel))

    await a_talk(telephone, one, two, hang_up)

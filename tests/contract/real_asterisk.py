"""A real Asterisk for the contract suite, with Ramal's own configuration and the suite's dialplan."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from ari_app.asterisk.ari import Connection, Ok, Settings, decode
from ari_app.asterisk.ari.events import AnyEvent
from pbx import Ports, Running, Secrets, choose, start
from pbx.instance import DIALPLAN, Site, ramal
from tests.contract.bench import until

HERE = Path(__file__).parent
STATE = HERE.parents[1] / ".ramal"


def boot(home: Path, base_port: int) -> tuple[Running, Ports, Secrets]:
    """Starts Asterisk; an Asterisk that cannot be had is an error that says what to install."""
    backend = choose(STATE)
    backend.prepare()
    templates = home / "templates"
    shutil.copytree(DIALPLAN, templates)
    shutil.copyfile(HERE / "pbx" / "extensions.conf", templates / "extensions.conf")
    ports, secrets = Ports.block(base_port, rtp_count=80), Secrets.generate(callers=1)
    site = Site(home / "pbx", ports, secrets, recordings=home / "recordings", name="contract", plain_sip=True)
    return start(backend, replace(ramal(site), templates=templates)), ports, secrets


class RealAsterisk:
    """Plays the far phone: the other half of a Local channel, held in an application of the suite's own."""

    user = "ramal"

    def __init__(self, running: Running, ports: Ports, secrets: Secrets) -> None:
        self.running = running
        self.base_url = f"http://127.0.0.1:{ports.http}"
        self.ami_port = ports.ami
        self.sip_port = ports.sip
        self.ami_secret = secrets.ami_secret
        self.password = secrets.ari_password
        settings = Settings(self.base_url, self.user, self.password, app="bench-far", rest_sockets=1)
        self.far: Connection[AnyEvent] = Connection(settings, decode)

    async def arrive(self, channel_id: str, app: str, *args: str) -> None:
        variables = {"CONTRACT_APP": app, "CONTRACT_ARGS": ",".join(args)}
        made = await self.far.shard(channel_id).legs.originate(
            channel_id,
            "Local/far@contract/n",
            context="contract",
            extension="in",
            variables=variables,
            caller_id='"Ana" <11987654321>',
        )
        assert isinstance(made, Ok), made

    async def press(self, channel_id: str, digits: str) -> None:
        far_id = await self._far_id(channel_id)
        for digit in digits:

            async def is_sent(digit: str = digit) -> bool:
                # The far phone enters its application a moment after this leg enters ours.
                return isinstance(await self.far.shard(channel_id).channels.send_dtmf(far_id, digit), Ok)

            await until(is_sent, f"digit {digit} sent")

    async def hang_up(self, channel_id: str) -> None:
        ended = await self.far.shard(channel_id).channels.hangup(await self._far_id(channel_id))
        assert isinstance(ended, Ok), ended

    async def clear(self) -> None:
        """Ends every channel, so that one test's leftovers are not the next one's."""
        channels = self.far.shard("clear").channels

        async def is_empty() -> bool:
            listed = await channels.list()
            assert isinstance(listed, Ok), listed
            for channel in listed.value:
                await channels.hangup(channel.id)
            return not listed.value

        await until(is_empty, "all channels gone")

    async def _far_id(self, channel_id: str) -> str:
        """The channel id of the far half; both halves share their name but for its last character."""
        channels = self.far.shard(channel_id).channels
        near = await channels.get(channel_id)
        listed = await channels.list()
        assert isinstance(near, Ok), near
        assert isinstance(listed, Ok), listed
        far = near.value.name.removesuffix("1") + "2"
        return next(channel.id for channel in listed.value if channel.name == far)

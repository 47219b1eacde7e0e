"""`ports.TapeDeck` over AMI: MixMonitor on channels that may be anywhere, in Stasis or talking in Dial()."""

from __future__ import annotations

import asyncio
from typing import Literal

from ari_app.asterisk.ami import AmiOperations
from ari_app.asterisk.telephony_channels import said
from ari_app.model.ids import ChannelId
from ari_app.ports import Outcome

OPTIONS = "abDi(RAMAL_MIXMONITOR)"
"""Append; only while bridged; one interleaved stereo file; the id in the variable that the dialplan reads."""
SETTLE_S = 0.06
"""Debian's 22.10.1 keeps the old decoder until its list was found empty, see `ramal-dial` in the dialplan."""


class AmiTapeDeck:
    """Channels are given by their unique ids, which AMI takes as it takes names."""

    def __init__(self, ami: AmiOperations, folder: str) -> None:
        """`folder` is where the PBX keeps recordings, as the PBX sees it."""
        self._ami = ami
        self._folder = folder

    async def start(self, channel: ChannelId, file: str) -> Outcome:
        await self._ami.stop_mix_monitor(channel)  # refused when there is none
        await asyncio.sleep(SETTLE_S)
        path = f"{self._folder}/{file}"
        return said(await self._ami.start_mix_monitor(channel, path, options=OPTIONS))

    async def stop(self, channel: ChannelId) -> Outcome:
        return said(await self._ami.stop_mix_monitor(channel))

    async def mute(self, channel: ChannelId, *, muted: bool, heard_only: bool = False) -> Outcome:
        direction: Literal["write", "both"] = "write" if heard_only else "both"
        return said(await self._ami.mute_mix_monitor(channel, muted=muted, direction=direction))

"""What can be done to a channel that is there: answer, play, hold, record, send on, hang up.

Everything but `get`, `list`, `hangup` and reading needs the channel in Stasis; `Conflict` otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

from ari_app.asterisk.ari.frames import path
from ari_app.asterisk.ari.link import DEADLINE_S
from ari_app.asterisk.ari.models import Channel, LiveRecording, Playback, Variable
from ari_app.asterisk.ari.outcome import Outcome
from ari_app.asterisk.ari.requester import Requester, ask, reader, tell, tell_soon

HangupReason: TypeAlias = Literal[
    "normal", "busy", "congestion", "no_answer", "timeout", "rejected", "unallocated", "normal_unspecified",
    "number_incomplete", "codec_mismatch", "interworking", "failure", "answered_elsewhere",
]  # fmt: skip
Direction: TypeAlias = Literal["both", "in", "out"]

_channel = reader(Channel)
_channels = reader(list[Channel])
_playback = reader(Playback)
_recording = reader(LiveRecording)
_variable = reader(Variable)


class Channels:
    """Operations on one channel by its id."""

    __slots__ = ("_to",)

    def __init__(self, requester: Requester) -> None:
        self._to = requester

    async def list(self) -> Outcome[list[Channel]]:
        """All channels of this Asterisk, in Stasis or not."""
        return await ask(self._to, _channels, "GET", "channels")

    async def get(self, channel_id: str) -> Outcome[Channel]:
        """One channel; Gone settles whether an attempt in doubt ever came to be."""
        return await ask(self._to, _channel, "GET", path("channels", channel_id))

    async def answer(self, channel_id: str) -> Outcome[None]:
        """Takes the call. Do it before playing: a request that blocks holds up its whole socket."""
        return await tell(self._to, "POST", path("channels", channel_id, "answer"))

    async def answer_soon(self, channel_id: str) -> Outcome[None]:
        """The same without waiting for the answer: what is asked next tells whether the channel is gone."""
        return await tell_soon(self._to, "POST", path("channels", channel_id, "answer"))

    async def hangup(self, channel_id: str, reason: HangupReason = "normal") -> Outcome[None]:
        """Ends the channel, in Stasis or not; `reason` is what the other side is told."""
        return await tell(self._to, "DELETE", path("channels", channel_id), query={"reason": reason})

    async def continue_in_dialplan(
        self, channel_id: str, context: str, extension: str, priority: int = 1
    ) -> Outcome[None]:
        """Sends the channel on in the dialplan; StasisEnd follows and is the last event."""
        query = {"context": context, "extension": extension, "priority": str(priority)}
        return await tell(self._to, "POST", path("channels", channel_id, "continue"), query=query)

    async def move(self, channel_id: str, app: str, args: Sequence[str] = ()) -> Outcome[None]:
        """Gives the channel to another application, which gets StasisStart with `args`.

        Waits behind an endless playback: stop that first.
        """
        query = {"app": app} | ({"appArgs": ",".join(args)} if args else {})
        return await tell(self._to, "POST", path("channels", channel_id, "move"), query=query)

    async def play(
        self, channel_id: str, media: Sequence[str], playback_id: str, *, language: str = ""
    ) -> Outcome[Playback]:
        """Plays media URIs one after another as one playback: `sound:welcome`, `digits:12`, `tone:ring`.

        The URIs come from a catalogue, never from outside: `sound:/../..` reads any file.
        """
        query = {"media": ",".join(media)} | ({"lang": language} if language else {})
        uri = path("channels", channel_id, "play", playback_id)
        return await ask(self._to, _playback, "POST", uri, query=query)

    async def start_moh(self, channel_id: str, music_class: str = "default") -> Outcome[None]:
        """Music for who waits; it stops by itself at `continue_in_dialplan`."""
        uri = path("channels", channel_id, "moh")
        return await tell(self._to, "POST", uri, query={"mohClass": music_class})

    async def stop_moh(self, channel_id: str) -> Outcome[None]:
        """Ends the music."""
        return await tell(self._to, "DELETE", path("channels", channel_id, "moh"))

    async def ring(self, channel_id: str) -> Outcome[None]:
        """Tells the caller that it rings (180)."""
        return await tell(self._to, "POST", path("channels", channel_id, "ring"))

    async def stop_ring(self, channel_id: str) -> Outcome[None]:
        """Stops telling so."""
        return await tell(self._to, "DELETE", path("channels", channel_id, "ring"))

    async def progress(self, channel_id: str) -> Outcome[None]:
        """Opens early media (183)."""
        return await tell(self._to, "POST", path("channels", channel_id, "progress"))

    async def set_variable(self, channel_id: str, name: str, value: str) -> Outcome[None]:
        """Sets a variable, or writes a function: `TIMEOUT(absolute)`, `CHANNEL(language)`."""
        query = {"variable": name, "value": value}
        return await tell(self._to, "POST", path("channels", channel_id, "variable"), query=query)

    async def get_variable(self, channel_id: str, name: str) -> Outcome[Variable]:
        """Reads a variable or function; Gone also where the variable is not set."""
        uri = path("channels", channel_id, "variable")
        return await ask(self._to, _variable, "GET", uri, query={"variable": name})

    async def hold(self, channel_id: str) -> Outcome[None]:
        """Puts the phone on hold."""
        return await tell(self._to, "POST", path("channels", channel_id, "hold"))

    async def unhold(self, channel_id: str) -> Outcome[None]:
        """Takes the phone back from hold."""
        return await tell(self._to, "DELETE", path("channels", channel_id, "hold"))

    async def mute(self, channel_id: str, direction: Direction = "both") -> Outcome[None]:
        """Silences the channel; `in` is what it says, `out` what it hears."""
        uri = path("channels", channel_id, "mute")
        return await tell(self._to, "POST", uri, query={"direction": direction})

    async def unmute(self, channel_id: str, direction: Direction = "both") -> Outcome[None]:
        """Ends the silence."""
        uri = path("channels", channel_id, "mute")
        return await tell(self._to, "DELETE", uri, query={"direction": direction})

    async def send_dtmf(
        self, channel_id: str, digits: str, *, duration_ms: int = 100, between_ms: int = 100
    ) -> Outcome[None]:
        """Sends digits to the phone at the other end."""
        query = {"dtmf": digits, "duration": str(duration_ms), "between": str(between_ms)}
        return await tell(self._to, "POST", path("channels", channel_id, "dtmf"), query=query)

    async def record(  # noqa: PLR0913 - keywords mirror ARI's own
        self,
        channel_id: str,
        name: str,
        *,
        audio_format: str = "wav",
        max_duration_s: int = 0,
        max_silence_s: int = 0,
        beep: bool = False,
        terminate_on: Literal["none", "any", "*", "#"] = "none",
        if_exists: Literal["fail", "overwrite", "append"] = "fail",
    ) -> Outcome[LiveRecording]:
        """Records what the channel says (a message, a name); not while it is in a bridge. 0 = no limit."""
        query = {
            "name": name,
            "format": audio_format,
            "maxDurationSeconds": str(max_duration_s),
            "maxSilenceSeconds": str(max_silence_s),
            "beep": "true" if beep else "false",
            "terminateOn": terminate_on,
            "ifExists": if_exists,
        }
        uri = path("channels", channel_id, "record")
        return await ask(self._to, _recording, "POST", uri, query=query)

    async def snoop(
        self,
        channel_id: str,
        snoop_id: str,
        app: str,
        *,
        spy: Direction | Literal["none"] = "both",
        whisper: Direction | Literal["none"] = "none",
        args: Sequence[str] = (),
    ) -> Outcome[Channel]:
        """Makes a channel that hears (`spy`) and speaks into (`whisper`) this one, in Stasis or not."""
        query = {"app": app, "spy": spy, "whisper": whisper} | ({"appArgs": ",".join(args)} if args else {})
        uri = path("channels", channel_id, "snoop", snoop_id)
        return await ask(self._to, _channel, "POST", uri, query=query)

    async def set_variables(
        self, channel_id: str, variables: Mapping[str, str], *, deadline_s: float = DEADLINE_S
    ) -> Outcome[None]:
        """Sets several variables in one request (Asterisk 22.9 and newer)."""
        uri = path("channels", channel_id, "variables")
        body = {"variables": dict(variables)}
        return await tell(self._to, "POST", uri, body=body, deadline_s=deadline_s)

"""One typed method for each thing asked over AMI."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from ari_app.asterisk.ami.connection import Ami, Message
from ari_app.asterisk.ari.outcome import Ok, Outcome

_FILE = re.compile(r"[\w./+-]+")
_HOST = re.compile(r"^sips?:(?:[^@]*@)?(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+))(?:[:;>]|$)")
_OPTIONS = re.compile(r"[\w./+()-]*")


@dataclass(frozen=True, slots=True)
class QueueMember:
    """A member of a queue of app_queue: `interface` is `PJSIP/1005`."""

    queue: str
    interface: str
    name: str
    is_paused: bool
    paused_reason: str


class AmiOperations:
    """Recording, pulling pairs back, and the fallback queue, over one AMI connection."""

    __slots__ = ("_ami",)

    def __init__(self, ami: Ami) -> None:
        self._ami = ami

    async def start_mix_monitor(self, channel: str, file: str, *, options: str = "") -> Outcome[None]:
        """Records a channel into `file`; its suffix names the format.

        Options: `D` interleaved stereo (.raw), `r(<file>)t(<file>)` one file per direction, `b` only while
        bridged. Asterisk joins file, options and a command by commas, so neither may hold one: ValueError.
        """
        if not _FILE.fullmatch(file):
            raise ValueError(f"MixMonitor: File {file!r} may hold letters, digits and . / _ + - only")
        if not _OPTIONS.fullmatch(options):
            raise ValueError(
                f"MixMonitor: options {options!r} may hold letters, digits and ( ) . / _ + - only"
            )
        fields = {"Channel": channel, "File": file, "Options": options}
        return _done(await self._ami.action("MixMonitor", fields))

    async def stop_mix_monitor(self, channel: str) -> Outcome[None]:
        """Ends the recordings of a channel; the file is whole only a moment later."""
        return _done(await self._ami.action("StopMixMonitor", {"Channel": channel}))

    async def mute_mix_monitor(
        self, channel: str, *, muted: bool, direction: Literal["read", "write", "both"] = "both"
    ) -> Outcome[None]:
        """Records true silence while muted; the time line goes on."""
        fields = {"Channel": channel, "Direction": direction, "State": "1" if muted else "0"}
        return _done(await self._ami.action("MixMonitorMute", fields))

    async def redirect_pair(
        self, channel: str, extra_channel: str, *, context: str, extension: str, extra_extension: str
    ) -> Outcome[None]:
        """Takes both legs of a talking pair to the dialplan at once. Only when both are Up.

        On a leg that still rings Asterisk says success and leaves it unanswered in Stasis.
        """
        fields = {
            "Channel": channel,
            "ExtraChannel": extra_channel,
            "Context": context,
            "Exten": extension,
            "Priority": "1",
            "ExtraContext": context,
            "ExtraExten": extra_extension,
            "ExtraPriority": "1",
        }
        return _done(await self._ami.action("Redirect", fields))

    async def redirect(self, channel: str, *, context: str, extension: str) -> Outcome[None]:
        """Takes one leg to the dialplan; its partner, if it has one, is hung up."""
        fields = {"Channel": channel, "Context": context, "Exten": extension, "Priority": "1"}
        return _done(await self._ami.action("Redirect", fields))

    async def add_to_queue(
        self, queue: str, interface: str, *, name: str = "", is_paused: bool = False, penalty: int = 0
    ) -> Outcome[None]:
        """Makes a phone a member of a queue; Conflict when it is one already."""
        fields = {
            "Queue": queue,
            "Interface": interface,
            "MemberName": name or interface,
            "Paused": "true" if is_paused else "false",
            "Penalty": str(penalty),
        }
        return _done(await self._ami.action("QueueAdd", fields))

    async def remove_from_queue(self, queue: str, interface: str) -> Outcome[None]:
        """Ends a membership; Gone when there is none."""
        return _done(await self._ami.action("QueueRemove", {"Queue": queue, "Interface": interface}))

    async def pause_in_queue(
        self, queue: str, interface: str, *, is_paused: bool, reason: str = ""
    ) -> Outcome[None]:
        """Pauses a member or lets it work again."""
        fields = {"Queue": queue, "Interface": interface, "Paused": "true" if is_paused else "false"}
        fields |= {"Reason": reason} if reason else {}
        return _done(await self._ami.action("QueuePause", fields))

    async def queue_members(self, queue: str) -> Outcome[list[QueueMember]]:
        """All members of a queue; none also where the queue does not exist."""
        answer = await self._ami.list_action("QueueStatus", {"Queue": queue})
        if not isinstance(answer, Ok):
            return answer
        return Ok([_member(event) for event in answer.value if event.get("Event") == "QueueMember"])

    async def contact_uris(self, aor: str) -> Outcome[list[str]]:
        """Addresses at which a phone is registered now."""
        answer = await self._ami.list_action("PJSIPShowRegistrationInboundContactStatuses", {})
        if not isinstance(answer, Ok):
            return answer
        return Ok(
            [event["URI"] for event in answer.value if event.get("AOR") == aor and event.get("URI")],
        )

    async def phone_addresses(self) -> Outcome[set[str]]:
        """IP addresses at which phones are registered now."""
        answer = await self._ami.list_action("PJSIPShowRegistrationInboundContactStatuses", {})
        if not isinstance(answer, Ok):
            return answer
        found = (_HOST.search(event.get("URI", "")) for event in answer.value)
        return Ok({(match[1] or match[2]) for match in found if match})


def _member(event: Message) -> QueueMember:
    return QueueMember(
        queue=event.get("Queue", ""),
        interface=event.get("Location", "") or event.get("StateInterface", ""),
        name=event.get("Name", ""),
        is_paused=event.get("Paused") == "1",
        paused_reason=event.get("PausedReason", ""),
    )


def _done(answer: Outcome[Message]) -> Outcome[None]:
    return Ok(None) if isinstance(answer, Ok) else answer

"""Events about one channel: it comes, presses, talks, is held, goes."""

from __future__ import annotations

from typing import Any

from msgspec import field

from ari_app.asterisk.ari.events.event import Event
from ari_app.asterisk.ari.models import Bridge, Channel, Endpoint


class StasisStart(Event, frozen=True):
    """A channel entered the application, with the arguments of `Stasis(app,args...)`."""

    channel: Channel
    args: list[str] = field(default_factory=list)
    replace_channel: Channel | None = None


class StasisEnd(Event, frozen=True):
    """A channel left the application: hung up, moved, timed out, or continued in the dialplan.

    The last an application hears of a channel it is not subscribed to: no ChannelDestroyed follows.
    A ChannelHangupRequest before it tells that the other side hung up, and why.
    """

    channel: Channel


class ChannelCreated(Event, frozen=True):
    """A channel came into being."""

    channel: Channel


class ChannelDestroyed(Event, frozen=True):
    """A channel is gone; `cause` is Q.850 (16 normal, 17 busy, 19 no answer, 21 rejected, ...)."""

    channel: Channel
    cause: int = 0
    cause_txt: str = ""
    tech_cause: int | None = None


class ChannelStateChange(Event, frozen=True):
    """A channel changed state: Ringing, Up, ..."""

    channel: Channel


class ChannelDtmfReceived(Event, frozen=True):
    """A digit was pressed, by RFC 4733 or SIP INFO alike."""

    channel: Channel
    digit: str
    duration_ms: int = 0


class ChannelHangupRequest(Event, frozen=True):
    """Someone asked for the channel to end; ChannelDestroyed follows."""

    channel: Channel
    cause: int | None = None
    soft: bool | None = None


class ChannelHold(Event, frozen=True):
    """The phone put the call on hold."""

    channel: Channel
    musicclass: str = ""


class ChannelUnhold(Event, frozen=True):
    """The phone took the call back from hold."""

    channel: Channel


class ChannelTalkingStarted(Event, frozen=True):
    """Speech began (needs TALK_DETECT on the channel)."""

    channel: Channel


class ChannelTalkingFinished(Event, frozen=True):
    """Speech ended after `duration` ms."""

    channel: Channel
    duration: int = 0


class ChannelToneDetected(Event, frozen=True):
    """A tone was heard (needs TONE_DETECT on the channel)."""

    channel: Channel


class ChannelConnectedLine(Event, frozen=True):
    """The name or number of the other party changed."""

    channel: Channel


class ChannelCallerId(Event, frozen=True):
    """The caller's presentation changed."""

    channel: Channel
    caller_presentation: int = 0
    caller_presentation_txt: str = ""


class ChannelVarset(Event, frozen=True):
    """A variable was set; usually filtered out, half of all events are these."""

    variable: str
    value: str = ""
    channel: Channel | None = None


class ChannelDialplan(Event, frozen=True):
    """A channel began a dialplan application; usually filtered out."""

    channel: Channel
    dialplan_app: str = ""
    dialplan_app_data: str = ""


class ChannelUserevent(Event, frozen=True):
    """An event of the application's own, from the dialplan's UserEvent or ARI."""

    eventname: str = ""
    channel: Channel | None = None
    bridge: Bridge | None = None
    endpoint: Endpoint | None = None
    userevent: dict[str, Any] = field(default_factory=dict)


class Dial(Event, frozen=True):
    """Progress of a dial: `dialstatus` is empty, RINGING, PROGRESS, ANSWER, BUSY, NOANSWER, CANCEL, ..."""

    peer: Channel
    dialstatus: str = ""
    caller: Channel | None = None
    dialstring: str = ""
    forward: str = ""

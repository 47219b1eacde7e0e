"""Events about bridges, playbacks and recordings."""

from __future__ import annotations

from ari_app.asterisk.ari.events.event import Event
from ari_app.asterisk.ari.models import Bridge, Channel, LiveRecording, Playback


class ChannelEnteredBridge(Event, frozen=True):
    """A channel joined a bridge."""

    bridge: Bridge
    channel: Channel | None = None


class ChannelLeftBridge(Event, frozen=True):
    """A channel left a bridge."""

    bridge: Bridge
    channel: Channel


class BridgeCreated(Event, frozen=True):
    """A bridge came into being."""

    bridge: Bridge


class BridgeDestroyed(Event, frozen=True):
    """A bridge is gone."""

    bridge: Bridge


class BridgeMerged(Event, frozen=True):
    """The channels of `bridge_from` went over to `bridge`."""

    bridge: Bridge
    bridge_from: Bridge


class BridgeBlindTransfer(Event, frozen=True):
    """A phone sent its party to another extension."""

    channel: Channel
    exten: str = ""
    context: str = ""
    result: str = ""
    is_external: bool = False
    bridge: Bridge | None = None
    transferee: Channel | None = None
    replace_channel: Channel | None = None


class BridgeAttendedTransfer(Event, frozen=True):
    """A phone joined two of its calls."""

    transferer_first_leg: Channel
    transferer_second_leg: Channel
    result: str = ""
    destination_type: str = ""
    is_external: bool = False
    transferee: Channel | None = None
    transfer_target: Channel | None = None


class PlaybackStarted(Event, frozen=True):
    """A playback began."""

    playback: Playback


class PlaybackContinuing(Event, frozen=True):
    """A playback of several media went on to the next."""

    playback: Playback


class PlaybackFinished(Event, frozen=True):
    """A playback ended; `playback.state` is `done` or `failed`."""

    playback: Playback


class RecordingStarted(Event, frozen=True):
    """A recording began."""

    recording: LiveRecording


class RecordingFinished(Event, frozen=True):
    """A recording ended; also when the disk was full: compare its duration with what was expected."""

    recording: LiveRecording


class RecordingFailed(Event, frozen=True):
    """A recording could not be made; `recording.cause` tells why."""

    recording: LiveRecording

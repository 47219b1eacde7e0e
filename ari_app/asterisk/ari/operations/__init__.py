"""One typed method for each thing a call centre asks of Asterisk.

Every method returns an `Outcome`; ids chosen by the caller are required where the event that tells of the
new object can come before the reply. Names follow ARI's own nicknames, in Python's spelling.
"""

from __future__ import annotations

from ari_app.asterisk.ari.operations.bridges import Bridges
from ari_app.asterisk.ari.operations.channels import Channels
from ari_app.asterisk.ari.operations.legs import Legs
from ari_app.asterisk.ari.operations.pbx import Applications, Asterisk, DeviceStates, Endpoints
from ari_app.asterisk.ari.operations.recordings import Playbacks, Recordings
from ari_app.asterisk.ari.requester import Requester


class Operations:
    """All operations over one way to Asterisk: a shard of a connection, a link, or HTTP."""

    __slots__ = (
        "applications",
        "asterisk",
        "bridges",
        "channels",
        "device_states",
        "endpoints",
        "legs",
        "playbacks",
        "recordings",
        "requester",
    )

    def __init__(self, requester: Requester) -> None:
        self.requester = requester
        self.channels = Channels(requester)
        self.legs = Legs(requester)
        self.bridges = Bridges(requester)
        self.playbacks = Playbacks(requester)
        self.recordings = Recordings(requester)
        self.endpoints = Endpoints(requester)
        self.applications = Applications(requester)
        self.asterisk = Asterisk(requester)
        self.device_states = DeviceStates(requester)


__all__ = [
    "Applications",
    "Asterisk",
    "Bridges",
    "Channels",
    "DeviceStates",
    "Endpoints",
    "Legs",
    "Operations",
    "Playbacks",
    "Recordings",
]

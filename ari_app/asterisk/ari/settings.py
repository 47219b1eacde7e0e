"""What a connection needs to know, as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass, field

from ari_app.asterisk.ari.backoff import Backoff


@dataclass(frozen=True, slots=True)
class Settings:
    """Address, account and manners of one connection. All times in seconds.

    `rest_sockets` stays far below http.conf's `sessionlimit`, which counts them. `events_allowed` empty
    means all; `events_dropped` is half of all traffic. A heartbeat is answered by the thread that also
    carries out the socket's requests, so that of the request sockets must outlast a slow request.
    """

    base_url: str
    user: str
    password: str = field(repr=False)
    app: str
    rest_sockets: int = 4
    events_allowed: tuple[str, ...] = ()
    events_dropped: tuple[str, ...] = ("ChannelVarset", "ChannelDialplan")
    heartbeat_s: float = 5.0
    rest_heartbeat_s: float = 20.0
    connect_timeout_s: float = 3.0
    refused_retry_s: float = 5.0
    backoff: Backoff = field(default_factory=Backoff)

    def __post_init__(self) -> None:
        """Says at once what is wrong, naming the field."""
        if not self.base_url.startswith(("http://", "https://")):
            raise ValueError(f"base_url: {self.base_url!r} is not an http:// or https:// address")
        if not self.app or any(character in self.app for character in ",&? "):
            raise ValueError(f"app: {self.app!r} is not an application name")
        if self.rest_sockets < 1:
            raise ValueError(f"rest_sockets: {self.rest_sockets}, at least 1 is needed")

"""Making new legs. The id is always the caller's own choice: register it first, then ask.

Asking again with the id of a channel that lives gives Conflict, which is the idempotency of `originate`;
once the channel has ended the id is free again, so at-most-once across restarts needs the database too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ari_app.asterisk.ari.frames import path
from ari_app.asterisk.ari.link import DEADLINE_S
from ari_app.asterisk.ari.models import Channel
from ari_app.asterisk.ari.outcome import Conflict, Gone, Outcome, Unavailable
from ari_app.asterisk.ari.requester import Requester, ask, reader, tell

_channel = reader(Channel)


class Legs:
    """Operations that make channels."""

    __slots__ = ("_to",)

    def __init__(self, requester: Requester) -> None:
        self._to = requester

    async def originate(  # noqa: PLR0913 - keywords mirror ARI's own
        self,
        channel_id: str,
        endpoint: str,
        *,
        context: str,
        extension: str,
        priority: int = 1,
        caller_id: str = "",
        timeout_s: int = 30,
        variables: Mapping[str, str] | None = None,
        originator: str = "",
        formats: Sequence[str] = (),
        deadline_s: float = DEADLINE_S,
    ) -> Outcome[Channel]:
        """Dials `endpoint` and, when answered, sends it to the dialplan (never straight to an application:
        with the application away the call would die unheard, while the dialplan has its fallback).

        An unreachable phone gives Unavailable("server_error") at once. Asterisk 22.10 answers 409 for it
        too, once the same socket has seen a true "id exists" (a stale errno): so a 409 is checked.
        """
        query = {
            "endpoint": endpoint,
            "context": context,
            "extension": extension,
            "priority": str(priority),
            "timeout": str(timeout_s),
        } | _given(callerId=caller_id, originator=originator, formats=",".join(formats))
        uri = path("channels", channel_id)
        body = {"variables": dict(variables)} if variables else None
        made = await ask(self._to, _channel, "POST", uri, query=query, body=body, deadline_s=deadline_s)
        return await self._checked(channel_id, made)

    async def originate_to_app(  # noqa: PLR0913 - keywords mirror ARI's own
        self,
        channel_id: str,
        endpoint: str,
        *,
        app: str,
        args: Sequence[str] = (),
        caller_id: str = "",
        timeout_s: int = 30,
        variables: Mapping[str, str] | None = None,
        originator: str = "",
    ) -> Outcome[Channel]:
        """Dials `endpoint` straight into a Stasis application: for short helper legs, not for contacts."""
        query = {"endpoint": endpoint, "app": app, "timeout": str(timeout_s)}
        query |= _given(callerId=caller_id, originator=originator, appArgs=",".join(args))
        body = {"variables": dict(variables)} if variables else None
        made = await ask(self._to, _channel, "POST", path("channels", channel_id), query=query, body=body)
        return await self._checked(channel_id, made)

    async def create(
        self,
        channel_id: str,
        endpoint: str,
        *,
        app: str,
        args: Sequence[str] = (),
        originator: str = "",
        formats: Sequence[str] = (),
        variables: Mapping[str, str] | None = None,
    ) -> Outcome[Channel]:
        """Makes a leg without dialling it; wait for its StasisStart before `dial` (else Conflict)."""
        query = {"endpoint": endpoint, "app": app, "channelId": channel_id}
        query |= _given(originator=originator, formats=",".join(formats), appArgs=",".join(args))
        body = {"variables": dict(variables)} if variables else None
        made = await ask(self._to, _channel, "POST", path("channels", "create"), query=query, body=body)
        return await self._checked(channel_id, made)

    async def dial(self, channel_id: str, *, caller: str = "", timeout_s: int = 30) -> Outcome[None]:
        """Rings a created leg; progress comes as Dial events."""
        query = {"timeout": str(timeout_s)} | _given(caller=caller)
        return await tell(self._to, "POST", path("channels", channel_id, "dial"), query=query)

    async def _checked(self, channel_id: str, made: Outcome[Channel]) -> Outcome[Channel]:
        """Tells an id in use from a leg that could not be made, which Asterisk may answer alike."""
        if not isinstance(made, Conflict):
            return made
        living = await ask(self._to, _channel, "GET", path("channels", channel_id))
        if not isinstance(living, Gone):
            return made
        return Unavailable("server_error", in_doubt=False, message="the leg could not be made")


def _given(**parameters: str) -> dict[str, str]:
    """Only the parameters that say something."""
    return {name: value for name, value in parameters.items() if value}

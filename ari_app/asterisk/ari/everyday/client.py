"""`connect` and the everyday client: ari-py's surface for asyncio.

    client = await ari.connect("http://localhost:8088/", "hey", "peekaboo")
    client.on_channel_event("StasisStart", on_start)
    await client.run(apps="hello")

What differs from ari-py: `connect`, `run`, `close` and all operations are awaited; handlers may be plain or
`async`; each handler runs as its own task, started in the order of the events, so that one may wait for
what another event brings; `run` reconnects by itself.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import types
import typing
from collections.abc import Callable
from typing import Any

import msgspec

from ari_app.asterisk.ari import events
from ari_app.asterisk.ari.connection import Connection
from ari_app.asterisk.ari.everyday.errors import HTTPError
from ari_app.asterisk.ari.everyday.objects import (
    BaseObject,
    Bridge,
    Channel,
    DeviceState,
    Endpoint,
    Handler,
    Json,
    LiveRecording,
    Playback,
    Repository,
)
from ari_app.asterisk.ari.http import Http
from ari_app.asterisk.ari.news import Unauthorized
from ari_app.asterisk.ari.outcome import Ok, Refused
from ari_app.asterisk.ari.requester import Requester
from ari_app.asterisk.ari.settings import Settings

log = logging.getLogger(__name__)


class Subscription:
    """What `on_event` gives back; `close` ends the calls of its handler."""

    def __init__(self, handlers: list[Callable[[Json], Any]], handler: Callable[[Json], Any]) -> None:
        self._handlers = handlers
        self._handler = handler

    def close(self) -> None:
        """Ends the subscription; a second time does nothing."""
        if self._handler in self._handlers:
            self._handlers.remove(self._handler)


class Client:
    """A connection to one Asterisk with ARI's repositories as attributes."""

    def __init__(self, base_url: str, user: str, password: str) -> None:
        """Only inside a running loop; `connect` also checks address and account."""
        self._account = (base_url, user, password)
        self._http = Http(base_url, user, password)
        self._handlers: dict[str, list[Callable[[Json], Any]]] = {}
        self._running: list[Connection[Json]] = []
        self.exception_handler: Callable[[BaseException], object] = _log_exception
        self.applications = Repository(self, "applications")
        self.asterisk = Repository(self, "asterisk")
        self.bridges = Repository(self, "bridges")
        self.channels = Repository(self, "channels")
        self.deviceStates = Repository(self, "deviceStates")
        self.endpoints = Repository(self, "endpoints")
        self.events = Repository(self, "events")
        self.mailboxes = Repository(self, "mailboxes")
        self.playbacks = Repository(self, "playbacks")
        self.recordings = Repository(self, "recordings")
        self.sounds = Repository(self, "sounds")

    def requester(self, key: str) -> Requester:
        """The way for a request about the object `key`: the sockets while `run` runs, else HTTP."""
        for connection in self._running:
            if connection.is_connected:
                return connection.shard(key).requester
        return self._http

    async def run(self, apps: str | list[str]) -> None:
        """Receives events and calls the handlers until `close`; ends too when the name is taken over."""
        names = apps.split(",") if isinstance(apps, str) else apps
        async with asyncio.TaskGroup() as group:
            for name in names:
                group.create_task(self._run_one(name.strip()))

    async def close(self) -> None:
        """Ends `run` and all requests."""
        for connection in self._running:
            connection.close()
        await self._http.close()

    def on_event(self, event_type: str, handler: Handler, *args: Any, **kwargs: Any) -> Subscription:
        """Calls `handler(event, *args, **kwargs)` with each event of the type, as a dict."""

        def call(event: Json) -> Any:
            return handler(event, *args, **kwargs)

        handlers = self._handlers.setdefault(event_type, [])
        handlers.append(call)
        return Subscription(handlers, call)

    def on_object_event(
        self, event_type: str, handler: Handler, kind: type[BaseObject], *args: Any, **kwargs: Any
    ) -> Subscription:
        """Calls `handler(object, event, ...)`; with several objects of the kind, a dict by field name.

        Raises ValueError for an event type that is unknown or brings no object of the kind.
        """
        fields = _fields_of(event_type, kind.__name__)

        def call(event: Json, *more: Any, **named: Any) -> Any:
            found: dict[str, BaseObject] = {}
            for field in fields:
                if event.get(field):
                    found[field] = kind(self, event[field], found)
            if not found:
                return None
            one = next(iter(found.values()))
            return handler(one if len(found) == 1 else found, event, *more, **named)

        return self.on_event(event_type, call, *args, **kwargs)

    def on_channel_event(self, event_type: str, fn: Handler, *args: Any, **kwargs: Any) -> Subscription:
        """`on_object_event` for channels."""
        return self.on_object_event(event_type, fn, Channel, *args, **kwargs)

    def on_bridge_event(self, event_type: str, fn: Handler, *args: Any, **kwargs: Any) -> Subscription:
        """`on_object_event` for bridges."""
        return self.on_object_event(event_type, fn, Bridge, *args, **kwargs)

    def on_playback_event(self, event_type: str, fn: Handler, *args: Any, **kwargs: Any) -> Subscription:
        """`on_object_event` for playbacks."""
        return self.on_object_event(event_type, fn, Playback, *args, **kwargs)

    def on_live_recording_event(
        self, event_type: str, fn: Handler, *args: Any, **kwargs: Any
    ) -> Subscription:
        """`on_object_event` for recordings under way."""
        return self.on_object_event(event_type, fn, LiveRecording, *args, **kwargs)

    def on_endpoint_event(self, event_type: str, fn: Handler, *args: Any, **kwargs: Any) -> Subscription:
        """`on_object_event` for phones and trunks."""
        return self.on_object_event(event_type, fn, Endpoint, *args, **kwargs)

    def on_device_state_event(self, event_type: str, fn: Handler, *args: Any, **kwargs: Any) -> Subscription:
        """`on_object_event` for device states."""
        return self.on_object_event(event_type, fn, DeviceState, *args, **kwargs)

    async def _run_one(self, app: str) -> None:
        base_url, user, password = self._account
        settings = Settings(base_url, user, password, app=app, rest_sockets=1)
        connection: Connection[Json] = Connection(settings, _as_dict)
        self._running.append(connection)
        try:
            async with asyncio.TaskGroup() as group:
                keeping = group.create_task(connection.run())
                async for item in connection:
                    if isinstance(item, Unauthorized):
                        keeping.cancel()
                        raise HTTPError(f"run {app}", Refused(item.status, "user or password refused"))
                    if isinstance(item, dict):
                        for handler in tuple(self._handlers.get(item.get("type", ""), ())):
                            group.create_task(self._handle(handler, item))
        finally:
            self._running.remove(connection)

    async def _handle(self, handler: Callable[[Json], Any], event: Json) -> None:
        try:
            result = handler(event)
            if inspect.isawaitable(result):
                await result
        except Exception as error:  # noqa: BLE001 - a handler's fault must not end the others
            self.exception_handler(error)


async def connect(base_url: str, user: str, password: str) -> Client:
    """A client whose address, user and password have been tried; raises HTTPError where they fail."""
    client = Client(base_url, user, password)
    answer = await client.requester("").request("GET", "asterisk/info", query={"only": "system"})
    if not isinstance(answer, Ok):
        await client.close()
        raise HTTPError(f"connect to {base_url}", answer)
    return client


def _fields_of(event_type: str, kind: str) -> list[str]:
    """Names of the event's fields that hold an object of the kind."""
    model = getattr(events, event_type, None)
    if not (inspect.isclass(model) and issubclass(model, events.Event)):
        raise ValueError(f"there is no event {event_type!r}")
    found = [field.name for field in msgspec.structs.fields(model) if kind in _names(field.type)]
    if not found:
        raise ValueError(f"the event {event_type!r} brings no {kind}")
    return found


def _names(annotation: Any) -> set[str]:
    parts = typing.get_args(annotation) if isinstance(annotation, types.UnionType) else (annotation,)
    return {getattr(part, "__name__", "") for part in parts}


def _as_dict(raw: str) -> Json:
    try:
        value = msgspec.json.decode(raw)
    except msgspec.DecodeError:
        return {}
    return value if isinstance(value, dict) else {}


def _log_exception(error: BaseException) -> None:
    log.error("an event handler raised", exc_info=error)

"""Repositories and first-class objects: `client.channels.get(channelId=...)`, `channel.answer()`.

As in ari-py, an object is a snapshot that may be stale: its `json` is what Asterisk said when it was made,
its methods ask Asterisk anew and raise HTTPError (404) once the thing is gone.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from ari_app.asterisk.ari.everyday.catalogue import CALLS, Call
from ari_app.asterisk.ari.everyday.errors import HTTPError
from ari_app.asterisk.ari.frames import path
from ari_app.asterisk.ari.outcome import Ok

if TYPE_CHECKING:
    from ari_app.asterisk.ari.everyday.client import Client, Subscription

Json = dict[str, Any]
Handler = Callable[..., Any]


class Repository:
    """One of ARI's resources; each of its operations is a coroutine method with keyword arguments."""

    def __init__(self, client: Client, name: str) -> None:
        self.client = client
        self.name = name

    def __repr__(self) -> str:
        return f"Repository({self.name})"

    def __getattr__(self, operation: str) -> Callable[..., Awaitable[Any]]:
        call = CALLS.get(f"{self.name}.{operation}")
        if call is None:
            raise AttributeError(f"ARI's {self.name} has no operation {operation!r}")

        async def ask(**parameters: Any) -> Any:
            return await invoke(self.client, call, parameters)

        return ask


class BaseObject:
    """A thing Asterisk told of: `id`, `json`, its operations, and `on_event` for what happens to it."""

    repository: ClassVar[str]
    id_parameters: ClassVar[Mapping[str, str]]

    def __init__(self, client: Client, json: Json, together: Mapping[str, BaseObject] | None = None) -> None:
        self.client = client
        self.json = json
        self._together = {} if together is None else together
        self._ids = {parameter: str(json[field]) for parameter, field in self.id_parameters.items()}
        self.id = "/".join(self._ids.values())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.id})"

    def __getattr__(self, operation: str) -> Callable[..., Awaitable[Any]]:
        call = CALLS.get(f"{self.repository}.{operation}")
        if call is None or not set(self._ids) <= set(call.path_parameters):
            raise AttributeError(f"{type(self).__name__} has no operation {operation!r}")

        async def ask(**parameters: Any) -> Any:
            return await invoke(self.client, call, parameters | self._ids)

        return ask

    def get(self, field: str | None = None) -> Any:
        """With a field's name, the object an event brought under it; without, `await` asks Asterisk anew.

        Much ari-py code says `channel = objects.get("channel")` in its handlers.
        """
        if field is not None:
            return self._together.get(field)
        return self.__getattr__("get")()

    def on_event(self, event_type: str, handler: Handler, *args: Any, **kwargs: Any) -> Subscription:
        """Calls `handler(object, event, ...)` for events of this very object, until closed."""

        def mine(found: BaseObject | dict[str, BaseObject], event: Json, *more: Any, **named: Any) -> Any:
            objects = found.values() if isinstance(found, dict) else (found,)
            if any(each.id == self.id for each in objects):
                return handler(found, event, *more, **named)
            return None

        return self.client.on_object_event(event_type, mine, type(self), *args, **kwargs)


class Channel(BaseObject):
    """One leg of a call."""

    repository = "channels"
    id_parameters: ClassVar = {"channelId": "id"}


class Bridge(BaseObject):
    """Where channels hear each other."""

    repository = "bridges"
    id_parameters: ClassVar = {"bridgeId": "id"}


class Playback(BaseObject):
    """Media being played."""

    repository = "playbacks"
    id_parameters: ClassVar = {"playbackId": "id"}


class LiveRecording(BaseObject):
    """A recording under way."""

    repository = "recordings"
    id_parameters: ClassVar = {"recordingName": "name"}


class StoredRecording(BaseObject):
    """A finished recording."""

    repository = "recordings"
    id_parameters: ClassVar = {"recordingName": "name"}


class Endpoint(BaseObject):
    """A phone or trunk."""

    repository = "endpoints"
    id_parameters: ClassVar = {"tech": "technology", "resource": "resource"}


class DeviceState(BaseObject):
    """The state of a device."""

    repository = "deviceStates"
    id_parameters: ClassVar = {"deviceName": "name"}


class Mailbox(BaseObject):
    """A mailbox with message counts."""

    repository = "mailboxes"
    id_parameters: ClassVar = {"mailboxName": "name"}


class Sound(BaseObject):
    """A sound file the PBX knows."""

    repository = "sounds"
    id_parameters: ClassVar = {"soundId": "id"}


CLASSES: dict[str, type[BaseObject]] = {
    kind.__name__: kind
    for kind in (
        Channel, Bridge, Playback, LiveRecording, StoredRecording, Endpoint, DeviceState, Mailbox, Sound,
    )
}  # fmt: skip


async def invoke(client: Client, call: Call, parameters: Json) -> Any:
    """Asks one operation; gives objects, plain JSON for other classes, None for no content."""
    missing = [name for name in call.path_parameters if name not in parameters]
    known = {*call.path_parameters, *call.query, call.body}
    unknown = [name for name in parameters if name not in known]
    if missing or unknown:
        raise TypeError(f"{call.name}: missing {missing}, unknown {unknown}; it takes {sorted(known - {''})}")
    uri = path(*(str(parameters[part[1:-1]]) if part[0] == "{" else part for part in call.path.split("/")))
    query = {name: _text(value) for name, value in parameters.items() if name in call.query}
    body = parameters.get(call.body) if call.body else None
    order_by = next((str(parameters[name]) for name in call.path_parameters), call.name)
    answer = await client.requester(order_by).request(call.method, uri, query=query, body=body)
    if not isinstance(answer, Ok):
        raise HTTPError(call.name, answer)
    if not answer.value:
        return None
    value = msgspec.json.decode(answer.value)
    kind = CLASSES.get(call.kind)
    if kind is None:
        return value
    return [kind(client, each) for each in value] if call.is_list else kind(client, value)


def _text(value: object) -> str:
    """A query parameter as Asterisk reads it: lists joined by commas, booleans in lower case."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    return str(value)

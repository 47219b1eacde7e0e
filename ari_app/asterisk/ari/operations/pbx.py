"""The PBX itself: phones, applications, dynamic configuration, device states, modules."""

from __future__ import annotations

from collections.abc import Mapping

from ari_app.asterisk.ari.frames import path
from ari_app.asterisk.ari.models import (
    Application,
    AsteriskInfo,
    ConfigTuple,
    DeviceState,
    Endpoint,
    Module,
    Pong,
    Variable,
)
from ari_app.asterisk.ari.outcome import Outcome
from ari_app.asterisk.ari.requester import Requester, ask, reader, tell
from ari_app.asterisk.ari.setup import filter_body, subscribe, unsubscribe

_endpoint = reader(Endpoint)
_endpoints = reader(list[Endpoint])
_application = reader(Application)
_applications = reader(list[Application])
_info = reader(AsteriskInfo)
_pong = reader(Pong)
_modules = reader(list[Module])
_variable = reader(Variable)
_tuples = reader(list[ConfigTuple])
_device_state = reader(DeviceState)
_device_states = reader(list[DeviceState])


class Endpoints:
    """Phones and trunks as Asterisk sees them."""

    __slots__ = ("_to",)

    def __init__(self, requester: Requester) -> None:
        self._to = requester

    async def list(self) -> Outcome[list[Endpoint]]:
        """All endpoints of all technologies."""
        return await ask(self._to, _endpoints, "GET", "endpoints")

    async def get(self, resource: str, tech: str = "PJSIP") -> Outcome[Endpoint]:
        """One endpoint, its state and its channels."""
        return await ask(self._to, _endpoint, "GET", path("endpoints", tech, resource))


class Applications:
    """Stasis applications: who is registered, what it hears."""

    __slots__ = ("_to",)

    def __init__(self, requester: Requester) -> None:
        self._to = requester

    async def list(self) -> Outcome[list[Application]]:
        """All applications with a socket."""
        return await ask(self._to, _applications, "GET", "applications")

    async def get(self, app: str) -> Outcome[Application]:
        """One application with its channels and bridges: where recovery begins."""
        return await ask(self._to, _application, "GET", path("applications", app))

    async def subscribe(self, app: str, source: str) -> Outcome[Application]:
        """Hears an event source from now on; outlives the socket."""
        return await subscribe(self._to, app, source)

    async def unsubscribe(self, app: str, source: str) -> Outcome[None]:
        """Hears it no more; nothing to end is success too."""
        return await unsubscribe(self._to, app, source)

    async def filter(
        self, app: str, *, allowed: tuple[str, ...] = (), dropped: tuple[str, ...] = ()
    ) -> Outcome[Application]:
        """Sets which event types come; replaces the filter before, outlives the socket."""
        uri = path("applications", app, "eventFilter")
        return await ask(self._to, _application, "PUT", uri, body=filter_body(allowed, dropped))


class Asterisk:
    """The Asterisk process and its dynamic configuration."""

    __slots__ = ("_to",)

    def __init__(self, requester: Requester) -> None:
        self._to = requester

    async def info(self) -> Outcome[AsteriskInfo]:
        """Version and start time; another start time means that all calls of before are gone."""
        return await ask(self._to, _info, "GET", path("asterisk", "info"))

    async def ping(self) -> Outcome[Pong]:
        """The PBX's own time."""
        return await ask(self._to, _pong, "GET", path("asterisk", "ping"))

    async def list_modules(self) -> Outcome[list[Module]]:
        """Modules and whether they are Running; some decline silently when another is missing."""
        return await ask(self._to, _modules, "GET", path("asterisk", "modules"))

    async def get_global_variable(self, name: str) -> Outcome[Variable]:
        """A variable of the dialplan's [globals]."""
        return await ask(self._to, _variable, "GET", path("asterisk", "variable"), query={"variable": name})

    async def set_global_variable(self, name: str, value: str) -> Outcome[None]:
        """Sets a variable that every call sees, until Asterisk restarts."""
        query = {"variable": name, "value": value}
        return await tell(self._to, "POST", path("asterisk", "variable"), query=query)

    async def get_config(self, module: str, kind: str, name: str) -> Outcome[list[ConfigTuple]]:
        """An object of the dynamic configuration, all its attributes: `res_pjsip`, `endpoint`, `1001`."""
        return await ask(self._to, _tuples, "GET", path("asterisk", "config", "dynamic", module, kind, name))

    async def put_config(
        self, module: str, kind: str, name: str, fields: Mapping[str, str]
    ) -> Outcome[list[ConfigTuple]]:
        """Makes or changes an object; attributes not named keep their value."""
        uri = path("asterisk", "config", "dynamic", module, kind, name)
        tuples = [{"attribute": attribute, "value": value} for attribute, value in fields.items()]
        return await ask(self._to, _tuples, "PUT", uri, body={"fields": tuples})

    async def delete_config(self, module: str, kind: str, name: str) -> Outcome[None]:
        """Removes an object; Gone when it is not there."""
        return await tell(self._to, "DELETE", path("asterisk", "config", "dynamic", module, kind, name))


class DeviceStates:
    """Device states, and those of our own under `Stasis:`."""

    __slots__ = ("_to",)

    def __init__(self, requester: Requester) -> None:
        self._to = requester

    async def list(self) -> Outcome[list[DeviceState]]:
        """The states that ARI controls."""
        return await ask(self._to, _device_states, "GET", "deviceStates")

    async def get(self, device: str) -> Outcome[DeviceState]:
        """State of any device: `PJSIP/1001`."""
        return await ask(self._to, _device_state, "GET", path("deviceStates", device))

    async def put(self, device: str, state: str) -> Outcome[None]:
        """Sets the state of a device named `Stasis:...`, for a lamp on a phone."""
        return await tell(self._to, "PUT", path("deviceStates", device), query={"deviceState": state})

    async def delete(self, device: str) -> Outcome[None]:
        """Forgets the state."""
        return await tell(self._to, "DELETE", path("deviceStates", device))

"""The fake's answers: one function per ARI operation, found by method and path."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TypeVar

from tests.fakes.ari_world import NOW, App, Json, Refusal, Room, World

Handler = Callable[[World, Json, Json], object]
H = TypeVar("H", bound=Handler)
ROUTES: list[tuple[str, re.Pattern[str], Handler]] = []
REASONS = {"normal": 16, "busy": 17, "congestion": 34, "no_answer": 19, "timeout": 102, "rejected": 21}
FIELDS = {
    "aor": {"max_contacts": "0", "remove_existing": "no", "qualify_frequency": "0", "qualify_timeout": "3.0"},
    "auth": {"username": "", "password": "", "auth_type": "userpass"},
}


def route(method: str, path: str) -> Callable[[H], H]:
    pattern = re.compile("^" + re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", path) + "$")

    def keep(handler: H) -> H:
        ROUTES.append((method, pattern, handler))
        return handler

    return keep


def answer(world: World, method: str, segments: list[str], query: Json, body: str) -> object:
    """What the operation gives (None is 204); raises Refusal."""
    path = "/".join(segment.replace("/", "\x00") for segment in segments)
    other_method = False
    for wanted, pattern, handler in ROUTES:
        found = pattern.match(path)
        if found and wanted == method:
            ids = {name: value.replace("\x00", "/") for name, value in found.groupdict().items()}
            return handler(world, {**query, **ids}, json.loads(body) if body else {})
        other_method = other_method or bool(found)
    raise Refusal(405, "Invalid method") if other_method else Refusal(404, "Resource not found")


@route("GET", "asterisk/info")
def info(_w: World, _q: Json, _b: Json) -> Json:
    system = {"version": "22.10.1-fake", "entity_id": "fake"}
    return {"system": system, "status": {"startup_time": NOW, "last_reload_time": NOW}}


@route("GET", "asterisk/ping")
def ping(_w: World, _q: Json, _b: Json) -> Json:
    return {"asterisk_id": "fake", "ping": "pong", "timestamp": NOW}


@route("GET", "asterisk/modules")
def modules(_w: World, _q: Json, _b: Json) -> list[Json]:
    return [{"name": "res_ari.so", "status": "Running", "description": "ARI"}]


@route("GET", "asterisk/variable")
def global_variable(w: World, q: Json, _b: Json) -> Json:
    return {"value": w.globals.get(q["variable"], "")}


@route("POST", "asterisk/variable")
def set_global(w: World, q: Json, _b: Json) -> None:
    w.globals[q["variable"]] = q.get("value", "")


def _config(w: World, q: Json) -> list[Json]:
    known = w.config.get((q["type"], q["id"]))
    if known is None:
        raise Refusal(404, f"Object with id '{q['id']}' not found")
    return [{"attribute": k, "value": v} for k, v in known.items()]


@route("GET", "asterisk/config/dynamic/res_pjsip/{type}/{id}")
def get_config(w: World, q: Json, _b: Json) -> list[Json]:
    return _config(w, q)


@route("PUT", "asterisk/config/dynamic/res_pjsip/{type}/{id}")
def put_config(w: World, q: Json, b: Json) -> list[Json]:
    if q["type"] not in ("aor", "auth", "endpoint"):
        raise Refusal(404, f"objectType '{q['type']}' not found")
    fields = {item["attribute"]: item["value"] for item in b.get("fields", [])}
    if q["type"] in FIELDS and "nonsense" in fields:
        raise Refusal(400, f"Update of object '{q['id']}' failed field value validation")
    before = w.config.get((q["type"], q["id"]), dict(FIELDS.get(q["type"], {})))
    w.config[q["type"], q["id"]] = before | fields
    if q["type"] == "endpoint":
        w.endpoints[q["id"]] = {
            "technology": "PJSIP",
            "resource": q["id"],
            "state": "offline",
            "channel_ids": [],
        }
    return _config(w, q)


@route("DELETE", "asterisk/config/dynamic/res_pjsip/{type}/{id}")
def delete_config(w: World, q: Json, _b: Json) -> None:
    _config(w, q)
    del w.config[q["type"], q["id"]]
    if q["type"] == "endpoint":
        del w.endpoints[q["id"]]


@route("GET", "endpoints")
def endpoints(w: World, _q: Json, _b: Json) -> list[Json]:
    return list(w.endpoints.values())


@route("GET", "endpoints/{tech}/{resource}")
def endpoint(w: World, q: Json, _b: Json) -> Json:
    if q["resource"] not in w.endpoints:
        raise Refusal(404, "Endpoint not found")
    return w.endpoints[q["resource"]]


@route("PUT", "deviceStates/{device}")
def put_device(w: World, q: Json, _b: Json) -> None:
    if not q["device"].startswith("Stasis:"):
        raise Refusal(409, "Uncontrolled device specified")
    w.devices[q["device"]] = q["deviceState"]


@route("GET", "deviceStates/{device}")
def get_device(w: World, q: Json, _b: Json) -> Json:
    return {"name": q["device"], "state": w.devices.get(q["device"], "UNKNOWN")}


@route("DELETE", "deviceStates/{device}")
def delete_device(w: World, q: Json, _b: Json) -> None:
    w.devices.pop(q["device"], None)


def _app(w: World, q: Json) -> App:
    if q["app"] not in w.apps:
        raise Refusal(404, "Application not found")
    return w.apps[q["app"]]


def _app_json(w: World, app: App) -> Json:
    mine = [leg.id for leg in w.legs.values() if leg.app == app.name]
    rooms = [room.id for room in w.rooms.values() if set(room.members) & set(mine)]
    return {
        "name": app.name,
        "channel_ids": mine,
        "bridge_ids": rooms,
        "endpoint_ids": list(app.endpoints),
        "device_names": [],
        "events_allowed": app.allowed,
        "events_disallowed": app.dropped,
    }


@route("GET", "applications")
def applications(w: World, _q: Json, _b: Json) -> list[Json]:
    return [_app_json(w, app) for app in w.apps.values()]


@route("GET", "applications/{app}")
def application(w: World, q: Json, _b: Json) -> Json:
    return _app_json(w, _app(w, q))


@route("PUT", "applications/{app}/eventFilter")
def event_filter(w: World, q: Json, b: Json) -> Json:
    app = _app(w, q)
    app.allowed, app.dropped = b.get("allowed", []), b.get("disallowed", [])
    return _app_json(w, app)


def _source(w: World, q: Json) -> str:
    scheme, _, name = str(q["eventSource"]).partition(":")
    if scheme not in ("endpoint", "channel", "bridge", "deviceState"):
        raise Refusal(400, "Invalid event source URI scheme")
    if scheme == "endpoint" and name.removeprefix("PJSIP/") not in w.endpoints:
        raise Refusal(422, "Event source does not exist")
    return name


@route("POST", "applications/{app}/subscription")
def subscribe(w: World, q: Json, _b: Json) -> Json:
    app, name = _app(w, q), _source(w, q)
    if name not in app.endpoints:
        app.endpoints.append(name)
    return _app_json(w, app)


@route("DELETE", "applications/{app}/subscription")
def unsubscribe(w: World, q: Json, _b: Json) -> Json:
    app, name = _app(w, q), q["eventSource"].partition(":")[2]
    if name not in app.endpoints:
        raise Refusal(422, "Event source was not subscribed to")
    app.endpoints.remove(name)
    return _app_json(w, app)


@route("GET", "bridges")
def bridges(w: World, _q: Json, _b: Json) -> list[Json]:
    return [room.json() for room in w.rooms.values()]


@route("POST", "bridges")
def create_bridge(w: World, q: Json, b: Json) -> Json:
    w.count += 1
    return create_bridge_with_id(w, {"id": f"bridge-{w.count}", **q}, b)


@route("POST", "bridges/{id}")
def create_bridge_with_id(w: World, q: Json, _b: Json) -> Json:
    if q["id"] in w.rooms:
        raise Refusal(409, f"Bridge with id '{q['id']}' already exists")
    w.rooms[q["id"]] = Room(q["id"], q.get("type", "mixing").split(",")[0], q.get("name", ""))
    return w.rooms[q["id"]].json()


@route("GET", "bridges/{id}")
def get_bridge(w: World, q: Json, _b: Json) -> Json:
    return w.room(q["id"]).json()


@route("DELETE", "bridges/{id}")
def destroy_bridge(w: World, q: Json, _b: Json) -> None:
    room = w.room(q["id"])
    for member in list(room.members):
        w.part(room, w.leg(member))
    del w.rooms[room.id]


@route("POST", "bridges/{id}/addChannel")
def add_channel(w: World, q: Json, _b: Json) -> None:
    room, legs = w.room(q["id"]), []
    for channel_id in q["channel"].split(","):
        if channel_id not in w.legs:
            raise Refusal(400, "Channel not found")
        if w.legs[channel_id].app is None:
            raise Refusal(422, "Channel not in Stasis application")
        legs.append(w.legs[channel_id])
    for leg in legs:
        w.join(room, leg)


@route("POST", "bridges/{id}/removeChannel")
def remove_channel(w: World, q: Json, _b: Json) -> None:
    room = w.room(q["id"])
    for channel_id in q["channel"].split(","):
        if channel_id not in room.members:
            raise Refusal(422, "Channel not in this bridge")
        w.part(room, w.leg(channel_id))


@route("POST", "bridges/{id}/play/{playback}")
def play_bridge(w: World, q: Json, _b: Json) -> Json:
    room = w.room(q["id"])
    owner = w.legs[room.members[0]].app if room.members else None
    return w.play(f"bridge:{room.id}", owner, q["media"], q["playback"])


@route("DELETE", "playbacks/{id}")
def stop_playback(w: World, q: Json, _b: Json) -> None:
    w.finish(q["id"])


@route("GET", "playbacks/{id}")
def get_playback(w: World, q: Json, _b: Json) -> Json:
    if q["id"] not in w.playbacks:
        raise Refusal(404, "Playback not found")
    return {k: v for k, v in w.playbacks[q["id"]].items() if k != "owner"}


@route("POST", "recordings/live/{name}/stop")
def stop_recording(w: World, q: Json, _b: Json) -> None:
    recording = w.recordings.pop(q["name"], None)
    if recording is None:
        raise Refusal(404, "Recording not found")
    w.stored.append(q["name"])
    owner = recording.pop("owner")
    w.tell(owner, "RecordingFinished", recording={**recording, "state": "done", "duration": 1})


@route("GET", "recordings/stored")
def stored(w: World, _q: Json, _b: Json) -> list[Json]:
    return [{"name": name, "format": "wav"} for name in w.stored]


@route("DELETE", "recordings/stored/{name}")
def delete_stored(w: World, q: Json, _b: Json) -> None:
    if q["name"] not in w.stored:
        raise Refusal(404, "Recording not found")
    w.stored.remove(q["name"])

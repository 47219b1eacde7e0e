"""The fake's answers about channels."""

from __future__ import annotations

from tests.fakes.ari_routes import REASONS, route
from tests.fakes.ari_world import Json, Leg, Refusal, World


@route("GET", "channels")
def channels(w: World, _q: Json, _b: Json) -> list[Json]:
    return [leg.json() for leg in w.legs.values()]


@route("POST", "channels/create")
def create(w: World, q: Json, b: Json) -> Json:
    leg = originate(w, {**q, "id": q["channelId"], "state": "Down"}, b)
    w.enter(w.legs[leg["id"]], q["app"], *filter(None, q.get("appArgs", "").split(",")))
    return leg


@route("POST", "channels/{id}")
def originate(w: World, q: Json, b: Json) -> Json:
    tech, _, resource = q["endpoint"].partition("/")
    if q["id"] in w.legs:
        raise Refusal(409, "Channel with given unique ID already exists")
    known = tech == "Local" or (tech == "PJSIP" and w.endpoints.get(resource, {}).get("state") == "online")
    if not known:
        raise Refusal(500, "Allocation failed")
    w.count += 1
    leg = w.new_leg(q["id"], f"{q['endpoint']}-{w.count:08x}", state=q.get("state", "Down"))
    leg.variables |= b.get("variables", {})
    leg.context, leg.exten = q.get("context", "default"), q.get("extension", "s")
    return leg.json()


@route("POST", "channels")
def originate_any(w: World, q: Json, b: Json) -> Json:
    w.count += 1
    return originate(w, {"id": f"1700000000.{w.count}", **q}, b)


@route("GET", "channels/{id}")
def get(w: World, q: Json, _b: Json) -> Json:
    return w.leg(q["id"]).json()


@route("DELETE", "channels/{id}")
def hangup(w: World, q: Json, _b: Json) -> None:
    leg, reason = w.leg(q["id"]), q.get("reason", "normal")
    if reason not in REASONS:
        raise Refusal(400, "Invalid reason for hangup reason provided")
    w.end(leg, REASONS[reason], by_far=False)


@route("POST", "channels/{id}/continue")
def go_on(w: World, q: Json, _b: Json) -> None:
    leg = w.in_stasis(q["id"])
    w.go_on(leg, "SUCCESS", q.get("context", leg.context), q.get("extension", leg.exten))


@route("POST", "channels/{id}/move")
def move(w: World, q: Json, _b: Json) -> None:
    leg = w.in_stasis(q["id"])
    args = list(filter(None, q.get("appArgs", "").split(",")))
    target = w.apps.get(q["app"])
    if target is None or target.send is None:
        w.tell(leg.app, "ApplicationMoveFailed", channel=leg.json(), destination=q["app"], args=args)
        return
    w.leave(leg)
    w.enter(leg, q["app"], *args)


@route("POST", "channels/{id}/answer")
def answer_channel(w: World, q: Json, _b: Json) -> None:
    leg = w.in_stasis(q["id"])
    if leg.state != "Up":
        leg.state = "Up"
        w.tell(leg.app, "ChannelStateChange", channel=leg.json())


def _obeyed(w: World, q: Json, _b: Json) -> None:
    w.in_stasis(q["id"])


for verb in ("ring", "moh", "hold", "mute", "silence"):
    route("POST", f"channels/{{id}}/{verb}")(_obeyed)
    route("DELETE", f"channels/{{id}}/{verb}")(_obeyed)
route("POST", "channels/{id}/progress")(_obeyed)
route("POST", "channels/{id}/dtmf")(_obeyed)


@route("POST", "channels/{id}/variable")
def set_variable(w: World, q: Json, _b: Json) -> None:
    leg = w.in_stasis(q["id"])
    leg.variables[q["variable"]] = q.get("value", "")
    w.tell(leg.app, "ChannelVarset", channel=leg.json(), variable=q["variable"], value=q.get("value", ""))


@route("GET", "channels/{id}/variable")
def get_variable(w: World, q: Json, _b: Json) -> Json:
    leg = w.leg(q["id"])
    if q["variable"] not in leg.variables:
        raise Refusal(404, "Provided variable was not found")
    return {"value": leg.variables[q["variable"]]}


@route("POST", "channels/{id}/play")
def play_any(w: World, q: Json, b: Json) -> Json:
    w.count += 1
    return play(w, {"playback": f"playback-{w.count}", **q}, b)


@route("POST", "channels/{id}/play/{playback}")
def play(w: World, q: Json, _b: Json) -> Json:
    leg = w.in_stasis(q["id"])
    leg.playing.append(q["playback"])
    return w.play(f"channel:{leg.id}", leg.app, q["media"], q["playback"])


@route("POST", "channels/{id}/record")
def record(w: World, q: Json, _b: Json) -> Json:
    leg = w.in_stasis(q["id"])
    if q["name"] in w.recordings:
        raise Refusal(409, "Recording already in progress")
    live = {"name": q["name"], "format": q["format"], "target_uri": f"channel:{leg.id}", "state": "recording"}
    w.recordings[q["name"]] = {**live, "owner": leg.app}
    w.tell(leg.app, "RecordingStarted", recording=live)
    return {**live, "state": "queued"}


@route("POST", "channels/{id}/snoop/{snoop}")
def snoop(w: World, q: Json, _b: Json) -> Json:
    spied = w.leg(q["id"])
    leg: Leg = w.new_leg(q["snoop"], f"Snoop/{spied.id}-{w.count:08x}", context="default", exten="s")
    w.enter(leg, q["app"], *filter(None, q.get("appArgs", "").split(",")))
    return leg.json()


@route("POST", "channels/{id}/dial")
def dial(w: World, q: Json, _b: Json) -> None:
    leg = w.in_stasis(q["id"])
    leg.state = "Ringing"
    w.tell(leg.app, "Dial", peer=leg.json(), dialstatus="RINGING", dialstring="")

"""`ramal doctor`: is everything that must be true of a call centre true? Reads store, PBX, API and files.

It asks from outside, as another person would: the database for what is remembered, ARI for what lives, the
API for what the application believes. What is under way is looked at again before it counts as wrong.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import Connection, create_engine
from sqlalchemy.ext.asyncio import create_async_engine

from ari_app import config
from ari_app.cli.plain import plain_console
from ari_app.storage import invariants
from ari_app.storage.database import database_url

out = plain_console()
LASTS_S = 4.0
"""What is wrong for so long is wrong; shorter, it was under way."""
LOOK_S = 0.25
DAY_S = 86_400.0
ON_A_CALL = frozenset({"ringing", "talking", "on_hold"})
DIALPLAN_SERVES = frozenset({"ramal-fallback", "ramal-echo", "ramal-tone", "ramal-code"})
_PHONE = re.compile(r"^PJSIP/(.+)-[0-9a-f]{8}$")


@dataclass(frozen=True, slots=True)
class Place:
    """Where everything of one installation is."""

    database: str
    recordings: Path
    ari: str
    ari_user: str
    ari_password: str = field(repr=False)
    api: str
    token: str = field(repr=False)


def doctor(
    hours: Annotated[float, typer.Option(help="How far back calls are looked at.")] = 24.0,
) -> None:
    """Check the invariants: one final state per call, nothing without an owner, no attempt twice, no gap."""
    try:
        settings = config.read(os.environ)
    except config.ConfigError as error:
        out.print(f"ramal: {error}", style="red")
        raise typer.Exit(2) from error
    place = Place(
        settings.database,
        settings.recordings,
        settings.ari_url,
        settings.ari_user,
        settings.ari_password,
        f"http://{settings.bind}:{settings.http_port}/api/v1",
        settings.admin_token,
    )
    try:
        found = examine(place, time.time() - hours * 3600)
    except (OSError, urllib.error.HTTPError) as error:
        out.print(f"ramal: cannot look: {error}", style="red")
        raise typer.Exit(2) from error
    for fault in found:
        out.print(f"WRONG  {fault}", style="red")
    if found:
        raise typer.Exit(1)
    out.print("All invariants hold.")


def examine(place: Place, since: float, lasts_s: float = LASTS_S) -> list[str]:
    """What is wrong and stays wrong for `lasts_s`. Blocks; not for an event loop."""
    deadline = time.monotonic() + lasts_s
    found = _look(place, since)
    while found and time.monotonic() < deadline:
        time.sleep(LOOK_S)
        again = set(_look(place, since))
        found = [fault for fault in found if fault in again]
    return found


def _look(place: Place, since: float) -> list[str]:
    """One look. The store is read before and after the PBX: what began or ended meanwhile is no fault."""
    _, before, dialled = _stored(place, since, judge=False)
    channels, bridges, operators = (
        _ari(place, "channels"),
        _ari(place, "bridges"),
        _pages(place, "/operators"),
    )
    faults, after, dialling = _stored(place, since)
    lasting = {call: channel for call, channel in before.items() if call in after}
    owned = before.keys() | after.keys() | dialled | dialling
    return (
        faults
        + clock_faults(_get(f"{place.api}/clock", f"Bearer {place.token}"))
        + live_faults(channels, bridges, operators, lasting, owned)
    )


def clock_faults(clock: Mapping[str, Any]) -> list[str]:
    """Whether somebody set the wall clock: campaigns wait for a person then."""
    if clock["trusted"]:
        return []
    return [f"the wall clock was set; records say {clock['now']}, it {clock['wall']} (POST /clock/confirm)"]


def live_faults(
    channels: Sequence[Mapping[str, Any]],
    bridges: Sequence[Mapping[str, Any]],
    operators: Sequence[Mapping[str, Any]],
    calls: Mapping[str, str],
    owned: AbstractSet[str],
) -> list[str]:
    """What lives without an owner, and who is busy without a call.

    `calls`: those open all the while → the caller's channel; `owned`: ids of all open calls and attempts.
    """
    extensions = {operator["extension"] for operator in operators}
    by_dialplan = {_call(c) for c in channels if c["dialplan"]["context"] in DIALPLAN_SERVES}
    found, busy, alive = [], set[str](), {channel["id"] for channel in channels}
    for channel in channels:
        phone = _PHONE.match(channel["name"])
        own = phone is not None and phone[1] in extensions
        if phone is not None and own:
            busy.add(phone[1])
        owner = _call(channel) or channel["id"]
        if owner not in owned and owner not in by_dialplan and (not own or _call(channel)):
            found.append(f"channel {channel['name']} ({channel['id']}) belongs to no open call")
    found += [f"bridge {bridge['id']} is empty" for bridge in bridges if not bridge["channels"]]
    found += [
        f"operator {operator['extension']} is {operator['state']} without a channel"
        for operator in operators
        if operator["state"] in ON_A_CALL and operator["extension"] not in busy
    ]
    found += [
        f"call {call} is open without a channel" for call, channel in calls.items() if channel not in alive
    ]
    return found


def _call(channel: Mapping[str, Any]) -> str:
    variables = channel.get("channelvars") or {}
    return str(variables.get("RAMAL_CALL", ""))


def _stored(place: Place, since: float, *, judge: bool = True) -> tuple[list[str], dict[str, str], set[str]]:
    """What is wrong in the store (if asked for), the open calls, the open attempts."""

    def read(connection: Connection) -> tuple[list[str], dict[str, str], set[str]]:
        faults = invariants.broken(connection, since, time.time(), place.recordings) if judge else []
        return faults, invariants.open_calls(connection), invariants.open_attempts(connection)

    url = database_url(place.database)
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url.set(drivername="sqlite"))
        try:
            with engine.connect() as connection:
                return read(connection)
        finally:
            engine.dispose()

    async def asked() -> tuple[list[str], dict[str, str], set[str]]:
        remote = create_async_engine(url)
        try:
            async with remote.connect() as connection:
                return await connection.run_sync(read)
        finally:
            await remote.dispose()

    return asyncio.run(asked())


def _ari(place: Place, what: str) -> list[dict[str, Any]]:
    login = base64.b64encode(f"{place.ari_user}:{place.ari_password}".encode()).decode()
    return list(_get(f"{place.ari}/ari/{what}", f"Basic {login}"))


def _pages(place: Place, path: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    more = ""
    while True:
        page = _get(f"{place.api}{path}{more}", f"Bearer {place.token}")
        items += page["items"]
        if not page.get("next"):
            return items
        more = f"?cursor={page['next']}"


def _get(url: str, authorization: str) -> Any:
    request = urllib.request.Request(url, headers={"Authorization": authorization})  # noqa: S310 - configured
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - the same
        return json.loads(answer.read())

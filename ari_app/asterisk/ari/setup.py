"""What must be set again on every connection: the event filter and the endpoint subscriptions.

Both belong to the application and outlive its sockets, so leftovers of an earlier life are removed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from ari_app.asterisk.ari.frames import path
from ari_app.asterisk.ari.models import Application
from ari_app.asterisk.ari.outcome import Conflict, Failure, Gone, Ok, Outcome, Refused, Unavailable
from ari_app.asterisk.ari.requester import Requester, ask, reader, tell

_read_application = reader(Application)
_AT_ONCE = 32
ALWAYS_ALLOWED = ("RESTResponse", "ApplicationReplaced")
"""An `allowed` list drops these too, and every request over the socket would hang."""


def filter_body(allowed: Iterable[str], dropped: Iterable[str]) -> dict[str, list[dict[str, str]]]:
    """The body of `PUT /applications/{app}/eventFilter`; an empty `allowed` allows every type."""
    wanted = list(dict.fromkeys(allowed))
    if wanted:
        wanted = list(dict.fromkeys([*wanted, *ALWAYS_ALLOWED]))
    return {
        "allowed": [{"type": name} for name in wanted],
        "disallowed": [{"type": name} for name in dict.fromkeys(dropped)],
    }


async def subscribe(to: Requester, app: str, source: str) -> Outcome[Application]:
    """Subscribes to an event source: `endpoint:PJSIP/1005`, `deviceState:PJSIP/1005`, `channel:<id>`."""
    uri = path("applications", app, "subscription")
    return await ask(to, _read_application, "POST", uri, query={"eventSource": source})


async def unsubscribe(to: Requester, app: str, source: str) -> Outcome[None]:
    """Ends a subscription; one that does not exist is as good as ended."""
    uri = path("applications", app, "subscription")
    ended = await tell(to, "DELETE", uri, query={"eventSource": source})
    absent = isinstance(ended, Conflict | Gone) or (isinstance(ended, Refused) and ended.status == 422)
    return Ok(None) if absent else ended


async def set_up(
    to: Requester, app: str, *, allowed: Iterable[str], dropped: Iterable[str], sources: Iterable[str]
) -> tuple[str, ...] | Unavailable:
    """Brings the application to exactly this filter and these sources; tells what could not be set."""
    body = filter_body(allowed, dropped)
    problems: list[str] = []
    uri = path("applications", app, "eventFilter")
    filtered = await ask(to, _read_application, "PUT", uri, body=body)
    if isinstance(filtered, Unavailable):
        return filtered
    wanted = set(sources)
    stale: set[str] = set()
    if isinstance(filtered, Ok):
        now = filtered.value
        have = {f"endpoint:{name}" for name in now.endpoint_ids}
        have |= {f"deviceState:{name}" for name in now.device_names}
        stale, wanted = have - wanted, wanted - have
    else:
        problems.append(f"event filter of {app}: {filtered}")
    gate = asyncio.Semaphore(_AT_ONCE)

    async def change(source: str, *, add: bool) -> tuple[str, Failure] | None:
        async with gate:
            done = await (subscribe(to, app, source) if add else unsubscribe(to, app, source))
        return None if isinstance(done, Ok) else (source, done)

    changes = [change(source, add=True) for source in sorted(wanted)]
    changes += [change(source, add=False) for source in sorted(stale)]
    for failed in await asyncio.gather(*changes):
        if failed is None:
            continue
        source, failure = failed
        if isinstance(failure, Unavailable):
            return failure
        problems.append(f"{source}: {failure}")
    return tuple(problems)

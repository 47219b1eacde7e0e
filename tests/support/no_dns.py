"""Run in a network of its own whose name server says nothing: look-ups at once, and what goes on beside."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys

import uvloop

from ari_app.lookups import HttpLookups
from ari_app.model.commands import Lookup

SERVER = "127.0.0.66"
AT_ONCE = 40


def look_up(timeout_s: float) -> Lookup:
    return Lookup(lookup="crm", method="GET", url="http://crm.example/x", timeout_s=timeout_s)


async def ask_all() -> None:
    """Tell whether other work gets threads while many look-ups wait, and what one is told in the end."""
    async with HttpLookups(lambda: {"crm.example"}, lambda _name: None) as lookups:
        asked = asyncio.gather(*(lookups.ask(look_up(60.0)) for _ in range(AT_ONCE)))
        await asyncio.sleep(0)
        for _ in range(AT_ONCE):
            await asyncio.to_thread(socket.gethostname)
        free = not asked.done()
        asked.cancel()
        answer = await lookups.ask(look_up(1.0))
        sys.stdout.write(json.dumps({"free": free, "ok": answer.ok, "error": answer.error}))
        sys.stdout.flush()
        os._exit(0)  # the system's resolver would still wait for its server


with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
    silent.bind((SERVER, 53))
    uvloop.run(ask_all())

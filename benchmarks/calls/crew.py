"""Hire hundreds of operators before the application starts: written to its store as if signed in."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from argon2 import PasswordHasher

from ari_app.dispatch.desk import new_secrets
from ari_app.model.ids import DEFAULT_CLIENT, OperatorId
from ari_app.model.operator import KnownState, Operator, OperatorState
from ari_app.storage.database import open_database
from ari_app.storage.operators import OperatorStore
from ari_app.storage.secrets import KEY_BYTES, Passwords, SecretBox


def extensions(first: int, count: int) -> list[str]:
    """Consecutive extensions."""
    return [str(first + number) for number in range(count)]


def hire(state: Path, operators: list[str], now: float) -> None:
    """Fill a new state folder with operators who were available when the application last stopped.

    The passwords of nobody's consoles are hashed cheaply: proper hashes of a thousand take minutes.
    """
    key = os.urandom(KEY_BYTES)
    handle = os.open(state / "secret.key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(key)
    asyncio.run(_hire(state, SecretBox(key), operators, now))


async def _hire(state: Path, box: SecretBox, operators: list[str], now: float) -> None:
    cheap = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    async with open_database(state / "ramal.db") as database:
        store = OperatorStore(database, box, cheap)
        for extension in operators:
            operator = Operator(OperatorId(extension), f"Operator {extension}", {}, wrap_up_s=0.0)
            await store.insert(operator, new_secrets())
        known = KnownState(OperatorState.AVAILABLE, "", now, clocked_in=False)
        await store.put_states(DEFAULT_CLIENT, {OperatorId(extension): known for extension in operators})

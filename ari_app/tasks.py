"""Starting errands in a task group that may be closing."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


def begin_task(group: asyncio.TaskGroup, errand: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
    """Run an errand in a group; one that cannot begin any more is closed, not left for the collector to find.

    Raises `RuntimeError` when the group takes nothing any more: it is cancelled, or over.
    """
    try:
        return group.create_task(errand, name=name)
    except RuntimeError:
        errand.close()
        raise

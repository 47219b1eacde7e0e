"""The application behind a relay; the long runs of `make chaos` are collected only there."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.chaos.relay import Relay
from tests.support.words import Words

collect_ignore = [] if os.environ.get("RAMAL_CHAOS") else ["long"]


@pytest.fixture
def relay(words: Words) -> Iterator[Relay]:
    """Everything between application and ARI passes here; afterwards the application is as before."""
    centre = words.centre
    with Relay(centre.plan.ports.http).open() as between:
        centre.stop_application()
        centre.extra = {"RAMAL_ARI_URL": f"http://127.0.0.1:{between.port}"}
        centre.start_application()
        centre.await_ready()
        try:
            yield between
        finally:
            centre.extra = {}
            centre.stop_application()
            centre.start_application()
            centre.await_ready()

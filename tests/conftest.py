"""A whole call centre for the tests: real Asterisk, SIP and RTP, the application as a process."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import HealthCheck, settings

from ari_app.storage import journal
from demo.centre import Centre
from demo.outbound import TARIFFS
from pbx.patience import PATIENCE_S
from tests.support.centres import running
from tests.support.free_ports import free_base
from tests.support.words import Words

structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)  # structlog's own default draws tracebacks with all local variables: most of some tests' time
for name, same in (("same-each-time", True), ("new-ones", False)):
    # No deadline and no health check on time: a machine that stands still says nothing about a story.
    settings.register_profile(
        name, derandomize=same, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
# `make chaos` looks for what nobody thought of, `make test` compares
settings.load_profile("new-ones" if "RAMAL_STORIES" in os.environ else "same-each-time")
journal.FLUSH_S = PATIENCE_S  # who waits for the store waits no shorter than who waits for a call
QUICK = ("    skills: {sales: 1}\n", "    skills: {support: 2}\n")
"""Queues of most tests here: one second of wrap-up is enough."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What tells most for its time comes first: what needs nothing but this process, then real calls.

    The browser's tests come last: Playwright's loop goes on in this thread until the run ends.
    """
    items.sort(key=lambda item: ("console" in item.path.parts, not {"unit", "api"} & {*item.path.parts}))


@pytest.fixture(scope="session")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """PBX, telephone network and application, started once."""

    def quick(site: str) -> str:
        for queue in QUICK:
            assert f"{queue}    wrap_up_s: 5\n" in site
            site = site.replace(f"{queue}    wrap_up_s: 5\n", f"{queue}    wrap_up_s: 1\n")
        return site + TARIFFS

    with running(tmp_path_factory.mktemp("centre"), free_base(), site=quick) as made:
        yield made


@pytest.fixture
def words(centre: Centre) -> Iterator[Words]:
    """The sentences that tests are made of; afterwards nothing of the test may be left."""
    spoken = Words(centre)
    yield spoken
    spoken.clean_up()

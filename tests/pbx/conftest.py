"""One PBX and one telephone network for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pbx.telephony import Telephony, telephony
from tests.support.free_ports import free_base


@pytest.fixture(scope="session")
def _telephony(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Telephony]:
    quick = {"guard_s": "8", "fallback_wait_s": "6", "ari_user": "ramal"}
    home, base = tmp_path_factory.mktemp("phones"), int(free_base(beside=3))
    with telephony(home, overrides=quick, base=base) as phones:
        yield phones


@pytest.fixture
def phones(_telephony: Telephony) -> Iterator[Telephony]:
    """The telephones, quiet before and after each test: a leaked channel or bridge fails it."""
    yield _telephony
    _telephony.telco.hang_up_all()
    _telephony.then_nothing_is_left()

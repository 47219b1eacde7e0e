"""Whatever a flow may ask for is performed by somebody."""

from __future__ import annotations

from typing import get_args

from ari_app.calls.perform import PERFORMERS
from ari_app.model.commands import AnyCommand


def test_every_command_of_the_flow_has_its_performer() -> None:
    assert set(get_args(AnyCommand)) == set(PERFORMERS)

"""What the flow tests share."""

from __future__ import annotations

import pytest

from ari_app.calls.catalogue import prompts_in
from ari_app.flow.check import Prompts
from tests.unit.flow.given import ROOT


@pytest.fixture(scope="session")
def prompts() -> Prompts:
    """The prompts that the product ships."""
    return prompts_in(ROOT / "sounds")

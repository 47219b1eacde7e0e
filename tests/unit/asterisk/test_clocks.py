"""The PBX's clock need not be ours (M5)."""

from __future__ import annotations

import pytest

from ari_app.asterisk.telephony import began
from ari_app.calls.reconcile import find
from ari_app.model.ids import CallId, ChannelId
from ari_app.ports import LivePbx

STARTED = 1_767_225_600.0
"""2026-01-01T00:00:00Z"""


@pytest.mark.parametrize("skew_s", [0, 3600, -3600])
def test_M5_a_pbx_whose_clock_is_wrong_is_as_old_as_it_is(skew_s: int) -> None:
    hour = 4 + skew_s // 3600
    born = f"2026-01-01T{hour - 3:02d}:00:00.000+0000"
    now_there = f"2026-01-01T{hour:02d}:00:00.000+0000"
    here = STARTED + 4 * 3600.0
    assert began(born, now_there, here) == STARTED + 3600.0
    live = LivePbx(began(born, now_there, here), ())
    call, channel = CallId("call-1"), ChannelId("channel-1")
    assert not find(live, channel, call, here - 60.0).lost, "its call ended, and the PBX lived on"
    assert find(live, channel, call, STARTED).lost, "it was started after the call began"


def test_M5_a_pbx_that_does_not_tell_its_time_is_believed() -> None:
    assert began("2026-01-01T00:00:00.000+0000", "", STARTED + 99) == STARTED

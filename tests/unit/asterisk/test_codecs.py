"""Nobody on the PBX sends wider sound than MixMonitor's two-channel file bears (ADR 14)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ari_app.asterisk.provisioning import Kind, Phone

NARROW = {"alaw", "ulaw"}
DIALPLAN = Path(__file__).parents[3] / "dialplan"


@pytest.mark.parametrize("kind", ["udp", "tcp", "tls", "webrtc"])
def test_M1_no_phone_talks_wider_than_a_recording_bears(kind: Kind) -> None:
    endpoint = Phone("1101", "a-password", kind).endpoint()
    assert endpoint["disallow"] == "all"
    assert set(endpoint["allow"].split(",")) == NARROW


def test_M1_no_line_of_the_pbx_is_wider_than_a_recording_bears() -> None:
    allowed = re.findall(r"^allow *= *(.+)$", (DIALPLAN / "pjsip.conf").read_text("utf-8"), re.MULTILINE)
    assert allowed
    assert {codec.strip() for line in allowed for codec in line.split(",")} == NARROW

"""What a softphone heard lies where it was sent, however late it was read."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from ari_app.softphone import alaw
from ari_app.softphone.rtp import FRAME, Voice

TONE = alaw.tone(440.0, 0.02)


def heard(came_s: list[float], monkeypatch: pytest.MonkeyPatch) -> alaw.Samples:
    """What is heard of packets that came at these times."""
    voice = Voice()
    voice._began = 100.0
    clock = iter(came_s)
    monkeypatch.setattr("asyncio.get_running_loop", lambda: Loop(100.0 + next(clock)))
    for number in range(len(came_s)):
        head = struct.pack("!BBHII", 0x80, 8, number, 0, 7)
        voice.datagram_received(head + TONE, None)
    return voice.heard()


class Loop:
    def __init__(self, now: float) -> None:
        self._now = now

    def time(self) -> float:
        return self._now


def test_packets_read_late_are_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process stood still for 1.5 s; the sender did not."""
    on_time = [number * 0.02 for number in range(50)]
    burst = [2.5] * 75
    after = [2.5 + number * 0.02 for number in range(50)]
    found = heard(on_time + burst + after, monkeypatch)
    assert len(found) == 175 * FRAME
    assert np.abs(found).max() > 0.2


def test_a_pause_stays_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    first = [number * 0.02 for number in range(50)]
    second = [5.0 + number * 0.02 for number in range(50)]
    found = heard(first + second, monkeypatch)
    assert len(found) == pytest.approx(6 * alaw.RATE, abs=3)
    assert np.abs(found[alaw.RATE + 3 : 5 * alaw.RATE - 3]).max() == 0
    assert np.abs(found[5 * alaw.RATE :]).max() > 0.2


def test_nothing_came(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(heard([], monkeypatch)) == 0

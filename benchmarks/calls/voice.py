"""What callers send as RTP, as captures for SIPp: a key pressed (RFC 4733), with or without a voice."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

PACKET_MS = 20
SAMPLES = 160
PCMA, EVENT = 8, 101
DIGIT_MS = 100
"""How long the key is held: Asterisk would lengthen anything below 80 ms (AST_MIN_DTMF_DURATION)."""
RELEASED_AFTER_MS = DIGIT_MS - PACKET_MS
"""From SIPp's start of a capture to the key's end: it sends the first two packets at once (3.6.1, seen)."""
_SSRC = 0x52616D61
_LAST = 3
"""A digit's last packet is sent three times (RFC 4733, section 2.5.1.4)."""

Packet = tuple[int, bytes]
"""When it is sent, in ms from the start, and the RTP packet."""


def _rtp(payload: int, number: int, timestamp: int, body: bytes, *, marked: bool = False) -> bytes:
    return (
        struct.pack(">BBHII", 0x80, payload | (0x80 if marked else 0), number & 0xFFFF, timestamp, _SSRC)
        + body
    )


def key_packets(key: int, start_ms: int = 0, first: int = 1) -> Iterator[Packet]:
    """A key held for `DIGIT_MS`; `first` is the first packet's sequence number."""
    at_tick = 8 * start_ms
    steps = DIGIT_MS // PACKET_MS
    number = first
    for step in range(steps + _LAST):
        is_over = step >= steps
        held = min(step + 1, steps)
        body = struct.pack(">BBH", key, 0x8A if is_over else 0x0A, held * SAMPLES)
        at_ms = start_ms + min(step, steps) * PACKET_MS
        yield at_ms, _rtp(EVENT, number, at_tick, body, marked=step == 0)
        number += 1


def voice_packets(sound: bytes, length_ms: int, key: int, key_ms: int) -> Iterator[Packet]:
    """A voice (raw A-law, repeated) for `length_ms`, interrupted by a key pressed at `key_ms`."""
    number = 1
    for at_ms in range(0, length_ms, PACKET_MS):
        if key_ms <= at_ms < key_ms + DIGIT_MS + PACKET_MS:
            if at_ms == key_ms:
                pressed = list(key_packets(key, key_ms, number))
                yield from pressed
                number += len(pressed)
            continue
        start = at_ms // PACKET_MS * SAMPLES % max(SAMPLES, len(sound) - SAMPLES)
        yield at_ms, _rtp(PCMA, number, 8 * at_ms, sound[start : start + SAMPLES], marked=number == 1)
        number += 1


def write_capture(path: Path, packets: Iterator[Packet]) -> None:
    """A libpcap file of Ethernet, IPv4 and UDP; SIPp puts its own addresses, ports and checksums in."""
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for at_ms, packet in packets:
            udp = struct.pack(">HHHH", 6000, 6000, 8 + len(packet), 0) + packet
            address = bytes((127, 0, 0, 1))
            ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, address, address) + udp
            frame = bytes(12) + b"\x08\x00" + ip
            file.write(struct.pack("<IIII", at_ms // 1000, at_ms % 1000 * 1000, len(frame), len(frame)))
            file.write(frame)

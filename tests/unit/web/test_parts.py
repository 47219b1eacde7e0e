"""The small parts of the web side, without a server."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ari_app.web.auth import Brake
from ari_app.web.handling import redacted
from ari_app.web.headers import content_policy
from ari_app.web.ranges import RangeNotSatisfiable, parse_range
from ari_app.web.views import rfc3339, with_times


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("", None),
        ("bytes=0-0", (0, 1)),
        ("bytes=0-", (0, 100)),
        ("bytes=90-200", (90, 100)),
        ("bytes=-10", (90, 100)),
        ("bytes=-500", (0, 100)),
        ("bytes=5-2", None),
        ("bytes=-", None),
        ("bytes=0-1,5-6", None),
        ("items=0-1", None),
        ("bytes=٣-٤", None),
        ("bytes=" + "9" * 30 + "-", None),
    ],
)
def test_ranges_are_read_as_rfc_9110_says(header: str | None, expected: tuple[int, int] | None) -> None:
    assert parse_range(header, 100) == expected


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_ranges_behind_the_end_are_told(header: str) -> None:
    with pytest.raises(RangeNotSatisfiable):
        parse_range(header, 100)


@given(
    st.text(max_size=30) | st.from_regex(r"bytes=\d{0,20}-\d{0,20}", fullmatch=True), st.integers(0, 10**12)
)
def test_a_range_never_leads_out_of_the_file(header: str, size: int) -> None:
    try:
        part = parse_range(header, size)
    except RangeNotSatisfiable:
        return
    assert part is None or 0 <= part[0] < part[1] <= size


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (0.0, "1970-01-01T00:00:00.000Z"),
        (1767322984.678, "2026-01-02T03:03:04.678Z"),
        (1767322984.9996, "2026-01-02T03:03:05.000Z"),
    ],
)
def test_times_are_utc_with_milliseconds(at: float, text: str) -> None:
    assert rfc3339(at) == text


def test_only_what_is_named_a_time_becomes_one() -> None:
    given_ = {"published_at": 0, "count": 0, "steps": [{"at": 1, "left_at": None, "queued_at": 0.5}]}
    assert with_times(given_) == {
        "published_at": "1970-01-01T00:00:00.000Z",
        "count": 0,
        "steps": [{"at": 1, "left_at": None, "queued_at": "1970-01-01T00:00:00.500Z"}],
    }


def test_X7_what_is_secret_never_reaches_the_audit_log() -> None:
    body = {
        "name": "ana",
        "password": "p",
        "console_password": "q",
        "code": None,
        "deep": [{"pin": "1"}],
        "long": "x" * 201,
    }
    kept = redacted(body)
    assert (kept["password"], kept["console_password"], kept["deep"]) == ("***", "***", [{"pin": "***"}])
    assert (kept["name"], kept["code"], kept["long"]["characters"]) == ("ana", None, 201)


def test_X7_the_brake_lets_go_after_its_window() -> None:
    now = [0.0]
    brake = Brake(lambda: now[0], most=3, window_s=60.0)
    assert [brake.wait_s("a") for _ in range(4)] == [0.0, 0.0, 0.0, 60.0]
    assert brake.wait_s("b") == 0.0
    now[0] = 59.0
    assert brake.wait_s("a") == 1.0
    now[0] = 60.5
    assert brake.wait_s("a") == 0.0


def test_X7_the_brake_forgets_old_keys_and_not_the_busy_one() -> None:
    brake = Brake(lambda: 0.0, most=1, window_s=60.0)
    for n in range(20_000):
        brake.wait_s(f"address {n}")
        if n % 1000 == 0:
            brake.wait_s("busy")
    assert brake.wait_s("busy") > 0
    assert len(brake._tries) <= 10_001


def test_X7_the_policy_allows_scripts_of_our_own_files_only() -> None:
    policy = content_policy(["wss://127.0.0.1:8089"])
    assert "script-src 'self';" in policy
    assert "connect-src 'self' wss://127.0.0.1:8089" in policy
    assert "unsafe-eval" not in policy

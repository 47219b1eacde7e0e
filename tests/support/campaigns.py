"""Campaigns for tests on real calls: their contacts lie where it is day now, so that any hour is legal."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from tests.support.words import Words

SHOWN = "+551140001000"


def outside(digits: str) -> str:
    """A number (E.164) of five digits of one's own, in a country where it is between 8 and 21 o'clock now."""
    brazil = 12 <= datetime.now(UTC).hour < 23
    return f"+55119777{digits}" if brazil else f"+8190777{digits}"


def given_campaign(words: Words, numbers: Sequence[str], **fields: Any) -> str:
    """A campaign with these contacts (E.164), not yet started; its id."""
    body = {
        "name": f"Test {uuid.uuid4().hex[:6]}",
        "queue": "sales",
        "caller_ids": [SHOWN],
        "profile": "us",
        "holiday_country": None,
        **fields,
    }
    if body.get("mode") == "agentless":
        body["queue"] = None
    campaign: str = words.api.post("/campaigns", body)["id"]
    rows = "".join(f"Person {number[-4:]},{number}\n" for number in numbers)
    job = words.api.upload(
        f"/campaigns/{campaign}/contacts?name=list.csv",
        f"name,phone\n{rows}".encode(),
        "text/csv",
    )
    words.api.wait(
        f"/campaigns/{campaign}/imports/{job['id']}", lambda found: found["state"] in {"done", "failed"}, 15
    )
    return campaign


def when(words: Words, campaign: str, act: str) -> dict[str, Any]:
    """Start, pause, resume, stop."""
    told: dict[str, Any] = json.loads(words.api.raw("POST", f"/campaigns/{campaign}/{act}"))
    return told


def attempts_of(words: Words, campaign: str) -> list[dict[str, Any]]:
    """All attempts, oldest first."""
    found: list[dict[str, Any]] = words.api.get(f"/campaigns/{campaign}/attempts?limit=200")["items"]
    return sorted(found, key=lambda attempt: attempt["started_at"])


def then_results(
    words: Words, campaign: str, wanted: dict[str, str], timeout_s: float = 30.0
) -> dict[str, dict[str, Any]]:
    """Wait until each number's attempt has this result; the attempts by number."""
    deadline = time.monotonic() + timeout_s
    while True:
        by_number = {attempt["phone"]: attempt for attempt in attempts_of(words, campaign)}
        got = {number: by_number.get(number, {}).get("result") for number in wanted}
        if got == wanted:
            return by_number
        assert time.monotonic() < deadline, got
        time.sleep(0.1)

"""What tests of campaigns say: given a campaign, when it is started, then these results."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from demo import outbound
from demo.outbound import SHOWN
from pbx.patience import PATIENCE_S
from pbx.telephony import until
from pbx.tones import read_raw, spans
from tests.support.words import Words

SOON_MS = 15000
"""An apology is due within two seconds, which tests/unit/campaigns holds to the millisecond on a clock of its
own; a real machine that is busy may stand still for ten meanwhile."""

__all__ = [
    "SHOWN",
    "SOON_MS",
    "attempts_of",
    "given_campaign",
    "given_history",
    "outside",
    "then_one_hears",
    "then_results",
    "when",
]

_taken: dict[str, tuple[str, str]] = {}
"""By digits: the test, and the number that it got. It is the same one when the hour goes by."""


def outside(digits: str) -> str:
    """A number (E.164) that no other test of this process dials: a dropped one is left in peace for days."""
    test = os.environ["PYTEST_CURRENT_TEST"].partition(" ")[0]
    if digits not in _taken:
        _taken[digits] = test, outbound.outside(digits)
    owner, number = _taken[digits]
    assert owner == test, f"{digits} belongs to {owner}: what it did to that number is remembered"
    return number


def given_campaign(words: Words, numbers: Sequence[str], **fields: Any) -> str:
    """A campaign with these contacts (E.164), not yet started; its id."""
    return outbound.given_campaign(words.api, numbers, **fields)


def given_history(words: Words, campaign: str, live: int, abandoned: int = 0) -> None:
    """What the law counts of earlier today: live answers, and those who got no operator."""
    database = words.centre.plan.environment()["RAMAL_DATABASE"]
    quarter = (time.time() - 7200) // 900 * 900
    with contextlib.closing(sqlite3.connect(database, timeout=15)) as connection, connection:
        connection.execute(
            "INSERT INTO campaign_tallies (campaign_id, at, client_id, placed, live, abandoned, short) "
            "SELECT id, ?, client_id, ?, ?, ?, 0 FROM campaigns WHERE id = ?",
            (quarter, 3 * live, live, abandoned, campaign),
        )


def when(words: Words, campaign: str, act: str) -> dict[str, Any]:
    """Start, pause, resume, stop."""
    told: dict[str, Any] = json.loads(words.api.raw("POST", f"/campaigns/{campaign}/{act}"))
    return told


def attempts_of(words: Words, campaign: str) -> list[dict[str, Any]]:
    """All attempts, oldest first."""
    found: list[dict[str, Any]] = words.api.get(f"/campaigns/{campaign}/attempts?limit=200")["items"]
    return sorted(found, key=lambda attempt: attempt["started_at"])


def then_one_hears(words: Words, numbers: list[str], hertz: float, since: int) -> str:
    """Until one of these people hears a tone; who.

    More than one, because a machine that stands still for the law's two seconds apologises to one, and calls
    the next.
    """

    def who() -> str | None:
        for number in numbers:
            for offered in words.telco.calls_to(number, since):
                heard = Path(offered["File"])
                if heard.exists() and spans(read_raw(heard)[:, 0], hertz):
                    return number
        return None

    number: str = until(who, 2 * PATIENCE_S, "somebody hears the operator")
    return number


def then_results(
    words: Words, campaign: str, wanted: dict[str, str], timeout_s: float = PATIENCE_S
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

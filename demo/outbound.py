"""Campaigns against the simulated telephone network; their contacts are where it is day: legal now."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

from demo.api import Api
from pbx.patience import PATIENCE_S

SHOWN = "+551140001000"
TARIFFS = """
outside_calls:
  tariffs:
    - {prefix: "+55", per_minute: 0.4, name: Brazil}
    - {prefix: "+8190", per_minute: 0.4, name: Where it is day when it is night in Brazil}
"""
"""For the site file: the numbers that `outside` gives may be called."""


def outside(digits: str) -> str:
    """A number (E.164) of five digits of one's own, in a country where it is between 8 and 21 o'clock now."""
    brazil = 11 <= datetime.now(UTC).hour < 23
    return f"+55119777{digits}" if brazil else f"+8190777{digits}"


def given_campaign(api: Api, numbers: Sequence[str], timeout_s: float = PATIENCE_S, **fields: object) -> str:
    """A campaign with these contacts (E.164), imported and not yet started; its id."""
    body: dict[str, object] = {
        "name": f"Test {uuid.uuid4().hex[:6]}",
        "queue": "sales",
        "caller_ids": [SHOWN],
        "profile": "us",
        "holiday_country": None,
        **fields,
    }
    if body.get("mode") == "agentless":
        body["queue"] = None
    campaign: str = api.post("/campaigns", body)["id"]
    rows = "".join(f"Person {number[-4:]},{number}\n" for number in numbers)
    path = f"/campaigns/{campaign}/contacts?name=list.csv"
    job = api.upload(path, f"name,phone\n{rows}".encode(), "text/csv")
    over = {"done", "failed"}
    path = f"/campaigns/{campaign}/imports/{job['id']}"
    api.wait(path, lambda found: found["state"] in over, timeout_s)
    return campaign

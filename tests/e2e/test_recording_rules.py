"""Which calls are recorded: rules of campaigns and directions, and shares, on calls of the dialer (M2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from ari_app.model.recording import share_of
from pbx.telco_phones import Behaviour
from pbx.tones import read_raw, seconds
from tests.support.campaigns import given_campaign, outside, then_results, when
from tests.support.words import Words

PERSON_HZ, OPERATOR_HZ = 440.0, 850.0
RULES = """
recordings:
  default: {{policy: never}}
  directions: {{outbound: {{policy: percent, percent: 50}}}}
  campaigns:
    {always}: {{policy: always, keep_days: 3, codec: wav}}
    {never}: {{policy: never}}
"""


@pytest.fixture
def campaigns(words: Words) -> Iterator[dict[str, tuple[str, str]]]:
    """Three campaigns with one person each, not started: rule → campaign, number."""
    made = {}
    for place, name in enumerate(("always", "never", "shared")):
        number = outside(f"7100{place}")
        words.telco.outside(number, Behaviour(after_s=0.3, say="tone:440"))
        made[name] = (given_campaign(words, [number]), number)
    site = words.centre.plan.flows / "site.yaml"
    before = site.read_text(encoding="utf-8")
    ids = {name: campaign for name, (campaign, _) in made.items() if name != "shared"}
    words.when_site_is(before + RULES.format(**ids))
    yield made
    words.when_site_is(before)


def then_hears(words: Words, number: str, hertz: float) -> Path:
    """Somebody outside hears the operator for a while; where all is that he hears."""
    file = Path(words.telco.wait_call_to(number)["File"])
    words.until(
        lambda: file.exists() and seconds(read_raw(file)[:, 0], hertz) >= 1.5,
        f"{number} hears {hertz} Hz",
    )
    return file


def test_M2_a_campaigns_rule_holds_before_the_directions_and_a_share_is_of_the_calls_id(
    words: Words, campaigns: dict[str, tuple[str, str]]
) -> None:
    robots = [
        words.given_operator(extension, {"sales": 3}, Behaviour(after_s=0.1, say="tone:850"))
        for extension in ("1106", "1107", "1108")
    ]
    for campaign, _ in campaigns.values():
        when(words, campaign, "start")
    files = {name: then_hears(words, number, OPERATOR_HZ) for name, (_, number) in campaigns.items()}
    for robot in robots:
        assert robot is not None
        robot.hangup()
    ids = {
        name: then_results(words, campaign, {number: "connected"})[number]["id"]
        for name, (campaign, number) in campaigns.items()
    }
    ended = {name: words.then_ended(ident) for name, ident in ids.items()}
    assert {call["direction"] for call in ended.values()} == {"outbound"}

    heard = {name: seconds(read_raw(file)[:, 0], OPERATOR_HZ) for name, file in files.items()}
    recording = words.then_recording_has(
        ids["always"], PERSON_HZ, OPERATOR_HZ, least_s=1.0, heard_s=heard["always"]
    )
    assert (recording["policy"], recording["codec"]) == (f"campaign {campaigns['always'][0]}", "wav")
    kept = datetime.fromisoformat(recording["expires_at"]) - datetime.fromisoformat(recording["started_at"])
    assert round(kept.total_seconds() / 86_400) == 3

    unrecorded = ["never"]
    if share_of(ids["shared"]) < 50:
        share = words.then_recording_has(
            ids["shared"], PERSON_HZ, OPERATOR_HZ, least_s=1.0, heard_s=heard["shared"]
        )
        assert share["policy"] == "direction outbound"
    else:
        unrecorded.append("shared")
    for name in unrecorded:
        assert ended[name]["recording_id"] is None
        assert words.api.get(f"/recordings?call_id={ids[name]}")["items"] == []
        assert not list(words.centre.plan.recordings.rglob(f"*{ids[name]}*"))
    words.then_no_gap(*ids.values())

"""What a trunk may carry now: calls at once, calls per second, and a pause when the network is congested.

One writer, the dialer. No clock: `now` is monotonic seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ari_app.model.campaign import Campaign
from ari_app.model.ids import CallId, CampaignId

CONGESTED = frozenset({34, 38, 41, 42, 44})
"""Q.850: no circuit, network out of order, temporary failure, switch congestion, channel not available."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 2.0, 120.0
WISH_S = 2.5
"""For so long a campaign that got less than it wanted goes before weaker ones."""


@dataclass(slots=True)
class Trunk:
    """One way out."""

    in_use: set[CallId] = field(default_factory=set)
    tokens: float = 1.0
    """Calls that may be placed at once; grows with time by the calls per second allowed."""
    counted_at: float = 0.0
    failures: int = 0
    """Congested calls in a row."""
    paused_until: float = 0.0
    wishes: dict[CampaignId, tuple[int, int, float]] = field(default_factory=dict)
    """Priority, calls wanted and not got, and when."""


class Trunks:
    """All trunks that campaigns use, by name."""

    def __init__(self) -> None:
        self._trunks: dict[str, Trunk] = {}

    def room(self, campaign: Campaign, wanted: int, now: float) -> int:
        """How many of the calls wanted may be placed now; stronger campaigns on the same trunk go first."""
        trunk = self._trunk(campaign.trunk)
        self._fill(trunk, campaign.calls_per_s, now)
        if now < trunk.paused_until:
            return 0
        free = campaign.trunk_concurrency - len(trunk.in_use)
        if trunk.failures:  # one call at a time tries whether the network is back
            free = 1 if not trunk.in_use else 0
        stronger = sum(
            count
            for ident, (priority, count, at) in trunk.wishes.items()
            if ident != campaign.id and priority < campaign.priority and now - at < WISH_S
        )
        room = max(0, min(wanted, min(free, int(trunk.tokens)) - stronger))
        trunk.wishes[campaign.id] = (campaign.priority, wanted - room, now)
        return room

    def placed(self, campaign: Campaign, call: CallId) -> None:
        """A call goes out."""
        trunk = self._trunk(campaign.trunk)
        trunk.in_use.add(call)
        trunk.tokens -= 1.0

    def carried(self, trunk: str, call: CallId) -> None:
        """A call that runs already: found after a restart."""
        self._trunk(trunk).in_use.add(call)

    def worked(self, name: str) -> None:
        """The network did something with a call: it is not congested."""
        trunk = self._trunk(name)
        trunk.failures, trunk.paused_until = 0, 0.0

    def congested(self, name: str, now: float) -> float:
        """The network took no call: the trunk rests, longer each time. Gives for how long, seconds."""
        trunk = self._trunk(name)
        pause_s = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0**trunk.failures)
        if now < trunk.paused_until:  # one of several that went out before the first came back
            return trunk.paused_until - now
        trunk.failures += 1
        trunk.paused_until = now + pause_s
        return pause_s

    def ended(self, name: str, call: CallId) -> None:
        self._trunk(name).in_use.discard(call)

    def paused(self, name: str, now: float) -> bool:
        """Whether it rests because of congestion."""
        return now < self._trunk(name).paused_until

    def tries(self, name: str) -> bool:
        """Whether one call at a time tries if the network is back."""
        return self._trunk(name).failures > 0

    def carries(self, name: str) -> int:
        """Calls of campaigns on it now."""
        return len(self._trunk(name).in_use)

    def rests_s(self, name: str, now: float) -> float:
        """For how long it still rests because of congestion; 0: it does not."""
        return max(0.0, self._trunk(name).paused_until - now)

    def forget(self, campaign: CampaignId) -> None:
        """A campaign wants nothing any more."""
        for trunk in self._trunks.values():
            trunk.wishes.pop(campaign, None)

    def _trunk(self, name: str) -> Trunk:
        return self._trunks.setdefault(name, Trunk())

    @staticmethod
    def _fill(trunk: Trunk, per_s: float, now: float) -> None:
        passed = max(0.0, now - trunk.counted_at)
        trunk.counted_at = now
        trunk.tokens = min(max(1.0, per_s), trunk.tokens + passed * per_s)

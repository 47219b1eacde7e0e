"""The signed-in operators and their groups."""

from collections.abc import Mapping

from ari_app.model.ids import ClientId, OperatorId, QueueId, SkillId
from ari_app.routing.market import Market
from ari_app.routing.operators import Signature, Staff


class Roster:
    """Who is signed in, idle or not; keeps the market's counts of signed-in operators right."""

    def __init__(self) -> None:
        self.staff: dict[OperatorId, Staff] = {}

    def enrol(
        self,
        market: Market,
        operator: OperatorId,
        skills: Mapping[SkillId, int],
        queues: frozenset[QueueId] | None,
        client: ClientId,
    ) -> Staff:
        """The operator, signed in, with these skills; one who is known must not be idle when they change."""
        staff = self.staff.get(operator)
        if staff is not None:
            known = staff.group.signature
            if staff.skills == skills and known.queues == queues and known.client == client:
                return staff
        owned = tuple(sorted((skill, level) for skill, level in skills.items() if level > 0))
        group = market.group(Signature(client, owned, queues))
        if staff is None:
            staff = self.staff[operator] = Staff(operator, group, dict(skills))
            market.sign_in(group, 1)
            return staff
        staff.skills = dict(skills)
        if staff.group is not group:
            assert staff.idle_since is None
            market.sign_in(staff.group, -1)
            market.sign_in(group, 1)
            staff.group = group
        return staff

    def sign_out(self, market: Market, staff: Staff) -> None:
        """Forget an operator, who must not be idle."""
        market.sign_in(staff.group, -1)
        del self.staff[staff.operator]

    def move_to(self, market: Market) -> None:
        """Enter everybody in a new market, the idle ones at their old place."""
        for staff in self.staff.values():
            staff.group = market.group(staff.group.signature)
            market.sign_in(staff.group, 1)
            if staff.idle_since is not None:
                market.put_idle(staff, staff.idle_since, staff.serial)

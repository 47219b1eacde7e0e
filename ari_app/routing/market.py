"""The columns on which rules compute: one row per group of operators, per demand, per line of callers.

A decision is one-sided (one caller against all groups, or one operator against all lines), so it is a few
vector operations over these columns, whatever the number of operators and callers behind the rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ari_app.model.ids import QueueId
from ari_app.routing.callers import Caller, Line
from ari_app.routing.demand import Demand, Standing
from ari_app.routing.operators import Group, Signature, Staff
from ari_app.routing.policy import Order, Policy
from ari_app.routing.rule import Filter, Match

Column = npt.NDArray[np.float64]
NOBODY = np.inf
"""In a column of times: nobody is idle, or waiting, in this row."""
_TIE = 1e-3
"""Levels break ties in orders that do not look at them."""
_RECENT = 0.03
"""Weight of one call in what counts as recent."""
EXCLUDED = -np.inf
"""In `fit`: a filter excludes this pair."""


@dataclass(frozen=True, slots=True)
class View:
    """The groups that may serve one kind: all that operator rules look at, an entry per group."""

    kind: int
    order: Order
    rows: npt.NDArray[np.intp]
    """Their rows in the columns per group."""
    serves: Column
    """1.0 where a family of groups serves a strained kind; shape (families here, `strained`)."""
    families: npt.NDArray[np.intp]
    """The row of each group in `serves`: groups that serve exactly the same kinds are one family."""
    match: Column
    """Match score of the pair rules, weighted as the order weighs it."""


def _match_weight(policy: Policy, order: Order) -> float:
    """What a point of the pair rules is worth to a caller in this order."""
    if order in (Order.PRICED, Order.STICKY):
        return policy.level_weight
    return 1.0 if order is Order.BEST_SKILL else _TIE


def share_between(count: float, low: int, high: int) -> float:
    """How far a count has come from `low` (0) to `high` (1)."""
    return min(max((count - low) / max(high - low, 1), 0.0), 1.0)


class Market:
    """Groups, demands (kinds) and lines with their columns; rows are only added."""

    def __init__(self, policy: Policy, filters: Sequence[Filter], matches: Sequence[Match]) -> None:
        self.policy = policy
        self._by_use = Order.LEAST_USED in (policy.order, *policy.orders.values())
        self.filters = filters
        self.matches = matches
        self.groups: list[Group] = []
        self.kinds: list[Demand] = []
        self.lines: list[Line] = []
        self._group_of: dict[Signature, Group] = {}
        self._kind_of: dict[Demand, int] = {}
        self._line_of: dict[Standing, Line] = {}
        # per group
        self.idle_since: Column = np.zeros(0)
        self.least_used: Column = np.zeros(0)
        self.idle_size: Column = np.zeros(0)
        self.draws = 0
        """Counts the decisions: each random choice draws anew."""
        self.group_size: Column = np.zeros(0)
        self.musters = 0
        """Grows when a group comes into being or its size changes: who is excluded is as before meanwhile."""
        self._views: dict[int, View] = {}
        # per kind
        self.idle: Column = np.zeros(0)
        self.signed_in: Column = np.zeros(0)
        self.strained: npt.NDArray[np.intp] = np.zeros(0, dtype=np.intp)
        """Kinds that bring load."""
        self.strain: Column = np.zeros(0)
        """Offered load / operators, each counted in equal parts for the loaded demands he serves."""
        self.speed_per_level = 0.0
        # per line
        self.waiting = 0
        self.entered_at: Column = np.zeros(0)
        self.line_size: Column = np.zeros(0)
        self.priority: Column = np.zeros(0)
        self.target_s: Column = np.zeros(0)
        self.outbound: Column = np.zeros(0)
        self.kind_of_line: npt.NDArray[np.intp] = np.zeros(0, dtype=np.intp)
        self.queue_of_line: npt.NDArray[np.intp] = np.zeros(0, dtype=np.intp)
        # per queue
        self._queue_rows: dict[QueueId, int] = {}
        self.fared: Column = np.zeros(0)
        """Share of the recent calls that found an operator within their target."""
        self._fit: Column = np.full((8, 32), EXCLUDED)
        self._open: Column = np.zeros((32, 8))
        self.reasons: dict[str, int] = {}
        """Why filters exclude, with a number each."""
        self._reason = np.full((8, 32), -1, dtype=np.intc)

    # --- rows -----------------------------------------------------------------------------------------------

    def group(self, signature: Signature) -> Group:
        """The group of this signature, made when first seen."""
        found = self._group_of.get(signature)
        if found is None:
            found = self._group_of[signature] = Group(signature, len(self.groups))
            self.groups.append(found)
            self.idle_since = np.append(self.idle_since, NOBODY)
            self.least_used = np.append(self.least_used, NOBODY)
            self.idle_size = np.append(self.idle_size, 0.0)
            self.group_size = np.append(self.group_size, 0.0)
            self.musters += 1
            self._make_room()
            for kind, demand in enumerate(self.kinds):
                self._pair(found, kind, demand)
            self._views.clear()
        return found

    def kind(self, demand: Demand) -> int:
        """The row of this demand, made when first seen: every group is then tried by every filter, once."""
        found = self._kind_of.get(demand)
        if found is None:
            found = self._kind_of[demand] = len(self.kinds)
            self.kinds.append(demand)
            self._make_room()
            for group in self.groups:
                self._pair(group, found, demand)
            opens = self._open[: len(self.groups), found]
            idle = np.array([len(group.by_idle) for group in self.groups], dtype=np.float64)
            self.idle = np.append(self.idle, opens @ idle)
            self.signed_in = np.append(self.signed_in, opens @ self.group_size)
            self._views.clear()
        return found

    def line(self, standing: Standing) -> Line:
        """The line of this standing, made when first seen."""
        found = self._line_of.get(standing)
        if found is None:
            kind = self.kind(standing.demand)
            found = self._line_of[standing] = Line(standing, len(self.lines), kind)
            self.lines.append(found)
            self.entered_at = np.append(self.entered_at, NOBODY)
            self.line_size = np.append(self.line_size, 0.0)
            self.priority = np.append(self.priority, float(standing.priority))
            self.target_s = np.append(self.target_s, standing.target_s)
            self.outbound = np.append(self.outbound, float(standing.outbound))
            self.kind_of_line = np.append(self.kind_of_line, kind)
            self.queue_of_line = np.append(self.queue_of_line, self._queue(standing.demand.queue))
        return found

    def _queue(self, queue: QueueId) -> int:
        row = self._queue_rows.setdefault(queue, len(self._queue_rows))
        if row == self.fared.size:
            self.fared = np.append(self.fared, 1.0)
        return row

    def fare(self, queue: QueueId, *, in_time: bool) -> None:
        """A call of this queue found an operator, in time or not, or gave up."""
        row = self._queue(queue)
        self.fared[row] += _RECENT * (in_time - self.fared[row])

    def _make_room(self) -> None:
        kinds, groups = self._fit.shape
        if len(self.kinds) > kinds or len(self.groups) > groups:
            size = (max(kinds, 2 * len(self.kinds)), max(groups, 2 * len(self.groups)))
            fit, opens, reason = np.full(size, EXCLUDED), np.zeros(size[::-1]), np.full(size, -1, np.intc)
            reason[:kinds, :groups] = self._reason
            fit[:kinds, :groups] = self._fit
            opens[:groups, :kinds] = self._open
            self._fit, self._open, self._reason = fit, opens, reason

    def _pair(self, group: Group, kind: int, demand: Demand) -> None:
        for one in self.filters:
            reason = one.excludes(group.signature, demand)
            if reason is not None:
                self._reason[kind, group.row] = self.reasons.setdefault(reason, len(self.reasons))
                return
        self._fit[kind, group.row] = sum(one.score(group.signature, demand) for one in self.matches)
        self._open[group.row, kind] = 1.0

    def weigh(self, erlangs: Column) -> None:
        """Set the strained kinds from the offered load of every kind; shape (kinds,)."""
        strained = np.flatnonzero(erlangs > 0.0)
        if not np.array_equal(strained, self.strained):
            self.strained = strained
            self._views.clear()
        serves = self._open[: len(self.groups), strained]
        parts = self.group_size / np.maximum(serves.sum(axis=1), 1.0)
        self.strain = erlangs[strained] / np.maximum(parts @ serves, 0.5)

    # --- who is there ---------------------------------------------------------------------------------------

    def view(self, kind: int) -> View:
        """The groups that may serve a kind."""
        found = self._views.get(kind)
        if found is None:
            rows = np.flatnonzero(self._open[: len(self.groups), kind])
            order = self.policy.order_of(self.kinds[kind].queue)
            known: dict[bytes, int] = {}
            firsts: list[int] = []
            families = np.zeros(rows.size, dtype=np.intp)
            serves = self._open[rows][:, self.strained]
            for nth, row in enumerate(serves):
                families[nth] = known.setdefault(row.tobytes(), len(known))
                if families[nth] == len(firsts):
                    firsts.append(nth)
            match = self._fit[kind, rows] * _match_weight(self.policy, order)
            found = View(kind, order, rows, serves[firsts], families, match)
            self._views[kind] = found
        return found

    def reason_of(self, kind: int) -> npt.NDArray[np.intc]:
        """For every group the number of the reason that excludes it from a kind; -1 where none does."""
        return self._reason[kind, : len(self.groups)]

    def fit_of_lines(self, group: Group) -> Column:
        """Match score of every line for a group."""
        column: Column = self._fit[self.kind_of_line, group.row]
        return column

    def level(self, group: Group, demand: Demand) -> float:
        """Match score of an operator of this group for a demand he fits."""
        return float(self._fit[self._kind_of[demand], group.row])

    def competing(self, group: Group) -> float:
        """How many waiting calls an operator of this group may serve."""
        return float(self._open[group.row][self.kind_of_line] @ self.line_size)

    def inbound_competing(self, kind: int, *, idle: bool) -> int:
        """How many inbound calls in line may be served by somebody signed in who may serve this kind.

        `idle`: by somebody who is idle now. These wait all the same because he has just missed them.
        """
        if not self.waiting:
            return 0
        size = self.idle_size if idle else self.group_size
        groups = np.flatnonzero((self._open[: len(self.groups), kind] > 0.0) & (size > 0.0))
        reached = (self._open[groups].sum(axis=0) > 0.0)[self.kind_of_line]
        return int(self.line_size[reached & (self.outbound == 0.0)].sum())

    def fits(self, group: Group, kind: int) -> bool:
        """Whether operators of this group may serve this kind."""
        return bool(self._open[group.row, kind])

    def sign_in(self, group: Group, change: int) -> None:
        """Count an operator of the group in (1) or out (-1)."""
        self.group_size[group.row] += change
        self.musters += 1
        self.signed_in += change * self._open[group.row, : len(self.kinds)]

    def put_idle(self, staff: Staff, since: float, serial: int) -> None:
        """The operator may be given calls from now on."""
        staff.idle_since, staff.serial = since, serial
        self.idle += self._open[staff.group.row, : len(self.kinds)]
        self.show(staff)

    def take_idle(self, staff: Staff) -> None:
        """The operator may be given no call from now on."""
        staff.idle_since = None
        self.idle -= self._open[staff.group.row, : len(self.kinds)]
        self.hide(staff)

    def hide(self, staff: Staff) -> None:
        """Keep an operator out of sight of one decision, or for good."""
        group = staff.group
        group.by_idle.discard(staff.operator)
        if self._by_use:
            group.by_use.discard(staff.operator)
        self._refresh(group)

    def show(self, staff: Staff) -> None:
        """Bring an idle operator (back) into sight."""
        group, serial = staff.group, staff.serial
        assert staff.idle_since is not None
        group.by_idle.add(staff.operator, staff.idle_since, serial)
        if self._by_use:
            group.by_use.add(staff.operator, float(staff.used), serial)
        self._refresh(group)

    def _refresh(self, group: Group) -> None:
        row = group.row
        oldest = group.by_idle.first()
        self.idle_since[row] = NOBODY if oldest is None else oldest[0]
        if self._by_use:
            least = group.by_use.first()
            self.least_used[row] = NOBODY if least is None else least[0]
        self.idle_size[row] = len(group.by_idle)

    def join(self, line: Line, caller: Caller) -> None:
        """The caller waits in this line, at the place of the time it entered the queue."""
        caller.line = line
        self.waiting += 1
        line.calls.add(caller.call, caller.entered_at, caller.serial)
        self._head(line)

    def leave(self, caller: Caller) -> None:
        """The caller waits in no line."""
        if caller.line is not None:
            self.waiting -= 1
            caller.line.calls.discard(caller.call)
            self._head(caller.line)
            caller.line = None

    def _head(self, line: Line) -> None:
        top = line.calls.first()
        self.entered_at[line.row] = NOBODY if top is None else top[0]
        self.line_size[line.row] = len(line.calls)

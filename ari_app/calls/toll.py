"""Which outside calls may be placed, how many at once, for how much money: the guard against toll fraud (X8).

Whoever places an outside call asks the gate and calls only what it allows, for no longer than it allows::

    match gate.ask(call, dialled, now, operator=operator, trunk="carrier"):
        case Allowed(number=number, longest_s=longest_s): ...   # dial; then `gate.ended(call, talked_s, now)`
        case Refused(reason=reason): ...

What is not listed is refused, and premium-rate, shared-cost and personal numbers are refused even where a
tariff fits (libphonenumber's data tells them). Money is counted before it is spent: a call that is allowed
holds what it could cost at its longest until it ends, so that calls at once never pass a cap together.
The gate knows no clock and no store; after a restart `remember` tells it of the last 24 hours, and `again`
takes up what a call holds that is still under way.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

import phonenumbers
from phonenumbers import PhoneNumberType

from ari_app.calls.toll_accounts import Account, Entry, Held, TrunkRoom
from ari_app.flow.site import OutsideCalls, Tariff
from ari_app.model.ids import CallId, OperatorId

SHORTEST_S = 10.0
"""A call that could not last so long for lack of money is refused."""
COSTLY = frozenset(
    {
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.PERSONAL_NUMBER,
        PhoneNumberType.PAGER,
    }
)
_DIALLED = re.compile(r"\+?[0-9]{3,15}", re.ASCII)


class Reason(enum.Enum):
    """Why an outside call is refused; the value is the stable code for traces and the API."""

    MALFORMED = "malformed"
    UNKNOWN_PREFIX = "unknown_prefix"
    COSTLY = "premium_rate"
    OPERATOR_BUSY = "operator_calls"
    TRUNK_BUSY = "trunk_calls"
    OPERATOR_SPENT = "operator_spend"
    TRUNK_SPENT = "trunk_spend"


@dataclass(frozen=True, slots=True)
class Allowed:
    """Dial `number` (E.164, or a short emergency number) and end the talk after `longest_s`."""

    number: str
    longest_s: float
    per_minute: float = 0.0
    tariff: str = ""
    emergency: bool = False
    """Called whatever else is said of numbers."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Do not dial; `text` is for people."""

    reason: Reason
    text: str


Verdict: TypeAlias = Allowed | Refused


@dataclass(frozen=True, slots=True)
class _Running:
    operator: OperatorId | None
    trunk: str
    per_minute: float
    holds: float
    """What it could cost at its longest."""
    counted: bool
    asked_at: float
    longest_s: float


def judge(dialled: str, rules: OutsideCalls) -> Allowed | Refused:
    """The destination alone: who it is in E.164, and at which tariff, if it may be called at all."""
    if not _DIALLED.fullmatch(dialled):
        return Refused(Reason.MALFORMED, "an outside number is 3 to 15 digits, with or without +")
    if dialled in rules.emergency:
        return Allowed(dialled, rules.longest_s, 0.0, "emergency", emergency=True)
    try:
        parsed = phonenumbers.parse(dialled, rules.country)
    except phonenumbers.NumberParseException:
        return Refused(Reason.MALFORMED, f"{dialled} is no telephone number")
    if not phonenumbers.is_possible_number(parsed):
        return Refused(Reason.MALFORMED, f"{dialled} is too short or too long for a number of its country")
    number = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    if phonenumbers.number_type(parsed) in COSTLY:
        return Refused(Reason.COSTLY, f"{number} is a premium-rate or shared-cost number")
    tariff = _tariff(number, rules)
    if tariff is None or number.startswith(rules.refused):
        return Refused(Reason.UNKNOWN_PREFIX, f"{number} begins with no prefix that may be called")
    return Allowed(number, rules.longest_s, tariff.per_minute, tariff.name or tariff.prefix)


def _tariff(number: str, rules: OutsideCalls) -> Tariff | None:
    fitting = (tariff for tariff in rules.tariffs if number.startswith(tariff.prefix))
    return max(fitting, key=lambda tariff: len(tariff.prefix), default=None)


class TollGate:
    """Judges outside calls and counts what runs and what was spent. `rules` gives the site's present ones.

    `note` is told of all money held and spent.
    """

    def __init__(
        self, rules: Callable[[], OutsideCalls], note: Callable[[Entry], None] = lambda _entry: None
    ) -> None:
        self._rules = rules
        self._note = note
        self._running: dict[CallId, _Running] = {}
        self._cut_short: dict[CallId, Entry] = {}
        """Calls of before a restart whose end nobody has told: counted as spent until somebody does."""
        self._operators: dict[OperatorId, Account] = {}
        self._trunks: dict[str, Account] = {}

    def judge(self, dialled: str) -> Verdict:
        """Whether the number may be called at all; nothing is held for it."""
        return judge(dialled, self._rules())

    def ask(
        self, call: CallId, dialled: str, now: float, *, operator: OperatorId | None, trunk: str
    ) -> Verdict:
        """Judge, and take the call's place and money when it is allowed. `operator` None: a machine calls.

        The same call asked again is judged anew and holds once. An emergency number passes every cap.
        """
        self.again(call)
        before = self._release(call)
        if before is not None and before.counted:
            self._note(Entry(call, now, 0.0, before.operator, before.trunk, ended=True))
        rules = self._rules()
        verdict = judge(dialled, rules)
        if isinstance(verdict, Refused):
            return verdict
        counted = verdict.number not in rules.emergency
        if counted:
            verdict = self._within_caps(verdict, rules, now, operator, trunk)
            if isinstance(verdict, Refused):
                return verdict
        holds = verdict.per_minute * verdict.longest_s / 60
        per_minute, longest_s = verdict.per_minute, verdict.longest_s
        self._hold(call, _Running(operator, trunk, per_minute, holds, counted, now, longest_s))
        if counted:
            self._note(Entry(call, now, holds, operator, trunk, False, per_minute, longest_s))
        return verdict

    def again(self, call: CallId) -> Held | None:
        """A call of before a restart is still under way: it holds its place and money as it did.

        None: the gate does not know it, or it costs nothing and is not counted.
        """
        entry = self._cut_short.pop(call, None)
        if entry is not None:
            counted = _Running(entry.operator, entry.trunk, entry.per_minute, entry.money, counted=True,
                               asked_at=entry.at, longest_s=entry.longest_s)  # fmt: skip
            for account in self._accounts(counted):
                account.take_back(entry.at, entry.money)
            self._hold(call, counted)
        running = self._running.get(call)
        return Held(running.asked_at, running.longest_s) if running is not None else None

    def ended(self, call: CallId, talked_s: float, now: float) -> None:
        """The call is over: what it cost replaces what it held. A second time: nothing."""
        self.again(call)
        running = self._release(call)
        if running is not None:
            cost = min(running.holds, running.per_minute * max(0.0, talked_s) / 60)
            for account in self._accounts(running):
                account.spend(now, cost)
            if running.counted:
                self._note(Entry(call, now, cost, running.operator, running.trunk, ended=True))

    def remember(self, entries: Iterable[Entry]) -> None:
        """Calls of before a restart, oldest first: their money counts, all of it for those cut short."""
        for entry in entries:
            for account in self._accounts_of(entry.operator, entry.trunk):
                account.spend(entry.at, entry.money)
            if not entry.ended and entry.longest_s > 0:
                self._cut_short[entry.call] = entry

    def spent(self, now: float) -> dict[str, dict[str, float]]:
        """Money of the last 24 hours, held and spent, by operator and by trunk."""
        return {
            "operators": {who: -account.left(0.0, now) for who, account in self._operators.items()},
            "trunks": {name: -account.left(0.0, now) for name, account in self._trunks.items()},
        }

    def trunk(self, name: str, now: float) -> TrunkRoom:
        """What a trunk carries and has spent, beside its caps."""
        rules, line = self._rules(), self._trunks.get(name) or Account()
        spent = -line.left(0.0, now)
        return TrunkRoom(line.running, rules.per_trunk, spent, rules.trunk_spend)

    def _within_caps(
        self, verdict: Allowed, rules: OutsideCalls, now: float, operator: OperatorId | None, trunk: str
    ) -> Verdict:
        own = self._operators.get(operator) if operator is not None else None
        line = self._trunks.get(trunk) or Account()
        if own is not None and own.running >= rules.per_operator:
            return Refused(
                Reason.OPERATOR_BUSY, f"operator {operator} has {own.running} outside calls already"
            )
        if operator is not None and rules.per_operator == 0:
            return Refused(Reason.OPERATOR_BUSY, "operators place no outside calls here")
        if line.running >= rules.per_trunk:
            return Refused(Reason.TRUNK_BUSY, f"trunk {trunk} carries {line.running} outside calls already")
        if verdict.per_minute <= 0:
            return verdict
        mine = rules.operator_spend if operator is not None else float("inf")
        mine = own.left(rules.operator_spend, now) if own is not None else mine
        affordable_s = mine * 60 / verdict.per_minute
        if affordable_s < SHORTEST_S:
            return Refused(Reason.OPERATOR_SPENT, f"operator {operator} has spent the money of 24 hours")
        trunk_s = line.left(rules.trunk_spend, now) * 60 / verdict.per_minute
        if trunk_s < SHORTEST_S:
            return Refused(Reason.TRUNK_SPENT, f"the money of 24 hours of trunk {trunk} is spent")
        longest_s = min(verdict.longest_s, affordable_s, trunk_s)
        return Allowed(verdict.number, longest_s, verdict.per_minute, verdict.tariff)

    def _accounts(self, running: _Running) -> list[Account]:
        return self._accounts_of(running.operator, running.trunk) if running.counted else []

    def _accounts_of(self, operator: OperatorId | None, trunk: str) -> list[Account]:
        accounts = [self._trunks.setdefault(trunk, Account())]
        if operator is not None:
            accounts.append(self._operators.setdefault(operator, Account()))
        return accounts

    def _hold(self, call: CallId, running: _Running) -> None:
        self._running[call] = running
        for account in self._accounts(running):
            account.running += 1
            account.held += running.holds

    def _release(self, call: CallId) -> _Running | None:
        running = self._running.pop(call, None)
        if running is not None:
            for account in self._accounts(running):
                account.running -= 1
                account.held = max(0.0, account.held - running.holds)
        return running

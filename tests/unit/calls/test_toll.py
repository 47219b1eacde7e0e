"""Outside calls cannot be made to cost a fortune: destinations, calls at once, money."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ari_app.calls.toll import Allowed, Reason, Refused, TollGate, judge
from ari_app.calls.toll_book import TollBook
from ari_app.flow.problems import Problems
from ari_app.flow.site import OutsideCalls, Tariff, parse_site
from ari_app.model.ids import CallId, OperatorId

RULES = OutsideCalls(
    tariffs=(
        Tariff(prefix="+55", per_minute=1.0, name="Brazil"),
        Tariff(prefix="+5511", per_minute=0.5, name="São Paulo"),
        Tariff(prefix="+351", per_minute=3.0, name="Portugal"),
    ),
    refused=("+55119300",),
    operator_spend=100.0,
    trunk_spend=150.0,
    per_trunk=3,
)
NOW = 1_800_000_000.0
ANA, BEA = OperatorId("1001"), OperatorId("1002")


@pytest.mark.parametrize(
    ("dialled", "number", "tariff"),
    [
        ("+5511987654321", "+5511987654321", "São Paulo"),
        ("11987654321", "+5511987654321", "São Paulo"),
        ("011987654321", "+5511987654321", "São Paulo"),
        ("01511987654321", "+5511987654321", "São Paulo"),  # with the carrier's selection code
        ("+552133334444", "+552133334444", "Brazil"),
        ("+351912345678", "+351912345678", "Portugal"),
        ("190", "190", "emergency"),
    ],
)
def test_X8_numbers_of_a_tariff_are_allowed_in_one_form(dialled: str, number: str, tariff: str) -> None:
    verdict = judge(dialled, RULES)
    assert isinstance(verdict, Allowed), verdict
    assert (verdict.number, verdict.tariff) == (number, tariff)


@pytest.mark.parametrize(
    ("dialled", "reason"),
    [
        ("+19005551234", Reason.COSTLY),  # premium rate, North America
        ("09001234567", Reason.COSTLY),  # premium rate, Brazil
        ("+447012345678", Reason.COSTLY),  # personal number: a known fraud range
        ("+18762345678", Reason.UNKNOWN_PREFIX),  # Jamaica looks like the United States
        ("+881612345678", Reason.UNKNOWN_PREFIX),  # satellite
        ("+882131234567", Reason.UNKNOWN_PREFIX),
        ("+37122345678", Reason.UNKNOWN_PREFIX),
        ("+5511930012345", Reason.UNKNOWN_PREFIX),  # refused although a tariff fits
        ("+5511", Reason.MALFORMED),
        ("12", Reason.MALFORMED),
        ("100@evil", Reason.MALFORMED),
        ("1198765432\n1", Reason.MALFORMED),
        ("+55119876543210000", Reason.MALFORMED),
        ("١٢٣٤٥٦", Reason.MALFORMED),  # digits of another script
        ("+55 11 98765-4321", Reason.MALFORMED),
    ],
)
def test_X8_premium_unknown_and_malformed_numbers_are_refused(dialled: str, reason: Reason) -> None:
    verdict = judge(dialled, RULES)
    assert isinstance(verdict, Refused), verdict
    assert verdict.reason is reason


def ask(gate: TollGate, call: str, dialled: str, now: float, operator: OperatorId | None = ANA) -> object:
    return gate.ask(CallId(call), dialled, now, operator=operator, trunk="carrier")


def reason(verdict: object) -> Reason | None:
    return verdict.reason if isinstance(verdict, Refused) else None


def test_X8_calls_at_once_are_capped_by_operator_and_by_trunk() -> None:
    gate = TollGate(lambda: RULES)
    sao_paulo = "+5511987654321"
    assert reason(ask(gate, "a", sao_paulo, NOW)) is None
    assert reason(ask(gate, "a", sao_paulo, NOW)) is None  # asked twice, held once
    assert reason(ask(gate, "b", sao_paulo, NOW)) is None
    assert reason(ask(gate, "c", sao_paulo, NOW)) is Reason.OPERATOR_BUSY
    assert reason(ask(gate, "d", sao_paulo, NOW, BEA)) is None
    assert reason(ask(gate, "e", sao_paulo, NOW, None)) is Reason.TRUNK_BUSY
    assert reason(ask(gate, "f", "190", NOW)) is None  # help is never refused
    gate.ended(CallId("a"), 0.0, NOW)
    assert reason(ask(gate, "c", sao_paulo, NOW)) is None


def test_X8_money_is_capped_before_it_is_spent_and_free_again_after_a_day() -> None:
    gate = TollGate(lambda: RULES)
    lisbon = "+351912345678"  # 3 a minute: 100 lasts 33 minutes
    first = ask(gate, "a", lisbon, NOW)
    assert isinstance(first, Allowed)
    assert first.longest_s == pytest.approx(2000)
    assert reason(ask(gate, "b", lisbon, NOW)) is Reason.OPERATOR_SPENT
    second = ask(gate, "b", lisbon, NOW, BEA)
    assert isinstance(second, Allowed)
    assert second.longest_s == pytest.approx(1000)  # what the trunk has left
    gate.ended(CallId("a"), 60.0, NOW + 60)
    gate.ended(CallId("b"), 10_000.0, NOW + 60)  # told too long: never more than was held
    assert gate.spent(NOW + 60)["trunks"] == {"carrier": pytest.approx(53)}
    assert reason(ask(gate, "c", lisbon, NOW + 61)) is None
    gate.ended(CallId("c"), 2000, NOW + 62)
    assert reason(ask(gate, "d", lisbon, NOW + 63)) is Reason.OPERATOR_SPENT
    assert reason(ask(gate, "d", lisbon, NOW + 62 + 86_401)) is None


def test_X8_what_was_spent_before_a_restart_counts(tmp_path: Path) -> None:
    file = tmp_path / "toll.jsonl"
    lisbon = "+351912345678"
    gate = TollGate(lambda: RULES, TollBook(file).note)
    assert reason(ask(gate, "ended", lisbon, NOW)) is None
    gate.ended(CallId("ended"), 60, NOW + 60)
    assert reason(ask(gate, "cut short", lisbon, NOW + 61)) is None
    with file.open("ab") as broken:
        broken.write(b'{"call": "half a li')
    after = TollGate(lambda: RULES)
    after.remember(TollBook(file).recent(NOW + 62))
    assert after.spent(NOW + 62) == gate.spent(NOW + 62)
    assert reason(ask(after, "next", lisbon, NOW + 63)) is Reason.OPERATOR_SPENT
    later = TollGate(lambda: RULES)
    later.remember(TollBook(file).recent(NOW + 86_500))
    assert reason(ask(later, "next day", lisbon, NOW + 86_501)) is None
    assert file.read_bytes() == b""


ASKED = st.tuples(
    st.integers(0, 5), st.sampled_from(["+5511987654321", "+351912345678"]), st.booleans(), st.floats(0, 9000)
)


@given(st.lists(ASKED, max_size=60))
def test_X8_no_order_of_calls_passes_a_cap(asked: list[tuple[int, str, bool, float]]) -> None:
    """Each call either begins, or, if it runs, ends after any time that it was allowed."""
    gate = TollGate(lambda: RULES)
    longest: dict[int, float] = {}
    for number, dialled, ana, talked in asked:
        call = CallId(str(number))
        if number in longest:
            gate.ended(call, min(talked, longest.pop(number)), NOW)
        else:
            verdict = gate.ask(call, dialled, NOW, operator=ANA if ana else BEA, trunk="carrier")
            if isinstance(verdict, Allowed):
                longest[number] = verdict.longest_s
        assert len(longest) <= RULES.per_trunk
        spent = gate.spent(NOW)
        assert all(money <= RULES.trunk_spend + 1e-6 for money in spent["trunks"].values())
        assert all(money <= RULES.operator_spend + 1e-6 for money in spent["operators"].values())


@pytest.mark.parametrize(
    "wrong",
    [
        "{tariffs: [{prefix: '55', per_minute: 1}]}",
        "{refused: ['+0']}",
        "{emergency: ['1']}",
        "{country: Brazil}",
        "{tariffs: [{prefix: '+55', per_minute: -1}]}",
        "{premium: yes}",
    ],
)
def test_X8_a_wrong_tariff_is_refused_with_its_place(wrong: str) -> None:
    problems = Problems("site.yaml")
    text = f"queues: {{general: {{name: g}}}}\ndefault_queue: general\noutside_calls: {wrong}\n"
    assert parse_site(text, problems) is None
    assert "site.yaml" in str(problems.found[0])

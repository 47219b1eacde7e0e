"""What waits for the store stays bounded, in order, and loses nothing that reports need."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from ari_app.model.call import FinalState
from ari_app.model.facts import CallEnded, DigitPressed, Fact, TalkEnded
from ari_app.model.ids import CallId, OperatorId
from ari_app.ports import Stamped
from ari_app.storage.pending import CallPut, Entry, Pending
from tests.unit.storage.records import a_call


def put(call: int, n: int) -> CallPut:
    return CallPut(a_call(call, digits=str(n)), None)


def told(fact: Fact) -> Stamped:
    return Stamped(1.0, fact, CallId("c1"))


def last_of(entries: Sequence[Entry]) -> dict[str, str]:
    return {entry.record.id: entry.record.digits for entry in entries if isinstance(entry, CallPut)}


def test_X5_of_a_call_that_changes_while_the_store_is_away_only_the_last_is_kept() -> None:
    pending = Pending(coalesce=10)
    for n in range(10_000):
        pending.append(put(n % 3, n))
    assert len(pending) < 30
    entries, number = pending.take(1000)
    assert last_of(entries) == {"c0": "9999", "c1": "9997", "c2": "9998"}
    assert number == pending.put == 10_000


def test_X5_beyond_the_bound_explanations_are_left_out_first_and_ends_of_calls_never() -> None:
    pending = Pending(most_facts=100)
    digit, talk = told(DigitPressed("1")), told(TalkEnded(OperatorId("1001"), 3.0, "caller"))
    end = told(CallEnded(FinalState.ANSWERED, 16))
    for _ in range(150):
        pending.append(digit)
    assert (len(pending), pending.dropped) == (100, 50)
    for _ in range(150):
        pending.append(talk)
    assert (len(pending), pending.dropped) == (200, 100)
    for _ in range(50):
        assert pending.append(end)
    assert len(pending) == 250


STEPS = st.lists(st.one_of(st.integers(0, 4), st.just(-1), st.just(-2)), max_size=200)


@given(STEPS, st.integers(0, 5))
def test_X5_what_is_read_back_is_the_last_put_of_each_call(steps: list[int], coalesce: int) -> None:
    pending, wanted, got = Pending(coalesce=coalesce), dict[str, str](), list[Entry]()
    facts = 0
    for n, step in enumerate(steps):
        if step >= 0:
            pending.append(put(step, n))
            wanted[f"c{step}"] = str(n)
        elif step == -1:
            facts += 1
            pending.append(told(DigitPressed(str(facts))))
        else:
            batch, _ = pending.take(3)
            got += batch
    while pending:
        batch, number = pending.take(3)
        assert batch
        got += batch
        assert pending or number == pending.put
    assert last_of(got) == wanted
    digits = [
        entry.fact.digit
        for entry in got
        if isinstance(entry, Stamped) and isinstance(entry.fact, DigitPressed)
    ]
    assert digits == [str(n + 1) for n in range(facts)]

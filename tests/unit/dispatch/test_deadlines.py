"""The dispatcher's agenda and lines agree with the plain answer, whatever was put in and taken out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ari_app.dispatch.deadlines import Deadlines
from ari_app.dispatch.lines import Lines
from ari_app.model.ids import CallId, QueueId

KEYS = st.sampled_from([CallId(name) for name in "abcde"])
TIMES = st.floats(0, 10, allow_nan=False)


@given(st.lists(st.tuples(KEYS, st.none() | TIMES), max_size=300), TIMES)
def test_what_is_due_is_what_was_last_said(acts: list[tuple[CallId, float | None]], now: float) -> None:
    deadlines, plain = Deadlines[CallId](), dict[CallId, float | None]()
    for key, at in acts:
        deadlines.set(key, at)
        plain[key] = at
    pending = {key: at for key, at in plain.items() if at is not None}
    assert deadlines.next() == min(pending.values(), default=None)
    assert set(deadlines.due(now)) == {key for key, at in pending.items() if at <= now}
    assert deadlines.next() == min((at for at in pending.values() if at > now), default=None)


@given(st.lists(st.tuples(KEYS, st.integers(0, 2), st.integers(0, 3)), max_size=40))
def test_place_in_line_counts_who_stands_before(acts: list[tuple[CallId, int, int]]) -> None:
    lines, queue = Lines(), QueueId("sales")
    plain: dict[CallId, tuple[int, float]] = {}
    for call, priority, entered_at in acts:
        if call in plain:
            lines.part(queue, call, *plain.pop(call))
        else:
            lines.join(queue, call, priority, entered_at)
            plain[call] = (priority, entered_at)
    assert lines.length(queue) == len(plain)
    for rank, since in plain.values():
        before = sum((-p, at) < (-rank, since) for p, at in plain.values())
        assert lines.ahead(queue, rank, since) == before

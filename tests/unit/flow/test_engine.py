"""The engine: sprints, keys, timers, safe exits, restarts (C2, C7, C16, C18)."""

from __future__ import annotations

import time
from typing import Any

import msgspec
import pytest

from ari_app.flow import engine, speech
from ari_app.flow.book import FlowBook
from ari_app.flow.engine import Sprint
from ari_app.flow.scenario.line import Line, World
from ari_app.flow.state import FORMAT, State, StateUnreadable
from ari_app.model.commands import (
    Answer,
    Command,
    Enqueue,
    HangUp,
    Lookup,
    Play,
    RecordingConsent,
    StartMusic,
    StartTimer,
    StopPlayback,
)
from ari_app.model.facts import (
    BranchDecided,
    DigitPressed,
    Fact,
    FlowEntered,
    FlowFault,
    NodeEntered,
    NodeLeft,
    PromptFailed,
    VariableSet,
    WaitStarted,
)
from ari_app.model.ids import FlowId, FlowVersion, OperatorId, PlaybackId
from ari_app.model.signals import (
    AnySignal,
    CallArrived,
    CallerHungUp,
    DigitReceived,
    LookupCompleted,
    OperatorConnected,
    PlaybackFinished,
    QueueRefused,
    Resumed,
    TimerFired,
)
from tests.unit.flow.given import given_book, given_flow

ARRIVED = CallArrived(called="5000", caller="11987654321")
MENU = """
choice:
  type: menu
  prompt: menu/main-options
  invalid_prompt: menu/invalid
  retries: 1
  keys: {1: line, 2: bye}
  on: {timeout: line, invalid: bye}
line: {type: enqueue, queue: general, on: {otherwise: bye}}
bye: {type: hangup}
"""


def of_type(things: tuple[Any, ...], kind: type) -> list[Any]:
    return [thing for thing in things if isinstance(thing, kind)]


def started(nodes: str, head: str = "") -> tuple[FlowBook, Sprint]:
    book = given_book(given_flow(nodes, head))
    return book, engine.start(book, FlowId("test"), ARRIVED, 100.0)


def test_C7_a_call_is_answered_once_and_hears_the_prompt() -> None:
    _, sprint = started(MENU)
    assert [type(command) for command in sprint.commands] == [Answer, Play, StartTimer]
    assert sprint.state.answered
    assert not sprint.state.finished


def test_C7_key_during_the_prompt_cuts_it() -> None:
    book, sprint = started(MENU)
    playing = sprint.state.playing
    after = engine.advance(book, sprint.state, DigitReceived("1"), 101.0)
    assert of_type(after.commands, StopPlayback) == [StopPlayback(PlaybackId(playing))]
    assert of_type(after.commands, Enqueue)
    assert isinstance(after.commands[-2], StartMusic | StartTimer)
    assert of_type(after.commands, Answer) == []


def test_C7_late_signals_of_what_is_over_change_nothing() -> None:
    book, sprint = started(MENU)
    timer = of_type(sprint.commands, StartTimer)[0].timer
    old = PlaybackFinished(PlaybackId(sprint.state.playing))
    state = engine.advance(book, sprint.state, DigitReceived("1"), 101.0).state
    for late in (old, TimerFired(timer), TimerFired("nonsense"), PlaybackFinished(PlaybackId("p999"))):
        after = engine.advance(book, state, late, 102.0)
        assert (after.commands, after.facts) == ((), ())
        assert after.state == state


def test_C7_a_flood_of_keys_is_bounded() -> None:
    book, sprint = started("""
    first: {type: play, prompt: consent/notice, barge_in: false, next: bye}
    bye: {type: hangup}
    """)
    state = sprint.state
    facts = 0
    for _ in range(5000):
        after = engine.advance(book, state, DigitReceived("7"), 101.0)
        state, facts = after.state, facts + len(after.facts)
    assert len(state.typeahead) <= 32
    assert len(state.digits) <= 256
    assert facts <= 256
    assert len(engine.encode(state)) < 2000


@pytest.mark.parametrize("digit", ["", "12", "x", "\n", "é", "E"])
def test_C7_what_is_no_key_is_ignored(digit: str) -> None:
    book, sprint = started(MENU)
    assert engine.advance(book, sprint.state, DigitReceived(digit), 101.0).commands == ()


def test_C7_a_prompt_whose_end_is_never_told_does_not_hold_the_caller() -> None:
    book, sprint = started(MENU)
    guard = of_type(sprint.commands, StartTimer)[0]
    after = engine.advance(book, sprint.state, TimerFired(guard.timer), 100.0 + guard.after_s)
    assert of_type(after.facts, PromptFailed)
    assert after.state.wait is not None
    assert after.state.wait.stage == "key"


def test_C7_a_deleted_prompt_file_does_not_hold_the_caller() -> None:
    book, sprint = started(MENU)
    failed = PlaybackFinished(PlaybackId(sprint.state.playing), failed=True)
    after = engine.advance(book, sprint.state, failed, 100.1)
    assert of_type(after.facts, PromptFailed)
    assert of_type(after.commands, Play)[0].sounds[0].prompt == "problem/safe-exit"
    assert of_type(after.commands, Enqueue)


UNHEARD = {
    "consent": (
        "{type: consent, next: bye, on: {refused: refused}}",
        "refused",
        RecordingConsent(given=False),
    ),
    "survey": ("{type: survey, questions: [{name: q, prompt: survey/solved}], next: bye}", "ask", None),
    "announcement": ("{type: play, prompt: menu/repeat, next: refused}", "refused", None),
    "callback": (
        "{type: callback, queue: sales, next: bye, on: {declined: bye, failed: refused}}",
        "refused",
        None,
    ),
}


@pytest.mark.parametrize(("node", "then", "command"), UNHEARD.values(), ids=UNHEARD.keys())
def test_C7_what_was_not_heard_is_not_waited_for(node: str, then: str, command: Command | None) -> None:
    book, sprint = started(f"""
    ask: {node}
    refused: {{type: menu, prompt: menu/repeat, keys: {{1: bye}}, on: {{otherwise: bye}}}}
    bye: {{type: hangup}}
    """)
    failed = PlaybackFinished(PlaybackId(sprint.state.playing), failed=True)
    after = engine.advance(book, sprint.state, failed, 100.1)
    assert after.state.node == then
    assert after.state.playing, "silence"
    assert command is None or command in after.commands


def test_C12_the_place_in_line_comes_before_the_words() -> None:
    _, sprint = started("line: {type: enqueue, queue: sales, prompt: chosen/sales, on: {otherwise: end}}")
    kinds = [type(command) for command in sprint.commands]
    assert kinds.index(Enqueue) < kinds.index(Play)
    assert StartMusic not in kinds


def test_C7_secret_digits_appear_nowhere_in_the_trace() -> None:
    book, _ = started(
        """
        hello: {type: play, prompt: menu/main-greeting, barge_in: false, next: pin}
        pin: {type: collect, prompt: codes/enter-pin, into: pin, secret: true, max_digits: 4, next: bye,
              on: {otherwise: bye}}
        bye: {type: hangup}
        """,
        "variables: {pin: text}\n",
    )
    line = Line(book, FlowId("test"), ARRIVED, 100.0, World())
    line.press("55")
    line.wait(4.0)
    line.press("7391")
    assert line.ended
    assert line.state.digits == "******"
    told = msgspec.json.encode([fact for _, fact in line.facts]).decode()
    assert "7391" not in told
    assert "55" not in told
    assert VariableSet("pin", "*") in [fact for _, fact in line.facts]


def test_C16_every_step_is_in_the_trace() -> None:
    book, sprint = started("""
    fork:
      type: branch
      cases: [{when: 'caller.startsWith("11")', to: choice}]
      otherwise: bye
    choice: {type: menu, prompt: menu/main-options, keys: {1: bye}, on: {timeout: bye, invalid: bye}}
    bye: {type: hangup}
    """)
    facts = [*sprint.facts, *engine.advance(book, sprint.state, DigitReceived("1"), 101.0).facts]
    shown: list[Fact] = [fact for fact in facts if not isinstance(fact, FlowEntered)]
    assert [type(fact).__name__ for fact in shown] == [
        "NodeEntered", "BranchDecided", "NodeLeft", "NodeEntered", "PromptPlayed", "WaitStarted",
        "DigitPressed", "NodeLeft", "NodeEntered", "NodeLeft", "FlowEnded",
    ]  # fmt: skip
    assert of_type(tuple(facts), BranchDecided)[0].value is True
    assert of_type(tuple(facts), WaitStarted)[0].timeout_s > 0
    assert of_type(tuple(facts), DigitPressed) == [DigitPressed("1")]
    assert of_type(tuple(facts), NodeLeft)[1].exit == "1"


def test_C18_a_runaway_flow_is_cut_and_the_caller_gets_an_operator() -> None:
    """The checker refuses such a flow; the engine holds all the same."""
    _, sprint = started(
        """
    a: {type: set, values: {n: n + 1}, next: b}
    b: {type: set, next: a}
    """,
        "variables: {n: whole}\n",
    )
    faults = of_type(sprint.facts, FlowFault)
    assert len(faults) == 1
    assert "steps without a wait" in faults[0].error
    assert of_type(sprint.commands, Play)[0].sounds[0].prompt == "problem/safe-exit"
    assert of_type(sprint.commands, Enqueue)[0].request.queue == "general"


def test_C18_a_loop_of_menu_keys_pressed_ahead_ends_with_the_keys() -> None:
    book, sprint = started("""
    strict: {type: play, prompt: consent/notice, barge_in: false, next: a}
    a: {type: menu, prompt: menu/repeat, keys: {1: b}, on: {timeout: end, invalid: end}}
    b: {type: menu, prompt: menu/repeat, keys: {1: a}, on: {timeout: end, invalid: end}}
    """)
    state = sprint.state
    for _ in range(1000):
        state = engine.advance(book, state, DigitReceived("1"), 101.0).state
    after = engine.advance(book, state, PlaybackFinished(PlaybackId(state.playing)), 103.0)
    assert not of_type(after.facts, FlowFault)
    assert after.state.wait is not None


def test_C18_the_flows_own_safe_exit_comes_first_then_the_built_in_one() -> None:
    nodes = """
    first: {type: set, values: {n: "1 / n"}, next: end}
    rescue: {type: play, prompt: problem/one-moment, next: again}
    again: {type: set, values: {n: "1 / n"}, next: end}
    """
    book, sprint = started(nodes, "variables: {n: whole}\nsafe_exit: rescue\n")
    assert of_type(sprint.facts, FlowFault)[0].node == "first"
    assert sprint.state.node == "rescue"
    after = engine.advance(book, sprint.state, PlaybackFinished(PlaybackId(sprint.state.playing)), 104.0)
    assert of_type(after.facts, FlowFault)[0].node == "again"
    assert after.state.frame.flow == "safe-exit"


def test_C18_nobody_at_all_ends_in_words_and_a_hang_up() -> None:
    book = given_book()
    line = Line(book, FlowId("gone"), ARRIVED, 100.0, World(refusal="empty"))
    line.until(lambda: line.ended, 60.0)
    assert line.ended
    assert [str(sound.prompt) for _, sound in line.heard] == ["problem/safe-exit", "problem/call-later"]
    assert of_type(tuple(line.commands), HangUp)


def test_C18_our_own_fault_takes_the_caller_to_the_built_in_exit() -> None:
    book, sprint = started(MENU)
    rescued = engine.rescue(book, sprint.state, ARRIVED, "a bug", 101.0)
    assert of_type(rescued.facts, FlowFault)[0].error == "a bug"
    assert of_type(rescued.commands, StopPlayback)
    assert rescued.state.frame.flow == "safe-exit"
    from_nothing = engine.rescue(book, None, ARRIVED, "unreadable", 101.0)
    assert from_nothing.state.frame.flow == "safe-exit"


def test_C2_a_call_ends_on_the_version_it_began_with() -> None:
    old = given_flow(MENU)
    book, sprint = given_book(old), None
    sprint = engine.start(book, FlowId("test"), ARRIVED, 100.0)
    new = given_flow(MENU.replace("1: line, 2: bye", "1: bye, 2: line"))
    assert new.version != old.version
    book = book.with_flow(new)
    assert of_type(engine.advance(book, sprint.state, DigitReceived("1"), 101.0).commands, Enqueue)
    fresh = engine.start(book, FlowId("test"), ARRIVED, 102.0)
    assert fresh.state.version == new.version
    assert not of_type(engine.advance(book, fresh.state, DigitReceived("1"), 103.0).commands, Enqueue)
    gone = book.keeping([])
    lost = engine.advance(gone, sprint.state, DigitReceived("1"), 104.0)
    assert of_type(lost.facts, FlowFault)
    assert lost.state.frame.flow == "safe-exit"


def test_C2_sub_flows_are_pinned_too() -> None:
    inner = given_flow("ask: {type: play, prompt: menu/repeat, next: end}", name="inner")
    outer = given_flow("""
    hello: {type: play, prompt: menu/main-greeting, next: call}
    call: {type: subflow, flow: inner, next: end}
    """)
    book = given_book(outer, inner)
    sprint = engine.start(book, FlowId("test"), ARRIVED, 100.0)
    changed = given_flow("ask: {type: play, prompt: menu/invalid, next: end}", name="inner")
    book = book.with_flow(changed)
    after = engine.advance(book, sprint.state, PlaybackFinished(PlaybackId(sprint.state.playing)), 103.0)
    assert of_type(after.commands, Play)[0].sounds[0].prompt == "menu/repeat"
    assert after.state.pins == {FlowId("inner"): inner.version}


def test_C7_a_restart_repeats_the_prompt_and_arms_the_timers_again() -> None:
    book, sprint = started(MENU)
    state = engine.decode(engine.encode(sprint.state))
    assert state == sprint.state
    after = engine.advance(book, state, Resumed(), 160.0)
    assert of_type(after.commands, Play)[0].sounds[0].prompt == "menu/main-options"
    assert of_type(after.commands, StartTimer)
    assert not of_type(after.commands, StopPlayback)
    queued = engine.advance(book, state, DigitReceived("1"), 101.0)
    wait = of_type(queued.commands, StartTimer)[-1]
    resumed = engine.advance(book, queued.state, Resumed(), 111.0)
    assert of_type(resumed.commands, Enqueue) == []
    assert of_type(resumed.commands, StartMusic)
    assert StartTimer(wait.timer, wait.after_s - 10.0) in resumed.commands


def test_C7_a_restart_while_talking_touches_nothing() -> None:
    book, sprint = started(MENU)
    state = engine.advance(book, sprint.state, DigitReceived("1"), 101.0).state
    state = engine.advance(book, state, OperatorConnected(OperatorId("1001")), 105.0).state
    after = engine.advance(book, state, Resumed(), 110.0)
    assert [type(command) for command in after.commands] == [StartTimer]


@pytest.mark.parametrize(
    "damage",
    [lambda b: b[:5], lambda b: b"", lambda b: b"XX" + b[2:], lambda b: b[:2] + bytes([FORMAT + 1]) + b[3:],
     lambda b: b[:-3] + b"\xff\xff\xff"],
)  # fmt: skip
def test_C2_unreadable_states_are_told_as_such(damage: Any) -> None:
    _, sprint = started(MENU)
    with pytest.raises(StateUnreadable):
        engine.decode(damage(engine.encode(sprint.state)))


@pytest.mark.parametrize("signal", [CallerHungUp(), CallerHungUp(cause=31)])
def test_C7_hanging_up_ends_the_flow_at_once_and_asks_for_nothing(signal: AnySignal) -> None:
    book, sprint = started(MENU)
    after = engine.advance(book, sprint.state, signal, 101.0)
    assert after.state.finished
    assert after.commands == ()
    assert engine.advance(book, after.state, DigitReceived("1"), 102.0) == Sprint(after.state, (), ())


def test_C7_a_refusal_after_the_operator_came_changes_nothing() -> None:
    book, sprint = started(MENU)
    state = engine.advance(book, sprint.state, DigitReceived("1"), 101.0).state
    state = engine.advance(book, state, OperatorConnected(OperatorId("1001")), 105.0).state
    after = engine.advance(book, state, QueueRefused("timeout"), 106.0)
    assert after.state == state


def test_C7_texts_that_grow_without_end_are_cut() -> None:
    _, sprint = started(
        """
    grow: {type: set, values: {t: t + t}, next: loop}
    loop: {type: set, next: grow}
    """,
        'variables: {t: {type: text, default: "xxxxxxxxxxxxxxxx"}}\n',
    )
    assert "characters" in of_type(sprint.facts, FlowFault)[0].error
    assert len(engine.encode(sprint.state)) < 20_000


HOSTILE = {
    "nested deeply": (b"[" * 900 + b"]" * 900, "kept"),
    "objects in objects": (b'{"a":' * 400 + b"1" + b"}" * 400, "kept"),
    "a huge number": (b"9" * 400, "failed"),
    "infinity": (b'{"a":1e400}', "failed"),
    "a long text": (b'"' + b"x" * 60_000 + b'"', "failed"),
    "HTML": (b"<html>", "failed"),
    "not UTF-8": (b'"\xff"', "failed"),
    "cut off": (b'{"a": 1', "failed"),
    "nothing": (b"", "failed"),
}


@pytest.mark.parametrize(("body", "node"), HOSTILE.values(), ids=HOSTILE.keys())
def test_C7_whatever_a_look_up_answers_the_call_goes_on(body: bytes, node: str) -> None:
    book, sprint = started(
        """
        ask: {type: lookup, url: 'https://api.example.com/', into: {j: answer}, next: kept,
              on: {failed: failed}}
        kept: {type: play, prompt: menu/repeat, next: end}
        failed: {type: play, prompt: menu/invalid, next: end}
        """,
        "variables: {j: json}\n",
    )
    assert sprint.state.wait is not None
    answered = LookupCompleted(sprint.state.wait.notes["lookup"], ok=True, status=200, body=msgspec.Raw(body))
    after = engine.advance(book, sprint.state, answered, 101.0)
    assert after.state.node == node
    assert engine.decode(engine.encode(after.state)) == after.state
    assert all(msgspec.json.encode(fact) for fact in after.facts)


def test_C7_values_cannot_leave_their_place_in_a_url() -> None:
    book = given_book(
        given_flow(
            "ask: {type: lookup, url: 'https://api.example.com/x/${caller}?q=${caller_name}',"
            " headers: {X-Name: '${caller_name}'}, next: end, on: {failed: end}}"
        )
    )
    evil = CallArrived(called="5000", caller="../../admin?x=1#", caller_name="a&b\r\nHost: evil")
    (lookup,) = of_type(engine.start(book, FlowId("test"), evil, 0.0).commands, Lookup)
    assert lookup.url == "https://api.example.com/x/..%2F..%2Fadmin%3Fx%3D1%23?q=a%26b%0D%0AHost%3A%20evil"
    assert lookup.headers == {"X-Name": "a&bHost: evil"}


def test_C7_a_step_costs_microseconds() -> None:
    book, sprint = started(MENU)
    state = sprint.state
    best = min(_timed(book, state) for _ in range(5))
    assert best < 500e-6, f"{best * 1e6:.0f} µs for start, key and connect"


def _timed(book: FlowBook, state: State) -> float:
    began = time.process_time()
    for _ in range(100):
        after = engine.advance(book, state, DigitReceived("1"), 101.0)
        engine.advance(book, after.state, OperatorConnected(OperatorId("1")), 105.0)
    return (time.process_time() - began) / 200


def test_C7_commands_and_facts_survive_the_journal() -> None:
    _, sprint = started(MENU)
    assert all(isinstance(command, Command) for command in sprint.commands)
    assert of_type(sprint.facts, NodeEntered) == [NodeEntered(FlowId("test"), sprint.state.node, "menu")]
    assert sprint.state.version == FlowVersion(sprint.state.root[1])


@pytest.mark.parametrize(
    ("amount", "cents"),
    [("1.005", 101), ("0.285", 29), ("2.675", 268), ("1234567.89", 123456789), ("-0.5", -50)],
)
def test_C10_money_is_rounded_as_money_and_not_as_binary_fractions(amount: str, cents: int) -> None:
    _, sprint = started(
        f"tell: {{type: say, kind: money, value: '\"{amount}\"', next: end}}",
    )
    prompts = tuple(sound.prompt for sound in of_type(sprint.commands, Play)[0].sounds)
    assert prompts == speech.say_money(cents, "BRL", "pt-BR")

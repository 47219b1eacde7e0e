"""Random flows and random callers: whatever happens, nobody is left in silence (C3, C7, C18)."""

# ruff: noqa: E501, ISC004 - tables read best with one case per line

from __future__ import annotations

import random

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ari_app.flow import engine
from ari_app.flow.book import FlowBook
from ari_app.flow.parse import parse_flow
from ari_app.flow.problems import Problems
from ari_app.flow.registry import NODE_TYPES
from ari_app.flow.state import State
from ari_app.model.commands import (
    CancelTimer,
    HangUp,
    Play,
    PlayMessage,
    StartMusic,
    StartTimer,
    StopMusic,
    StopPlayback,
)
from ari_app.model.facts import AnyFact, FlowEnded
from ari_app.model.ids import FlowId, OperatorId, PlaybackId, Protocol
from ari_app.model.signals import (
    AnySignal,
    CallArrived,
    CallbackBooked,
    CallerHungUp,
    DigitReceived,
    LookupCompleted,
    MessageRecorded,
    OperatorConnected,
    OperatorLeft,
    PlaybackFinished,
    ProtocolIssued,
    QueueRefused,
    QueueStatusKnown,
    Resumed,
    TimerFired,
    TransferEnded,
)
from tests.unit.flow.given import given_site

_TEMPLATES = [
    "{{type: play, prompt: menu/repeat, barge_in: {flag}, next: {a}}}",
    "{{type: say, kind: number, value: 'size(text)', next: {a}, on: {{failed: {b}}}}}",
    "{{type: menu, prompt: menu/repeat, retries: 1, barge_in: {flag}, keys: {{1: {a}, 2: {b}, '#': {c}}},"
    " on: {{timeout: {b}, invalid: {c}}}}}",
    "{{type: collect, prompt: collect/extension, into: text, min_digits: 0, max_digits: 3, retries: 1,"
    " secret: {flag}, check: \"text != '9'\", next: {a}, on: {{empty: {b}, timeout: {c}, invalid: {a}}}}}",
    "{{type: branch, cases: [{{when: 'size(text) > 1', to: {a}}}, {{when: 'n > 2', to: {b}}}], otherwise: {c}}}",
    "{{type: set, values: {{n: n + 1, text: 'text + digits'}}, next: {a}}}",
    "{{type: set, values: {{n: '10 / (n - 2)'}}, next: {a}}}",
    "{{type: hours, calendar: office, on: {{open: {a}, closed: {b}, holiday: {c}}}}}",
    "{{type: lookup, prompt: lookup/searching, url: 'https://api.example.com/x', into: {{text: answer.x}},"
    " next: {a}, on: {{failed: {b}}}}}",
    "{{type: enqueue, queue: spill, prompt: menu/repeat, max_wait_s: 100, announce: {{first_after_s: 5}},"
    " comfort: {{prompts: menu/repeat, every_s: 7}}, callback: {{after_s: 10}},"
    " on: {{answered: {a}, full: {b}, empty: {c}, closed: {a}, timeout: {b}, callback: {c}}}}}",
    "{{type: transfer, to: operator, target: '${{text}}', prompt: menu/repeat, on: {{answered: {a}, busy: {b},"
    " no_answer: {c}, failed: {a}}}}}",
    "{{type: voicemail, queue: general, review: {flag}, next: {a}, on: {{empty: {b}, failed: {c}}}}}",
    "{{type: record_message, prompt: menu/repeat, queue: general, into: text, next: {a}}}",
    "{{type: callback, queue: sales, next: {a}, on: {{declined: {b}, failed: {c}}}}}",
    "{{type: survey, questions: [{{name: q, prompt: survey/solved}}], comment: {flag}, next: {a}}}",
    "{{type: protocol, kind: complaint, into: text, next: {a}, on: {{failed: {b}}}}}",
    "{{type: consent, next: {a}, on: {{refused: {b}}}}}",
    "{{type: recording, action: pause, next: {a}}}",
    "{{type: set_language, language: en, needs: {{english: 1}}, next: {a}}}",
    "{{type: choose_language, choices: [{{key: 7, language: en, prompt: menu/english-offer}}], next: {a},"
    " on: {{timeout: {b}}}}}",
    "{{type: subflow, flow: inner, arguments: {{n: n}}, results: {{text: text}}, next: {a}, on: {{failed: {b}}}}}",
    "{{type: hangup, prompt: goodbye/short}}",
    "{{type: exit, by: next}}",
]
_HEAD = "language: pt-BR\nlanguages: [pt-BR, en]\nexits: [next, failed]\n"
_INNER = (
    "flow: inner\n" + _HEAD + "start: a\nparameters: {n: whole}\nvariables: {text: text}\nnodes:\n"
    "  a: {type: menu, prompt: menu/repeat, retries: 0, keys: {1: b, 2: c}, on: {timeout: end, invalid: c}}\n"
    "  b: {type: set, values: {text: string(100 / n)}, next: end}\n"
    "  c: {type: exit, by: failed}\n"
)
_SITE = given_site()


@st.composite
def books(draw: st.DrawFn) -> FlowBook:
    """A flow of random nodes, wired at random, loops without waits included."""
    size = draw(st.integers(1, 7))
    names = [f"n{number}" for number in range(size)]
    targets = st.sampled_from([*names, *names, "end", "safe-exit"])
    lines = []
    for name in names:
        template = draw(st.sampled_from(_TEMPLATES))
        filled = template.format(
            a=draw(targets), b=draw(targets), c=draw(targets), flag=draw(st.sampled_from(["true", "false"]))
        )
        lines.append(f"  {name}: {filled}\n")
    safe = draw(st.sampled_from(["", "safe_exit: n0\n"]))
    text = f"flow: t\n{_HEAD}{safe}start: n0\nvariables: {{text: text, n: whole}}\nnodes:\n" + "".join(lines)
    parsed = []
    for name, source in (("t.yaml", text), ("inner.yaml", _INNER)):
        problems = Problems(name)
        flow = parse_flow(source, name, problems)
        assert flow is not None, (source, problems.found)
        parsed.append(flow)
    return FlowBook.of(parsed, _SITE)


def free_signal(dice: random.Random) -> AnySignal:
    """Something that may happen at any time, whether it makes sense or not."""
    found: list[AnySignal] = [
        *(DigitReceived(key) for key in dice.choices("0123456789*#ABCDx", k=8)),
        *(DigitReceived(key) for key in dice.choices("123#", k=8)),
        OperatorConnected(OperatorId("1001")),
        OperatorLeft(OperatorId("1001")),
        QueueRefused(dice.choice(["full", "empty", "closed", "timeout"])),
        QueueStatusKnown(dice.randint(-1, 40), dice.choice([None, -5.0, 1.0, 400.0, 1e6])),
        TransferEnded(dice.choice(["answered", "busy", "no_answer", "rejected", "failed"])),
        CallbackBooked(ok=dice.random() < 0.5),
        ProtocolIssued(Protocol("202600001")),
        Resumed(),
        TimerFired("old.1"),
        PlaybackFinished(PlaybackId("p0")),
    ]
    return dice.choice(found)


class Phone:
    """What the caller hears: follows the commands as a shell would."""

    def __init__(self) -> None:
        self.playing: str | None = None
        self.music = False
        self.timers: dict[str, float] = {}
        self.hung_up = False
        self.talking = False

    def takes(self, signal: AnySignal) -> None:
        """What has happened is over: a playback, a timer; after a restart everything is."""
        match signal:
            case PlaybackFinished(playback) if playback == self.playing:
                self.playing = None
            case TimerFired(timer):
                self.timers.pop(timer, None)
            case Resumed():
                self.playing, self.music, self.timers = None, False, {}

    def perform(self, sprint: engine.Sprint) -> None:
        for command in sprint.commands:
            match command:
                case Play(playback, sounds):
                    assert sounds, "a playback of nothing"
                    assert self.playing is None, "two playbacks at once"
                    self.playing = playback
                case PlayMessage(playback, _):
                    assert self.playing is None, "two playbacks at once"
                    self.playing = playback
                case StopPlayback(playback):
                    assert playback == self.playing
                    self.playing = None
                case StartMusic():
                    self.music = True
                case StopMusic():
                    self.music = False
                case StartTimer(timer, after_s):
                    assert after_s > 0
                    self.timers[timer] = after_s
                case CancelTimer(timer):
                    self.timers.pop(timer, None)
                case HangUp():
                    self.hung_up = True


def next_signal(phone: Phone, state: State, dice: random.Random) -> AnySignal:
    """What happens next: mostly what the flow waits for, now and then something else."""
    notes = state.wait.notes if state.wait is not None else {}
    apt: list[AnySignal] = [free_signal(dice)]
    if phone.playing is not None:
        apt += [PlaybackFinished(PlaybackId(phone.playing), failed=dice.random() < 0.1)] * 2
    apt += [TimerFired(name) for name in phone.timers if "guard" not in name or dice.random() < 0.1]
    if "lookup" in notes:
        body = dice.choice([b'{"x":"1"}', b'{"x":1}', b"[]", b"null", b"7"])
        apt += [LookupCompleted(notes["lookup"], ok=dice.random() < 0.8, body=msgspec.Raw(body))] * 3
    if isinstance(notes.get("message"), str):
        length = dice.choice([0.0, 5.0])
        apt += [MessageRecorded(notes["message"], length, failed=dice.random() < 0.2)] * 3
    if state.queued:
        apt += [OperatorConnected(OperatorId("1002")), QueueRefused("full"), DigitReceived("1")]
    stage = state.wait.stage if state.wait is not None else ""
    if stage == "callback-booking":
        apt += [CallbackBooked(ok=dice.random() < 0.5)] * 3
    if stage == "protocol":
        apt += [ProtocolIssued(Protocol("202600002"))] * 3
    return dice.choice(apt)


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(books(), st.integers(0, 2**32), st.booleans())
def test_C7_no_caller_ever_meets_silence_or_a_crash(book: FlowBook, seed: int, stored: bool) -> None:
    dice = random.Random(seed)
    phone = Phone()
    now = 1_772_456_400.0
    sprint = engine.start(book, FlowId("t"), CallArrived("5000", "11987654321"), now)
    facts = list(sprint.facts)
    phone.perform(sprint)
    for _ in range(60):
        _invariants(phone, sprint.state)
        if sprint.state.finished:
            break
        now += 1.0
        given_signal = next_signal(phone, sprint.state, dice)
        phone.takes(given_signal)
        state = engine.decode(engine.encode(sprint.state)) if stored else sprint.state
        assert state == sprint.state
        sprint = engine.advance(book, state, given_signal, now)
        assert sprint == engine.advance(book, state, given_signal, now), "not deterministic"
        assert len(sprint.facts) < 1000
        facts += sprint.facts
        phone.perform(sprint)
    _invariants(phone, sprint.state)
    if not sprint.state.finished:
        last = engine.advance(book, sprint.state, CallerHungUp(), now)
        assert last.state.finished
        assert not [c for c in last.commands if isinstance(c, Play | HangUp | StartTimer)]
        facts += last.facts
    assert isinstance(facts[-1], FlowEnded)
    for fact in facts:
        assert msgspec.json.decode(msgspec.json.encode(fact), type=AnyFact) == fact


def _invariants(phone: Phone, state: State) -> None:
    if state.finished:
        assert phone.hung_up
        return
    assert state.wait is not None
    assert state.timers, "a wait without a timer"
    assert {timer.unique for timer in state.timers} <= set(phone.timers), "a timer the shell does not know"
    assert (phone.playing or "") == state.playing
    in_line = state.wait.stage == "queue"
    assert not in_line or (state.queued and (phone.music or phone.playing is not None)), "silence in the line"
    quiet = phone.playing is None and not phone.music
    if quiet and state.wait.stage not in ("talking", "transfer", "recording"):
        due = min(phone.timers[timer.unique] for timer in state.timers)
        assert due <= 30.0, f"{due} s of silence at {state.wait.stage}"


def test_C7_the_templates_use_every_node_type() -> None:
    used = {template.split("type: ")[1].split(",")[0].strip("}") for template in _TEMPLATES}
    assert used == set(NODE_TYPES)

"""One turn of the engine: what a node may read and do while it handles one signal.

Commands and facts are collected in order; nothing is performed here. Everything that a node says to the
outside goes through a turn, so that bounds (type-ahead, digits kept) and book-keeping (what plays, which
timers run) are held in one place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ari_app.flow.book import FlowBook
from ari_app.flow.flow import Flow, Placed, conform
from ari_app.flow.site import Site
from ari_app.flow.state import Armed, Frame, State
from ari_app.model.commands import (
    Answer,
    CancelTimer,
    Command,
    LeaveQueue,
    Play,
    PlayMessage,
    Sound,
    StartMusic,
    StartTimer,
    StopMusic,
    StopPlayback,
)
from ari_app.model.facts import DigitPressed, Fact, PromptPlayed, VariableSet
from ari_app.model.ids import Language, PlaybackId, PromptId

MAX_TYPEAHEAD = 32
MAX_DIGITS = 256
MAX_TEXT = 4000
PLAYBACK_GUARD_S = 120.0
GUARD = "guard"


class FlowError(Exception):
    """An author's mistake met at run time; the engine takes the caller to the safe exit."""


class Turn:
    """The mutable working copy of a `State` during one sprint; `frozen()` gives the new one."""

    def __init__(self, book: FlowBook, state: State, now: float) -> None:
        self.book = book
        self.now = now
        self.state = state
        self.commands: list[Command] = []
        self.facts: list[Fact] = []
        self.frames: list[Frame] = list(state.frames)
        self.timers: dict[str, Armed] = {timer.name: timer for timer in state.timers}
        self.changes: dict[str, Any] = {}
        self.serial = state.serial
        self.typeahead = state.typeahead
        self.digits = state.digits
        self.playing = state.playing
        self.flow: Flow
        self.placed: Placed

    # --- what is known ------------------------------------------------------------------------------------

    @property
    def site(self) -> Site:
        return self.book.site

    @property
    def language(self) -> Language:
        language: Language = self.get("language")
        return language

    @property
    def variables(self) -> dict[str, Any]:
        """The variables of the flow that steers the call now."""
        return self.frames[-1].variables

    def get(self, field: str) -> Any:
        """A field of the state, with the changes of this turn."""
        return self.changes[field] if field in self.changes else getattr(self.state, field)

    def change(self, **fields: Any) -> None:
        """Change fields of the state."""
        self.changes |= fields

    # --- what is done -------------------------------------------------------------------------------------

    def do(self, command: Command) -> None:
        """Ask the shell for something."""
        self.commands.append(command)

    def tell(self, fact: Fact) -> None:
        """Note something for trace and reports."""
        self.facts.append(fact)

    def answer(self) -> None:
        """Make sure that the caller's channel is answered, once per call."""
        if not self.get("answered"):
            self.do(Answer())
            self.change(answered=True)

    def play(self, prompts: Iterable[str], language: Language | None = None) -> None:
        """Play prompts in the caller's language; what played before is cut, music stops."""
        self.say(tuple(Sound(language or self.language, PromptId(prompt)) for prompt in prompts))

    def say(self, sounds: tuple[Sound, ...]) -> None:
        """Play sounds; ends with `PlaybackFinished`, or by the guard timer if that gets lost."""
        self.do(Play(self._next_playback(), sounds))
        self.timer(GUARD, PLAYBACK_GUARD_S)
        if sounds:
            self.tell(PromptPlayed(sounds[0].language, tuple(sound.prompt for sound in sounds)))

    def play_message(self, name: str, max_s: float) -> None:
        """Play back what the caller recorded; ends as a prompt does."""
        self.do(PlayMessage(self._next_playback(), name))
        self.timer(GUARD, PLAYBACK_GUARD_S + max_s)

    def _next_playback(self) -> PlaybackId:
        """Make room for a playback and name it."""
        self.stop()
        self.answer()
        self.no_music()
        self.serial += 1
        self.playing = f"p{self.serial}"
        return PlaybackId(self.playing)

    def stop(self) -> None:
        """Cut the running playback."""
        if self.playing:
            self.do(StopPlayback(PlaybackId(self.playing)))
            self.played()

    def played(self) -> None:
        """The running playback is over."""
        self.playing = ""
        self.cancel(GUARD)

    def timer(self, name: str, after_s: float) -> None:
        """Arm the node's timer `name`; it replaces an earlier one of that name."""
        self.serial += 1
        unique = f"{name}.{self.serial}"
        if name in self.timers:
            self.do(CancelTimer(self.timers.pop(name).unique))
        self.timers[name] = Armed(name, unique, self.now + after_s)
        self.do(StartTimer(unique, after_s))

    def cancel(self, name: str) -> None:
        """Disarm the node's timer `name`, if it runs."""
        armed = self.timers.pop(name, None)
        if armed is not None:
            self.do(CancelTimer(armed.unique))

    def music(self, music: str) -> None:
        """Music while the caller waits; after a prompt it has to be asked for again."""
        self.answer()
        self.do(StartMusic(music))
        self.change(music=True)

    def no_music(self) -> None:
        """End the music, if there is any."""
        if self.get("music"):
            self.do(StopMusic())
            self.change(music=False)

    def leave_queue(self) -> None:
        """Take the call out of the line, if it is in one."""
        if self.get("queued"):
            self.do(LeaveQueue())
            self.change(queued=False)

    def quiet_for_talk(self) -> None:
        """Caller and operator hear each other: the shell ended music and waiting, the rest ends here."""
        self.change(queued=False, music=False)
        self.quiet()

    def quiet(self) -> None:
        """Leave nothing of the node behind: no playback, no timer, no music, no place in line."""
        self.stop()
        for name in list(self.timers):
            self.cancel(name)
        self.leave_queue()
        self.no_music()

    # --- keys ---------------------------------------------------------------------------------------------

    def press(self, digit: str, *, secret: bool) -> None:
        """A key came in: kept for whoever asks next; floods are cut at a bound."""
        shown = "*" if secret else digit
        if len(self.digits) < MAX_DIGITS:
            self.digits += shown
            self.tell(DigitPressed(shown))
        if len(self.typeahead) < MAX_TYPEAHEAD:
            self.typeahead += digit

    def take_digit(self) -> str | None:
        """The oldest key that nobody has used yet."""
        if not self.typeahead:
            return None
        digit, self.typeahead = self.typeahead[0], self.typeahead[1:]
        return digit

    def flush(self) -> None:
        """Forget keys that were pressed ahead."""
        self.typeahead = ""

    # --- memory -------------------------------------------------------------------------------------------

    def set(self, name: str, value: Any, *, secret: bool = False) -> None:
        """Put a value in a variable. Raises `FlowError` when it is not of the variable's type."""
        variable = self.flow.variables.get(name)
        if variable is None:
            raise FlowError(f"no variable `{name}`")
        held = conform(variable.type, value)
        if held is None and variable.type != "json":
            raise FlowError(f"`{name}` is of type {variable.type}, got {type(value).__name__}")
        if isinstance(held, str) and len(held) > MAX_TEXT:
            raise FlowError(f"`{name}` would hold {len(held)} characters, at most {MAX_TEXT}")
        frame = self.frames[-1]
        variables = frame.variables | {name: held}
        self.frames[-1] = Frame(frame.flow, frame.version, frame.node, variables)
        self.tell(VariableSet(name, "*" if secret else held))

    def need(self, needs: Mapping[str, int]) -> None:
        """From now on the caller needs these skills in every queue."""
        if needs:
            known: dict[str, int] = self.get("needs")
            self.change(needs={**known, **needs})

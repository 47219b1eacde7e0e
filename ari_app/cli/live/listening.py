"""What is said on a line, as the trace tells it, looked for by ear: each prompt in its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ari_app.cli.live.ear import LEAST_S, LONGEST_S, Ear
from ari_app.model.commands import Sound
from ari_app.model.facts import CallAnswered, DigitPressed, Fact, NodeLeft, PromptPlayed
from ari_app.model.ids import Language, PromptId
from ari_app.softphone import alaw

SURE_S = 0.8
"""A prompt that played for so long must have been heard."""
EARLY_S = 2.0
"""The two clocks, of the trace and of the sound, may be so far apart when the machine is busy."""
SPARE_S = 2.0
"""The sound may come so much later than the trace says."""
AGAIN = int((LONGEST_S + 3.0) * alaw.RATE)
"""So much of what was searched is searched again: it may hold a beginning, and late packets move it."""


@dataclass(slots=True)
class _Said:
    """A playback that the trace tells of, and how much of it the ear has found."""

    at: float
    language: Language
    prompts: tuple[PromptId, ...]
    found: int = 0
    searched: int = 0
    """Samples in which the ear has looked for the next prompt, in vain."""
    until: float | None = None
    keyed: float | None = None
    """When the first key came: it may have cut the playback."""


@dataclass(slots=True)
class Misheard:
    """What should have been on the line, and was not."""

    prompt: str
    at_s: float


class Listener:
    """Follows one call: told what should be heard, given what came. `sound` gives all of it so far."""

    def __init__(self, ear: Ear, sound: Callable[[], alaw.Samples]) -> None:
        self._ear = ear
        self._sound = sound
        self._said: list[_Said] = []
        self._place_s = 0.0
        self._after_s = 0.0
        """What comes next began later than this."""
        self._zero = 0.0
        """When the sound began, on the application's clock."""
        self._newest = 0.0
        self.heard: list[tuple[float, Sound]] = []
        """What was found, with the seconds since the answer."""
        self.misheard: list[Misheard] = []

    @property
    def pending(self) -> bool:
        """Whether it has still to listen to something that was played."""
        return any(said.found < len(said.prompts) for said in self._said)

    def notice(self, at: float, fact: Fact) -> None:
        """Something of the trace."""
        self._newest = at
        match fact:
            case CallAnswered():
                self._zero = at
            case PromptPlayed(language, prompts):
                self._close_last(at)
                self._said.append(_Said(at, language, prompts))
            case DigitPressed() if self._said and self._said[-1].keyed is None:
                self._said[-1].keyed = at
            case NodeLeft():
                self._close_last(at)
            case _:
                pass

    def _close_last(self, at: float) -> None:
        if self._said and self._said[-1].until is None:
            self._said[-1].until = at

    def listen(self, now_s: float, *, over: bool) -> None:
        """Find what should be on the line, one prompt after the other.

        `now_s` is since the answer; `over` when no more sound will come.
        """
        heard = self._sound()
        now_s = max(now_s, len(heard) / alaw.RATE)
        while self._said:
            said = self._said[0]
            if said.found == 0:  # it may have cut the one before, or come long after it
                self._place_s = max(self._after_s, said.at - self._zero - EARLY_S)
            while said.found < len(said.prompts) and self._find(said, heard):
                pass
            if not self._is_over(said, now_s, over=over):
                return
            self._judge(said)
            self._said.pop(0)

    def _find(self, said: _Said, heard: alaw.Samples) -> bool:
        """Whether the next prompt of a playback is there."""
        prompt = said.prompts[said.found]
        length_s = self._ear.length(said.language, prompt)
        if length_s and not self._ear.tells(said.language, prompt):  # what follows will be heard in its place
            self.heard.append((self._place_s, Sound(said.language, prompt)))
            said.found += 1
            return True
        begin = max(int(self._place_s * alaw.RATE), said.searched - AGAIN)
        end = int((self._place_s + length_s + 3.0 + EARLY_S + SPARE_S) * alaw.RATE)
        place_s = self._ear.find(heard[begin:end], said.language, prompt)
        if place_s is None:
            said.searched = len(heard)
            return False
        place_s += begin / alaw.RATE
        self.heard.append((place_s, Sound(said.language, prompt)))
        said.found, said.searched = said.found + 1, 0
        self._after_s = place_s + LEAST_S
        self._place_s = place_s + 0.85 * length_s
        return True

    def _is_over(self, said: _Said, now_s: float, *, over: bool) -> bool:
        """Whether no more of a playback will come."""
        if said.found == len(said.prompts) or over:
            return True
        return said.until is not None and now_s > said.until - self._zero + SPARE_S

    def _judge(self, said: _Said) -> None:
        """What played long enough to be heard must have been heard."""
        if said.found == len(said.prompts):
            return
        end = said.until if said.until is not None else self._newest
        end = min(end, said.keyed or end)
        played = end - said.at - sum(self._ear.length(said.language, p) for p in said.prompts[: said.found])
        needed = min(self._ear.length(said.language, said.prompts[said.found]), LONGEST_S) + SURE_S
        if played >= needed:
            self.misheard.append(Misheard(str(said.prompts[said.found]), round(said.at - self._zero, 1)))

"""One call that a simulated person placed: what they press, hear, and when it ends."""

from __future__ import annotations

import time
from pathlib import Path

from pbx.ami import Ami, Event
from pbx.backend import PbxError
from pbx.patience import PATIENCE_S
from pbx.tones import RATE, Samples, read_raw, seconds

UP = "6"
POLL_S = 0.05


class Call:
    """A call from the caller's side. All waits have deadlines and raise PbxError when those pass."""

    def __init__(self, ami: Ami, ident: str, number: str, file: Path, since: int) -> None:
        self.ident = ident
        self.number = number
        self.file = file
        self._ami = ami
        self._since = since

    def _mine(self, event: Event) -> bool:
        return event.get("Uniqueid") == self.ident

    @property
    def channel(self) -> str:
        """The channel's name at the simulator."""
        event = self._ami.wait(
            lambda event: self._mine(event) and "Channel" in event, PATIENCE_S, self._since
        )
        if event is None:
            raise PbxError(f"the call to {self.number} never began")
        return event["Channel"]

    def wait_answered(self, timeout_s: float = PATIENCE_S) -> None:
        """Wait for the answer; a call that ends instead says with which cause."""
        event = self._ami.wait(
            lambda event: (
                self._mine(event) and (event.get("ChannelState") == UP or event.get("Event") == "Hangup")
            ),
            timeout_s,
            self._since,
        )
        if event is None:
            raise PbxError(f"{self.number} did not answer within {timeout_s} s")
        if event.get("Event") == "Hangup" and event.get("ChannelState") != UP:
            raise PbxError(
                f"{self.number} did not answer: cause {event.get('Cause')} {event.get('Cause-txt')}"
            )

    def wait_ended(self, timeout_s: float = PATIENCE_S) -> int:
        """Wait for the end; gives the Q.850 cause."""
        event = self._ami.wait(
            lambda event: self._mine(event) and event.get("Event") == "Hangup", timeout_s, self._since
        )
        if event is None:
            raise PbxError(f"the call to {self.number} has not ended within {timeout_s} s")
        return int(event.get("Cause", "0"))

    def is_alive(self) -> bool:
        ended = self._ami.find(
            lambda event: self._mine(event) and event.get("Event") == "Hangup", self._since
        )
        return not ended

    def press(self, digits: str, length_ms: int = 160, gap_s: float = 0.12) -> None:
        """Press keys one after the other, the way the call was told to send them (RFC 4733 or SIP INFO)."""
        for digit in digits:
            self._ami.ask("PlayDTMF", Channel=self.channel, Digit=digit, Duration=str(length_ms))
            time.sleep(length_ms / 1000 + gap_s)

    def say(self, what: str) -> None:
        """Say something else from now on: `tone:440`, `file:/path/without/suffix`, `silence`."""
        self._ami.ask("Setvar", Channel=self.channel, Variable="SAY", Value=what)
        self._ami.ask("Redirect", Channel=self.channel, Context="telco-caller", Exten="again", Priority="1")

    def hangup(self) -> None:
        """Hang up, if the call is still there."""
        if self.is_alive():
            try:
                self._ami.ask("Hangup", Channel=self.channel, Cause="16")
            except PbxError:
                return  # it ended in the same moment

    def recorded_audio(self) -> Samples:
        """All that this person has heard since the answer, mono, 8 kHz; readable while the call lasts."""
        return read_raw(self.file)[:, 0]

    def hears(
        self, frequency: float, timeout_s: float = PATIENCE_S, least_s: float = 0.4, poll_s: float = POLL_S
    ) -> None:
        """Wait until this person has heard a tone, after now, for `least_s` seconds."""
        begin = len(self.recorded_audio()) if self.file.exists() else 0
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if self.file.exists() and seconds(self.recorded_audio()[begin:], frequency) >= least_s:
                return
            time.sleep(poll_s)
        raise PbxError(f"{frequency} Hz was not heard within {timeout_s} s")

    def has_heard(self, frequency: float, since: int = 0) -> float:
        """Seconds of a tone in all that this person has heard, from sample `since` on."""
        return seconds(self.recorded_audio()[since:], frequency)

    def no_longer_hears(self, frequency: float, timeout_s: float = PATIENCE_S, least_s: float = 0.6) -> None:
        """Wait until a tone has been away for the last `least_s` seconds of what this person heard."""
        deadline = time.monotonic() + timeout_s
        last = int(RATE * least_s)
        while time.monotonic() < deadline:
            if self.file.exists():
                audio = self.recorded_audio()
                if len(audio) >= last and seconds(audio[-last:], frequency) == 0:
                    return
            time.sleep(POLL_S)
        raise PbxError(f"{frequency} Hz was still heard after {timeout_s} s")

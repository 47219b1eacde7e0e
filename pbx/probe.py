"""Place one call from the simulator beside a composed system, and see that somebody answers and speaks.

    python3 -m pbx.probe 5000           inside the simulator's container; needs no packages

Prints what happened; the exit status is 0 only when the call was answered and sound was heard.
"""

from __future__ import annotations

import math
import os
import sys
import time
import uuid
from array import array
from pathlib import Path

from pbx.ami import Ami, Event
from pbx.backend import PbxError
from pbx.container import setting

ANSWER_S = 15.0
LISTEN_S = 6.0
LOUD = 0.005
"""Root mean square (of full scale) from which on a line carries sound: A-law's idle noise is far below."""
UP = "6"


def loudness(path: Path) -> float:
    """Root mean square of a file of 16-bit samples, 0 … 1."""
    data = path.read_bytes() if path.exists() else b""
    samples = array("h", data[: len(data) // 2 * 2])
    return math.sqrt(sum(sample * sample for sample in samples) / len(samples)) / 32768 if samples else 0.0


def probe(number: str, secret: str, heard: Path) -> str:
    """Call a number through the trunk and listen. Gives one line of result; raises PbxError on silence."""
    ident = f"probe-{uuid.uuid4()}"
    file = heard / f"{ident}.sln"

    def mine(event: Event) -> bool:
        return event.get("Uniqueid") == ident

    def answered_or_over(event: Event) -> bool:
        return mine(event) and (event.get("ChannelState") == UP or event.get("Event") == "Hangup")

    with Ami("127.0.0.1", 5039, "telco", secret) as ami:
        begun = time.monotonic()
        ami.ask(
            "Originate",
            Channel=f"PJSIP/{number}@trunk",
            Context="telco-caller",
            Exten="talk",
            Priority="1",
            CallerID="+5511987654321",
            Async="true",
            ChannelId=ident,
            variables={"TELCO_FILE": str(file), "SAY": "silence"},
        )
        event = ami.wait(answered_or_over, ANSWER_S)
        if event is None or event.get("ChannelState") != UP:
            cause = event.get("Cause-txt", "") if event else "no reaction"
            raise PbxError(f"{number} did not answer: {cause}")
        answered_s = time.monotonic() - begun
        deadline = time.monotonic() + LISTEN_S
        while loudness(file) < LOUD and time.monotonic() < deadline:
            time.sleep(0.2)
        level = loudness(file)
        ami.ask("Hangup", Channel=event["Channel"], Cause="16")
    if level < LOUD:
        raise PbxError(f"{number} answered after {answered_s:.2f} s, but said nothing (level {level:.4f})")
    return f"{number} answered after {answered_s:.2f} s; heard sound (level {level:.3f})"


def main() -> int:
    """Carry out the command line; gives the exit status."""
    number = sys.argv[1] if len(sys.argv) > 1 else "5000"
    home = Path(setting(os.environ, "RAMAL_HOME", "/var/lib/ramal/telco"))
    try:
        print(probe(number, setting(os.environ, "TELCO_SECRET"), home / "heard"))
    except PbxError as error:
        print(f"probe: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

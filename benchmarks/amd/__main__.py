"""Call every greeting of the corpus through the shipped dialplan and count the verdicts: `RESULTS.md`.

    python -m benchmarks.amd             # all, three conditions of the line
    python -m benchmarks.amd --quick     # clean line only

Two real Asterisks: the PBX dials with detection, the telephone network answers with the greeting.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import threading
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from pbx.stasis import StasisApp
from pbx.telco_phones import Behaviour
from pbx.telephony import Telephony, telephony

HERE = Path(__file__).parent
RATE = 8000
LINES = {"clean": None, "noise 20 dB": 20.0, "noise 10 dB": 10.0}
AT_ONCE = 12
AFTER_S, TONE_S = 0.8, 0.4
VERDICTS = ("HUMAN", "NOTSURE", "MACHINE", "FAX", "none")


def sound_of(entry: dict[str, str], snr_db: float | None, seed: int) -> Any:
    """What is heard from the answer on, 8 kHz: a pause, the greeting, a machine's tone; noise under it."""
    rng = np.random.default_rng(seed)
    audio, rate = soundfile.read(HERE / "corpus" / entry["file"], dtype="float64")
    step = rate // RATE
    kernel = np.hanning(4 * step + 1)
    voice = np.convolve(audio, kernel / kernel.sum(), "same")[::step] * 0.5
    pause = np.zeros(int(RATE * rng.uniform(0.25, 0.9)))
    parts = [pause, voice]
    if entry["kind"] == "machine":
        t = np.arange(int(RATE * TONE_S)) / RATE
        parts += [np.zeros(int(RATE * AFTER_S)), 0.3 * np.sin(2 * np.pi * 1000 * t)]
    whole = np.concatenate([*parts, np.zeros(RATE * 8)])
    if snr_db is not None:
        level = np.sqrt(np.mean(voice[np.abs(voice) > 0.02] ** 2)) * 10 ** (-snr_db / 20)
        noise = np.cumsum(rng.normal(size=len(whole)))
        noise -= np.convolve(noise, np.ones(80) / 80, "same")  # a room: more low than high
        whole = whole + level * noise / noise.std()
    return np.clip(whole, -0.95, 0.95)


def call(phones: Telephony, app: StasisApp, number: str, sound: Path, kind: str) -> tuple[str, str, float]:
    """One call: verdict, cause, seconds from the answer to the verdict."""
    phones.telco.outside(number, Behaviour(do="once", after_s=0.1, say=f"file:{sound.with_suffix('')}"))
    ident = f"amd-{number}"
    query = f"endpoint=PJSIP/{number}@carrier&context=ramal-out-amd&extension={ident}&priority=1&timeout=20"
    variables = {"variables": {"__RAMAL_CALL": ident, "__RAMAL_CLIENT": "default"}}
    since = phones.telco.ami.mark()
    phones.ari("POST", f"/channels/{ident}?{query}", variables)
    answered = phones.telco.ami.wait(lambda e: e.get("UserEvent") == "TelcoAnswered", 20, since)
    begun = time.monotonic()
    try:
        event = app.wait("StasisStart", args=["outbound", ident], timeout_s=20)
    except AssertionError:
        return "none", kind, 0.0
    took = time.monotonic() - begun if answered else 0.0
    phones.ari("DELETE", f"/channels/{ident}")
    return event["args"][2], event["args"][3], took


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    entries = json.loads((HERE / "corpus" / "corpus.json").read_text())
    lines = {"clean": None} if arguments.quick else LINES
    jobs = [(entry, line, snr) for line, snr in lines.items() for entry in entries]
    said: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    times: dict[str, list[float]] = defaultdict(list)
    causes: Counter[str] = Counter()
    lock, queue = threading.Lock(), list(enumerate(jobs))
    with (
        tempfile.TemporaryDirectory() as folder,
        telephony(Path(folder) / "phones") as phones,
        StasisApp(phones) as app,
    ):

        def work() -> None:
            while True:
                with lock:
                    if not queue:
                        return
                    index, (entry, line, snr) = queue.pop(0)
                sound = Path(folder) / f"{index}.wav"
                soundfile.write(sound, sound_of(entry, snr, index), RATE, subtype="PCM_16")
                number = f"5511{90000000 + index}"
                verdict, cause, took = call(phones, app, number, sound, entry["kind"])
                with lock:
                    said[line, entry["language"], entry["kind"]][verdict] += 1
                    times[entry["kind"]].append(took)
                    causes[f"{entry['kind']}: {verdict} by {cause.partition('-')[0]}"] += 1

        workers = [threading.Thread(target=work) for _ in range(AT_ONCE)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    text = report(said, times, causes)
    print(text)
    if not arguments.quick:
        (HERE / "RESULTS.md").write_text(text)


def report(
    said: dict[tuple[str, str, str], Counter[str]], times: dict[str, list[float]], causes: Counter[str]
) -> str:
    """The confusion table."""
    rows = [
        "# Answering-machine detection: results",
        "",
        "Written by `python -m benchmarks.amd`.",
        "",
        f"| line | language | who | {' | '.join(VERDICTS)} | right |",
        f"|{'---|' * (4 + len(VERDICTS))}",
    ]
    for (line, language, kind), counts in sorted(said.items()):
        total = sum(counts.values())
        right = counts["MACHINE"] if kind == "machine" else counts["HUMAN"] + counts["NOTSURE"]
        cells = " | ".join(str(counts[verdict]) for verdict in VERDICTS)
        rows.append(f"| {line} | {language} | {kind} | {cells} | {right / total:.0%} |")
    people = sum((c for (_, _, kind), c in said.items() if kind == "person"), Counter())
    machines = sum((c for (_, _, kind), c in said.items() if kind == "machine"), Counter())
    false = people["MACHINE"] / max(1, people.total())
    caught = machines["MACHINE"] / max(1, machines.total())
    rows.append("")
    rows.append(
        f"People taken for machines: **{false:.1%}** of {people.total()}. "
        f"Machines found: **{caught:.1%}** of {machines.total()}."
    )
    for kind, some in times.items():
        rows.append(
            f"Seconds to the verdict, {kind}: median {np.median(some):.2f}, "
            f"95 % within {np.percentile(some, 95):.2f}."
        )
    rows += [
        "",
        "Rules that decided: " + ", ".join(f"{what} {count}" for what, count in causes.most_common()),
    ]
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    main()

"""Prompts that admins made: files that the PBX plays as they are, each with what is known of it beside.

`<folder>/<client>/<language>/<name>.wav` (8 kHz), `.wav16`, and `.json`; a flow names them `own/<name>`. They
are heard at once, without a reload. A client's own prompt is played before the installation's of that name.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import shlex
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Literal

import msgspec

from ari_app.model.ids import DEFAULT_CLIENT, ClientId
from ari_app.ports import NotFound, Refusal

PREFIX = "own/"
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}\Z")
LANGUAGE = re.compile(r"[a-z]{2}(-[A-Z]{2})?\Z")
_CLIENT = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}\Z")
SUFFIXES = (".wav", ".wav16", ".json")
CONVERT_S = 60.0
MOST_SPOKEN = 20 * 1024 * 1024


class OwnPrompt(msgspec.Struct, frozen=True, kw_only=True):
    """A prompt as it is kept; `name` is without the prefix."""

    name: str
    language: str
    client: ClientId = DEFAULT_CLIENT
    text: str = ""
    source: Literal["upload", "voice", "phone"] = "upload"
    duration_s: float = 0.0
    sha256: str = ""
    at: float = 0.0
    by: str = ""


class PromptLibrary:
    """The folder of own prompts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def all(self, client: ClientId | None = None) -> list[OwnPrompt]:
        """What there is, of one client or of all."""
        found = []
        for file in sorted(self.folder.glob("*/*/*.json")):
            with suppress(OSError, msgspec.DecodeError):
                prompt = msgspec.json.decode(file.read_bytes(), type=OwnPrompt)
                if client is None or prompt.client == client:
                    found.append(prompt)
        return found

    def find(self, client: ClientId, language: str, name: str) -> OwnPrompt:
        """Raises `NotFound`."""
        try:
            data = self._file(client, language, name, ".json").read_bytes()
            return msgspec.json.decode(data, type=OwnPrompt)
        except (OSError, msgspec.DecodeError):
            raise NotFound(f"prompt {PREFIX}{name[:60]} does not exist in {language[:5]}") from None

    def audio(self, prompt: OwnPrompt) -> Path:
        """Its sound, 16 kHz."""
        return self._file(prompt.client, prompt.language, prompt.name, ".wav16")

    def place(self, client: ClientId, language: str, prompt: str) -> str | None:
        """Where the PBX finds a flow's own prompt, below the folder; None: it is not there."""
        name = prompt.removeprefix(PREFIX)
        if name == prompt or not NAME.match(name) or not LANGUAGE.match(language):
            return None
        for owner in dict.fromkeys((client, DEFAULT_CLIENT)):
            if (self.folder / owner / language / f"{name}.wav").is_file():
                return f"{owner}/{language}/{name}"
        return None

    def seconds(self, place: str) -> float | None:
        """How long what lies at a place lasts; None: it is not there (any more)."""
        try:
            return (self.folder / f"{place}.wav").stat().st_size / 16_000
        except OSError:
            return None

    async def put(self, prompt: OwnPrompt, data: bytes) -> OwnPrompt:
        """Convert and keep a sound, in place of an earlier one. Raises `Refusal`; then nothing changed."""
        home = self._file(prompt.client, prompt.language, prompt.name, ".wav").parent
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home, prefix=".new-") as folder:
            duration_s = await self._convert(data, Path(folder), prompt.name)
            sound = (Path(folder) / f"{prompt.name}.wav").read_bytes()
            done = msgspec.structs.replace(
                prompt, duration_s=duration_s, sha256=hashlib.sha256(sound).hexdigest()
            )
            (Path(folder) / f"{prompt.name}.json").write_bytes(msgspec.json.encode(done))
            for suffix in SUFFIXES:  # the description last: what it tells of is there
                (Path(folder) / f"{prompt.name}{suffix}").replace(home / f"{prompt.name}{suffix}")
        return done

    def delete(self, prompt: OwnPrompt) -> None:
        """A call that plays it now goes on; done twice, nothing happens."""
        for suffix in reversed(SUFFIXES):
            self._file(prompt.client, prompt.language, prompt.name, suffix).unlink(missing_ok=True)

    async def _convert(self, data: bytes, folder: Path, name: str) -> float:
        program = [sys.executable, "-m", "ari_app.recordings.convert", str(folder), name]
        said = await run(program, data, CONVERT_S)
        word, _, rest = said.decode("utf-8", "replace").partition(" ")
        if word == "done":
            return float(rest)
        raise Refusal(f"this is no usable prompt: {rest if word == 'refused' else 'it cannot be decoded'}")

    def check(self, client: ClientId, language: str, name: str) -> None:
        """Raises `Refusal` for what cannot be a prompt's name."""
        if not (NAME.match(name) and LANGUAGE.match(language) and _CLIENT.match(client)):
            raise Refusal("a prompt's name is small letters, digits and hyphens; its language is like pt-BR")

    def _file(self, client: ClientId, language: str, name: str, suffix: str) -> Path:
        self.check(client, language, name)
        return self.folder / client / language / f"{name}{suffix}"


def own_names(folder: Path) -> Iterator[tuple[str, str]]:
    """Language and full name of the installation's own prompts: what every call may be played."""
    for file in sorted((folder / DEFAULT_CLIENT).glob("*/*.json")):
        if file.with_suffix(".wav").is_file():
            yield file.parent.name, f"{PREFIX}{file.stem}"


class Voice:
    """An external program that speaks: text on standard input, a sound file on standard output.

    `{language}` in its words stands for the language. No shell is involved.
    """

    def __init__(self, command: str) -> None:
        self._command = shlex.split(command)

    @property
    def configured(self) -> bool:
        return bool(self._command)

    async def speak(self, text: str, language: str) -> bytes:
        """Raises `Refusal`."""
        if not self.configured:
            raise Refusal("no voice is configured (RAMAL_VOICE); upload a recording or record by phone")
        words = [word.replace("{language}", language) for word in self._command]
        spoken = await run(words, text.encode(), CONVERT_S)
        if not spoken:
            raise Refusal(
                f"the voice `{words[0]}` (RAMAL_VOICE) gave no sound within {CONVERT_S:g} s: try it by hand"
            )
        if len(spoken) > MOST_SPOKEN:
            raise Refusal(f"the voice gave more than {MOST_SPOKEN // 2**20} MB of sound")
        return spoken


async def run(program: list[str], data: bytes, timeout_s: float) -> bytes:
    """What a program writes; nothing when it crashes or takes too long, which ends it."""
    try:
        process = await asyncio.create_subprocess_exec(
            *program,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        )
    except OSError:
        return b""
    try:
        async with asyncio.timeout(timeout_s):
            said, _ = await process.communicate(data)
            return said
    except (TimeoutError, BrokenPipeError, ConnectionResetError):
        return b""
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

